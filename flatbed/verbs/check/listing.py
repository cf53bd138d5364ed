"""``flatbed check list``: which requirements there are."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out

SUBJECTS = ("device", "service", "escl", "sane")


def list_(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD...]", help="Id, family, beginning of an id, or pattern.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Only those on a device, service, escl or sane.")
    ] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """List the requirements; `flatbed explain ID` says all about one."""
    from conformance.requirements import REVISION, Subject  # noqa: PLC0415  # imports the suite
    from flatbed.explaining import as_data, listed  # noqa: PLC0415  # the same

    if subject is not None and subject not in SUBJECTS:
        fail(Exit.USAGE, f"--subject {subject}: it is one of {', '.join(SUBJECTS)}.")
    try:
        rows = listed(tuple(words or ()), Subject(subject) if subject else None)
    except ValueError as error:
        fail(Exit.USAGE, str(error))
    if as_json_:
        as_json({"schema": 1, "revision": REVISION, "requirements": [as_data(row, traces=False) for row in rows]})
        return Exit.OK
    for row in rows:
        state = "" if row.status.value == "active" else f" ({row.status.value})"
        out(f"{row.id:<9} {row.level.value:<6} {row.text}{state}")
    note(f"{len(rows)} requirements, revision {REVISION}.")
    return Exit.OK
