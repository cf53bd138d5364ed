"""The log: structured, bounded, and without secrets (service-behaviour.md S-114 to S-116)."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from device_protocol.testing import Jumper, run
from reference_server.log import LogLevel, RotatingFile, start_logging
from tests.reference_server.client import JOBS, lab

SECRET = "s3cret-licence-key"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Each test leaves structlog as it was."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_no_secret_reaches_the_log(tmp_path: Path) -> None:
    """Licences in headers old and new and in bodies, passwords and tokens are in no line, at the most verbose level and whatever is wrong with the request."""

    async def main() -> None:
        async with lab(tmp_path, log_level=30) as it:
            file = start_logging(tmp_path / "server.log", it.service.log_level)
            headers = {
                "DWT-PRODUCT-KEY": SECRET,
                "X-DICS-LICENSE-KEY": SECRET,
                "DWT-DOC-PASSWORD": SECRET,
                "Authorization": f"Bearer {SECRET}",
                "Cookie": SECRET,
            }
            for body in (
                {"license": SECRET},
                {"license": [SECRET]},
                {"config": {"Resolution": SECRET}},
                b"{" + SECRET.encode(),
            ):
                await it.client.request("POST", JOBS, body, headers)
            await it.client.request("POST", JOBS, {}, headers | {"Origin": "http://evil.example"})
            log = structlog.get_logger("x")
            log.info("deep", body={"license": SECRET, "list": [{"Password": SECRET}]}, token=SECRET)
            file.close()

    run(main, clock=Jumper())
    text = (tmp_path / "server.log").read_text()
    assert SECRET not in text
    assert "[redacted]" in text
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [201, 400, 400, 400, 403]
    assert len({line["request"] for line in requests}) == 5
    assert next(line for line in lines if line["event"] == "refused")["flag"] == "--allow-origin"
    assert stat.S_IMODE((tmp_path / "server.log").stat().st_mode) == 0o600


def test_answers_do_not_repeat_secrets(tmp_path: Path) -> None:
    """A body with a licence of the wrong type is refused without the value."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {"license": {"key": SECRET}})
            assert reply.status == 400
            assert SECRET.encode() not in reply.body

    run(main, clock=Jumper())


def test_level_zero_is_silent(tmp_path: Path) -> None:
    """At level 0 nothing is written; PATCH /server turns the log on from the next line."""

    async def main() -> None:
        async with lab(tmp_path, log_level=0) as it:
            file = start_logging(tmp_path / "server.log", it.service.log_level)
            await it.client.get("/api/server")
            assert file.size == 0
            await it.client.request("PATCH", "/api/server", {"logLevel": 1})
            assert file.size > 0
            file.close()

    run(main, clock=Jumper())


def test_files_are_rotated(tmp_path: Path) -> None:
    """A full file gives way to a new one, only so many old ones are kept, and nothing grows beyond that."""
    file = RotatingFile(tmp_path / "server.log", limit=100, keep=2)
    for number in range(50):
        file.write_line(f"{number:020}")
    file.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["server.1.log", "server.2.log", "server.log"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 330
    assert (tmp_path / "server.1.log").read_text().splitlines()[-1] == f"{49:020}"


def test_terminal_gets_words(tmp_path: Path) -> None:
    """On a terminal lines are words without debug details, and errors of the service show their traceback in the file."""
    terminal = io.StringIO()
    file = start_logging(tmp_path / "server.log", LogLevel(1), terminal)
    log = structlog.get_logger("x")
    log.info("hello", name="world")
    log.debug("detail")
    try:
        int("oops")
    except ValueError:
        log.exception("failed")
    file.close()
    assert "hello name=world" in terminal.getvalue()
    assert "detail" not in terminal.getvalue()
    assert (
        "ValueError: invalid literal" in json.loads((tmp_path / "server.log").read_text().splitlines()[2])["exception"]
    )
