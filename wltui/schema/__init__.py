"""Arrow schemas, from the base64 that the API carries to the lines that people read and edit.

pyarrow is imported by the first call that needs it, which takes 0.1 to 0.2 seconds: call from a thread.
"""

from .codec import SchemaError as SchemaError
from .told import Field as Field
from .told import Schema as Schema
from .told import decode as decode
from .told import lines as lines
from .told import same as same
from .told import summary as summary
