"""A container image's path in its parts, which people compare one by one."""

from typing import NamedTuple

DIGEST_DIGITS = 12


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
        """The parts, which joined are the path again. A colon before the last slash is a port, not a tag."""
        rest, at, digest = path.partition("@")
        folder, slash, last = rest.rpartition("/")
        name, colon, tag = last.partition(":")
        return cls(folder + slash, name, colon + tag, at + digest)

    @property
    def registry(self) -> str:
        """The host that the image comes from; empty where the path begins with a repository."""
        first, slash, _ = self.folder.partition("/")
        return first if slash and ("." in first or ":" in first or first == "localhost") else ""

    @property
    def repository(self) -> str:
        """What stands between registry and name, without slashes at its ends."""
        return self.folder.removeprefix(self.registry).strip("/")

    @property
    def short(self) -> str:
        """Name, tag and the digest's first digits."""
        return self.name + self.tag + self.short_digest

    @property
    def short_digest(self) -> str:
        """The digest cut after twelve digits of its hash."""
        algorithm, colon, digits = self.digest.partition(":")
        return f"{algorithm}{colon}{digits[:DIGEST_DIGITS]}" if colon else self.digest
