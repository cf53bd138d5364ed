"""Mutants are made by rule: each operator does what its name says, what is no behaviour stays, and names last as long as lines."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from conformance.selftest.mutants import candidates as candidates_module
from conformance.selftest.mutants import operators as operators_module
from conformance.selftest.mutants.candidates import candidates, mutate
from conformance.selftest.mutants.choice import choose
from conformance.selftest.mutants.operators import Operator

ROOT = Path(__file__).parents[3]


def made(body: str, operator: Operator | None = None) -> set[str]:
    """What a function with *body* can become, by the line that changes."""
    text = "def f(self, a, b):\n" + "\n".join(f"    {line}" for line in body.splitlines())
    return {item.after for item in candidates("m", text) if operator is None or item.operator is operator}


@pytest.mark.parametrize(
    ("operator", "body", "wanted"),
    [
        (Operator.COMPARISON, "a = a < b", {"a = a <= b"}),
        (Operator.COMPARISON, "a = a < b <= 3", {"a = a <= b <= 3", "a = a < b < 3"}),
        (Operator.COMPARISON, "if a in b:\n    self.go()", {"if a not in b:"}),
        (Operator.ARITHMETIC, "a = a + b", {"a = a - b"}),
        (Operator.ARITHMETIC, "a += b", {"a -= b"}),
        (Operator.ARITHMETIC, "a = -b", {"a = b"}),
        (Operator.BOOLEAN, "a = a and b", {"a = a or b"}),
        (Operator.BOOLEAN, "a = not b", {"a = b"}),
        (Operator.CONSTANT, "a = 7", {"a = 8"}),
        (Operator.CONSTANT, "a = True", {"a = False"}),
        (Operator.RETURN, "return a", {"return None"}),
        (Operator.CONDITION, "if a:\n    self.go()", {"if not a:"}),
        (Operator.CONDITION, "a = [x for x in b if x]", {"a = [x for x in b if not x]"}),
        (Operator.STATEMENT, "self.go()", {"pass"}),
        (Operator.STATEMENT, "self.gone = a", {"pass"}),
        (Operator.STATEMENT, "raise a", {"pass"}),
        (Operator.LOOP, "for x in a:\n    break", {"for x in ():", "continue"}),
        (Operator.EXCEPTION, "try:\n    self.go()\nexcept ValueError:\n    pass", {"except ():"}),
        (Operator.EXCEPTION, "with suppress(ValueError):\n    self.go()", {"with suppress():"}),
    ],
)
def test_operators(operator: Operator, body: str, wanted: set[str]) -> None:
    """Each operator makes its changes and no others."""
    assert made(body, operator) == wanted


def test_defaults_of_parameters() -> None:
    """A default is changed as a constant is, and counts as an operator of its own."""
    found = candidates("m", "def f(a=3, *, b=False):\n    pass")
    assert {(item.operator, item.after) for item in found} == {
        (Operator.DEFAULT, "def f(a=4, *, b=False):"),
        (Operator.DEFAULT, "def f(a=3, *, b=True):"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "__all__ = [1]\nX = 1 + 2",
        "class A:\n    __slots__ = (1,)\n    x: int = 1",
        'def f():\n    """Words."""',
        "def f():\n    x: int\n    assert x > 1, 'words'",
        "def f(x: Literal[1] = None) -> Literal[2]:\n    pass",
        "def f():\n    log.info('words', number=1)\n    self._log.warning(1 + 2)",
        "def f():\n    x = f'{1 + 2} words'\n    y = 'more' + x",
        "def f():\n    x = isinstance(x, int | float)\n    x = cast(A | B, x)",
        "def __repr__(self):\n    return 1 + 2",
        "def f():\n    x = zip(a, b, strict=True)",
        "class A:\n    def __init__(self):\n        self.x = y",
        "@decorated(1)\ndef f():\n    pass",
    ],
)
def test_what_is_no_behaviour_is_left_out(text: str) -> None:
    """Texts, types, assertions, logs and what would certainly be an error give no mutant."""
    assert [item.diff for item in candidates("m", text)] == []


def test_names_outlive_moves() -> None:
    """Lines added before a mutant leave its name as it is; a change of its line takes the name away."""
    text = "class A:\n    def f(self):\n        self.go(1)\n        self.go(1)\n"
    before = candidates("m", text)
    after = candidates("m", "import os\n\n" + text.replace("def f(self):", "def f(self):\n        x = y"))
    assert [item.id for item in before] == [item.id for item in after]
    assert len({item.id for item in before}) == len(before) == 4
    assert [item.line for item in after] == [item.line + 3 for item in before]
    changed = candidates("m", text.replace("go(1)", "go(3)"))
    assert {item.id for item in changed if item.operator is Operator.CONSTANT} & {item.id for item in before} == set()


def test_a_mutant_changes_one_line() -> None:
    """The mutated module differs from the module in the line that the mutant names, and in no other."""
    path = ROOT / "simulators" / "paper.py"
    text = path.read_text()
    lines = ast.unparse(ast.parse(text)).splitlines()
    for mutant in candidates("simulators.paper", text):
        changed = ast.unparse(mutate(mutant, text)).splitlines()
        assert sum(one != two for one, two in zip(lines, changed, strict=True)) == 1, mutant.diff


def test_a_mutant_that_is_gone_is_refused() -> None:
    """A change of a line that is no more is an error, and never another mutant."""
    (mutant,) = candidates("m", "def f():\n    go()")
    with pytest.raises(LookupError, match="any more"):
        mutate(mutant, "def f():\n    gone()")


def test_covered_lines() -> None:
    """The lines of a mutant are those of its statement; of a compound one, of what stands before its body."""
    mutants = {item.after: item for item in candidates("m", "def f():\n    if a(\n        1\n    ):\n        go()\n")}
    assert list(mutants["if not a(1):"].lines) == [2, 3, 4]
    assert list(mutants["pass"].lines) == [5]


def test_the_choice_is_even_and_fixed() -> None:
    """The same candidates give the same mutants; each module gives as many as the others, as far as it has them."""
    many = candidates("many", "def f():\n" + "".join(f"    go({number})\n" for number in range(2, 40)))
    few = candidates("few", "def f():\n    go(1)\n")
    chosen = choose([*many, *few], 12)
    assert chosen == choose(reversed([*many, *few]), 12)
    assert sum(item.module == "few" for item in chosen) == 2
    assert len(chosen) == 12
    assert set(choose(many[1:], 12)) >= set(choose(many, 12)) - {many[0]}
    assert {item.id for item in choose(many, 12, seed=1)} != {item.id for item in choose(many, 12, seed=2)}


@pytest.mark.parametrize("module", [candidates_module, operators_module])
def test_the_tool_knows_nothing_of_the_checks(module: object) -> None:
    """What makes mutants imports the standard library and itself, and nothing of the suite."""
    file = getattr(module, "__file__", "")
    assert isinstance(file, str)
    tree = ast.parse(Path(file).read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    own = "conformance.selftest.mutants.operators"
    assert [name for name in names if name != own and name.partition(".")[0] not in sys.stdlib_module_names] == []
