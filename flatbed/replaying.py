"""What ``flatbed simulate replay`` does: says what a recording holds, and judges it again."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Any

from conformance.runner.check import judge_device as judge
from conformance.runner.options import CheckOptions
from conformance.runner.targets import Target
from device_protocol.testing import run
from flatbed.interrupting import interruptible
from flatbed.local_host import REPLAY, driver_config
from flatbed.recording import suite_options
from simulators.recordings import Head, Recording, load_head


def summary(recording: Recording) -> dict[str, Any]:
    """What a recording holds, for people and machines."""
    head = recording.head
    return {
        "device": head.device,
        "maker": head.info.maker if head.info is not None else "",
        "model": head.info.model if head.info is not None else head.native,
        "made": head.made,
        "recorder": head.maker,
        "drive": head.drive,
        "seed": head.seed,
        "private": head.private,
        "complete": head.complete,
        "calls": len(recording.entries),
        "pages": len(recording.pages),
        "verdicts": dict(Counter(head.suite.get("verdicts", {}).values())),
    }


def compare(file: Path, head: Head) -> list[dict[str, str]]:
    """Judge the replay as the recorded device was judged; gives the verdicts that differ.

    Raises:
        ValueError: the recording names requirements that do not exist here.
    """
    target = Target(REPLAY, str(file), driver_config(None, f"{REPLAY}:{file}")[REPLAY])
    options = suite_options(head.suite)
    result = run(functools.partial(interruptible, judge, target, options), seed=options.seed, clock=target.clock())
    recorded = head.suite["verdicts"]
    replayed = {item.id: item for item in result.judgements}
    return [
        {
            "id": name,
            "recorded": recorded.get(name, "nothing"),
            "replayed": replayed[name].verdict.value if name in replayed else "nothing",
            "evidence": replayed[name].evidence if name in replayed else "",
        }
        for name in sorted({*recorded, *replayed})
        if name not in replayed or recorded.get(name) != replayed[name].verdict.value
    ]


def recorded_options(device: str) -> CheckOptions | None:
    """The options with which the device ``replay:FILE`` was judged when it was recorded; None for other devices and for scans.

    Raises:
        RecordingError: the file is no recording.
    """
    driver, _, file = device.partition(":")
    if driver != REPLAY or not file:
        return None
    suite = load_head(Path(file)).suite
    return suite_options(suite) if suite else None
