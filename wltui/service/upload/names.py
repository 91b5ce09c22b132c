"""Names of models: which ones work, and one made of a file's name."""

import re
from pathlib import PurePath

from .findings import Finding, Severity, shorten

LONGEST = 63
_RULE = "Use letters, digits and dashes, and begin with a letter"


def suggest_name(text: str) -> str:
    """Return a name for a model that every rule allows, made of a file's name or of a bad name; may be empty."""
    stem = re.sub(r"(\.[A-Za-z0-9]{1,8})+$", "", PurePath(text).name)
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).lstrip("-0123456789")[:LONGEST].strip("-")


def check_name(name: str) -> list[Finding]:
    """Return findings about the name of a model.

    The rule is the vendor's SDK's; its documentation gives names of Kubernetes objects as the reason, and allows lower
    case only. The server was never seen refusing a name.
    """
    if not name:
        return [Finding(Severity.CERTAIN, "The model has no name.", f"{_RULE}.")]
    if why := _broken_rule(name):
        better = suggest_name(name)
        remedy = f"{_RULE}{f', such as in {better}' if better else ''}."
        return [
            Finding(Severity.LIKELY, f"The name {shorten(name)} {why}. The vendor's SDK refuses it.", remedy)
        ]
    if name != name.lower():
        cause = f"The name {shorten(name)} has capital letters; the documentation allows small ones only."
        return [Finding(Severity.NOTE, cause, f"Use {name.lower()}, unless the model has this name already.")]
    return []


def _broken_rule(name: str) -> str:
    if odd := sorted(set(re.findall(r"[^a-zA-Z0-9-]", name))):
        shown = " ".join("a space" if each == " " else shorten(each) for each in odd[:5])
        return f"has other characters than letters, digits and dashes: {shown}"
    if not name[0].isalpha():
        return "does not begin with a letter"
    if name.endswith("-"):
        return "ends with a dash"
    return f"is {len(name)} characters long; {LONGEST} are allowed" if len(name) > LONGEST else ""
