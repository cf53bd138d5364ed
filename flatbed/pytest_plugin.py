"""The pytest plugin: fixtures that give a test a scanning service, or a scanner of it, in a process of its own (docs/testing.md).

Nothing heavy is imported outside the fixtures, since pytest loads this in every project where flatbed is installed. Processes live as long as the run (with
pytest-xdist: as its worker); each test finds them as they were at their start.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flatbed.fixture_pool import Pool
    from flatbed.testing import ControlledDevice, EsclScanners, ScanService

FIRST_SCANNER = "virtual:feeder"
WITH_A_WEBCAM = "devices/desk.toml"
"""The devices of a test that wants a webcam and does not say which devices there are."""
_WORDS = ("devices", "arguments", "device", "camera", "keep")
_MARKER = (
    "flatbed(devices=..., arguments=(), device=..., camera=..., keep=True):"
    " devices file (path or text) and arguments of the process behind the fixtures of flatbed;"
    " the devices that virtual_scanner and virtual_webcam are; keep=False: a process for this test alone"
)
_USED: pytest.StashKey[list[Any]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("flatbed", "scanners without hardware")
    group.addoption(
        "--flatbed-artifacts",
        metavar="DIR",
        type=Path,
        default=None,
        help="where a failed test leaves pages, log, requests and reports of its scanning service",
    )
    devices = parser.getgroup("flatbed devices", "judge a scanner by every requirement, a test for each")
    devices.addoption(
        "--scan-device", metavar="ID", action="append", default=[], help="device to judge, see `flatbed devices`"
    )
    devices.addoption(
        "--scan-driver", metavar="MODULE:FACTORY", help="driver that is not installed; --scan-device is its native id"
    )
    devices.addoption("--scan-hosted", action="store_true", help="run the driver in a worker process")
    devices.addoption(
        "--scan-only", metavar="WORD", action="append", default=[], help="requirement, family, prefix or pattern"
    )
    devices.addoption(
        "--scan-skip", metavar="WORD", action="append", default=[], help="what not to check, in the same words"
    )
    devices.addoption("--scan-programs", metavar="N", type=int, default=40, help="generated programs, ten a test")
    devices.addoption("--scan-seed", metavar="N", type=int, default=0, help="of every choice that checks make")
    devices.addoption("--scan-baseline", metavar="FILE", type=Path, help="failures that are known")
    devices.addoption("--scan-strict", action="store_true", help="warnings count as failures")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)
    config.addinivalue_line("markers", "scan_device: a test of --scan-device; -m scan_device runs those alone")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests of the devices that the command line names, before anybody picks among them."""
    if config.getoption("--scan-device"):
        from flatbed.scan_device_items import items as of_devices  # noqa: PLC0415  # imports the suite

        items.extend(of_devices(session, config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what a failed test's services have to say."""
    report = yield
    used = item.stash.get(_USED, [])
    if used and call.when in {"setup", "call"} and report.failed:
        from flatbed.artifacts import attach  # noqa: PLC0415  # only failures pay for it

        attach(report, item.nodeid, used, item.config.getoption("--flatbed-artifacts"))
    return report


@pytest.fixture(scope="session")
def _flatbed_pool() -> Iterator[Pool]:
    """The processes of this run."""
    from flatbed.fixture_pool import Pool  # noqa: PLC0415  # only tests that use it pay for it

    with Pool() as pool:
        yield pool


@pytest.fixture
def scan_service(request: pytest.FixtureRequest, _flatbed_pool: Pool) -> Iterator[ScanService]:
    """A scanning service on free ports, as at its start; ``scan_service.url`` is its address.

    ``@pytest.mark.flatbed(devices="devices.toml")`` says with which devices; without it there are a feeder and a flatbed.
    """
    devices, arguments, keep = _wanted(request)
    if devices is None and "virtual_webcam" in request.fixturenames:
        from simulators.fixture_files import fixture  # noqa: PLC0415  # only tests that use it pay for it

        devices = fixture(WITH_A_WEBCAM)
    with _flatbed_pool.service(devices, arguments, keep) as service:
        _use(request, service)
        yield service


@pytest.fixture
def virtual_scanner(request: pytest.FixtureRequest, scan_service: ScanService) -> ControlledDevice:
    """A virtual scanner of ``scan_service``: the feeder, or what ``@pytest.mark.flatbed(device="virtual:flatbed")`` names."""
    return scan_service.device(str(_options(request).get("device", FIRST_SCANNER)))


@pytest.fixture
def virtual_webcam(request: pytest.FixtureRequest, scan_service: ScanService) -> ControlledDevice:
    """A virtual camera of ``scan_service``: the first one, or what ``@pytest.mark.flatbed(camera="virtual:webcam")`` names.

    Without a devices file of the test's own there are the built-in lab and a webcam.
    """
    cameras = [item["id"] for item in scan_service.control("GET", "/devices") if item["kind"] == "camera"]
    wanted = _options(request).get("camera", next(iter(cameras), None))
    if wanted not in cameras:
        raise pytest.UsageError(
            f"the service's cameras are {', '.join(cameras) or 'none'}; the test wants {wanted or 'one'}"
        )
    return scan_service.device(str(wanted))


@pytest.fixture
def escl_scanner(request: pytest.FixtureRequest, _flatbed_pool: Pool) -> Iterator[EsclScanners]:
    """Virtual scanners that speak eSCL, as at their start; ``escl_scanner.url`` is the address of the first one."""
    with _flatbed_pool.escl(*_wanted(request)) as scanners:
        _use(request, scanners)
        yield scanners


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("flatbed")
    options = dict(marker.kwargs) if marker is not None else {}
    unknown = options.keys() - set(_WORDS)
    if unknown or (marker is not None and marker.args):
        raise pytest.UsageError(f"@pytest.mark.flatbed takes {', '.join(_WORDS)}, not {marker}")
    return options


def _wanted(request: pytest.FixtureRequest) -> tuple[str | Path | None, tuple[str, ...], bool]:
    options = _options(request)
    return options.get("devices"), tuple(options.get("arguments", ())), bool(options.get("keep", True))


def _use(request: pytest.FixtureRequest, thing: Any) -> None:
    request.node.stash.setdefault(_USED, []).append(thing)
