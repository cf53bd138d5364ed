"""What a check of a back end has in its hands: the C calls, typed, and two ways to say that something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.bench import Log
from conformance.outcomes import Broken, Untestable
from conformance.requirements import Requirement
from conformance.sane.facts import SaneFacts
from conformance.sane.model import Answer, Device, Frame, Option, Snapshot, option_from
from conformance.sane.process import Worker
from device_protocol.vocabularies.sane_abi import Action, Parameters, Status, status_name

RACE_S = 5.0
"""What a cancel from another thread may take once all reads have ended."""
ABANDONED_READ, ABANDONED_READS, ABANDONED_BYTES = 1 << 18, 256, 64 << 20
"""What is read at most of a scan that was cancelled."""
MOST_TOLD = 5
"""Things that are told of one requirement; more of the same help nobody."""


@dataclass
class Tally:
    """What was looked at, in the words of SANE's own tester: each single check, and what came of it."""

    checks: int = 0
    infos: int = 0
    warnings: int = 0
    errors: int = 0

    def line(self) -> str:
        """As ``tstbackend`` ends."""
        return f"{self.checks} checks, {self.infos} infos, {self.warnings} warnings, {self.errors} errors"


@dataclass
class Complaint:
    """Something that is wrong, told when the check is over."""

    evidence: str
    point: str


@dataclass
class Desk:
    """One check's.

    Attributes:
        row: the requirement.
        facts: of first contact.
        worker: with the library loaded and nothing called.
        device_name: as typed.
        level: how deep to look (0 to 3).
        seed: of every choice.
        note: says something to whoever watches.
        calls: the last native calls before the first thing that was wrong.
    """

    row: Requirement
    facts: SaneFacts
    worker: Worker
    device_name: str
    level: int
    log: Log
    seed: int
    note: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    complaints: list[Complaint] = field(default_factory=list)
    calls: tuple[str, ...] = ()
    running: bool = False
    ended: bool = False
    statuses: list[tuple[str, int]] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)

    # -- judging -------------------------------------------------------------------------------------------------------

    def expect(self, holds: bool, evidence: str, point: str = "") -> bool:
        """Something that must hold; the check goes on either way, and fails at its end if it did not."""
        self.tally.checks += 1
        if not holds:
            self.calls = self.calls or self.worker.last_calls()
            self.complaints.append(Complaint(evidence, point))
        return holds

    def require(self, holds: bool, evidence: str, point: str = "") -> None:
        """Something that must hold, or the check makes no sense from here on.

        Raises:
            Broken: it does not.
        """
        if not self.expect(holds, evidence, point):
            self.settle()

    def promised(self, holds: bool, evidence: str) -> None:
        """Something that another requirement is about, and this one needs.

        Raises:
            Untestable: it does not hold.
        """
        self.tally.checks += 1
        if not holds:
            raise Untestable(evidence)

    def settle(self) -> None:
        """The check is over.

        Raises:
            Broken: something was wrong.
        """
        if not self.complaints:
            return
        first, told = self.complaints[0], [item.evidence for item in self.complaints[:MOST_TOLD]]
        more = len(self.complaints) - len(told)
        raise Broken(self.row.id, "; ".join(told) + (f"; and {more} more" if more else ""), first.point)

    # -- the calls -----------------------------------------------------------------------------------------------------

    async def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """A command of the worker, logged."""
        words = ", ".join(f"{key}={value}" for key, value in arguments.items() if key != "handle")
        command = self.log.begin("sane", verb, words)
        try:
            answer = await self.worker.ask(verb, **arguments)
        except BaseException as error:
            self.log.finish(command, error=f"{type(error).__name__}: {error}")
            raise
        said = {**answer}
        if "status" in said:
            self.statuses.append((verb, said["status"]))
        result = status_name(said.pop("status")) if "status" in said else ""
        if verb in {"descriptors", "snapshot"}:
            said = {"options": len(answer["options"])}
        self.log.finish(command, f"{result} {said or ''}".strip()[:240])
        return answer

    async def init(self, *, version: bool = True) -> tuple[int, int, str]:
        """``sane_init``: status, version word, damage."""
        answer = await self.ask("init", version=version)
        self.running = answer["status"] == Status.GOOD
        return answer["status"], answer["version"], answer["hurt"]

    async def exit(self) -> None:
        """``sane_exit``."""
        self.running = False
        self.handles.clear()
        await self.ask("exit")

    async def begin(self) -> None:
        """Init, for checks that are not about it."""
        if not self.running:
            status, _, _ = await self.init()
            self.promised(self.running, f"sane_init gives {status_name(status)}")

    async def devices(self, *, local: bool = False) -> tuple[int, tuple[Device, ...] | None]:
        """``sane_get_devices``."""
        answer = await self.ask("get_devices", local=local)
        found = answer["devices"]
        return answer["status"], None if found is None else tuple(Device(*item) for item in found)

    async def devices_again(self) -> tuple[Device, ...]:
        """What stands now where the last list stood (4.3.3)."""
        return tuple(Device(*item) for item in (await self.ask("devices_again"))["devices"])

    async def open_status(self, name: str) -> tuple[int, int]:
        """``sane_open``: status and handle."""
        answer = await self.ask("open", name=name)
        if answer["status"] == Status.GOOD and answer["handle"]:
            self.handles.append(answer["handle"])
        return answer["status"], answer["handle"]

    async def close(self, handle: int) -> None:
        """``sane_close``."""
        if handle in self.handles:
            self.handles.remove(handle)
        await self.ask("close", handle=handle)

    async def open(self) -> Opened:
        """The device, open, with its descriptors; what it does on the way is promised by other requirements."""
        await self.begin()
        status, handle = await self.open_status(self.device_name)
        self.promised(
            status == Status.GOOD and handle != 0, f"sane_open({self.device_name!r}) gives {status_name(status)}"
        )
        device = Opened(self, handle)
        await device.reload()
        return device

    async def end(self) -> int | None:
        """Have the process end by itself; nothing can be called afterwards."""
        self.ended = True
        return await self.worker.end()

    async def tidy(self) -> None:
        """Leave the device as a good client does."""
        if self.ended:
            return
        for handle in self.handles:
            await self.worker.ask("cancel", handle=handle)
            await self.worker.ask("close", handle=handle)
        if self.running:
            await self.worker.ask("exit")


class Opened:
    """An open device.

    Attributes:
        handle: its address.
        options: the descriptors as they were read last.
    """

    def __init__(self, desk: Desk, handle: int) -> None:
        self.desk = desk
        self.handle = handle
        self.options: tuple[Option, ...] = ()

    async def reload(self) -> tuple[Option, ...]:
        """Read all descriptors: after opening, and after every RELOAD_OPTIONS (4.3.7). SANE's own tester forgets it (sane-escl 1.5)."""
        count = await self.count()
        self.options = await self.descriptors(count)
        return self.options

    async def count(self) -> int:
        """The value of option 0."""
        await self.desk.ask("descriptor", handle=self.handle, index=0)
        answer = await self.control(0, Action.GET_VALUE, bytes(4))
        count = int.from_bytes(answer.value, sys.byteorder, signed=True)
        self.desk.promised(answer.good and 0 < count <= 4096, f"option 0 gives {answer.name} and {count}")
        return count

    async def descriptors(self, count: int) -> tuple[Option, ...]:
        """Those of 0 to *count* - 1."""
        answer = await self.desk.ask("descriptors", handle=self.handle, count=count)
        missing = [index for index, item in enumerate(answer["options"]) if item is None]
        self.desk.promised(not missing, f"there is no descriptor {missing[:1]}, though option 0 counts {count}")
        return tuple(option_from(item) for item in answer["options"])

    async def control(self, index: int, action: int, value: bytes | None, *, info: bool = True) -> Answer:
        """``sane_control_option``."""
        answer = await self.desk.ask(
            "control",
            handle=self.handle,
            index=index,
            action=int(action),
            value=None if value is None else value.hex(),
            info=info,
        )
        return Answer(answer["status"], bytes.fromhex(answer["value"] or ""), answer["info"], answer["hurt"])

    async def get(self, option: Option) -> Answer:
        """Its value."""
        return await self.control(option.index, Action.GET_VALUE, bytes(max(0, option.size)))

    async def set(self, option: Option, value: bytes | None, *, info: bool = True) -> Answer:
        """Set it, and read the descriptors again if it says so."""
        answer = await self.control(option.index, Action.SET_VALUE, value, info=info)
        if answer.good and (answer.info & 2 or not info):
            await self.reload()
        return answer

    async def auto(self, option: Option, value: bytes | None = None) -> Answer:
        """Have the back end choose; a value is of no meaning then, and its place may be a null pointer (4.3.7)."""
        answer = await self.control(option.index, Action.SET_AUTO, value)
        if answer.good and answer.info & 2:
            await self.reload()
        return answer

    def find(self, name: str) -> Option | None:
        """The option called *name*."""
        return next((item for item in self.options if item.name == name and not item.group), None)

    async def put(self, name: str, value: int | str) -> bool:
        """Set an option by name, if it is there and can be set now; whether that worked."""
        option = self.find(name)
        if option is None or not option.settable:
            return False
        data = option.from_text(value) if isinstance(value, str) else option.from_word(value)
        return (await self.set(option, data)).good

    async def snapshot(self) -> Snapshot:
        """All descriptors and all values, read now."""
        answer = await self.desk.ask("snapshot", handle=self.handle)
        missing = [index for index, item in enumerate(answer["options"]) if item is None]
        self.desk.promised(not missing, f"there is no descriptor {missing[:1]}")
        self.options = tuple(option_from(item) for item in answer["options"])
        values = {int(index): bytes.fromhex(value) for index, value in answer["values"].items() if value is not None}
        return Snapshot(self.options, values)

    async def parameters(self) -> tuple[int, Parameters]:
        """``sane_get_parameters``, unjudged: ``last_frame`` as it is."""
        answer = await self.desk.ask("get_parameters", handle=self.handle)
        return answer["status"], Parameters(*answer["parameters"])

    async def start(self) -> int:
        """``sane_start``."""
        return int((await self.desk.ask("start", handle=self.handle))["status"])

    async def read(self, size: int) -> tuple[int, int, str]:
        """``sane_read``: status, length, damage."""
        answer = await self.desk.ask("read", handle=self.handle, size=size)
        return answer["status"], answer["length"], answer["hurt"]

    async def drain(self, sizes: list[int], limit: int, *, stop_after: int = 0, fill: int = 0xA5) -> Frame:
        """Reads until the end of a frame, or *stop_after* of them."""
        answer = await self.desk.ask(
            "drain", handle=self.handle, sizes=sizes, limit=limit, stop_after=stop_after, fill=fill
        )
        return Frame(**answer)

    async def dash(self, sizes: list[int], limit: int) -> tuple[int, int, Frame | None]:
        """``sane_start``, non-blocking mode and reads at once: both statuses, and the frame if both are GOOD."""
        answer = await self.desk.ask("dash", handle=self.handle, sizes=sizes, limit=limit)
        started, mode = answer.pop("started"), answer.pop("mode")
        return started, mode, Frame(**answer) if answer else None

    async def race(self, size: int, limit: int, *, delay: float = 0.0, reads: int = 0) -> Frame:
        """Reads while another thread cancels."""
        patience = RACE_S * self.desk.worker.deadline_scale
        words = {"size": size, "limit": limit, "delay": delay, "reads": reads, "patience": patience}
        answer = await self.desk.ask("race", handle=self.handle, **words)
        return Frame(**answer)

    async def cancel(self) -> None:
        """``sane_cancel``."""
        await self.desk.ask("cancel", handle=self.handle)

    async def abandon(self) -> None:
        """Cancel, and read until there is no more, as careful clients do: some back ends go on until then, and SANE-62 is about those."""
        await self.cancel()
        await self.drain([ABANDONED_READ], ABANDONED_BYTES, stop_after=ABANDONED_READS)

    async def close(self) -> None:
        """``sane_close``."""
        await self.desk.close(self.handle)
