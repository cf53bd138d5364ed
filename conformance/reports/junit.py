"""The report for CI: JUnit XML, one test case for each requirement."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET  # written, never parsed

from conformance.runner.events import RunEvent, RunFinished, RunStarted
from conformance.verdicts import Judgement, Verdict

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not know."""

_SKIPPED = {Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED, Verdict.NEEDS_OPERATOR, Verdict.KNOWN}


class JUnitReport:
    """Writes *path* at the end of a run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: RunStarted | None = None

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        match event:
            case RunStarted():
                self._started = event
            case RunFinished():
                assert self._started is not None, "a run that finishes has started"
                self._path.write_text(document(self._started, event), encoding="utf-8")
            case _:
                pass


def document(started: RunStarted, finished: RunFinished) -> str:
    """The XML."""
    cases = [_case(judgement, started.target) for judgement in finished.judgements]
    suite = ET.Element(
        "testsuite",
        name=f"flatbed check {started.subject.value} {_clean(started.target)}",
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=f"{finished.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("revision", started.revision),
        ("seed", started.seed),
        ("model", started.model),
        ("baseline", started.baseline),
    ):
        ET.SubElement(properties, "property", name=name, value=_clean(str(value)))
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(judgement: Judgement, target: str) -> ET.Element:
    family = judgement.id.partition("-")[0]
    case = ET.Element(
        "testcase",
        classname=f"{_clean(target).replace('.', '_')}.{family}",
        name=f"{judgement.id} {_clean(judgement.text)}",
        time=f"{judgement.seconds:.3f}",
    )
    message = _clean(f"{judgement.verdict.value}: {judgement.evidence}")
    if judgement.verdict is Verdict.HARNESS_ERROR:
        ET.SubElement(case, "error", message=message, type=judgement.verdict.value).text = _details(judgement)
    elif judgement.verdict.broken:
        ET.SubElement(case, "failure", message=message, type=judgement.verdict.value).text = _details(judgement)
    elif judgement.verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=message)
    elif judgement.verdict is Verdict.WARN:
        ET.SubElement(case, "system-out").text = _clean(f"{message}\n{_details(judgement)}")
    return case


def _details(judgement: Judgement) -> str:
    lines = [judgement.evidence, f"clause: {judgement.clause}", *judgement.steps]
    if judgement.replay:
        lines.append(f"flatbed replay {judgement.replay}")
    return _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _ILLEGAL.sub("�", text)
