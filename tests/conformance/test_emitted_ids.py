"""Every id of a requirement that the suite can say exists, and those it says most are there to be said."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from conformance.requirements import EVERY
from conformance.requirements.model import ID

ROOT = Path(__file__).parents[2] / "conformance"
FAMILIES = {row.family for row in EVERY.values()}
ALIKE = re.compile(rf"\b(?:{'|'.join(sorted(FAMILIES))})-\d{{2,3}}\b")


def literals() -> dict[str, set[str]]:
    """Ids in the code of the suite, docstrings aside, and the modules that say them."""
    found: dict[str, set[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name in ALIKE.findall(node.value):
                    found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


def test_no_module_says_an_id_that_does_not_exist() -> None:
    """In code, evidence and docstrings: a typing error would be a verdict on nothing."""
    assert {name: places for name, places in literals().items() if name not in EVERY} == {}


def test_every_requirement_is_said_by_a_check_or_is_planned() -> None:
    """A row that no code outside of the registry names is judged by nobody."""
    said = {
        name for name, places in literals().items() if any(not place.startswith("requirements") for place in places)
    }
    assert [row.id for row in EVERY.values() if row.status.value != "planned" and row.id not in said] == []


def test_ids_have_one_form() -> None:
    """A family of three or four letters and a number of two or three digits."""
    assert [name for name in EVERY if not ID.fullmatch(name)] == []
