"""The HTML report: complete, self-contained, escaped, and it works in a browser."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from conformance.bench import Command, Encoded
from conformance.reports.badge import badge
from conformance.reports.html import HtmlReport
from conformance.reports.html.collected import COMMANDS_KEPT, PICTURES_KEPT, Collected
from conformance.reports.html.pictures import picture_of
from conformance.requirements import Subject
from conformance.runner.check import check_device
from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    CommandDone,
    PageSeen,
    PlanMade,
    RunEvent,
    RunFinished,
    RunStarted,
)
from conformance.runner.options import CheckOptions
from conformance.runner.targets import Target
from conformance.verdicts import Exit, Judgement, Level, Verdict
from tests.browser import browser

NOW = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
EVIL = "<script>alert(1)</script>\"'&\ud800\x00"
FAILED = Judgement(
    "SET-01", Level.MUST, Verdict.FAIL, EVIL, "Text.", "Clause", (f"session.get({EVIL})",), "s", "dir/SET-01.json", 0.5
)


def report(path: Path, *events: RunEvent, judgements: tuple[Judgement, ...] = (FAILED,)) -> str:
    """The page about a run with these events."""
    handler = HtmlReport(path, NOW)
    for event in (
        RunStarted(EVIL, EVIL, 2, 7, False, subject=Subject.SERVICE, environment={"python": EVIL}),
        PlanMade((), "any"),
        CheckStarted("SET-01", "check"),
        *events,
        *(CheckFinished(item) for item in judgements),
        RunFinished(judgements, Exit.FAILURES, 1.0, 0),
    ):
        handler(event)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page_of_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report about a device of the lab."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    target = Target("virtual", "feeder", {"time": "instant"})
    options = CheckOptions(only={"SCAN-09", "DATA-13", "LIFE-01"}, programs=2, replay_dir=None)
    check_device(target, options, [HtmlReport(path, NOW)])
    return path


def test_it_tells_everything_about_a_run(page_of_a_run: Path) -> None:
    """Matrix, text, clause and reason of each requirement, commands, pages with what the oracle read, and the environment."""
    text = page_of_a_run.read_text()
    for word in (
        "virtual:feeder",
        "SCAN-09",
        "DATA-13",
        "Why it matters",
        "revision 2",
        "2026-11-25 12:00 UTC",
        "python",
    ):
        assert word in text
    assert "session 1.start(" in text
    assert text.count('<img src="data:image/png;base64,') >= 2
    assert "<polygon" in text, "the marks that the oracle found"
    assert ">clean</span>" in text


def test_it_needs_nothing_beside_it(page_of_a_run: Path) -> None:
    """No address leads out of the file, and its own policy forbids it."""
    text = page_of_a_run.read_text()
    assert "default-src 'none'" in text
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]*", text)
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_what_a_target_says_stays_text(tmp_path: Path) -> None:
    """A device can call itself anything and answer anything: none of it becomes markup, and a lone surrogate does not end the run."""
    command = Command(1, 0.0, "SET-01", "session 1", EVIL, EVIL, result=EVIL, took=0.1)
    text = report(tmp_path / "report.html", CommandDone(command))
    assert "alert(1)" in text
    assert "<script>alert" not in text
    assert "flatbed replay dir/SET-01.json" in text


def test_it_keeps_within_bounds() -> None:
    """Of a million commands and a thousand pages it keeps the last and the first few, and says how many there were."""
    run = Collected()
    run.take(CheckStarted("SET-01", "check"))
    for number in range(COMMANDS_KEPT + 5):
        run.take(CommandDone(Command(number, float(number), "SET-01", "session 1", "get", "")))
    kept = run.checks["SET-01"]
    assert (len(kept.commands), kept.left_out, kept.commands[-1].number) == (COMMANDS_KEPT, 5, COMMANDS_KEPT + 4)
    for _ in range(PICTURES_KEPT + 3):
        run.take(PageSeen("SET-01", "page", Encoded("image/png", png())))
    assert (len(kept.pictures), kept.pages) == (PICTURES_KEPT, PICTURES_KEPT + 3)


def png() -> bytes:
    """A small picture."""
    import io  # noqa: PLC0415  # only here

    from PIL import Image  # noqa: PLC0415  # only here

    file = io.BytesIO()
    Image.new("L", (40, 30), 200).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken", b"\xff\xd8\xff\xe0" + bytes(50)])
def test_what_is_no_picture_is_left_out(data: bytes) -> None:
    """A check has judged it already; the report neither fails nor shows it."""
    assert picture_of(PageSeen("DATA-10", "page", Encoded("image/png", data))) is None


def test_it_works_in_a_browser(tmp_path: Path) -> None:
    """Failures stand open, a click in the matrix opens the requirement it leads to, and the filter leaves what was asked for; no error in the console."""
    passed = Judgement("LIFE-01", Level.MUST, Verdict.PASS, text="Opens idle.", seconds=0.1)
    path = tmp_path / "report.html"
    report(path, judgements=(passed, FAILED))
    with browser() as chromium:
        page = chromium.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        assert page.locator("#SET-01").get_attribute("open") is not None
        assert page.locator("#LIFE-01").get_attribute("open") is None
        page.click('a[href="#LIFE-01"]')
        page.wait_for_selector("#LIFE-01[open]")
        page.select_option("#which", "fail")
        assert page.locator("#LIFE-01").is_hidden()
        assert page.locator("#SET-01").is_visible()
        page.select_option("#which", "")
        page.fill("#words", "opens idle")
        assert page.locator("#SET-01").is_hidden()
        assert page.locator("#shown").inner_text() == "1 of 2"
        assert said == []


@pytest.mark.parametrize(
    ("verdicts", "exit_", "words"),
    [
        ([Verdict.PASS] * 3, Exit.CLEAN, "3 pass"),
        ([Verdict.PASS, Verdict.KNOWN], Exit.CLEAN, "1 pass, 1 known"),
        ([Verdict.PASS, Verdict.FAIL, Verdict.STALE], Exit.FAILURES, "2 fail, 1 pass"),
        ([Verdict.PASS, Verdict.WARN], Exit.FAILURES, "not clean, 1 pass"),
        ([Verdict.HARNESS_ERROR], Exit.HARNESS, "harness error"),
    ],
)
def test_the_badge_never_looks_better_than_the_run(verdicts: list[Verdict], exit_: Exit, words: str) -> None:
    """Its words follow the exit status; what is known stays visible."""
    judgements = tuple(Judgement(f"SET-{n:02}", Level.MUST, verdict) for n, verdict in enumerate(verdicts, 1))
    text = badge(RunFinished(judgements, exit_, 1.0, 0))
    assert f"flatbed check: {words}<" in text
    assert ("#2b7a4b" in text) == (exit_ is Exit.CLEAN)
