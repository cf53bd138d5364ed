"""Candidates: every mutant that a module's text has, each with a name that lasts as long as the line it changes. Standard library only.

Left out by rule, because it is no behaviour or certainly dead: docstrings and all texts with what is formatted into them, annotations and the types of
``isinstance`` and ``cast``, ``__all__`` and ``__slots__`` (whatever stands outside of functions), decorators, assertions, calls that write a log,
``__repr__`` and ``__str__``, ``strict=`` of zip; and see ``operators``.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.selftest.mutants.operators import Operator, changes, is_logging

_WORDS = frozenset({"__repr__", "__str__"})
_TYPES_OF = {"isinstance": 1, "issubclass": 1, "cast": 0}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SHOWN = 60
"""Characters of a line that are shown on either side of a change."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line.

    Attributes:
        module: dotted name.
        function: qualified name of the function that is changed.
        operator: what was done.
        before, after: the statement's first line, as it was and as it is.
        occurrence: counts, from 0, mutants of the function that are alike in all of these.
        line: where it stands now; not part of the name.
        last: the last line of the statement (of its head, if others follow in it).
    """

    module: str
    function: str
    operator: Operator
    before: str
    after: str
    occurrence: int
    line: int
    last: int

    @property
    def id(self) -> str:
        """A name that stays while the line stays, wherever the line moves to in its function."""
        parts = (self.module, self.function, self.operator.value, self.before, self.after, str(self.occurrence))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]

    @property
    def lines(self) -> range:
        """The lines of the statement."""
        return range(self.line, self.last + 1)

    @property
    def place(self) -> str:
        """Module and function."""
        return f"{self.module}:{self.function}"

    @property
    def diff(self) -> str:
        """What changed, in one line, cut round the change."""
        before, after = _cut(self.before, self.after)
        return f"{before}  →  {after}"


@dataclass(frozen=True, slots=True)
class _Site:
    """A node, where it hangs, and what it is part of."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    function: str
    statement: ast.AST
    default: bool = False

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def candidates(module: str, text: str) -> list[Mutant]:
    """All mutants of a module, in the order of its text."""
    return [mutant for mutant, _, _ in _all(module, ast.parse(text))]


def mutate(mutant: Mutant, text: str) -> ast.Module:
    """The module with the change made.

    Raises:
        LookupError: *text* has no such candidate.
    """
    tree = ast.parse(text)
    for found, site, node in _all(mutant.module, tree):
        if found.id == mutant.id:
            site.put(ast.copy_location(node, site.node))
            return ast.fix_missing_locations(tree)
    raise LookupError(f"{mutant.place} has no {mutant.diff!r} any more")


def _all(module: str, tree: ast.Module) -> Iterator[tuple[Mutant, _Site, ast.AST]]:
    alike: Counter[tuple[str, ...]] = Counter()
    for site in list(_in_scope(tree, "")):
        for operator, node in changes(site.node, constructor=site.function.endswith("__init__")):
            kind = Operator.DEFAULT if site.default and operator is Operator.CONSTANT else operator
            before = head(site.statement)
            site.put(node)
            after = head(node if site.node is site.statement else site.statement)
            site.put(site.node)
            key = (site.function, kind.value, before, after)
            first, last = _extent(site.statement)
            yield Mutant(module, site.function, kind, before, after, alike[key], first, last), site, node
            alike[key] += 1


def _in_scope(scope: ast.Module | ast.ClassDef, name: str) -> Iterator[_Site]:
    """The nodes within the functions of a module or a class."""
    for item in scope.body:
        if isinstance(item, ast.ClassDef):
            yield from _in_scope(item, _joined(name, item.name))
        elif isinstance(item, _FUNCTIONS):
            yield from _in_function(item, name)


def _in_function(function: ast.FunctionDef | ast.AsyncFunctionDef, outside: str) -> Iterator[_Site]:
    if function.name in _WORDS:
        return
    name = _joined(outside, function.name)
    for field in ("defaults", "kw_defaults"):
        for index, value in enumerate(getattr(function.args, field)):
            if value is not None:
                yield _Site(function.args, field, index, value, name, function, default=True)
    for index, statement in enumerate(function.body):
        yield from _at(function, "body", index, statement, name, function)


def _at(
    parent: ast.AST, field: str, index: int | None, node: ast.AST, name: str, statement: ast.AST
) -> Iterator[_Site]:
    """*node* and what is within it."""
    if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
        statement = node
    if isinstance(node, _FUNCTIONS):
        yield from _in_function(node, name)
    elif isinstance(node, ast.ClassDef):
        yield from _in_scope(node, _joined(name, node.name))
    elif not _left_out(parent, field, index, node):
        yield _Site(parent, field, index, node, name, statement)
        for inner, place, child in _children(node):
            yield from _at(node, inner, place, child, name, statement)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield field, index, item


def _left_out(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> bool:
    """Whether *node* is no behaviour, with all that is within it."""
    match node:
        case ast.JoinedStr() | ast.Assert() | ast.pattern() | ast.expr_context() | ast.operator():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.keyword(arg="strict"):
            return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "zip"
        case _ if is_logging(node) or field in {"annotation", "returns"}:
            return True
    if isinstance(parent, ast.Call) and field == "args" and isinstance(parent.func, ast.Name):
        return _TYPES_OF.get(parent.func.id) == index
    return False


def head(node: ast.AST) -> str:
    """The first line of a statement, without what is nested in it."""
    shallow = copy.copy(node)
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        if isinstance(getattr(shallow, field, None), list):
            setattr(shallow, field, [ast.Pass()] if field in {"body", "handlers"} else [])
    match shallow:
        case ast.Try() | ast.TryStar():
            return "try:"
        case ast.ExceptHandler():
            return f"except {ast.unparse(shallow.type)}:" if shallow.type is not None else "except:"
        case ast.match_case():
            guard = f" if {ast.unparse(shallow.guard)}" if shallow.guard is not None else ""
            return f"case {ast.unparse(shallow.pattern)}{guard}:"
        case ast.Match():
            return f"match {ast.unparse(shallow.subject)}:"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            shallow.decorator_list = []
    text = ast.unparse(ast.fix_missing_locations(shallow))
    nested = isinstance(
        node,
        ast.If | ast.While | ast.For | ast.AsyncFor | ast.With | ast.AsyncWith | ast.FunctionDef | ast.AsyncFunctionDef,
    )
    return text.rsplit("\n", 1)[0] if nested else text


def _extent(statement: ast.AST) -> tuple[int, int]:
    """The lines of a statement, or of what stands before the statements in it; of a function, the lines of its body."""
    if isinstance(statement, ast.match_case):
        return statement.pattern.lineno, max(statement.pattern.lineno, statement.body[0].lineno - 1)
    assert isinstance(statement, ast.stmt | ast.ExceptHandler)
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    if isinstance(statement, _FUNCTIONS):
        return statement.body[0].lineno, last
    body = getattr(statement, "body", None)
    return first, max(first, min(last, body[0].lineno - 1)) if isinstance(body, list) and body else last


def _joined(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name else inner


def _cut(before: str, after: str) -> tuple[str, str]:
    """Both lines, cut round where they differ."""
    before, after = " ".join(before.split()), " ".join(after.split())
    start = next(
        (i for i, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), min(len(before), len(after))
    )
    start = max(0, start - SHOWN)
    return _shortened(before, start), _shortened(after, start)


def _shortened(text: str, start: int) -> str:
    part = text[start : start + 2 * SHOWN]
    return f"{'… ' if start else ''}{part}{' …' if start + len(part) < len(text) else ''}"
