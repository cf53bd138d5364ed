"""``flatbed check escl``: judge an eSCL scanner on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from flatbed.verbs.check.options import CheckOrder, takes_order


@takes_order
def escl(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Address of the scanner, for example http://127.0.0.1:8290/eSCL.")
    ],
    root: Annotated[str | None, typer.Option(help="Path of its documents, if it is not in the address.")] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="Further name (and :port) by which it is announced. May be repeated.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Over https, take any certificate.")] = False,
    operator: Annotated[
        Literal["none", "ask"],
        typer.Option(help="Who loads paper and clears jams: nobody, or you, asked when it is time."),
    ] = "none",
    control: Annotated[
        str, typer.Option(help="Address of a virtual scanner's control API, with its token: it is its own operator.")
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what takes minutes.")] = False,
    *,
    order: CheckOrder,
) -> int:
    """Judge an eSCL scanner, whoever made it: our own, AirSane, a printer. It scans, but only small pages."""
    from flatbed.escl_judging import EsclOrder, judge_escl  # noqa: PLC0415  # imports the suite

    return judge_escl(EsclOrder(url, root, tuple(host or ()), insecure, operator, control, quick), order)
