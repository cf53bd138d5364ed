"""``flatbed check device``: judge a device by the requirements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from flatbed.verbs.check.options import CheckOrder, takes_order


@takes_order
def device(
    device_id: Annotated[
        str, typer.Argument(metavar="ID", help="Device id, see `flatbed devices`; with --driver the native id.")
    ],
    driver: Annotated[
        str | None, typer.Option(help="module:factory of a driver that is not installed; looked for here first.")
    ] = None,
    devices: Annotated[
        Path | None, typer.Option(help="Devices file of the virtual machines.", exists=True, dir_okay=False)
    ] = None,
    programs: Annotated[int | None, typer.Option(min=0, help="Generated programs to run.")] = None,
    hosted: Annotated[bool, typer.Option("--hosted", help="Run the driver in a worker process.")] = False,
    guarded: Annotated[
        bool, typer.Option("--guarded", help="With the contract's guard in front, as the service has it.")
    ] = False,
    operator: Annotated[
        Literal["none", "ask"],
        typer.Option(
            help="Who loads paper into a device that cannot be controlled: nobody, or you, asked when it is time."
        ),
    ] = "none",
    *,
    order: CheckOrder,
) -> int:
    """Judge one device: a verdict for each requirement, and a file that replays each failure."""
    from flatbed.judging import DeviceOrder, judge_device  # noqa: PLC0415  # imports the suite

    return judge_device(DeviceOrder(device_id, driver, devices, programs, hosted, guarded, operator), order)
