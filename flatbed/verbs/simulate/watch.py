"""``flatbed simulate watch``: what became of a stream of test cards."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out


def watch(
    source: Annotated[str, typer.Argument(metavar="URL|FILE", help="An MJPEG stream over HTTP, or a Y4M file.")],
    frames: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Of a stream, at most so long.")] = 10.0,
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Read the frames of a virtual camera back and judge them: drops, repeats, tears, order, rate and, of a stream, latency."""
    from dataclasses import asdict  # noqa: PLC0415  # with the rest

    from sheets.test_card import judge  # noqa: PLC0415  # imports numpy
    from simulators.footage import FootageError, watch_file, watch_stream  # noqa: PLC0415  # imports the machines

    streams = source.startswith(("http://", "https://"))
    try:
        seen = watch_stream(source, frames, seconds) if streams else watch_file(source, frames)
    except FootageError as error:
        fail(
            Exit.USAGE,
            str(error),
            "`flatbed simulate mjpeg` serves streams, `flatbed simulate y4m -o FILE` writes files.",
        )
    found = judge(seen)
    if as_json_:
        as_json({"schema": 1, "source": source, "clean": found.clean, **asdict(found)})
    else:
        for name, value in asdict(found).items():
            if value is not None:
                out(f"  {name.replace('_', ' '):<16} {value:g}")
    return Exit.OK if found.clean else Exit.FAILED
