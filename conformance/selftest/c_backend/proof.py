"""Short sequences of calls that show what a back end does, without any check: the proof that a defect is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.outcomes import leaf
from conformance.sane.nest import Nest, WorkerSettings
from conformance.sane.process import WorkerLostError, worker

Step = tuple[str, Mapping[str, Any]]
Script = tuple[Step, ...]

_WITH_HANDLE = frozenset(
    {
        "close",
        "descriptor",
        "snapshot",
        "control",
        "get_parameters",
        "start",
        "read",
        "cancel",
        "set_io_mode",
        "get_select_fd",
        "drain",
        "race",
    }
)
LIMIT = 4 << 20


def call(verb: str, **arguments: Any) -> Step:
    """One call."""
    return verb, arguments


def script(*parts: Step | Script) -> Script:
    """A script from calls and pieces of scripts."""
    found: list[Step] = []
    for part in parts:
        if len(part) == 2 and isinstance(part[0], str):
            found.append(part)
        else:
            found.extend(part)
    return tuple(found)


INIT, EXIT, CLOSE = call("init", version=True), call("exit"), call("close")
START, CANCEL, SNAPSHOT, PARAMETERS = call("start"), call("cancel"), call("snapshot"), call("get_parameters")
LISTED, LOCAL = call("get_devices", local=False), call("get_devices", local=True)
IDLE_READ = call("read", size=64)
END = call("end")


def opened(name: str = "zoo:0") -> Step:
    """``sane_open``."""
    return call("open", name=name)


def control(index: int, action: int, words: int | str | None = 0, *, size: int = 4, info: bool = True) -> Step:
    """``sane_control_option`` with a word or a text."""
    if isinstance(words, str):
        data: bytes | None = words.encode("ascii").ljust(size, b"\0")
    else:
        data = None if words is None else words.to_bytes(4, "little", signed=True).ljust(size, b"\0")
    return call("control", index=index, action=action, value=None if data is None else data.hex(), info=info)


def drain(*sizes: int, stop_after: int = 0, fill: int = 0xA5) -> Step:
    """Reads."""
    return call("drain", sizes=list(sizes) or [32768], limit=LIMIT, stop_after=stop_after, fill=fill)


OPEN = script(INIT, opened())
SCAN = script(OPEN, START, drain())


async def observe(nest: Nest, settings: WorkerSettings, steps: Script) -> tuple[str, ...]:
    """What the calls of *steps* give on a new worker, without addresses and times; a crash or a hang is the last of it."""
    seen: list[str] = []
    handle = 0
    try:
        async with worker(nest, settings) as process:
            for verb, arguments in steps:
                if verb == "end":
                    seen.append(f"end {await process.end()}")
                    continue
                own = {"handle": handle} if verb in _WITH_HANDLE else {}
                answer = await process.ask(verb, **own, **arguments)
                if verb == "open":
                    same, handle = answer["handle"] == handle, answer["handle"]
                    answer = {"status": answer["status"], "null": not handle, "same": same}
                seen.append(f"{verb} {json.dumps(_steady(verb, answer), sort_keys=True)}")
    except Exception as error:  # noqa: BLE001  # only a lost worker is something to see
        cause = leaf(error)
        if not isinstance(cause, WorkerLostError):
            raise cause from None
        seen.append(f"lost: {cause.loss.kind}")
    return tuple(seen)


def _steady(verb: str, answer: Mapping[str, Any]) -> Any:
    """An answer without what differs from run to run."""
    if verb == "race":
        return {"late": answer["late"] > 1, "back": answer["cancel_s"] is not None}
    if verb == "resources":
        return {"files": len(answer["files"]), "threads": answer["threads"]}
    if verb == "descriptor":
        return _option(answer["option"], 0)
    if verb == "snapshot":
        first = next((option["address"] for option in answer["options"] if option is not None), 0)
        return {"options": [_option(option, first) for option in answer["options"]], "values": answer["values"]}
    return dict(answer)


def _option(option: Mapping[str, Any] | None, first: int) -> Any:
    """A descriptor, its address only where it can be compared: relative to another one."""
    return None if option is None else {**option, "address": option["address"] - first if first else 0}
