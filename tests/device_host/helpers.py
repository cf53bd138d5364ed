"""What the tests of the host have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import trio

from device_host import Deadlines, Isolation, open_backend
from device_host.trace import Trace
from device_protocol.aio import Backend, Job, read_all
from device_protocol.pages import PageEnd, PageInfo

MODULE = "tests.device_host.drivers"
FORMS = ("trio_form in-process", "trio_form hosted", "blocking_form hosted")
HOSTED = FORMS[1:]


def soon(verb: str) -> Deadlines:
    """A short deadline for one verb, and the usual ones for the others: a busy machine must not make them fail."""
    return replace(Deadlines(), **{verb: 1.0})


def named(name: str) -> str:
    """The driver *name* of the tests' module."""
    return f"{MODULE}:{name}"


@asynccontextmanager
async def opened(
    form: str,
    config: Mapping[str, Any] | None = None,
    deadlines: Deadlines | None = None,
    trace: Trace | None = None,
) -> AsyncIterator[Backend]:
    """A driver of the tests' module, given as ``NAME ISOLATION``."""
    name, isolation = form.split()
    async with open_backend(
        named(name), config or {}, isolation=Isolation(isolation), deadlines=deadlines or Deadlines(), trace=trace
    ) as backend:
        yield backend


async def misbehave(backend: Backend, **verbs: str) -> None:
    """Tell the driver how to behave from now on."""
    await (await backend.control("one")).perform("misbehave", verbs)


async def all_pages(job: Job) -> list[tuple[PageInfo, bytes, PageEnd]]:
    """Everything that a job brings."""
    pages = []
    while (page := await job.next_page()) is not None:
        data, end = await read_all(page)
        pages.append((page.info, data, end))
    return pages


def alive(pid: int) -> bool:
    """Whether a process still runs; one that waits to be buried does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


async def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Wait until *condition* holds, which something in another process brings about."""
    with trio.fail_after(within):
        while not condition():  # noqa: ASYNC110  # nothing here would wake us
            await trio.sleep(0.005)


async def ends(pid: int, within: float = 15.0) -> bool:
    """Whether a process ends soon."""
    with trio.move_on_after(within):
        await until(lambda: not alive(pid))
    return not alive(pid)
