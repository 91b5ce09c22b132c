"""A stylesheet that matches its rules once for each kind of widget, and not once for each widget of each screen.

Which rules apply to a widget depends only on the types, ids, classes and pseudo classes of the widget and of those
around it. These are the same whenever a screen opens, and matching is half of the work of styling.
"""

from collections.abc import Callable, Hashable, Mapping, Set
from typing import Any, ClassVar, NamedTuple, cast

from textual.css.model import RuleSet
from textual.css.styles import RenderStyles, RulesMap, Styles
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

MOST = 4_000
"""Kinds of widgets that are remembered; a session of all screens has some hundreds."""
_OF_PLACE = frozenset(
    {"first-of-type", "last-of-type", "first-child", "last-child", "odd", "even", "focus-within", "empty"}
)
"""Pseudo classes that depend on other widgets than those around one."""
_OF_APP = ("dark", "light", "ansi", "nocolor", "inline")
"""Pseudo classes that are the same for all widgets."""


class _Kind(NamedTuple):
    """What is known of widgets with the same type, id and classes."""

    pseudo_classes: frozenset[str]
    """Those that rules for such a widget mention."""
    dynamic: tuple[str, ...] | None
    """Those that rules for it and its parts mention, and that each widget has or not; None if they depend on more."""
    of_app: tuple[str, ...]
    """Those of them that all widgets have or not."""


class _Styled(NamedTuple):
    """The outcome of matching: what all widgets with the same key get."""

    rules: RulesMap | None
    """The rules that apply; None if there are none."""
    values: Mapping[str, object] | None
    """The styles of a widget that had none before; None if that is not known yet."""
    parts: Mapping[str, Styles]
    """The styles of its component classes."""


class _Memory:
    """What was found by one list of rules."""

    def __init__(self) -> None:
        self.kinds: dict[Hashable, _Kind] = {}
        self.styled: dict[Hashable, _Styled] = {}


class _PartStyles(RenderStyles):
    """The styles of a widget's component class, on the background of this widget; others share the rules."""

    def __init__(self, owner: DOMNode, part: str, shared: Styles) -> None:
        super().__init__(owner, shared, Styles())
        self._owner, self._part = owner, part
        self._virtual: DOMNode | None = None

    @property
    def node(self) -> DOMNode:
        """The virtual node that Textual makes for each component class; few of them are ever needed."""
        if self._virtual is None:
            self._virtual = DOMNode(classes=self._part)
            self._virtual._attach(self._owner)
            self._virtual.styles.base.merge(self.base)
        return self._virtual


class MatchingStylesheet(Stylesheet):
    """Textual's stylesheet, which remembers the outcome of matching until its rules change."""

    memories: ClassVar[dict[tuple[RuleSet, ...], _Memory] | None] = None
    """What all stylesheets with the same rules share, if a process has many apps, as that of tests has."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._memory = _Memory()
        self._matched: object = None
        """The list of rules by which that in ``_memory`` was found."""

    def apply(
        self, node: DOMNode, *, animate: bool = False, cache: dict[tuple[Any, ...], RulesMap] | None = None
    ) -> None:
        """Give a node the styles of the rules that apply to it."""
        if self.rules is not self._matched:
            self._matched = self._rules
            self._memory = _Memory()
            if self.memories is not None:
                self._memory = self.memories.setdefault(tuple(self._rules), self._memory)
        elif len(self._memory.styled) > MOST:
            self._memory.kinds.clear()
            self._memory.styled.clear()
        memory = self._memory
        path = node.css_path_nodes
        own = _identity(node)
        kind = memory.kinds.get(own) or self._learn_kind(own, node)
        if kind.dynamic is None:
            super().apply(node, animate=animate, cache=cache)
            return
        key = (
            own,
            *map(_identity, path[:-1]),
            *(_has(each, name) for name in kind.dynamic for each in path),
            *(_has(path[0], name) for name in kind.of_app),
        )
        if (styled := memory.styled.get(key)) is not None:
            self._put_on(node, kind, styled, animate=animate)
            return
        is_bare = _is_bare(node)
        matched: dict[tuple[Any, ...], RulesMap] = {}
        super().apply(node, animate=animate, cache=matched)
        memory.styled[key] = _Styled(
            next(iter(matched.values()), None),
            cast(dict[str, object], node.styles.base.get_rules()) if is_bare else None,
            {part: Styles(None, found.base.get_rules()) for part, found in node._component_styles.items()},
        )

    def _learn_kind(self, own: Hashable, node: DOMNode) -> _Kind:
        pseudo_classes = self._mentioned(node._selector_names)
        with_parts = pseudo_classes.union(
            *(self._mentioned({"*", "DOMNode", f".{part}"}) for part in node._get_component_classes())
        )
        of_app = tuple(name for name in _OF_APP if name in with_parts)
        dynamic = tuple(sorted(with_parts.difference(_OF_APP))) if with_parts.isdisjoint(_OF_PLACE) else None
        kind = self._memory.kinds[own] = _Kind(pseudo_classes, dynamic, of_app)
        return kind

    def _mentioned(self, names: Set[str]) -> frozenset[str]:
        """Return the pseudo classes that the rules mention which these names select."""
        rules = self.rules_map
        return frozenset().union(
            *(rule.pseudo_classes for name in rules.keys() & names for rule in rules[name])
        )

    def _put_on(self, node: DOMNode, kind: _Kind, styled: _Styled, *, animate: bool) -> None:
        """Give a node the styles that another one got, as Textual does after matching."""
        node._has_hover_style = "hover" in kind.pseudo_classes
        node._has_focus_within = node._has_order_style = node._has_odd_or_even = False
        base = node.styles.base
        if styled.rules is None:
            pass
        elif styled.values is None or not (_is_bare(node) or base.get_rules() == styled.values):
            self.replace_rules(node, styled.rules, animate=animate)
        else:
            if not base._rules:
                base.merge_rules(cast(RulesMap, styled.values))
            node.notify_style_update()
        if styled.parts or node._component_styles:
            before = dict(node._component_styles)
            node._component_styles.clear()
            node._component_styles.update(
                {part: _PartStyles(node, part, shared) for part, shared in styled.parts.items()}
            )
            if before != node._component_styles:
                node.refresh()


def _identity(node: DOMNode) -> Hashable:
    return type(node), node.id, node.classes


def _is_bare(node: DOMNode) -> bool:
    """Return whether a node has just been made: no style of it has been seen."""
    return not (node._is_mounted or node.styles.base._rules)


def _has(node: DOMNode, pseudo_class: str) -> bool:
    checks: Mapping[str, Callable[[Any], bool]] = node._PSEUDO_CLASSES
    return pseudo_class in checks and checks[pseudo_class](node)
