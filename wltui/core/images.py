"""Split the path of a container image into its parts."""

from typing import NamedTuple

DIGEST_DIGITS = 12
"""Digits of a digest in its short form."""


class ImagePath(NamedTuple):
    """``registry/repository/name:tag@digest``; every part but the name may be empty."""

    folder: str
    """Registry and repository, with the slash at their end."""
    name: str
    tag: str
    """With its colon."""
    digest: str
    """With its ``@``."""

    @classmethod
    def parse(cls, path: str) -> "ImagePath":
        """Return the parts of a path, which joined are the path. A colon before the last slash is a port, not a tag."""
        rest, at, digest = path.partition("@")
        folder, slash, last = rest.rpartition("/")
        name, colon, tag = last.partition(":")
        return cls(folder + slash, name, colon + tag, at + digest)

    @property
    def registry(self) -> str:
        """Return the registry's host; empty if the path begins with a repository."""
        first, slash, _ = self.folder.partition("/")
        return first if slash and ("." in first or ":" in first or first == "localhost") else ""

    @property
    def repository(self) -> str:
        """Return the part between registry and name, without slashes at its ends."""
        return self.folder.removeprefix(self.registry).strip("/")

    @property
    def short(self) -> str:
        """Return name, tag and the first digits of the digest."""
        return self.name + self.tag + self.short_digest

    @property
    def short_digest(self) -> str:
        """Return the digest, cut after :data:`DIGEST_DIGITS` digits of its hash."""
        algorithm, colon, digits = self.digest.partition(":")
        return f"{algorithm}{colon}{digits[:DIGEST_DIGITS]}" if colon else self.digest
