"""The operators: for a node of a syntax tree, what it can be changed into. The usual ones of the field; standard library only.

What is no behaviour is never changed: texts and what is formatted into them, annotations, docstrings, assertions, ``strict=`` of zip.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum


class Operator(StrEnum):
    """What was done to the code."""

    COMPARISON = "comparison"
    """``<`` for ``<=``, ``==`` for ``!=``, ``in`` for ``not in``."""
    ARITHMETIC = "arithmetic"
    """``+`` for ``-``, ``*`` for ``/``, ``|`` for ``&``; a sign is lost."""
    BOOLEAN = "boolean"
    """``and`` for ``or``; a ``not`` is lost."""
    CONSTANT = "constant"
    """A number plus one, True for False."""
    DEFAULT = "default value"
    """The same for the default of a parameter."""
    RETURN = "return value"
    """Nothing is returned."""
    CONDITION = "condition negation"
    """The other branch."""
    STATEMENT = "statement deletion"
    """A call, an assignment to an attribute or an item, a ``del`` or a ``raise`` is left out."""
    LOOP = "loop"
    """``break`` for ``continue``; a loop does not run."""
    EXCEPTION = "exception"
    """What was caught or suppressed is let through."""


COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETICS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.Pow: ast.Mult,
}
_EQUALITIES = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical"})

Change = tuple[Operator, ast.AST]


def changes(node: ast.AST, *, constructor: bool = False) -> Iterator[Change]:
    """All that *node* can be changed into, each a node of its own.

    Args:
        node: an expression, a statement or a handler of exceptions.
        constructor: it stands in ``__init__``, where an attribute that is not set is an error for certain and no mutant.
    """
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BinOp(op=op) if type(op) in ARITHMETICS and not (_is_text(node.left) or _is_text(node.right)):
            yield Operator.ARITHMETIC, ast.BinOp(node.left, ARITHMETICS[type(op)](), node.right)
        case ast.AugAssign(op=op) if type(op) in ARITHMETICS and not _is_text(node.value):
            yield Operator.ARITHMETIC, ast.AugAssign(node.target, ARITHMETICS[type(op)](), node.value)
            yield Operator.STATEMENT, ast.Pass()
        case ast.UnaryOp(op=ast.USub() | ast.Invert()):
            yield Operator.ARITHMETIC, node.operand
        case ast.UnaryOp(op=ast.Not()):
            yield Operator.BOOLEAN, node.operand
        case ast.BoolOp():
            yield Operator.BOOLEAN, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.Constant():
            yield from _constants(node)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield Operator.RETURN, ast.Return(ast.Constant(None))
        case ast.If() | ast.While() | ast.IfExp() if _negatable(node.test):
            yield Operator.CONDITION, _with(node, test=_negated(node.test))
        case ast.comprehension():
            for index, test in enumerate(node.ifs):
                if _negatable(test):
                    ifs = [*node.ifs[:index], _negated(test), *node.ifs[index + 1 :]]
                    yield Operator.CONDITION, _with(node, ifs=ifs)
        case ast.For():
            yield Operator.LOOP, _with(node, iter=ast.Tuple([], ast.Load()))
        case ast.Break():
            yield Operator.LOOP, ast.Continue()
        case ast.Continue():
            yield Operator.LOOP, ast.Break()
        case ast.ExceptHandler(type=ast.expr()):
            yield Operator.EXCEPTION, _with(node, type=ast.Tuple([], ast.Load()))
        case ast.Call(func=ast.Name(id="suppress"), args=[_, *_]):
            yield Operator.EXCEPTION, ast.Call(node.func, [], [])
        case ast.stmt() if _deletable(node, constructor=constructor):
            yield Operator.STATEMENT, ast.Pass()
        case _:
            return


def is_logging(node: ast.AST) -> bool:
    """Whether *node* is a call that writes into a log: its name ends in "log" or "logger"."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING):
        return False
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name.lower().endswith(("log", "logger"))


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for index, op in enumerate(node.ops):
        ops = [*node.ops[:index], COMPARISONS[type(op)](), *node.ops[index + 1 :]]
        yield Operator.COMPARISON, ast.Compare(node.left, ops, node.comparators)


def _constants(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield Operator.CONSTANT, ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield Operator.CONSTANT, ast.Constant(node.value + 1)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _negatable(test: ast.expr) -> bool:
    """Whether a negation says something that no other operator says."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return False
    return not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], _EQUALITIES))


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _deletable(node: ast.stmt, *, constructor: bool) -> bool:
    """Whether the code without *node* can still run. A name that is never bound is an error for certain, so those stay."""
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()):
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            return not is_logging(call)
        case ast.Assign():
            held = all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
            return held and not constructor
        case ast.Delete():
            return True
        case ast.Raise():
            return True
        case _:
            return False


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of *node* with other *fields*; what it holds is shared."""
    return type(node)(**{name: fields.get(name, getattr(node, name)) for name in node._fields})
