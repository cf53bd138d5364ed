"""The matrix of sane-escl 3.3 against the real sane-airscan: each row ends as its data say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio

from device_protocol.control import QUIRKS as ACTION
from sheets import Side
from simulators.escl import Door
from simulators.profiles.quirks import QUIRKS, QuirkRow
from tests.real.escl.airscan import Scan, airscan
from tests.real.escl.doors import door, feeder, flatbed

pytestmark = [pytest.mark.real, pytest.mark.slow]

AT_A_TIME = 8
PATIENCE_S = 15.0
EVERY = os.environ.get("FLATBED_ALL_QUIRKS") == "1"
ROWS = [row for row in QUIRKS if EVERY or row.seconds < PATIENCE_S]
"""Rows at which the driver tries for half a minute are for ``make test-full``."""


async def scan(opened: Door, row: QuirkRow, folder: Path) -> Scan:
    """A scan from the machine that has this quirk."""
    control = await opened.backend.control(row.name)
    await control.perform(ACTION, {"names": [row.name]})
    mode = [] if row.name == "only-gray" else ["--mode=Gray"]
    return await airscan(folder / row.name, opened.urls()[row.name], "--resolution=100", *mode, batch=row.feeder)


async def test_each_quirk_ends_as_the_matrix_says(tmp_path: Path) -> None:
    """Exit status and number of pages of every row; rows run beside each other, since they are mostly waiting; none disturbs another."""
    machines = [(feeder if row.feeder else flatbed)(row.name) for row in ROWS]
    found: dict[str, Scan] = {}
    turn = trio.Semaphore(AT_A_TIME)

    async def run(row: QuirkRow) -> None:
        async with turn:
            found[row.name] = await scan(opened, row, tmp_path)

    async with door(tmp_path, *machines) as opened, trio.open_nursery() as nursery:
        for row in sorted(ROWS, key=lambda row: -row.seconds):
            nursery.start_soon(run, row)
    wrong = [
        f"{row.name}: exit {scan.exit}, {len(scan.pages)} pages; expected {row.sane.value}, {row.pages}; {scan.said}"
        for row in ROWS
        for scan in [found[row.name]]
        if (scan.exit, len(scan.pages)) != (row.sane, row.pages)
    ]
    assert not wrong, "\n".join(wrong)
    for row in ROWS:
        numbers = [(reading.number, reading.side) for reading in found[row.name].readings]
        assert numbers == [(number + 1, Side.FRONT) for number in range(row.pages)], row.name
