"""How the house is built: imports go one way, nothing private is written down, every dependency is pinned."""

import ast
import importlib
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent

ROOMS = ("demo", "core", "api", "config", "store", "auth", "lifecycle", "service", "ui", "cli")
"""The rooms of the package, lowest first: a room imports from itself and from those below it.

``demo`` is the other side of the network: it imports none of the others, and of them only ``cli`` imports it.
"""

HOMES = {
    "textual": {"ui"},
    "rich": {"ui"},
    "httpx": {"api"},
    "sqlite3": {"store"},
    "pyarrow": {"config", "service"},  # schemas; files of tables
    "segno": {"ui"},
}
"""Which rooms may know a library."""

OVERUSED = {r"tell|tells|told": 0.3, "what": 6.0}
"""How often, per 1,000 words, a room may use words that hide who does something to which object."""

HOOK = re.compile(
    r"(?:on|watch|action|render|validate|compute|get_content)_|(?:render|compose|check_action)$"
)
"""Methods that a framework calls; its own documentation describes them."""

LONGEST_MODULE = 350
"""Lines; a longer one has two subjects."""

PRIVATE = re.compile(
    r"(?<![\w.)}])/(?:root|work)\b(?!\w)"
    r"|/(?:home|Users)/(?!(?:j|jane|jo|jupyter)/)\w+"  # these live in the demo and the tests only
    r"|\bgh[pousr]_\w{20}|\bgithub_pat_\w{20}|\bAKIA[0-9A-Z]{16}|\bsk-[\w-]{20}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]{40}"  # a token with a real signature
)

PRIVATE_BEGINS = (
    *(f"/{name}" for name in ("root", "work")), "/home/", "/Users/", "-----BEGIN", "eyJ", "sk-", "AKIA",
    "github_pat_", *(f"gh{kind}_" for kind in "pousr"),
)  # fmt: skip
"""What every hit of :data:`PRIVATE` contains. Most texts have none of it, and that takes a tenth of the time to see."""


def find_private(text: str) -> Iterator[str]:
    if any(begin in text for begin in PRIVATE_BEGINS):
        yield from (match[0] for match in PRIVATE.finditer(text))


@cache
def rooms() -> list[str]:
    """The modules and packages directly below ``wltui``."""
    package = ROOT / "wltui"
    return sorted({path.relative_to(package).parts[0].removesuffix(".py") for path in package.rglob("*.py")})


def modules(room: str) -> Iterator[tuple[str, ast.Module]]:
    """Each module of a room, under its dotted name, parsed."""
    place = ROOT / "wltui" / room
    for path in sorted(place.rglob("*.py")) or [place.with_suffix(".py")]:
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts), ast.parse(path.read_text("utf-8"))


def imports(name: str, tree: ast.AST) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever in it; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


class Described(Struct, frozen=True):
    """A class of the package: the names of its bases, and of the methods that it describes."""

    bases: frozenset[str]
    methods: frozenset[str]


class Facts(Struct, frozen=True):
    """What tests ask of a module; its tree is not kept, since all together would be 90 MB."""

    name: str
    imports: frozenset[str]
    changes_files: bool
    docstrings: tuple[str, ...]
    """Those of attributes are among them."""
    classes: tuple[tuple[str, Described], ...]


CHANGING = {"chmod", "mkdir", "mkstemp", "touch", "write_bytes", "write_text"}
"""Methods that make or change files."""


@cache
def facts(room: str) -> tuple[Facts, ...]:
    """Return the facts of each module of a room: all tests of a process together parse it once."""
    return tuple(module_facts(name, tree) for name, tree in modules(room))


def describe(node: ast.ClassDef) -> Described:
    bases = (ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases)
    functions = (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    return Described(frozenset(bases), frozenset(one.name for one in functions if ast.get_docstring(one)))


def module_facts(name: str, tree: ast.Module) -> Facts:
    changes, docstrings, found = False, list[str](), list[tuple[str, Described]]()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)):
                changes = changes or attr in CHANGING
            case ast.Expr(value=ast.Constant(value=str(text))):
                docstrings.append(text)
            case ast.ClassDef():
                found.append((node.name, describe(node)))
    return Facts(name, frozenset(imports(name, tree)), changes, tuple(docstrings), tuple(found))


def imported_rooms(room: str) -> set[str]:
    """The other rooms that a room imports."""
    names = {name for module in facts(room) for name in module.imports}
    own = {name.split(".")[1] for name in names if name.startswith("wltui.")}
    return own & set(rooms()) - {room}


def test_every_module_can_be_imported() -> None:
    """An annotation whose name is there for the type checker alone is a NameError at run time, and only there."""
    for path in sorted((ROOT / "wltui").rglob("*.py")):
        words = path.relative_to(ROOT).with_suffix("").parts
        if words[-1] != "__main__":
            importlib.import_module(".".join(words).removesuffix(".__init__"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_from_rooms_above_it(room: str) -> None:
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    assert not imported_rooms(room) & above


def test_client_and_store_know_nothing_of_each_other() -> None:
    assert "store" not in imported_rooms("api")
    assert "api" not in imported_rooms("store")


def test_the_embedded_wallaroo_is_the_other_side_of_the_network() -> None:
    assert {room for room in ROOMS if "demo" in imported_rooms(room)} == {"cli"}


def test_widgets_know_neither_screens_nor_the_app() -> None:
    """A widget gets what it needs as arguments."""
    above = ("wltui.ui.screens.", "wltui.ui.app.", "wltui.ui.host.")
    found = {
        (module.name, name)
        for module in facts("ui")
        if module.name.startswith("wltui.ui.widgets.")
        for name in module.imports
        if f"{name}.".startswith(above)
    }
    assert not found


def test_screens_know_the_app_through_its_host_alone() -> None:
    found = {
        (module.name, name)
        for module in facts("ui")
        if module.name.startswith("wltui.ui.screens.")
        for name in module.imports
        if f"{name}.".startswith("wltui.ui.app.")
    }
    assert not found


def imported_modules() -> dict[str, set[str]]:
    """Each module of the package, with the others that it imports anywhere: in a function or for types, too."""
    known = {each.name.removesuffix(".__init__"): each for room in rooms() for each in facts(room)}
    found: dict[str, set[str]] = {}
    for module, each in known.items():
        names = {name for name in each.imports if name.startswith("wltui.")}
        origins = {name if name in known else name.rpartition(".")[0] for name in names}
        found[module] = origins & known.keys() - {module}
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return the nodes of a circle in order, the first again at the end; empty if there is none."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node not in done:
            for following in sorted(graph[node]):
                if found := walk(following, [*path, node]):
                    return found
            done.add(node)
        return []

    return next(filter(None, (walk(node, []) for node in sorted(graph))), [])


def test_modules_form_no_circle() -> None:
    found = circle(imported_modules())
    assert not found, " imports ".join(found)


def test_a_circle_would_be_noticed() -> None:
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": set(), "d": {"b"}}) == ["b", "d", "b"]
    assert circle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []


WITHOUT_A_SCREEN = (
    "wltui.ui.text.",
    *(f"wltui.ui.widgets.table.{name}." for name in ("changes", "columns", "rows", "view")),
)
"""Modules of the screens' room that can be used and tested without Textual."""


def test_texts_and_the_logic_of_tables_need_no_screen() -> None:
    found = {
        module.name
        for module in facts("ui")
        if f"{module.name}.".startswith(WITHOUT_A_SCREEN)
        for name in module.imports
        if name.split(".")[0] == "textual"
    }
    assert not found


def test_each_module_of_the_screens_is_one_subject() -> None:
    places = (ROOT / "wltui" / "ui").rglob("*.py")
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in places}
    assert {name: number for name, number in lines.items() if number > LONGEST_MODULE} == {}


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_known_in_its_home_only(library: str) -> None:
    users = {
        room
        for room in rooms()
        for module in facts(room)
        if any(name.split(".")[0] == library for name in module.imports)
    }
    assert users == HOMES[library]


def test_what_is_not_a_screen_starts_without_large_libraries() -> None:
    names = [
        "cli.main",
        "service.service",
        "config.merge",
        "api.calls",
        "store.response_cache",
        "config.schema",
        "demo",
    ]
    script = f"""
import importlib, sys
for name in {names}:
    importlib.import_module("wltui." + name)
    print(name, *sorted({{"textual", "rich", "httpx", "pyarrow"}} & sys.modules.keys()))
"""
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.splitlines() == names


def test_files_are_made_and_changed_in_one_place() -> None:
    """Those that wltui keeps in one, and those that the user asks for in another."""
    users = {module.name for room in rooms() for module in facts(room) if module.changes_files}
    assert users == {"wltui.store.private_files", "wltui.store.user_files"}


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of the project, whether or not there is a git history around it."""
    kinds = {".md", ".py", ".svg", ".tcss", ".toml", ".txt"}
    folders = (ROOT / name for name in ("benchmarks", "screenshots", "tests", "wltui"))
    paths = [*ROOT.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    for path in [ROOT / ".ci" / "run", *(path for path in paths if path.suffix in kinds)]:
        yield path.relative_to(ROOT), path.read_text("utf-8")


def test_times_of_servers_are_read_where_no_text_can_raise() -> None:
    readers = {"wltui/core/times.py", "wltui/core/compact.py"}
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "wltui").rglob("*.py")
        if "demo" not in path.parts and re.search(r"fromisoformat|strptime", path.read_text("utf-8"))
    }
    assert found == readers, "use wltui.core.times"


def test_no_file_tells_a_secret_or_a_path_of_somebodys_machine() -> None:
    assert {str(path): found for path, text in texts() for found in find_private(text)} == {}


@pytest.mark.parametrize(
    "text",
    [
        "/home/" + "max/x", "see /" + "root/.pyenv", '"/' + 'work"', *(f"gh{kind}_" + "a1" * 18 for kind in "pousr"),
        "github_pat_" + "b2" * 10, "sk-" + "c3" * 10, "/Users/" + "max/x", "AKIA" + "Q" * 16,
        "-----BEGIN RSA " + "PRIVATE KEY-----", "eyJhbGci.eyJzdWIi." + "s" * 43,
    ],
)  # fmt: skip
def test_secrets_and_paths_would_be_noticed(text: str) -> None:
    assert [*find_private(text)]


def requirements(lines: Iterable[str]) -> list[Requirement]:
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def pins(file: str) -> dict[str, str]:
    """Return the one version that a constraints file allows of each package."""
    found = {}
    for pin in requirements((ROOT / file).read_text("utf-8").splitlines()):
        assert str(pin.specifier).startswith("=="), f"{pin.name} is not pinned"
        found[pin.name] = str(pin.specifier).removeprefix("==")
    return found


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def project() -> dict[str, Any]:
    found = pyproject()["project"]
    assert isinstance(found, dict)
    return found


def test_every_dependency_is_pinned_in_its_range() -> None:
    pinned = pins("constraints.txt")
    tools = [*project()["optional-dependencies"]["test"], *pyproject()["dependency-groups"]["lint"]]
    for wanted in requirements([*project()["dependencies"], *tools]):
        assert wanted.specifier.contains(pinned[wanted.name]), f"{wanted} excludes {pinned[wanted.name]}"


def test_the_lowest_versions_are_the_lower_bounds() -> None:
    """.ci/run installs them and runs tests with them, so that the bounds are true."""
    pinned = pins("constraints-lowest.txt")
    for wanted in requirements([*project()["dependencies"], *project()["optional-dependencies"]["keyring"]]):
        (bound,) = [each.version for each in wanted.specifier if each.operator == ">="]
        assert Version(pinned[wanted.name]) == Version(bound), f"{wanted} is not what is tested"


@cache
def classes() -> dict[str, list[Described]]:
    """Return the classes of the package by name; a few names stand for several classes."""
    found: dict[str, list[Described]] = {}
    for room in rooms():
        for module in facts(room):
            for name, described in module.classes:
                found.setdefault(name, []).append(described)
    return found


def described_by_bases(name: str, own: Described) -> set[str]:
    """Return the names of the methods that the package's base classes of a class describe."""
    bases = [(base, each) for base in own.bases - {name} for each in classes().get(base, [])]
    return set().union(*(each.methods | described_by_bases(base, each) for base, each in bases))


def documented(
    tree: ast.Module,
) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the module, its public classes and functions, and the public methods of these classes.

    A method that overrides one which a base class in the package describes is left out.
    """
    yield tree
    bodies: list[tuple[list[ast.stmt], set[str]]] = [(tree.body, set())]
    for body, described in bodies:
        for node in body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            decorators = {ast.unparse(one) for one in node.decorator_list}
            if node.name.startswith("_") or HOOK.match(node.name) or "overload" in decorators:
                continue
            if f"{node.name}.setter" in decorators or node.name in described:
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                bodies.append((node.body, described_by_bases(node.name, describe(node))))


def prose(room: str) -> Iterator[str]:
    """Yield every docstring and comment of a room; docstrings of attributes are among them."""
    for path in sorted((ROOT / "wltui" / room).rglob("*.py")):
        with tokenize.open(path) as file:
            yield from (
                token.string
                for token in tokenize.generate_tokens(file.readline)
                if token.type == tokenize.COMMENT
            )
    for module in facts(room):
        yield from module.docstrings


def per_thousand(pattern: str, words: list[str]) -> float:
    return 1000 * sum(bool(re.fullmatch(pattern, word)) for word in words) / len(words)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_described_in_plain_words(room: str) -> None:
    words = re.findall(r"[a-z]+", " ".join(prose(room)).lower())
    used = {pattern: per_thousand(pattern, words) for pattern in OVERUSED}
    assert {pattern: often for pattern, often in used.items() if often > OVERUSED[pattern]} == {}
    assert per_thousand("returns?", words) >= 3


def test_what_a_base_class_describes_need_not_be_repeated() -> None:
    source = """class Screen(Frame[None]):
    def crumb(self): ...
    def extra(self): ...
"""
    tree = ast.parse(source)
    assert [getattr(node, "name", "") for node in documented(tree)] == ["", "Screen", "extra"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_has_a_docstring(room: str) -> None:
    bare = [
        f"{module}:{getattr(node, 'name', '')}"
        for module, tree in modules(room)
        for node in documented(tree)
        if not ast.get_docstring(node)
    ]
    assert bare == []
