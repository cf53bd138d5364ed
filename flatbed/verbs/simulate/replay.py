"""``flatbed simulate replay``: a recording as a device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recording, see `flatbed record`.")],
    check: Annotated[
        bool, typer.Option("--check", help="Judge it as it was judged when it was recorded, and compare the verdicts.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Report for machines.")] = False,
) -> int:
    """Say what is in a recording and how to use it as a device. Exit status with --check: 0 equal verdicts, 1 others."""
    from flatbed.replaying import compare, summary  # noqa: PLC0415  # imports the suite
    from simulators.recordings import RecordingError, load  # noqa: PLC0415  # imports the machines

    try:
        recording = load(file)
    except RecordingError as error:
        fail(Exit.USAGE, error.message, "Record it again, or get the file again.")
    data: dict[str, Any] = {"schema": 1, "file": str(file), **summary(recording)}
    if check:
        if not recording.head.suite:
            fail(Exit.USAGE, f"{file}: was recorded with --scans, so there are no verdicts to compare.")
        data["differences"] = compare(file, recording.head)
    if as_json_:
        as_json(data)
    else:
        _tell(file, data)
    return Exit.FAILED if data.get("differences") else Exit.OK


def _tell(file: Path, data: dict[str, Any]) -> None:
    verdicts = ", ".join(f"{count} {name}" for name, count in data["verdicts"].items())
    out(f"{data['maker']} {data['model']}, recorded as {data['device']} on {data['made']} by {data['recorder']}")
    out(f"  {data['calls']} calls, {data['pages']} pages{', private' if data['private'] else ''}")
    out(f"  verdicts: {verdicts}" if verdicts else "  scans only, no verdicts")
    if not data["complete"]:
        note("flatbed: the recording was cut short; the end is missing.")
    if "differences" in data:
        for item in data["differences"]:
            out(f"  {item['id']}: recorded {item['recorded']}, replayed {item['replayed']}  {item['evidence']}")
        out("the replay gets other verdicts" if data["differences"] else "the replay gets the same verdicts")
        return
    out("Use it as a device:")
    for line in (
        f"flatbed check device replay:{file}",
        f"flatbed scan --device replay:{file} -o out.pdf",
        f"flatbed serve --recording {file}",
    ):
        out(f"  {line}")
