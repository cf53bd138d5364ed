"""``pytest --scan-device ID``: the device's tests, without a test file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.runner.targets import make_target
from flatbed.device_suite import DeviceSuite, HarnessError, run_case

MARKER = "scan_device"


class DeviceNode(pytest.Collector):
    """A device: its tests are named by requirement."""

    suite: DeviceSuite

    def collect(self) -> Iterator[pytest.Item]:
        """The tests, in the order of the registry."""
        for case in self.suite.cases():
            item = DeviceItem.from_parent(self, name=case)
            item.add_marker(MARKER)
            yield item


class DeviceItem(pytest.Item):
    """One test."""

    def runtest(self) -> None:
        """Judge."""
        assert isinstance(self.parent, DeviceNode)
        run_case(self.parent.suite, self.name)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What failed, without our frames; a defect of ours with all of them."""
        del style
        if isinstance(excinfo.value, pytest.fail.Exception):
            return str(excinfo.value)
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="long"))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it belongs."""
        return self.path, None, self.nodeid


def items(session: pytest.Session, config: pytest.Config) -> Iterator[pytest.Item]:
    """The tests of every ``--scan-device``.

    Raises:
        UsageError: an option names something that does not exist.
    """
    option = config.getoption
    for device in option("--scan-device"):
        try:
            target = make_target(device, driver=option("--scan-driver"), hosted=option("--scan-hosted"))
            suite = DeviceSuite(
                target,
                tuple(option("--scan-only")) or None,
                tuple(option("--scan-skip")),
                option("--scan-programs"),
                option("--scan-seed"),
                option("--scan-baseline"),
                option("--scan-strict"),
            )
            suite.cases()
        except ValueError as error:
            raise pytest.UsageError(f"--scan-device {device}: {error}") from None
        node = DeviceNode.from_parent(session, name=target.name)
        node.suite = suite
        yield from node.collect()
