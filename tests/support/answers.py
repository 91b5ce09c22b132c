"""Answers of real servers, shortened, one of each shape."""

NESTED_LIST = b"""{"models":[
 {"model":{"id":839,"name":"yolov8n-openvino","owner_id":"\\"\\"","created_at":"2025-07-14T20:43:07.104895+00:00",
   "updated_at":"2025-07-14T20:48:48.255132+00:00","workspace_id":108},
  "model_versions":[
   {"model_version":{"name":"yolov8n-openvino","visibility":"private","workspace_id":108,"conversion":{"arch":"x86",
     "accel":"openvino","python_version":"3.8","requirements":[],"framework":"onnx","framework_config":null},
     "id":838,"image_path":null,"status":"ready","task_id":null,"file_info":{"version":"87ca2f41-0001",
     "sha":"3ed5cd19","file_name":"yolov8n.onnx","size":12823491},"created_on_version":"2025.1.2",
     "created_by":"user1@example.com","created_at":"2025-07-14T20:48:48.255132+00:00","deployed":false,
     "error_summary":null},
    "config":{"id":1259,"model_version_id":838,"runtime":"onnx","filter_threshold":null,"tensor_fields":null,
     "input_schema":null,"output_schema":null,"batch_config":null,"dynamic_batching_config":null,
     "continuous_batching_config":null,"queue_depth":null,"sidekick_uri":null,"openai":null}},
   {"model_version":{"id":841,"name":"yolov8n-openvino","visibility":"private","workspace_id":108,
     "status":"attempting_load_container","image_path":null}}],
  "workspace":{"id":108,"name":"user1@example.com - Default Workspace","created_by":"user1@example.com",
   "archived":false,"created_at":"2024-10-25T21:54:29.172083+00:00","group_id":null}},
 {"model":{"id":1194,"name":"ccfraud","owner_id":"\\"\\"","workspace_id":108},"model_versions":[],
  "workspace":{"id":108,"name":"w","archived":false,"created_at":"2024-10-25T21:54:29.172083+00:00"}}]}"""

FLAT_LIST = b"""{"models":[
 {"id":14,"name":"api-sample-model","owner_id":"\\"\\"","created_at":"2023-11-29T16:26:06.011817+00:00",
  "updated_at":"2023-11-29T16:26:06.26303+00:00"},
 {"id":15,"name":"api-upload-pytorch-multi-io","owner_id":"\\"\\"","created_at":null}]}"""

LIST_OF_2022 = b"""{"models":[
 {"id":3,"models":{"sha":"bc85ce59","models_pk_id":3,"model_version":"uuid-6","owner_id":"\\"\\"",
  "model_id":"ccfraud","id":6,"file_name":"ccfraud.onnx","image_path":null}},
 {"id":3,"models":{"models_pk_id":3,"model_version":"uuid-3","model_id":"ccfraud","id":3}}]}"""

LIST_VERSIONS = b"""[
 {"sha":"bc85ce59","models_pk_id":1140,"model_version":"u-1140","owner_id":"\\"\\"","model_id":"api-sample-model",
  "id":1139,"file_name":"ccfraud.onnx","image_path":null,"status":"ready"},
 {"sha":"bc85ce59","models_pk_id":1218,"model_version":"u-1214","owner_id":"4e296632-35b3-460e-85fe-565e311bc566",
  "model_id":"api-sample-model","id":1214,"file_name":"ccfraud.onnx","image_path":null,"status":"ready"},
 {"sha":"bc85ce59","models_pk_id":1218,"model_version":"u-1215","owner_id":"4e296632-35b3-460e-85fe-565e311bc566",
  "model_id":"api-sample-model","id":1215,"image_path":null},
 {"sha":"bc85ce59","models_pk_id":1215,"model_version":"u-1210","owner_id":"\\"\\"","model_id":"ccfraud",
  "id":1210,"file_name":"ccfraud.onnx","image_path":null,"status":"ready"}]"""

UNORDERED_VERSIONS = b"""[
 {"sha":"792db9ee","models_pk_id":15,"model_version":"271875ae","owner_id":"\\"\\"",
  "model_id":"api-upload-pytorch-multi-io","id":17,"file_name":"a.pt","image_path":null},
 {"sha":"bc85ce59","models_pk_id":15,"model_version":"9150b046","owner_id":"\\"\\"",
  "model_id":"api-upload-pytorch-multi-io","id":19,
  "image_path":"proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103"},
 {"models_pk_id":15,"model_id":"api-upload-pytorch-multi-io","id":15}]"""

GET_VERSION = b"""{"model_version":{"model_version":{"name":"llama","visibility":"private","workspace_id":10,
 "conversion":{"accel":{"qaic":{"num_cores":16}},"framework":"vllm","requirements":["vllm==0.6","ray"],
  "python_version":"3.9"},"id":1215,"image_path":"ghcr.io/wallaroolabs/mac-deploy-qaic-vllm:v2025.2.0-6480",
 "status":"error","task_id":"t-9","file_info":{"version":"uuid-1215","sha":"ab","file_name":"/home/j/llama.zip"},
 "created_on_version":"2025.2.0","created_by":"user1@example.com","created_at":"2025-12-01T10:00:00.5+00:00",
 "deployed":true,"error_summary":"Could not pip install user provided requirements.txt"},
 "config":{"id":1788,"model_version_id":1215,"runtime":"flight","filter_threshold":0,"tensor_fields":[],
 "input_schema":"/////3AA","output_schema":null,"batch_config":"single","queue_depth":4,"sidekick_uri":null,
 "dynamic_batching_config":{"max_batch_delay_ms":10,"batch_size_target":4,"batch_size_limit":null},
 "continuous_batching_config":{"max_concurrent_batch_size":100},"openai":{"enabled":true}}}}"""

GET_CONFIG = (
    b'{"model_config":{"id":1788,"runtime":"onnx","tensor_fields":["images"],"filter_threshold":0.1}}'
)

INSERTED = b"""{"model_config":{"id":26,"model_version_id":16,"runtime":"onnx","filter_threshold":0.1,
 "tensor_fields":["a","b"],"input_schema":null,"output_schema":null,"batch_config":null,"sidekick_uri":null,
 "openai":{"enabled":true,"chat_completion_config":{"chat_template":"{% if x %}\\n{% endif %}"}}}}"""

WORKSPACES = b"""{"workspaces":[
 {"id":10,"name":"user1@example.com - Default Workspace","created_at":"2023-04-03T21:14:36.26303+00:00",
  "created_by":"4e296632-35b3-460e-85fe-565e311bc566","archived":false,"models":[3,5,4,6],"pipelines":[1]},
 {"id":11,"name":"b","created_at":null,"created_by":null,"archived":true,"models":[],"pipelines":[]}]}"""

LOGS = b"""{"logs":["2025-12-01T10:00:00.123456789Z stdout F  \\u2554\\u2550 start",
 "2025-12-01T10:00:01.000000001Z stderr F "]}"""
