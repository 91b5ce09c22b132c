"""Build the GraphQL query for the tags of a version, which the REST API does not have."""

from msgspec import Struct, field

from wltui.core.records import VersionId

from .graphql import Query, Selection, reader
from .wire_config import Wire

TAG = Selection("tag", ("id", "tag"))


class Tag(Struct, frozen=True, gc=False):
    """A free text on versions and pipelines; two tags may have the same text."""

    id: int
    text: str


def tags_of_version(version_id: VersionId) -> Query[tuple[Tag, ...]]:
    """Build the query for the tags of a version, oldest first."""
    what = f"The tags of version {version_id}"
    return Query(
        "tags_of_version",
        "tag",
        "($version: bigint!)",
        "(where: {model_tags: {model_id: {_eq: $version}}}, order_by: {id: asc})",
        {"version": version_id},
        TAG,
        reader(_Tags, _Row.record, what),
        what,
    )


class _Row(Wire, frozen=True, gc=False):
    id: int
    tag: str

    def record(self) -> Tag:
        return Tag(self.id, self.tag)


class _Rows(Wire, frozen=True, gc=False):
    rows: tuple[_Row, ...] = field(name="tag")


class _Tags(Wire, frozen=True, gc=False):
    data: _Rows
