"""The titles of a version's fields, in the groups and the order in which its detail and a comparison show them."""

BUILD = {
    "arch": "Architecture",
    "accel": "Acceleration",
    "framework": "Framework",
    "python_version": "Python",
    "requirements": "Requirements",
}
FILE = {"file_name": "File name", "sha": "SHA-256", "size": "Size"}
IDENTITY = {
    "id": "Version id",
    "uuid": "UUID",
    "model_name": "Model",
    "model_id": "Model id",
    "workspace_id": "Workspace",
    "owner_id": "Owner",
    "visibility": "Visibility",
    "created_at": "Created",
    "created_by": "Created by",
    "created_on_version": "On release",
    "task_id": "Task",
}
GROUPS = {"Built for": BUILD, "File": FILE, "Identity": IDENTITY}
