r"""Format a schema as text for people to edit, one field per line, as pyarrow prints it, and parse it.

::

    inputs: list<item: float> not null      name: type, and its nullability
      -- field metadata --                  indented below the field; values in quotes
      unit: 'm/s'
    "a: b": struct<x: int8, "": str>        an ambiguous name is in quotes
    pixels: uint8[480, 640, 3]              short for nested lists of fixed size
    extra: map<string, float not null, keys_sorted>
      child 0, entries: struct<key: string not null, value: float not null> not null
        child 1, value: float not null      a child is listed only if it has metadata
          -- field metadata --
          "tab\t": "byte \xff"              in double quotes: JSON's escapes, and bytes
    -- schema metadata --                   after all fields, to the end
    made by: 'me'

The output of ``print(schema)`` can be pasted, child lines too: only these show that a map's values are not null, and
pyarrow prints none for a dictionary or an extension. Types have pyarrow's names, or common ones (``float32``, ``str``,
``list<float>``). This text has details that pyarrow's omits: a map's value may be ``not null``, and
``extension<arrow.json[storage_type=large_string]>`` includes the storage type. A map's keys are never
null, and its parts have no names of their own. A dictionary's children are those of its values, an extension's those of
its storage. A schema without fields is ``{}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import Struct, field

from . import quoting, type_printer
from .arrow import Unbuildable, build_schema, item_of, metadata_of
from .codec import SchemaError, decode_base64, encode_base64, encoding_error
from .cursor import Cursor, shorten
from .cursor import SchemaTextError as SchemaTextError
from .type_parser import parse_field
from .types import Item, Metadata, Path, Type

LONGEST = 4_000_000
"""Maximum characters of a text."""

_FIELD_METADATA = "-- field metadata --"
_SCHEMA_METADATA = "-- schema metadata --"
_EMPTY = "{}"
_HEADER = re.compile(r"--\s*(field|schema) metadata\s*--\s*$")
_CHILD = re.compile(r"child\s+(\d{1,9})\s*,")
_CUT_OFF = re.compile(r"\(\.\.\. \d+ chars omitted\)(?:\s+not\s+null)?\s*$")
_CUT_VALUE = re.compile(r"'\s+\+\s+\d+\s*$")
_LITERAL = re.compile(r"'(.*)'")
_PRINT_METADATA = "Print schema.to_string(truncate_metadata=False)"
_PRINT_ALL = "Print schema.to_string(truncate_metadata=False, element_size_limit=10**7)"
"""Newer versions of pyarrow also cut lines; older ones lack this argument."""
_VALUE = re.compile(r""":\s*["']""")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def looks_like_base64(text: str) -> bool:
    """Return whether a pasted text looks like base64, on one line or more, and not like a schema's text."""
    return " " not in text.strip() and _BASE64.fullmatch("".join(text.split())) is not None


def format_schema(encoded: str) -> str:
    """Return the text of a schema, without a line break at the end; ``encoded`` is base64, as in the API.

    Raises:
        SchemaError: it is not a schema, or text can't express it, such as a repeated key of metadata.
    """
    arrow = decode_base64(encoded)
    try:
        items = tuple(map(item_of, arrow))
        metadata = metadata_of(arrow)
    except SchemaTextError as error:
        raise _inexpressible(error.why) from error
    except UnicodeDecodeError as error:
        raise encoding_error(error) from error
    text = "\n".join(_format_lines(items, metadata))
    try:
        kept = decode_base64(parse_schema(text)).equals(arrow, check_metadata=True)
    except SchemaTextError as error:
        raise _inexpressible(error.why) from error
    if not kept:
        raise _inexpressible("it has details that text can't express")
    return text


def _inexpressible(why: str) -> SchemaError:
    return SchemaError(
        "This schema can't be edited as text", why, "Create it with pyarrow and paste its base64"
    )


def _format_lines(items: tuple[Item, ...], metadata: Metadata) -> Iterator[str]:
    listed = {path[:length] for path in metadata for length in range(1, len(path) + 1)}
    for number, item in enumerate(items):
        yield type_printer.format_field(item)
        yield from _details(item, (number,), metadata, listed, "  ")
    if not items:
        yield _EMPTY
    if () in metadata:
        yield _SCHEMA_METADATA
        yield from (quoting.format_pair(*pair) for pair in metadata[()].items())


def _details(item: Item, path: Path, metadata: Metadata, listed: set[Path], indent: str) -> Iterator[str]:
    """Yield the children that are ``listed``, since they or theirs have metadata; then the field's own metadata."""
    for number, child in enumerate(item.type.nested()):
        if (*path, number) in listed:
            yield f"{indent}child {number}, {type_printer.format_field(child)}"
            yield from _details(child, (*path, number), metadata, listed, indent + "  ")
    if path in metadata:
        yield indent + _FIELD_METADATA
        yield from (indent + quoting.format_pair(*pair) for pair in metadata[path].items())


def parse_schema(text: str) -> str:
    """Return the base64 of the schema in ``text``.

    Raises:
        SchemaTextError: the text has a fault, with its line and column. A blank text is a fault.
    """
    if len(text) > LONGEST:
        raise SchemaTextError(f"the text has more than {LONGEST} characters", line=1, column=1)
    if text.lstrip().startswith("/////") and looks_like_base64(text):
        raise SchemaTextError("this is base64, not the text of a schema", line=1, column=1)
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        reading.add_line(Cursor(line.rstrip(), number))
    if not (reading.items or reading.empty):
        raise SchemaTextError("there is no field", f"A schema without fields is {_EMPTY}", line=1, column=1)
    try:
        arrow = build_schema(reading.finish(), reading.metadata)
    except Unbuildable as error:
        raise SchemaTextError(str(error), line=error.at[0], column=error.at[1]) from error
    encoded = encode_base64(arrow)
    try:
        decode_base64(encoded)
    except SchemaError as error:
        at = max(reading.items, key=lambda item: _depth(item.type)).type.at
        why, advice = "pyarrow can't read this schema back", "Use fewer levels of nested types"
        raise SchemaTextError(why, advice, line=at[0], column=at[1]) from error
    return encoded


def _depth(type: Type) -> int:
    return 1 + max((_depth(item.type) for item in type.nested()), default=0)


class _Open(Struct, frozen=True):
    """A field whose children and metadata may follow on indented lines."""

    indent: int
    path: Path
    item: Item


class _Hidden(Struct):
    """Entries of a map whose value is ``not null`` on their own line, but not on the map's."""

    fault: SchemaTextError
    """The fault, unless pyarrow printed the text: then a line for each child of the entries follows."""
    seen: set[int] = field(default_factory=set)


class _Reading(Struct):
    """State of parsing a text line by line."""

    items: list[Item] = field(default_factory=list)
    metadata: Metadata = field(default_factory=dict)
    empty: bool = False
    open: list[_Open] = field(default_factory=list)
    """The current field, its current child, and so on."""
    target: Path | None = None
    """The owner of metadata on the next line."""
    hidden: dict[Path, _Hidden] = field(default_factory=dict)
    """Entries of maps whose values are not null, although the map's own line does not show it."""

    def add_line(self, cursor: Cursor) -> None:
        cursor.skip()
        indent = cursor.at
        if indent == len(cursor.text):
            return
        if _CUT_OFF.search(cursor.text):
            raise cursor.fault("pyarrow cut this line off", _PRINT_ALL)
        if header := cursor.match(_HEADER):
            self.target = self._owner(cursor, indent) if "field" in header else ()
        elif self.target == ():
            self._pair(cursor, ())
        elif child := cursor.match(_CHILD):
            self._child(cursor, indent, int(child.split()[1].rstrip(",")))
        elif self.target and indent > self.open[0].indent:
            self._pair(cursor, self.target)
        else:
            self._field(cursor, indent)

    def _field(self, cursor: Cursor, indent: int) -> None:
        if cursor.text[indent:] == _EMPTY and not self.items:
            self.empty = True
            return
        if self.empty:
            raise cursor.fault(f"{_EMPTY} means that there are no fields", f"Delete {_EMPTY}")
        item = _parse_whole_field(cursor)
        self.open = [_Open(indent, (len(self.items),), item)]
        self.items.append(item)
        self.target = None

    def _child(self, cursor: Cursor, indent: int, number: int) -> None:
        while self.open and self.open[-1].indent >= indent:
            self.open.pop()
        if not self.open:
            raise cursor.fault("this child has no field above it", "Indent it below its field", at=indent)
        parent = self.open[-1]
        siblings = parent.item.type.nested()
        if number >= len(siblings):
            raise cursor.fault(f"{shorten(parent.item.name)} has no child {number}", at=indent)
        cursor.skip()
        start = cursor.at
        item = _parse_whole_field(cursor)
        path = (*parent.path, number)
        if item != siblings[number]:
            fault = cursor.fault(
                f"child {number} of {shorten(parent.item.name)} is {type_printer.format_field(siblings[number])} above",
                "Change it there: a child's line only marks the owner of metadata",
                at=start,
            )
            if not _is_map(parent.item.type) or item != _with_not_null_value(siblings[number], ()):
                raise fault
            self.hidden[path] = _Hidden(fault)
        elif parent.path in self.hidden:
            self.hidden[parent.path].seen.add(number)
        self.open.append(_Open(indent, path, item))
        self.target = None

    def finish(self) -> tuple[Item, ...]:
        """Return the fields, with maps corrected by the lines of their children."""
        for path, hidden in self.hidden.items():
            if hidden.seen != {0, 1}:  # the text is not pyarrow's
                raise hidden.fault
            first, *rest = path
            self.items[first] = _with_not_null_value(self.items[first], rest)
        return tuple(self.items)

    def _owner(self, cursor: Cursor, indent: int) -> Path:
        """Return the field for a heading of metadata: by pyarrow's indentation, else the nearest field to its left."""
        if self.open:
            left = self.open[0].indent
            depth, odd = divmod(indent - left - 2, 2)
            if not odd and 0 <= depth < len(self.open):
                one = self.open[depth]
                if one.indent - left in (2 * depth, 4 * depth - 2):
                    return one.path
            for one in reversed(self.open):
                if one.indent < indent:
                    return one.path
        raise cursor.fault("this metadata has no field above it", "Indent it below its field", at=indent)

    def _pair(self, cursor: Cursor, target: Path) -> None:
        start = cursor.at
        key = cursor.take_quoted()
        if key is None:
            value_at = _VALUE.search(cursor.text, start + 1)
            if value_at is None:
                raise cursor.fault(
                    "expected a line of metadata", "Example: unit: 'm/s', with the value in quotes", at=start
                )
            cursor.at = value_at.start()
            key = cursor.text[start : cursor.at].rstrip()
        cursor.expect(":", f"after {shorten(key)}")
        if cut := _CUT_VALUE.search(cursor.text, cursor.at):
            raise cursor.fault("pyarrow cut this value off", _PRINT_METADATA, at=cut.start() + 1)
        cursor.skip()
        if literal := _LITERAL.fullmatch(cursor.text, cursor.at):  # pyarrow prints it's as 'it's'
            value = literal[1]
        elif (quoted := cursor.take_quoted()) is not None:
            value = quoted
            _end(cursor)
        else:
            raise cursor.fault(f"expected the value of {shorten(key)} in quotes{cursor.found_instead()}")
        pairs = self.metadata.setdefault(target, {})
        raw = key.encode("utf-8", "surrogateescape")
        if raw in pairs:
            raise cursor.fault(f"{shorten(key)} appears twice", at=start)
        pairs[raw] = value.encode("utf-8", "surrogateescape")


def _is_map(type: Type) -> bool:
    """Return whether a field's children are those of a map."""
    return _is_map(type.inner) if type.inner else type.word == "map"


def _with_not_null_value(item: Item, path: Sequence[int]) -> Item:
    """Return a field with the value ``not null`` in the entries of the map at ``path`` below it."""
    return replace(item, type=_with_not_null_type(item.type, path))


def _with_not_null_type(type: Type, path: Sequence[int]) -> Type:
    if type.inner:
        return replace(type, inner=_with_not_null_type(type.inner, path))
    children = list(type.children)
    if path:
        children[path[0]] = _with_not_null_value(children[path[0]], path[1:])
    else:
        children[1] = replace(children[1], nullable=False)
    return replace(type, children=tuple(children))


def _parse_whole_field(cursor: Cursor) -> Item:
    item = parse_field(cursor)
    _end(cursor)
    return item


def _end(cursor: Cursor) -> None:
    cursor.skip()
    if cursor.at < len(cursor.text):
        raise cursor.fault(f"expected the end of the line{cursor.found_instead()}")
