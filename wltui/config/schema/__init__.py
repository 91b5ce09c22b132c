"""Convert Arrow schemas between the base64 of the API and the text that people read and edit.

The first call that needs pyarrow imports it, which takes 0.1 to 0.2 seconds: call it in a thread.
"""

from .codec import SchemaError as SchemaError
from .short_type import short_type as short_type
from .summary import Field as Field
from .summary import Schema as Schema
from .summary import decode as decode
from .summary import is_same as is_same
from .summary import summary as summary
