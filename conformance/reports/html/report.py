"""The handler that writes the HTML report, and what its template gets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from conformance.bench import Command
from conformance.reports.html.collected import CheckRecord, Collected
from conformance.reports.words import ENDS, SYMBOLS
from conformance.requirements import EVERY
from conformance.runner.events import RunEvent, RunFinished
from conformance.runner.result import summary
from conformance.verdicts import Judgement, Verdict

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Bar:
    """One command on the timeline of its check, in percent of the check's time."""

    command: Command
    left: float
    width: float


class HtmlReport:
    """Collects a run and writes *path* at its end.

    Args:
        path: file to write; its folder is there.
        now: the date of the report; default: now.
    """

    def __init__(self, path: Path, now: dt.datetime | None = None) -> None:
        self._path = path
        self._now = now
        self._collected = Collected()

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        self._collected.take(event)
        if isinstance(event, RunFinished):
            now = self._now or dt.datetime.now(dt.UTC)
            self._path.write_text(document(self._collected, now), encoding="utf-8", errors="replace")


def document(run: Collected, now: dt.datetime) -> str:
    """The HTML of a run that has finished; every text of the target is escaped."""
    started, finished = run.started, run.finished
    assert started is not None, "a run that finishes has started"
    assert finished is not None, "only a finished run is written"
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html.j2")
    counts = summary(finished.judgements)
    return template.render(
        started=started,
        finished=finished,
        plan=run.plan,
        programs=run.programs,
        date=now.strftime("%Y-%m-%d %H:%M UTC"),
        end=ENDS[finished.exit],
        clean=not finished.exit,
        verdicts=[(verdict, counts[verdict.value]) for verdict in Verdict if counts[verdict.value]],
        symbols=SYMBOLS,
        families=_families(finished.judgements),
        entries=[_entry(judgement, run.checks.get(judgement.id)) for judgement in finished.judgements],
        slowest=_slowest(finished.judgements),
        style=(HERE / "report.css").read_text(encoding="utf-8"),
        script=(HERE / "report.js").read_text(encoding="utf-8"),
    )


def _families(judgements: tuple[Judgement, ...]) -> dict[str, list[Judgement]]:
    families: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        families.setdefault(judgement.id.partition("-")[0], []).append(judgement)
    return families


def _entry(judgement: Judgement, record: CheckRecord | None) -> dict[str, Any]:
    row = EVERY.get(judgement.id)
    told = record or CheckRecord()
    return {
        "verdict": judgement,
        "why": row.why if row else "",
        "text": judgement.text or (row.text if row else ""),
        "clause": judgement.clause or (row.clause if row else ""),
        "open": judgement.verdict.broken or judgement.verdict in {Verdict.WARN, Verdict.HARNESS_ERROR},
        "record": told,
        "bars": list(_bars(told)),
    }


def _bars(record: CheckRecord) -> Iterator[Bar]:
    if not record.commands:
        return
    begin = record.commands[0].at
    whole = max(max(command.at + command.took for command in record.commands) - begin, 1e-9)
    for command in record.commands:
        left = 100 * (command.at - begin) / whole
        yield Bar(command, round(left, 2), round(max(100 * command.took / whole, 0.4), 2))


def _slowest(judgements: tuple[Judgement, ...]) -> list[tuple[Judgement, float]]:
    """The checks that took longest, with their share of the longest in percent."""
    ranked = sorted((item for item in judgements if item.seconds > 0), key=lambda item: -item.seconds)[:12]
    return [(item, round(100 * item.seconds / ranked[0].seconds, 1)) for item in ranked]
