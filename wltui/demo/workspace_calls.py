"""The calls about workspaces, users and the instance below ``/v1/api``."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

import msgspec

from .guide import AUTHOR
from .keycloak import DEMO, USERS
from .pipeline_calls import Handlers
from .refusals import RefusalError
from .requests import NewWorkspace, UsersFilter, WorkspaceKey
from .roster import PEOPLE
from .world import Json, Workspace, World, stamp

Anything = msgspec.defstruct("Anything", [])


class WorkspaceCalls:
    """Answers these calls from a world's data."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._world, self._clock = world, clock

    def handlers(self) -> Handlers:
        """Return the calls that the release has; lists of other kinds of objects are empty."""
        return {
            "workspaces/list": (Anything, self._list),
            "workspaces/create": (NewWorkspace, self._create),
            "workspaces/list_users": (WorkspaceKey, self._users),
            "users/query": (UsersFilter, self._query_users),
            "features/list": (Anything, self._features),
            "connections/list": (Anything, lambda _: {"connections": []}),
            "orchestration/list_all": (Anything, lambda _: {"orchestrations": []}),
            "task/list": (Anything, lambda _: []),
            "models/list_registries": (Anything, lambda _: []),
        }

    def _list(self, _: msgspec.Struct) -> object:
        return {
            "workspaces": [
                {
                    "id": workspace.id,
                    "name": workspace.name,
                    "created_at": workspace.created_at,
                    "created_by": workspace.created_by,
                    "archived": workspace.archived,
                    "models": [version.id for model in workspace.models for version in model.versions],
                    "pipelines": [pipeline.id for pipeline in workspace.pipelines],
                }
                for workspace in self._world.workspaces.values()
            ]
        }

    def _create(self, query: NewWorkspace) -> object:
        if any(workspace.name == query.workspace_name for workspace in self._world.workspaces.values()):
            raise RefusalError(
                500,
                "Internal Server Error: GraphQL Returned error: Uniqueness violation. duplicate key value "
                'violates unique constraint "workspace_name_key"',
            )
        workspace = Workspace(
            id=max(self._world.workspaces) + 1,
            name=query.workspace_name,
            created_at=stamp(self._clock()),
            created_by=DEMO.id,
        )
        self._world.add_workspace(workspace)
        return {"workspace_id": workspace.id}

    def _users(self, query: WorkspaceKey) -> object:
        workspace = self._world.workspaces.get(query.workspace_id)
        if workspace is None:
            raise RefusalError(400, "The provided workspace id was not found.")
        owner = next((id for email, id in PEOPLE if email == workspace.created_by), workspace.created_by)
        return {"users": [{"user_id": owner, "user_type": "OWNER"}]}

    def _query_users(self, query: UsersFilter) -> object:
        known = all_users()
        return {"users": known if query.user_ids is None else {id: known.get(id) for id in query.user_ids}}

    @staticmethod
    def _features(_: msgspec.Struct) -> object:
        return {"features": {"plateau": "true"}, "name": "Embedded Wallaroo", "is_auth_enabled": True}


def find_users(target: str) -> object:
    """Return users as Keycloak does: one by ``/<id>``, or a list by ``?email=``.

    Raises:
        RefusalError: nobody has the id.
    """
    known = all_users()
    if target.startswith("/"):
        user = known.get(target[1:]) or next(
            (each for each in known.values() if each["email"] == target[1:]), None
        )
        if user is None:
            raise RefusalError(404, "User not found")
        return user
    wanted = parse_qs(target.removeprefix("?")).get("email", [])
    return [user for user in known.values() if not wanted or user["email"] in wanted]


def all_users() -> dict[str, Json]:
    """Return everybody by id, as Keycloak describes them."""
    people = [
        *PEOPLE,
        ("author@example.com", AUTHOR),
        *((user.email, user.id) for user in USERS.values()),
    ]
    return {
        id: {
            "id": id,
            "username": email,
            "email": email,
            "enabled": True,
            "emailVerified": True,
            "createdTimestamp": 1_698_674_531_480 + 1000 * number,
        }
        for number, (email, id) in enumerate(people)
    }
