"""Defects of discovery."""

from __future__ import annotations

from conformance.programs import Command, Do
from conformance.selftest.build import ZooBackend
from conformance.selftest.defects.defect import DEVICES, NEXT, OPEN, READ_ALL, act, defect, get, put, start, steps
from conformance.selftest.machine import Machine
from conformance.selftest.session import ZooSession
from device_protocol import DeviceInfo, DeviceList, TransportFailure


class TwoEqualIds(ZooBackend):
    """Lists one device twice."""

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        found = super().list()
        return (*found, *found[:1])


class EmptyId(ZooBackend):
    """Lists a device without an id."""

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        return (*super().list(), DeviceInfo("", "Ghost"))


class SharedList(ZooBackend):
    """Gives everybody the same list, and changes it."""

    shared: list[DeviceInfo]

    async def devices(self) -> DeviceList:
        """See the contract."""
        found = await super().devices()
        if not hasattr(self, "shared"):
            self.shared = [*found.devices]
        else:
            self.shared.reverse()
        return DeviceList(self.shared)  # type: ignore[arg-type]  # that is the defect


class OpensFirst(ZooBackend):
    """Takes an unknown id for the first device."""

    async def open(self, device_id: str) -> ZooSession:
        """See the contract."""
        return await super().open(device_id if device_id in self.machines else next(iter(self.machines)))


class AllOrNothing(ZooBackend):
    """Finds nothing at all while one of its transports fails."""

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        return () if self.failed_transports else super().list()


class FailureUnreported(ZooBackend):
    """Leaves out what a failing transport would find, and says nothing."""

    def failures(self) -> tuple[TransportFailure, ...]:
        """See the contract."""
        return self.build.failures


class EnumerationResets(ZooBackend):
    """Looking for devices puts the options of an open one back."""

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        for machine in self.machines.values():
            if machine.session is not None:
                machine.session.store.restore_all()
        return super().list()


class EnumerationEndsJobs(ZooBackend):
    """Looking for devices cancels what is being scanned."""

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        for machine in self.machines.values():
            if machine.session is not None and machine.session.job is not None:
                machine.session.job.stop()
        return super().list()


class NeedsFreshList(ZooBackend):
    """Declares direct_open, and opens nothing that was not listed before."""

    listed = False

    def list(self) -> tuple[DeviceInfo, ...]:
        """See the contract."""
        self.listed = True
        return super().list()

    def find(self, device_id: str) -> Machine:
        """See the contract."""
        return super().find(device_id if self.listed else "")


DEFECTS = (
    defect("two-equal-ids", "DISC-01", "lists one device twice", steps(DEVICES), backend=TwoEqualIds),
    defect("empty-id", "DISC-01", "lists a device without an id", steps(DEVICES), backend=EmptyId),
    defect(
        "shared-list", "DISC-02", "changes a list that it has given away", steps(DEVICES, DEVICES), backend=SharedList
    ),
    defect(
        "opens-first",
        "DISC-03",
        "takes an unknown id for the first device",
        steps(Command(Do.OPEN_UNKNOWN, "nobody")),
        backend=OpensFirst,
    ),
    defect(
        "all-or-nothing",
        "DISC-04",
        "finds nothing while one of its transports fails",
        steps(act("fail-transport"), DEVICES),
        backend=AllOrNothing,
    ),
    defect(
        "failure-unreported",
        "DISC-04",
        "does not say that a transport fails",
        steps(act("fail-transport"), DEVICES),
        backend=FailureUnreported,
    ),
    defect(
        "enumeration-resets",
        "DISC-05",
        "resets an open session when it looks for devices",
        steps(OPEN, put("lamp", False), DEVICES, get("lamp")),
        backend=EnumerationResets,
    ),
    defect(
        "enumeration-ends-jobs",
        "DISC-05",
        "cancels a running job when it looks for devices",
        steps(OPEN, start(), NEXT, DEVICES, READ_ALL),
        backend=EnumerationEndsJobs,
    ),
    defect(
        "needs-fresh-list",
        "DISC-06",
        "opens nothing that it has not just listed, although it declares direct_open",
        steps(OPEN),
        backend=NeedsFreshList,
    ),
)
