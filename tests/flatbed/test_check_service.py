"""``flatbed check service``: command lines that make no sense, before anything is asked of anybody."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from flatbed.exits import Exit
from flatbed.verbs.check import app

HERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("nowhere",), "http://127.0.0.1:18622"),
        ((HERE, "--control", "http://127.0.0.1:2"), "--token"),
        ((HERE, "--control", "http://127.0.0.1:2#t", "--operator", "ask"), "exclude"),
        ((HERE, "--operator", "ask"), "terminal"),
        ((HERE, "--only", "CAM"), "CAM"),
    ],
)
def test_usage(words: tuple[str, ...], hint: str) -> None:
    """What makes no sense is told with what would."""
    done = CliRunner().invoke(app, ["service", *words])
    assert done.exit_code == Exit.USAGE, done.output
    assert hint in " ".join(done.output.split())


def test_nobody_is_there() -> None:
    """A port at which nobody listens is exit status 4, and a sentence."""
    done = CliRunner().invoke(app, ["service", HERE])
    assert done.exit_code == Exit.UNREACHABLE
    assert "no connection to 127.0.0.1:1" in " ".join(done.output.split())
