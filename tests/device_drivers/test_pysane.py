"""The layer over python-sane, on a module that stands in for it: texts become codes, pictures become bytes, and nothing is mended."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from device_drivers.pysane.driver import make_pysane, unusable
from device_drivers.pysane.library import PythonSane
from device_drivers.pysane.session import PythonSaneSession
from device_drivers.sane.backend import LibraryBackend
from device_protocol import ALL, Code, DeviceError, JobState, SessionState
from device_protocol.options import Access
from device_protocol.vocabularies.sane_abi import Cap, Unit, ValueType

SETTABLE = int(Cap.SOFT_SELECT | Cap.SOFT_DETECT)


class Error(Exception):
    """python-sane's `_sane.error`."""


class Image:
    """What snap gives: pixels of 8 bits."""

    def __init__(self, width: int, height: int, bands: str = "L") -> None:
        self.size = (width, height)
        self.bands = bands

    def getbands(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self.bands)

    def tobytes(self) -> bytes:
        """Packed rows."""
        return bytes(self.size[0] * self.size[1] * len(self.bands))


class Device:
    """A `SaneDev`: a flatbed and a feeder, ten rows of four grey pixels.

    Attributes:
        sheets: Left in the feeder.
        rows: How many the next picture has.
        during: Called within snap.
        calls: What was called.
    """

    def __init__(self) -> None:
        self.source = "Flatbed"
        self.depth = 8
        self.sheets, self.rows = 2, 10
        self.during: Any = lambda: None
        self.calls: list[str] = []
        self.failing = ""

    def get_options(self) -> list[tuple[Any, ...]]:
        """Raw descriptors."""
        return [
            (0, "", "", "", int(ValueType.INT), int(Unit.NONE), 4, int(Cap.SOFT_DETECT), None),
            (1, "source", "", "", int(ValueType.STRING), int(Unit.NONE), 20, SETTABLE, ["Flatbed", "ADF"]),
            (2, "depth", "", "", int(ValueType.INT), int(Unit.BIT), 4, SETTABLE, [8, 16]),
        ]

    def get_parameters(self) -> tuple[str, int, tuple[int, int], int, int]:
        """Always ten rows."""
        return ("gray", 1, (4, 10), 8, 4)

    def start(self) -> None:
        """A page begins."""
        self.calls.append("start")
        if self.failing:
            raise Error(self.failing)

    def snap(self) -> Image:
        """The page."""
        self.calls.append("snap")
        self.during()
        return Image(4, self.rows)

    def multi_scan(self) -> Any:
        """Pages of the feeder, until the text is that of NO_DOCS."""
        while self.sheets:
            self.sheets -= 1
            yield self.snap()

    def cancel(self) -> None:
        """Counted."""
        self.calls.append("cancel")

    def close(self) -> None:
        """Counted."""
        self.calls.append("close")


def opened(device: Device) -> PythonSaneSession:
    """A session on it."""
    module = SimpleNamespace(
        _sane=SimpleNamespace(error=Error),
        init=lambda: (0, 1, 1, 1),
        exit=lambda: None,
        get_devices=lambda _local: [("fake:0", "Nobody", "None", "scanner")],
        open=lambda _name: device,
    )
    backend = LibraryBackend(lambda: PythonSane(module), PythonSaneSession)  # type: ignore[arg-type]  # stands in for a module
    return backend.open("fake:0")


def test_a_page_of_the_glass() -> None:
    """Started, snapped when it is asked for, and given out as bytes in the sizes that are asked for."""
    device = Device()
    session = opened(device)
    assert [option.name for option in session.options()] == ["source", "depth"]
    assert session.options()[0].access is Access.READ | Access.WRITE
    job = session.start(None, 1)
    assert device.calls == ["start"]
    page = job.next_page()
    assert page is not None
    assert (page.info.params.height, page.info.params.stride, page.info.params.final) == (10, 4, True)
    assert [len(page.read(30)), len(page.read(30)), page.read(30)] == [30, 10, b""]
    assert not page.end().incomplete
    assert job.next_page() is None
    assert job.settled() is JobState.COMPLETED


def test_the_feeder_is_the_iterator() -> None:
    """All sheets, and its end is the end of the job; an empty one is NO_MEDIA at the start."""
    device = Device()
    session = opened(device)
    session.set("source", "ADF")
    job = session.start(None, ALL)
    numbers = []
    while (page := job.next_page()) is not None:
        numbers.append(page.info.number)
        page.end()
    assert numbers == [1, 2]
    with pytest.raises(DeviceError) as caught:
        session.start(None, ALL)
    assert caught.value.code is Code.NO_MEDIA
    assert session.status().state is SessionState.IDLE


def test_a_short_picture_is_given_out_as_python_sane_gives_it() -> None:
    """The driver compares nothing: a page of three rows where ten were announced is whole, for the suite to find."""
    device = Device()
    session = opened(device)
    device.during = session.cancel
    device.rows = 3
    job = session.start(None, 1)
    page = job.next_page()
    assert page is not None
    assert device.calls == ["start", "snap", "cancel"]
    assert job.settled() is JobState.CANCELED
    assert len(page.read(100)) == 12
    end = page.end()
    assert (page.info.params.height, end.params.height, end.incomplete) == (10, 3, False)
    with pytest.raises(DeviceError) as caught:
        job.next_page()
    assert caught.value.code is Code.CANCELLED
    assert job.settled() is JobState.CANCELED


def test_a_cancel_between_calls_ends_the_job() -> None:
    """The page cannot be read any more, and another scan works."""
    device = Device()
    session = opened(device)
    job = session.start(None, 1)
    page = job.next_page()
    assert page is not None
    job.cancel()
    with pytest.raises(DeviceError) as caught:
        page.read(10)
    assert caught.value.code is Code.CANCELLED
    assert job.settled() is JobState.CANCELED
    assert session.status().state is SessionState.IDLE
    again = session.start(None, 1).next_page()
    assert again is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Document feeder jammed", Code.JAM),
        ("Scanner cover is open", Code.COVER_OPEN),
        ("Invalid argument", Code.OTHER),
        ("words that nobody knows", Code.OTHER),
    ],
)
def test_texts_are_all_there_is_of_a_status(text: str, code: Code) -> None:
    """The code follows from libsane's words, and the native part has no number; the session is as it was."""
    device = Device()
    session = opened(device)
    device.failing = text
    with pytest.raises(DeviceError) as caught:
        session.start(None, 1)
    assert caught.value.code is code
    assert caught.value.native is not None
    assert (caught.value.native.system, caught.value.native.code, caught.value.native.text) == ("python-sane", "", text)
    assert session.status().state is SessionState.IDLE


def test_after_close_everything_is_refused() -> None:
    """And nothing reaches python-sane, which would crash."""
    device = Device()
    session = opened(device)
    session.close()
    session.close()
    calls = list(device.calls)
    for verb in (session.options, session.cancel, session.params, lambda: session.start(None, 1)):
        with pytest.raises(DeviceError) as caught:
            verb()
        assert caught.value.code is Code.CLOSED
    assert device.calls == calls == ["close"]


@pytest.mark.parametrize(
    "config", [{"devices": 0}, {"devices": "2"}, {"switches": {"no-such": True}}, {"switches": {"ppl-loss": True}}]
)
def test_an_impossible_lab_is_refused(config: dict[str, Any]) -> None:
    """With INVALID_VALUE, before anything is loaded."""
    with pytest.raises(DeviceError) as caught:
        make_pysane(config)
    assert caught.value.code is Code.INVALID_VALUE


def test_without_python_sane_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not import anything to find out."""
    before: dict[str, ModuleType] = dict(sys.modules)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "pip install 'flatbed[pysane]'" in str(unusable())
    assert sys.modules.keys() == before.keys()
