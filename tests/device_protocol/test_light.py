"""The contract is light: types, states, errors and the blocking form start with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from device_protocol import CONTRACT_REVISION, Driver, Form
from device_protocol.blocking import Inbox, run_queue
from device_protocol.driver import as_driver
from device_protocol.revision import supported

ROOT = Path(__file__).parents[2]


def test_standard_library_is_enough() -> None:
    """Design 2: a bare interpreter without site-packages imports the contract, and nothing heavy comes along."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import device_protocol, device_protocol.blocking, device_protocol.plain, device_protocol.states\n"
        "import device_protocol.state_docs, device_protocol.vocabularies.sane, device_protocol.vocabularies.rest\n"
        "assert not {'trio', 'numpy', 'asyncio'} & set(sys.modules), sorted(sys.modules)\n"
        "print(device_protocol.CONTRACT_REVISION)"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(CONTRACT_REVISION)


def test_a_newer_revision_is_not_supported() -> None:
    """The handshake refuses what it cannot know."""
    assert supported(CONTRACT_REVISION)
    assert not supported(CONTRACT_REVISION + 1)
    assert not supported(0)


def test_a_queue_is_a_main_loop() -> None:
    """The default loop of a blocking driver runs calls in order and leaves when the host goes away; a wake-up follows each call."""
    inbox = Inbox()
    done: list[int] = []
    woken: list[int] = []
    inbox.on_wake(lambda: woken.append(1))
    inbox.put(lambda: done.append(1))
    inbox.put(lambda: done.append(2))
    inbox.close()
    run_queue(inbox)
    assert done == [1, 2]
    assert len(woken) == 3
    assert inbox.closed


def test_a_queue_polls_while_idle() -> None:
    """A driver that must poll its device gets its turn when no call waits."""
    inbox = Inbox()
    turns: list[int] = []

    def idle() -> None:
        turns.append(1)
        if len(turns) == 3:
            inbox.close()

    run_queue(inbox, idle, interval=0.001)
    assert len(turns) == 3
    with pytest.raises(TimeoutError):
        Inbox().get(0)


def test_a_class_that_nobody_installed_is_a_driver() -> None:
    """`--driver module:factory` takes a Driver, or a factory that says its form; anything else is refused by name."""

    def mine(config: Mapping[str, Any]) -> object:
        return config

    mine.form = "blocking"  # type: ignore[attr-defined]  # what a class body would say
    mine.version = "7"  # type: ignore[attr-defined]  # the same
    driver = as_driver(mine, "mine")
    assert (driver.form, driver.version) == (Form.BLOCKING, "7")
    assert driver.factory is mine
    ready = Driver("x", Form.TRIO, mine)
    assert as_driver(ready, "y") is ready
    with pytest.raises(TypeError, match="mine: neither"):
        as_driver(object(), "mine")
