"""Arrow schemas, from the base64 that the API carries to the lines that people read and edit.

pyarrow is imported by the first call that needs it, which takes 0.1 to 0.2 seconds: call from a thread.
"""

from .codec import SchemaError as SchemaError
from .summary import Field as Field
from .summary import Schema as Schema
from .summary import decode as decode
from .summary import is_same as is_same
from .summary import lines as lines
from .summary import summary as summary
