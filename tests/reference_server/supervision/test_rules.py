"""The monitor's rules, without processes: how long to wait, what an ending means, what a dump keeps, when the heart beats."""

from __future__ import annotations

import os
import signal
import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import ServerConfig
from reference_server.errors import StartError
from reference_server.supervision.dumps import KEPT, TAIL_BYTES, write_dump
from reference_server.supervision.ending import Ending
from reference_server.supervision.heart import beating
from reference_server.supervision.monitored import Monitored, Word
from reference_server.supervision.patience import Crashes, Patience
from reference_server.supervision.start import supervise

TERM, INT = signal.SIGTERM, signal.SIGINT


def test_delays() -> None:
    """They grow by the factor up to the most; a quiet time begins a new row; after so many crashes in a row it is over."""
    crashes = Crashes(Patience(first_delay=1, factor=3, most_delay=10, quiet=60, crashes=6))
    assert [crashes.another(0) for _ in range(4)] == [1, 3, 9, 10]
    assert crashes.another(59.9) == 10
    assert crashes.another(60) == 1
    assert [crashes.another(0) for _ in range(5)] == [3, 9, 10, 10, None]


@pytest.mark.parametrize(
    ("facts", "restarts", "code", "crashed"),
    [
        ({"code": 0}, 0, 0, False),
        ({"code": 0, "signalled": True}, 0, None, False),
        ({"code": 0, "signalled": True, "told": TERM}, 0, 0, False),
        ({"code": 0, "told": INT}, 3, 0, False),
        ({"code": 2, "ready": False}, 0, 2, False),
        ({"code": 2, "ready": False}, 1, None, True),
        ({"code": 2}, 0, None, True),
        ({"code": 1}, 0, None, True),
        ({"code": -9}, 0, None, True),
        ({"code": -6, "hung": True}, 0, None, True),
        ({"code": -15, "told": TERM, "ready": False}, 0, 143, False),
        ({"code": 130, "told": INT, "ready": False}, 0, 130, False),
        ({"code": -15, "told": INT, "ready": False}, 0, 130, False),
        ({"code": -11, "told": TERM}, 0, 1, True),
        ({"code": 1, "told": TERM}, 0, 1, True),
        ({"code": -9, "told": TERM, "hung": True}, 0, 1, True),
    ],
)
def test_endings(facts: dict[str, object], restarts: int, code: int | None, crashed: bool) -> None:
    """Which ending ends the monitor too and with what code, and which is a crash: clean ends and ends before the start was done are none."""
    usual = {"pid": 4711, "ran": 1.0, "ready": True, "hung": False, "signalled": False, "told": None}
    ending = Ending(**usual | facts)  # type: ignore[arg-type]  # by name
    assert (ending.exit_code(restarts), ending.crashed(restarts)) == (code, crashed)
    assert "4711" in ending.words


def test_dumps(tmp_path: Path) -> None:
    """The newest ten are kept, each private, with facts and the end of what was printed, and without secrets."""
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    output = b"early" + b"x" * TAIL_BYTES + b"late token-of-the-control \xff"
    paths = [
        write_dump(tmp_path, begun + timedelta(seconds=number), [f"crash {number}"], output, ["token-of-the-control"])
        for number in range(KEPT + 3)
    ]
    assert sorted((tmp_path / "dump").iterdir()) == paths[3:]
    text = paths[-1].read_text()
    assert f"crash {KEPT + 2}\n" in text
    assert text.endswith("late [redacted] \\xff")
    assert "early" not in text
    assert len(text) < TAIL_BYTES + 1000
    assert stat.S_IMODE(paths[-1].stat().st_mode) == 0o600


def test_the_heart_beats() -> None:
    """The service tells its monitor each second that its loop turns, also while it starts and ends; when nobody hears it, it goes on."""

    async def main() -> None:
        heard, words = os.pipe()
        os.set_blocking(words, False)
        monitored = Monitored({}, 1, "", words)
        await beating(monitored, partial(trio.sleep, 3.5))
        assert os.read(heard, 100) == Word.BEAT.value * 4
        await beating(monitored, partial(trio.sleep, 66_000))
        assert len(os.read(heard, 100_000)) == 65_536, "the pipe was full"
        os.close(heard)
        os.close(words)

    run(main, clock=Jumper())


async def test_a_start_that_fails_is_told_as_it_is() -> None:
    """The error of the start comes out of the heart as itself, not in a group."""

    async def serve() -> None:
        raise StartError("no port")

    with pytest.raises(StartError, match="no port"):
        await beating(Monitored({}, 1, "", -1), serve)


@pytest.mark.parametrize(("system", "wanted"), [("darwin", True), ("win32", True), ("linux", False)])
def test_no_monitor(system: str, wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot do it the service runs alone and that is said; where nobody wants it nothing is said."""
    said: list[str] = []
    alone: list[ServerConfig] = []

    def run_alone(config: ServerConfig, _announce: object) -> int:
        alone.append(config)
        return 7

    monkeypatch.setattr("reference_server.supervision.start.run_alone", run_alone)
    monkeypatch.setattr("reference_server.supervision.start.sys", SimpleNamespace(platform=system))
    config = ServerConfig(tmp_path, port=0, supervise=wanted)
    assert supervise(config, said.append) == 7
    assert alone == [config]
    assert ["no monitor" in line for line in said] == ([True] if wanted else [])
