"""``flatbed check sane``: judge a SANE back end by its C interface."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.verbs.check.options import CheckOrder, takes_order


@takes_order
def sane(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Device as SANE calls it, see `scanimage -L`.")],
    sane_config: Annotated[
        Path | None,
        typer.Option("--sane-config", metavar="DIR", help="SANE_CONFIG_DIR; without it, test:N gets one of ours."),
    ] = None,
    library: Annotated[
        str,
        typer.Option(help="A libsane, or one back end alone: libsane-NAME.so with symbols sane_NAME_..."),
    ] = "libsane.so.1",
    wrap: Annotated[
        str,
        typer.Option(metavar="WORDS", help="Run the worker under this: 'valgrind -q --error-exitcode=9'."),
    ] = "",
    deadline_scale: Annotated[
        float, typer.Option("--deadline-scale", metavar="N", help="Multiply all deadlines, for slow devices.")
    ] = 1.0,
    level: Annotated[
        int,
        typer.Option(help="0 library and devices, 1 and options, 2 and scans, 3 and long scans.", min=0, max=3),
    ] = 2,
    *,
    order: CheckOrder,
) -> int:
    """Judge a SANE back end through the raw C interface, below any driver, in a process that may crash or hang."""
    from flatbed.sane_judging import SaneOrder, judge_sane  # noqa: PLC0415  # imports the suite

    return judge_sane(SaneOrder(name, sane_config, library, wrap, deadline_scale, level), order)
