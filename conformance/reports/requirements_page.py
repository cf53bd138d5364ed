"""The pages of documentation about the requirements, one for each subject, made from the registry."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.requirements import REVISION, Requirement, Status, Subject, of

_TITLES = {
    Subject.DEVICE: ("Requirements on devices", "flatbed check device ID"),
    Subject.SERVICE: ("Requirements on scanning services", "flatbed check service URL"),
    Subject.ESCL: ("Requirements on eSCL scanners", "flatbed check escl URL"),
    Subject.SANE: ("Requirements on SANE back ends", "flatbed check sane NAME"),
}


def requirements_markdown(subject: Subject) -> str:
    """The page of one subject."""
    title, command = _TITLES[subject]
    rows = list(of(subject).values())
    return "\n".join([f"# {title}", "", *_head(command, rows), "", *_body(rows)]) + "\n"


def _head(command: str, rows: list[Requirement]) -> Iterator[str]:
    active = sum(row.status is Status.ACTIVE for row in rows)
    yield f"Generated from `conformance/requirements/`, revision {REVISION}: {len(rows)} requirements, {active} active. `{command}` judges by them."
    yield "MUST that is broken is a failure, SHOULD a warning (a failure with `--strict`). An id is never used again for something else."
    yield "`flatbed explain ID` says more, and shows how a seeded defect dies by it."


def _body(rows: list[Requirement]) -> Iterator[str]:
    family = ""
    for row in rows:
        if row.family != family:
            family = row.family
            yield f"## {family}"
            yield ""
        yield f"### {row.id}"
        yield ""
        yield f"**{row.level.value}** {row.text}"
        yield ""
        if row.why:
            yield f"- Why: {row.why}"
        yield f"- From: {row.clause}"
        if row.gate is not None:
            yield f"- Applies to: a target with {row.gate.words}"
        if row.status is not Status.ACTIVE:
            yield f"- {row.status.value.capitalize()}: {row.why_planned or 'reported, never a failure'}"
        yield f"- Dies by it: {', '.join(f'`{name}`' for name in row.kills)}"
        yield ""
