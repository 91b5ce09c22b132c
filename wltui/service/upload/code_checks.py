"""Check the Python code in a zip: whether it parses, and whether it has the classes that a custom model needs."""

from collections.abc import Iterator

from .contents import Contents
from .findings import Finding, Severity, shorten
from .python_code import Class

_BUILD = "The platform's build runs Python 3.10."
BASES = ("Inference", "InferenceBuilder")
"""The classes of the vendor's package mac that a custom model derives from, once each."""
_NEEDED = {
    "Inference": ("expected_model_types", "_predict"),
    "InferenceBuilder": ("inference", "create"),
}
_ADD = {
    "expected_model_types": "Add the property; it returns a set of types.",
    "_predict": "Add the method; it takes one dictionary of numpy arrays.",
    "inference": "Add the property; it returns the Inference object.",
    "create": "Add the method; it takes the config and returns the Inference object.",
}
_MOST = 3
"""Maximum findings of one kind."""


def check_syntax(contents: Contents, *, is_recorded: bool) -> Iterator[Finding]:
    """Yield the files that Python can't parse, and those that were not read.

    ``is_recorded``: whether such a failure was recorded for the framework.
    """
    broken = {name: module for name, module in contents.modules.items() if module.error}
    for name, module in sorted(broken.items())[:_MOST]:
        where = f"line {module.line} of {shorten(name)}" if module.line else shorten(name)
        cause = f"Python can't parse {where}: {shorten(module.error)}."
        yield Finding(Severity.LIKELY, cause, f"Correct it. {_BUILD}", is_recorded)
    if contents.unread:
        more = f" and {len(contents.unread) - 1:,} more" if len(contents.unread) > 1 else ""
        cause = f"Not checked, as too long, too many, or unreadable: {shorten(contents.unread[0])}{more}."
        yield Finding(Severity.NOTE, cause)


def check_classes(contents: Contents) -> Iterator[Finding]:
    """Yield findings about the classes of a custom model."""
    is_whole = not contents.unread and not any(module.error for module in contents.modules.values())
    for base in BASES:
        found = contents.inherits(base)
        if len(found) > 1:
            names = ", ".join(map(shorten, sorted(found)[:5]))
            yield Finding(Severity.LIKELY, f"Several classes derive from {base}: {names}.",
                          "Keep one of them in the zip.", is_recorded=True)  # fmt: skip
        elif not found and is_whole:
            yield Finding(Severity.LIKELY, f"No class derives from {base}.", f"Derive one from mac's {base}.",
                          is_recorded=True)  # fmt: skip
        for name, file in list(found.items())[:1]:
            owner = next(each for each in contents.modules[file].classes if each.name == name)
            if len(found) == 1 and _derives_from_this_alone(owner, base, contents.modules[file].aliases):
                yield from _check_members(owner, base)


def _derives_from_this_alone(owner: Class, base: str, aliases: dict[str, str]) -> bool:
    """Return whether its own members are all that it adds: another base class may have the missing ones."""
    return all(aliases.get(each, each) in {base, "ABC", "object", "Generic"} for each in owner.bases)


def _check_members(owner: Class, base: str) -> Iterator[Finding]:
    for member in _NEEDED[base]:
        if member not in owner.members:
            yield Finding(Severity.LIKELY, f"The class {shorten(owner.name)} lacks {member}.", _ADD[member],
                          is_recorded=True)  # fmt: skip
    if (needed := owner.members.get("_predict")) is not None and base == "Inference":
        cause = f"The method _predict of {shorten(owner.name)} takes {needed} arguments beside self."
        yield Finding(
            Severity.LIKELY, cause, "Let it take one, a dictionary of numpy arrays.", is_recorded=True
        )
