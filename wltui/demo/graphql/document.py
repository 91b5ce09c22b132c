"""Parse GraphQL documents: operations, fragments, and the values in their arguments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r'[\s,\ufeff]+|#[^\n\r]*|(?P<block>"""(?:\\"""|[^\\]|\\(?!"""))*?""")|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<float>-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))|(?P<int>-?\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])"
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
LITERALS = {"true": True, "false": False, "null": None}


class SyntaxProblem(Exception):
    """The text is no GraphQL document."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A use of a variable in a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Directive:
    """``@include`` or ``@skip`` with its arguments."""

    name: str
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True)
class Field:
    """A selected field."""

    name: str
    key: str
    """The name in the answer: its alias, if it has one."""
    arguments: dict[str, object] = field(default_factory=dict)
    """Values as Python has them: enum words are strings, variables stay ``Variable``."""
    directives: list[Directive] = field(default_factory=list)
    selection: "list[Selection] | None" = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A fragment in place: by name, or with a selection of its own."""

    name: str | None
    directives: list[Directive]
    selection: "list[Selection]" = field(default_factory=list)


Selection = Field | Spread


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable as an operation declares it."""

    type: str
    has_default: bool = False
    default: object = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A query, a mutation or a subscription."""

    kind: str
    name: str | None
    variables: dict[str, Declared]
    selection: list[Selection]


@dataclass(slots=True)
class Document:
    """All operations and fragments of a request."""

    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, list[Selection]] = field(default_factory=dict)


def parse_document(text: str) -> Document:
    """Return the parsed document.

    Raises:
        SyntaxProblem: the text is none.
    """
    return _Parser(list(_tokens(text))).document()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise SyntaxProblem(f"unexpected {text[position]!r}")
        position = match.end()
        if match.lastgroup:
            yield match.lastgroup, match[0]
    yield "end", ""


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._position = tokens, 0

    @property
    def _next(self) -> str:
        """The text of the next token, or an empty one for strings, which no mark or keyword equals."""
        kind, text = self._tokens[self._position]
        return "" if kind in ("string", "block") else text

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._position]
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def _accept(self, mark: str) -> bool:
        if self._next != mark:
            return False
        self._take()
        return True

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise SyntaxProblem(f"expected {mark!r}, found {self._tokens[self._position][1]!r}")

    def _name(self) -> str:
        kind, text = self._take()
        if kind != "name":
            raise SyntaxProblem(f"expected a name, found {text!r}")
        return text

    def document(self) -> Document:
        document = Document()
        while self._tokens[self._position][0] != "end":
            if self._accept("fragment"):
                name = self._name()
                self._type_condition()
                self._directives()
                document.fragments[name] = self._selection()
            else:
                document.operations.append(self._operation())
        if not document.operations:
            raise SyntaxProblem("no operation")
        return document

    def _operation(self) -> Operation:
        if self._next == "{":
            return Operation("query", None, {}, self._selection())
        kind = self._name()
        if kind not in ("query", "mutation", "subscription"):
            raise SyntaxProblem(f"unexpected {kind!r}")
        name = self._name() if self._tokens[self._position][0] == "name" else None
        variables = {}
        if self._accept("("):
            while not self._accept(")"):
                self._expect("$")
                variable = self._name()
                self._expect(":")
                variables[variable] = self._declared()
        self._directives()
        return Operation(kind, name, variables, self._selection())

    def _declared(self) -> Declared:
        type = self._type()
        if not self._accept("="):
            return Declared(type)
        return Declared(type, has_default=True, default=self._value())

    def _type(self) -> str:
        if self._accept("["):
            text = f"[{self._type()}]"
            self._expect("]")
        else:
            text = self._name()
        return text + "!" if self._accept("!") else text

    def _type_condition(self) -> None:
        if self._accept("on"):
            self._name()

    def _directives(self) -> list[Directive]:
        found = []
        while self._accept("@"):
            found.append(Directive(self._name(), self._arguments()))
        return found

    def _selection(self) -> list[Selection]:
        self._expect("{")
        found = []
        while not self._accept("}"):
            found.append(self._spread() if self._accept("...") else self._field())
        if not found:
            raise SyntaxProblem("an empty selection")
        return found

    def _spread(self) -> Selection:
        named = self._tokens[self._position][0] == "name" and self._next != "on"
        if named:
            return Spread(self._name(), self._directives())
        self._type_condition()
        return Spread(None, self._directives(), self._selection())

    def _field(self) -> Selection:
        key = name = self._name()
        if self._accept(":"):
            name = self._name()
        arguments, directives = self._arguments(), self._directives()
        return Field(name, key, arguments, directives, self._selection() if self._next == "{" else None)

    def _arguments(self) -> dict[str, object]:
        return self._pairs(")") if self._accept("(") else {}

    def _pairs(self, end: str) -> dict[str, object]:
        pairs: dict[str, object] = {}
        while not self._accept(end):
            name = self._name()
            self._expect(":")
            pairs[name] = self._value()
        return pairs

    def _value(self) -> object:
        kind, text = self._take()
        match kind, text:
            case "mark", "$":
                return Variable(self._name())
            case "mark", "[":
                items = []
                while not self._accept("]"):
                    items.append(self._value())
                return items
            case "mark", "{":
                return self._pairs("}")
            case "int", _:
                return int(text)
            case "float", _:
                return float(text)
            case "string", _:
                return ESCAPE.sub(_unescape, text[1:-1])
            case "block", _:
                return text[3:-3].replace('\\"""', '"""').strip("\n")
            case "name", _:
                return LITERALS.get(text, text)
        raise SyntaxProblem(f"unexpected {text!r}")


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else ESCAPES.get(code, code)
