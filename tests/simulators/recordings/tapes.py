"""What the tests of recordings share: ways to record and to replay, in process and on the virtual clock."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.runner.check import judge_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import Target
from conformance.selftest import SCANNER
from device_protocol.aio import Backend
from device_protocol.testing import Jumper, run
from simulators.recordings import Head, Recorder, Recording, save
from simulators.recordings.driver import factory

Opener = Callable[[], AbstractAsyncContextManager[Backend]]


def recording_of(recorder: Recorder, native: str = SCANNER, **head: Any) -> Recording:
    """What a recorder has noted, as a recording."""
    return Recording(
        Head(device=f"tests:{native}", native=native, **head), recorder.entries, recorder.pages, recorder.blobs
    )


def play(file: Path, name: str = SCANNER) -> AbstractAsyncContextManager[Backend]:
    """The device in a file, called *name*; it takes the time that was recorded, which costs nothing on the virtual clock."""
    return factory({"files": {name: str(file)}, "neighbours": True})


async def recorded(
    opener: Opener, client: Callable[[Backend], Awaitable[Any]], file: Path, native: str = SCANNER
) -> Any:
    """Let *client* use a backend, and write down what happened; gives what the client gave."""
    recorder = Recorder()
    async with opener() as inner:
        backend = recorder.wrap(inner)
        result = await client(backend)
        backend.over()
    save(recording_of(recorder, native), file)
    return result


@dataclass(frozen=True, slots=True)
class _Opened(Target):
    """A target that is opened by a function."""

    opener_: Opener | None = None
    recorder: Recorder | None = None

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Backend]:
        assert self.opener_ is not None
        async with self.opener_() as inner:
            if self.recorder is None:
                yield inner
                return
            backend = self.recorder.wrap(inner)
            yield backend
            backend.over()

    def in_process(self) -> bool:
        return True


def verdicts(opener: Opener, only: Collection[str] | None = None, recorder: Recorder | None = None) -> dict[str, str]:
    """The suite's verdicts on the device ``scanner`` of a backend, by requirement."""
    options = CheckOptions(only=only, programs=0, replay_dir=None)
    target = _Opened("tests", SCANNER, opener_=opener, recorder=recorder)
    result = run(functools.partial(judge_device, target, options), clock=Jumper())
    return {item.id: item.verdict.value for item in result.judgements}
