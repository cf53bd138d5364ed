"""The encoding stage: pages in, files out, errors in their place. A fake encoder says what it was asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from device_host.stage import EncodedPage, Stage, Taken
from device_protocol import JPEG, PNG, Code, DeviceError, Encode, PageEnd, PageInfo, PageParams, Side

PARAMS = PageParams(8, 4, 24)
DATA = bytes(range(96))


class Encoder:
    """Says what it was asked for; waits while it is held."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Semaphore(0)
        self.error: Exception | None = None

    def __call__(self, params: PageParams, data: memoryview, media_type: str, quality: int) -> bytes:
        self.begun.release()
        assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        return f"{media_type} {quality} {params.height} ".encode() + bytes(data)


class Bench:
    """A stage with both of its sides."""

    def __init__(self, wish: Encode) -> None:
        self.encoder = Encoder()
        self.stage = Stage(wish, self.encoder)
        self.number = 0

    def feed(self, data: bytes = DATA, params: PageParams = PARAMS, **end: bool) -> None:
        """A whole page comes in."""
        self.number += 1
        self.stage.begin(PageInfo(self.number, params, Side.FRONT, self.number))
        half = len(data) // 2
        self.stage.strip(data[:half])
        self.stage.strip(data[half:])
        self.stage.finish(PageEnd(self.number, params, len(data), **end))

    def ask(self) -> queue.SimpleQueue[Taken]:
        """Somebody asks for a page."""
        given: queue.SimpleQueue[Taken] = queue.SimpleQueue()
        self.stage.take(given.put)
        return given

    def page(self) -> EncodedPage:
        """The next page, which must come."""
        given = self.ask().get(timeout=10)
        assert isinstance(given, EncodedPage)
        return given

    def error(self) -> DeviceError:
        """What ended the job."""
        given = self.ask().get(timeout=10)
        assert isinstance(given, DeviceError)
        return given


@pytest.fixture
def free() -> Iterator[Bench]:
    """A stage whose readers choose the type."""
    bench = Bench(Encode())
    yield bench
    bench.encoder.go.set()
    bench.stage.stop()


@pytest.fixture
def jpeg() -> Iterator[Bench]:
    """A stage of a fixed type."""
    bench = Bench(Encode(JPEG, 60))
    yield bench
    bench.encoder.go.set()
    bench.stage.stop()


def test_fixed_type(jpeg: Bench) -> None:
    """A scan that was started with a type gets it, with its quality; number, side and parameters go along."""
    jpeg.feed()
    page = jpeg.page()
    assert page.data == b"image/jpeg 60 4 " + DATA
    assert page.info == PageInfo(1, replace(PARAMS, stride=0, format=JPEG), Side.FRONT, 1)
    assert page.end.params.format == JPEG
    assert not page.end.incomplete


def test_wish_of_the_reader(free: Bench) -> None:
    """The type of the oldest waiting reader decides."""
    given = free.ask()
    free.stage.prefer(JPEG)
    free.feed()
    first = given.get(timeout=10)
    assert isinstance(first, EncodedPage)
    assert first.info.params.format == JPEG
    free.stage.prefer(PNG)
    free.feed()
    assert free.page().info.params.format == PNG


def test_nobody_waits(free: Bench) -> None:
    """A page that nobody waits for is encoded losslessly once it is asked for, after a grace."""
    free.feed()
    assert free.page().info.params.format == PNG


def test_the_end(free: Bench) -> None:
    """After the last page comes the end, as often as one asks."""
    free.feed()
    free.stage.finish_input()
    free.page()
    assert free.ask().get(timeout=10) is None
    assert free.ask().get(timeout=10) is None


def test_error_after_pages(free: Bench) -> None:
    """What came before an error is delivered intact; then the error comes, as often as one asks."""
    free.feed()
    free.stage.begin(PageInfo(2, PARAMS))
    free.stage.strip(DATA[:50])
    free.stage.finish_input(DeviceError(Code.JAM, page=2))
    assert free.page().data.endswith(DATA)
    assert free.error().code is Code.JAM
    assert free.error().page == 2


def test_flags_pass(jpeg: Bench) -> None:
    """What the device noticed about a sheet passes through."""
    jpeg.feed(incomplete=True, multifeed=True)
    end = jpeg.page().end
    assert end.incomplete
    assert end.multifeed


def test_short_page(jpeg: Bench) -> None:
    """A page with rows missing is encoded as far as it goes, and says that it is incomplete; half a row is not made up."""
    jpeg.feed(DATA[: 24 * 2 + 10])
    page = jpeg.page()
    assert page.data == b"image/jpeg 60 2 " + DATA[:48]
    assert page.end.incomplete
    assert page.end.params.height == 2


def test_unknown_height(jpeg: Bench) -> None:
    """A page whose height is known at its end only has it in its file and in its information."""
    jpeg.number = 1
    jpeg.stage.begin(PageInfo(1, replace(PARAMS, height=None, final=False)))
    for _ in range(3):
        jpeg.stage.strip(DATA)
    jpeg.stage.finish(PageEnd(1, replace(PARAMS, height=12), 288))
    page = jpeg.page()
    assert page.info.params.height == 12
    assert page.info.params.final
    assert page.data == b"image/jpeg 60 12 " + 3 * DATA


@pytest.mark.parametrize("data", [b"", DATA[:20], DATA + b"more"])
def test_data_that_is_no_page(jpeg: Bench, data: bytes) -> None:
    """Without a whole row, or with more than was announced, the transfer is broken; the page before is intact."""
    jpeg.feed()
    jpeg.feed(data)
    assert jpeg.page().info.number == 1
    error = jpeg.error()
    assert (error.code, error.page) == (Code.TRANSFER_BROKEN, 2)
    assert jpeg.error().code is Code.TRANSFER_BROKEN


def test_encoder_fails(jpeg: Bench) -> None:
    """Whatever an encoder raises ends the job with a typed error instead of leaving the reader waiting."""
    jpeg.encoder.error = ZeroDivisionError("defect")
    jpeg.feed()
    error = jpeg.error()
    assert error.code is Code.INTERNAL
    assert "ZeroDivisionError" in str(error.native)
    assert jpeg.stage.over


def test_a_file_of_the_device_passes(free: Bench) -> None:
    """A page that the device delivers as a file is not touched, and is not taken for a raw one."""
    params = PageParams(8, 4, 0, format=JPEG)
    free.feed(b"\xff\xd8 made by the device", params)
    page = free.page()
    assert page.data == b"\xff\xd8 made by the device"
    assert page.info.params == params


def test_reading_goes_on_while_encoding(jpeg: Bench) -> None:
    """The next page is read while one is encoded, and the one after that has to wait."""
    jpeg.encoder.go.clear()
    jpeg.feed()
    assert jpeg.encoder.begun.acquire(timeout=10)
    room = threading.Event()
    jpeg.stage.begin(PageInfo(2, PARAMS))
    assert jpeg.stage.may_read(room.set)
    jpeg.stage.strip(DATA)
    jpeg.stage.finish(PageEnd(2, PARAMS, 96))
    jpeg.stage.begin(PageInfo(3, PARAMS))
    assert not jpeg.stage.may_read(room.set)
    jpeg.encoder.go.set()
    assert room.wait(10)


def test_cancel(free: Bench) -> None:
    """A cancellation drops what is held, answers who waits, and lets the reader of the device go."""
    free.encoder.go.clear()
    given = free.ask()
    free.feed()
    room = threading.Event()
    free.feed()
    free.stage.begin(PageInfo(3, PARAMS))
    free.stage.may_read(room.set)
    free.stage.stop()
    answer = given.get(timeout=10)
    assert isinstance(answer, DeviceError)
    assert answer.code is Code.CANCELLED
    assert room.wait(10)
    assert free.error().code is Code.CANCELLED
    assert free.stage.over


def test_pages_without_end(jpeg: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transfer that never ends is cut off at the limit of a page, before memory is."""
    monkeypatch.setattr(jpeg.stage._policy, "limits", replace(jpeg.stage._policy.limits, max_page_bytes=1000))
    jpeg.stage.begin(PageInfo(1, replace(PARAMS, height=None)))
    for _ in range(10):
        jpeg.stage.strip(DATA)
    with pytest.raises(DeviceError) as caught:
        jpeg.stage.strip(DATA)
    assert caught.value.code is Code.NO_MEMORY
    with pytest.raises(DeviceError):
        jpeg.stage.begin(PageInfo(2, PageParams(1 << 20, 1 << 20, 3 << 20)))
