"""Parse Python files that may be hostile. Runs as a program of its own (``python_code.py`` starts it).

A parser holds up every thread of its process, and code that is nested deeply makes it crash where threads have small
stacks; here that ends this process only. Nothing is imported or run. It reads one JSON list of texts from standard
input, and prints a list of as many objects: the classes and functions of a file, or why it can't be parsed.
"""

import ast
import json
import os
import resource
import signal
import sys
import warnings
from contextlib import suppress
from typing import Any, NoReturn

SECONDS = 20
"""Maximum seconds for all files."""
BUILD = (3, 10)
"""The Python of the platform's builds, as their logs name it (release 2025.2)."""
_MEMORY = 1 << 30
_LONGEST_NAME = 200
_MOST = 500
"""Maximum classes, functions and members of each that are returned."""
_MOST_BASES = 20
_BLOCKS = ("body", "orelse", "finalbody")


def main() -> NoReturn:
    """Parse all texts within limits of time and memory, and print their classes and functions."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.alarm(SECONDS)  # also ends the process if its parent was killed
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # of odd escapes in strings
    found = [facts(text) for text in json.load(sys.stdin)]
    print(json.dumps(found), flush=True)
    os._exit(0)  # to free a deep tree takes long


def facts(text: str) -> dict[str, Any]:
    """Return the top level of a file, or ``{"error": why, "line": number}``; 0 if the line is not known."""
    try:
        tree = ast.parse(text, feature_version=BUILD)
    except SyntaxError as error:
        return {"error": str(error.msg)[:_LONGEST_NAME], "line": error.lineno or 0}
    except (RecursionError, MemoryError):
        return {"error": "it is nested too deeply", "line": 0}
    except ValueError as error:
        return {"error": str(error)[:_LONGEST_NAME], "line": 0}
    classes, functions = [], []
    names: dict[str, str] = {}
    for node in _statements(tree.body):
        if isinstance(node, ast.ClassDef):
            classes.append(_class(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append(_cut(node.name))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names |= {_cut(each.asname): _cut(each.name) for each in node.names if each.asname}
    names = dict(list(names.items())[:_MOST])
    return {"classes": classes[:_MOST], "functions": functions[:_MOST], "aliases": names}


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run when the module is imported: those of ``if`` and ``try`` too."""
    found: list[ast.stmt] = []
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inner = [each for block in _BLOCKS for each in getattr(node, block, [])]
            inner += [each for handler in getattr(node, "handlers", []) for each in handler.body]
            waiting += reversed(inner)
    return found


def _class(node: ast.ClassDef) -> dict[str, Any]:
    members: dict[str, int | None] = {}
    for each in _statements(node.body):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            members[_cut(each.name)] = _arguments(each)
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            members |= {_cut(target.id): None for target in targets if isinstance(target, ast.Name)}
    members = dict(list(members.items())[:_MOST])
    return {
        "name": _cut(node.name),
        "bases": [_base(each) for each in node.bases[:_MOST_BASES]],
        "members": members,
    }


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int | None:
    """Return how many arguments a call has to have beside ``self``, or None if one is enough and more may be."""
    taken = node.args
    positional = len(taken.posonlyargs) + len(taken.args) - 1
    required = positional - len(taken.defaults) + sum(each is None for each in taken.kw_defaults)
    is_one_enough = required <= 1 and (positional >= 1 or taken.vararg is not None)
    return None if is_one_enough else max(required, 0)


def _base(node: ast.expr) -> str:
    """Return the last word of a base class: ``Inference`` for ``mac.inference.Inference`` and ``Inference[T]``."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return _cut(
        node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    )


def _cut(name: str) -> str:
    return name[:_LONGEST_NAME]


if __name__ == "__main__":
    main()
