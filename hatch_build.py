"""Make the package's long description of README.md, and its URLs, by one address of the repository.

The address is in pyproject.toml, and nowhere else. README.md names files of the repository by relative links, which
lead nowhere on PyPI: with an address they become absolute, and point to the files of the very release. Without one, no
link is better than a wrong one: they become plain text, and pictures go.
"""

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^]]*)\]\((?P<target>[^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#")
"""Begins targets that are right wherever the text stands."""
PAGES = {"Changelog": "CHANGELOG.md", "Documentation": "REFERENCE.md", "Security": "SECURITY.md"}
"""Files of the repository that have a URL of their own."""


def long_description(readme: str, address: str, release: str) -> str:
    """Return a Markdown text whose relative links work outside the repository.

    Args:
        readme: The text. What stands in fenced blocks is left alone.
        address: The repository's, without a slash at the end; empty if it has none yet.
        release: The tag that the links point to.
    """

    def replace(match: re.Match[str]) -> str:
        target = match["target"]
        if _ELSEWHERE.match(target):
            return match[0]
        if not address:
            return "" if match["picture"] else match["text"]
        return f"{match['picture']}[{match['text']}]({file_url(target, address, release, raw=bool(match['picture']))})"

    parts = re.split(r"(?ms)(^```.*?^```)", readme)
    parts[::2] = [_LINK.sub(replace, part) for part in parts[::2]]
    return "".join(parts)


def file_url(target: str, address: str, release: str, *, raw: bool = False) -> str:
    """Return the URL of a file of the repository: its page, or with ``raw`` its bytes, which a picture needs."""
    return f"{address}/{'raw' if raw else 'blob'}/{release}/{target}"


def project_urls(address: str, release: str) -> dict[str, str]:
    """Return the URLs of the project; none if the repository has no address yet."""
    if not address:
        return {}
    pages = {name: file_url(file, address, release) for name, file in PAGES.items()}
    return {"Source": address, "Issues": f"{address}/issues", **pages}


def get_metadata_hook() -> type[Any]:
    """Return the hook that hatchling calls; hatchling is imported only here, since tests run without it."""
    from hatchling.metadata.plugin.interface import MetadataHookInterface

    class ReadmeHook(MetadataHookInterface):  # type: ignore[misc]
        def update(self, metadata: dict[str, Any]) -> None:
            address, release = self.config["repository"].rstrip("/"), f"v{metadata['version']}"
            text = long_description(Path(self.root, "README.md").read_text("utf-8"), address, release)
            metadata["readme"] = {"content-type": "text/markdown", "text": text}
            metadata["urls"] = project_urls(address, release)

    return ReadmeHook
