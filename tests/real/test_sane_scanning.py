"""Pages of the real `test` back end through our binding: what python-sane gets wrong comes out right."""

from __future__ import annotations

import ctypes
import itertools
import signal
import sys
import threading
import time

import pytest

from device_drivers.sane.errors import SaneContractError, SaneError, SaneUsageError, SaneValueError
from device_protocol.vocabularies.sane_abi import LINES_UNKNOWN, Frame, Status
from tests.device_drivers.sane_child import Lab, Scanner, in_sane_process

pytestmark = pytest.mark.real


def _read_all(scanner: Scanner) -> None:
    while scanner.handle.read(1 << 16) is not None:
        pass


SMALL = {"br_x": 40.0, "br_y": 30.0, "test_picture": "Color pattern"}


@in_sane_process
def test_a_page_has_all_announced_bytes_at_any_read_size(lab: Lab) -> None:
    """The bytes of a page are lines times bytes per line, and the same for every read size."""
    scanner = lab.open(mode="Color", **SMALL)
    parameters, whole = scanner.frame()
    assert (parameters.format, parameters.last_frame, parameters.depth) == (Frame.RGB, True, 8)
    assert len(whole) == parameters.lines * parameters.bytes_per_line > 0
    scanner.handle.cancel()
    for size in (1, 7, 4093, 1 << 20, 1 << 24):
        assert scanner.frame(size)[1] == whole
        scanner.handle.cancel()
    scanner.setup(read_limit=True, read_limit_size=3)
    assert scanner.frame()[1] == whole


@in_sane_process
def test_three_passes_in_all_orders_equal_one_pass(lab: Lab) -> None:
    """Frames merge to the single-pass picture, whatever their order, at 8 and 16 bits (python-sane concatenates them)."""
    for depth in (8, 16):
        scanner = lab.open(mode="Color", depth=depth, **SMALL)
        ending, picture = scanner.page()
        assert ending.complete
        assert ending.layout.channels == 3
        scanner.setup(three_pass=True)
        for order in map("".join, itertools.permutations("RGB")):
            scanner.setup(three_pass_order=order)
            three_ending, three = scanner.page()
            assert three_ending == ending
            assert three == picture, (depth, order)


@in_sane_process
def test_one_bit_colour_comes_as_pixels(lab: Lab) -> None:
    """SANE's byte groups become interleaved bits; the bars of the test picture are 16 pixels of one colour each."""
    scanner = lab.open(mode="Color", depth=1, **SMALL)
    ending, picture = scanner.page()
    assert (ending.layout.depth, ending.layout.channels, ending.layout.one_is_black) == (1, 3, False)
    assert ending.complete
    row = int.from_bytes(picture[: ending.layout.stride])
    bits = [row >> (ending.layout.stride * 8 - 1 - place) & 1 for place in range(ending.layout.width * 3)]
    pixels = list(zip(bits[0::3], bits[1::3], bits[2::3], strict=True))
    bars = [pixels[begin] for begin in range(0, min(len(pixels), 128), 16)]
    assert all(pixel == bars[place // 16] for place, pixel in enumerate(pixels[: len(bars) * 16]))
    assert bars[:3] == [(0, 0, 0), (0, 0, 1), (0, 1, 0)]


@in_sane_process
def test_sixteen_bits_are_in_native_order_unless_inverted(lab: Lab) -> None:
    """Samples of 16 bits come in the machine's own order; inverting them swaps each pair of bytes, nothing else."""
    scanner = lab.open(mode="Gray", depth=16, br_x=300.0, br_y=10.0, resolution=30.0, test_picture="Color pattern")
    _, native = scanner.page()
    scanner.setup(invert_endianess=True)
    _, inverted = scanner.page()
    assert inverted != native
    assert inverted[0::2] == native[1::2]
    assert inverted[1::2] == native[0::2]
    # Along a row the picture grows in its high byte: neighbours differ by 256.
    samples = memoryview(native).cast("H").tolist()
    width = len(native) // 2 // scanner.handle.get_parameters().lines
    row = samples[8 * width : 9 * width]
    assert row[10] - row[9] == 256, (row[:12], sys.byteorder)


@in_sane_process
def test_lost_pixels_leave_a_truthful_stride(lab: Lab) -> None:
    """ppl-loss narrows the picture and not its rows: the stride says so, and the pixels are those of the wide picture."""
    scanner = lab.open(mode="Color", **SMALL)
    wide_ending, wide = scanner.page()
    scanner.setup(ppl_loss=5)
    ending, data = scanner.page()
    assert ending.layout.width == wide_ending.layout.width - 5
    assert ending.layout.stride == wide_ending.layout.stride > ending.layout.width * 3
    assert (data, ending.complete) == (wide, True)


@in_sane_process
def test_a_hand_scanner_tells_its_height_at_the_end(lab: Lab) -> None:
    """Unknown height is None until the end and then the rows that came; also over three passes."""
    scanner = lab.open(mode="Color", hand_scanner=True, resolution=50.0)
    assert scanner.handle.get_parameters().lines == LINES_UNKNOWN
    ending, data = scanner.page()
    assert (ending.layout.width, ending.layout.height) == (216, 334)
    assert (ending.complete, len(data)) == (True, 334 * ending.layout.stride)
    scanner.setup(three_pass=True)
    assert scanner.page() == (ending, data)


@in_sane_process
def test_polarity_of_one_bit_grey(lab: Lab) -> None:
    """A set bit of a GRAY frame is black; at other depths a high sample is bright."""
    scanner = lab.open(mode="Gray", depth=1, br_x=40.0, br_y=30.0, test_picture="Solid black")
    ending, data = scanner.page()
    assert (ending.layout.one_is_black, set(data)) == (True, {0xFF})
    scanner.setup(depth=8)
    ending, data = scanner.page()
    assert (ending.layout.one_is_black, set(data)) == (False, {0})


@in_sane_process
def test_the_feeder_gives_ten_pages_and_then_no_docs(lab: Lab) -> None:
    """Ten pages for each load, then status NO_DOCS, then the next load."""
    scanner = lab.open(source="Automatic Document Feeder", **SMALL)
    for _load in range(2):
        for _page in range(10):
            scanner.frame()
        with pytest.raises(SaneError) as caught:
            scanner.handle.start()
        assert (caught.value.status, caught.value.call) == (Status.NO_DOCS, "sane_start")
        assert caught.value.text == "Document feeder out of documents"
        scanner.handle.cancel()


@in_sane_process
def test_every_read_status_arrives_as_its_number(lab: Lab) -> None:
    """Each status of sane_read is kept as number, name and text; EOF at once is an empty, incomplete page."""
    scanner = lab.open(**SMALL)
    seen = []
    for choice in scanner.option("read-return-value").constraint.values[1:]:
        scanner.setup(read_return_value=choice)
        name = choice.removeprefix("SANE_STATUS_")
        scanner.handle.rearm()
        scanner.handle.start()
        if name == "EOF":
            assert scanner.handle.read(100) is None
        else:
            with pytest.raises(SaneError) as caught:
                scanner.handle.read(100)
            assert (caught.value.name, caught.value.status, caught.value.call) == (name, Status[name], "sane_read")
            seen.append(caught.value.text)
        scanner.handle.cancel()
    assert len(set(seen)) == 10
    scanner.setup(read_return_value="SANE_STATUS_EOF")
    ending, data = scanner.page()
    assert (ending.complete, ending.missing > 0, data) == (False, True, b"")
    scanner.setup(read_return_value="Default")
    assert scanner.page()[0].complete


@in_sane_process
def test_cancel_in_the_middle_of_a_page_is_cancelled_and_not_short(lab: Lab) -> None:
    """After a cancel request the next read says CANCELLED and gives no bytes, and the next scan is whole again."""
    scanner = lab.open(mode="Color", resolution=100.0, br_x=200.0, br_y=200.0)
    scanner.handle.start()
    assert scanner.handle.read(1000)
    scanner.handle.request_cancel()
    scanner.handle.request_cancel()
    for _again in range(2):
        with pytest.raises(SaneError) as caught:
            scanner.handle.read(1000)
        assert caught.value.status == Status.CANCELLED
    scanner.handle.rearm()
    assert scanner.page()[0].complete


@in_sane_process
def test_cancel_from_another_thread_while_reading(lab: Lab) -> None:
    """A request from another thread ends a slow scan at the next read, and sane_cancel is called by the driver's thread."""
    scanner = lab.open(mode="Color", resolution=100.0, br_x=200.0, br_y=200.0, read_delay=True)
    scanner.setup(read_delay_duration=20_000)
    scanner.handle.start()
    asked = threading.Timer(0.005, scanner.handle.request_cancel)
    asked.start()
    began = time.monotonic()
    with pytest.raises(SaneError) as caught:
        _read_all(scanner)
    asked.join()
    assert caught.value.status == Status.CANCELLED
    assert time.monotonic() - began < 1.0
    assert [call[0] for call in lab.calls].count("sane_cancel") == 1


@in_sane_process
def test_cancel_before_start_and_after_the_end(lab: Lab) -> None:
    """A cancel that comes before start stops it before C; one after the natural end is harmless."""
    scanner = lab.open(**SMALL)
    scanner.handle.request_cancel()
    starts = [call[0] for call in lab.calls].count("sane_start")
    with pytest.raises(SaneError, match="CANCELLED"):
        scanner.handle.start()
    assert [call[0] for call in lab.calls].count("sane_start") == starts
    scanner.handle.rearm()
    scanner.frame()
    scanner.handle.cancel()
    scanner.handle.cancel()
    assert scanner.page()[0].complete


@in_sane_process
def test_wrong_thread_closed_handle_and_second_library_are_refused(lab: Lab) -> None:
    """What crashes python-sane raises here and reaches nobody: other threads, use after close, a second init."""
    from device_drivers.sane.library import Sane  # noqa: PLC0415  # beside the lab's

    scanner = lab.open(**SMALL)
    caught: list[BaseException] = []

    def elsewhere() -> None:
        for call in (scanner.handle.start, scanner.handle.close, lambda: scanner.handle.read(1), lab.sane.exit):
            try:
                call()
            except SaneUsageError as error:
                caught.append(error)

    scanner.handle.start()
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 4
    for size in (0, -1):
        with pytest.raises(SaneValueError):
            scanner.handle.read(size)
    scanner.handle.close()
    scanner.handle.close()
    scanner.handle.request_cancel()
    for call in (scanner.handle.start, scanner.handle.cancel, scanner.handle.get_parameters):
        with pytest.raises(SaneUsageError, match="closed"):
            call()
    with pytest.raises(SaneUsageError, match="once in a process"):
        Sane()


@in_sane_process
def test_open_says_what_is_wrong(lab: Lab) -> None:
    """An unknown name is INVAL, a second open is DEVICE_BUSY and leaves the first alone, an empty name never reaches C."""
    scanner = lab.open(**SMALL)
    for name, status in ((scanner.handle.name, Status.DEVICE_BUSY), ("test:99999", Status.INVAL)):
        with pytest.raises(SaneError) as caught:
            lab.sane.open(name)
        assert (caught.value.status, caught.value.call) == (status, "sane_open")
    with pytest.raises(SaneUsageError):
        lab.sane.open("")
    assert scanner.page()[0].complete


@in_sane_process
def test_non_blocking_reads_are_empty_and_not_the_end(lab: Lab) -> None:
    """Without data a non-blocking read gives b"", which is not None; a back end without that mode says UNSUPPORTED."""
    scanner = lab.open(non_blocking=True, select_fd=True, read_delay=True, **SMALL)
    scanner.setup(read_delay_duration=5000)
    scanner.handle.start()
    assert scanner.handle.read(10)
    scanner.handle.set_io_mode(non_blocking=True)
    assert scanner.handle.get_select_fd() >= 0
    while data := scanner.handle.read(1 << 16):
        pass
    assert data == b""
    scanner.handle.cancel()
    # A defect of `test`: the very first read without data says GOOD and a length of -1, and ends the frame.
    scanner.handle.start()
    scanner.handle.set_io_mode(non_blocking=True)
    with pytest.raises(SaneContractError, match="length -1"):
        scanner.handle.read(10)
    scanner.handle.cancel()
    plain = lab.open(select_fd=False, **SMALL)
    plain.handle.start()
    for call in (lambda: plain.handle.set_io_mode(non_blocking=True), plain.handle.get_select_fd):
        with pytest.raises(SaneError, match="UNSUPPORTED"):
            call()
    plain.handle.cancel()


@in_sane_process
def test_a_write_to_a_lost_peer_does_not_kill_the_process(lab: Lab) -> None:
    """SIGPIPE stays ignored after a page, though libsane sets it back to its default."""
    scanner = lab.open(**SMALL)
    scanner.page()
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    before = libc.signal(signal.SIGPIPE, ctypes.c_void_p(int(signal.SIG_IGN)))
    assert before == int(signal.SIG_IGN)


@in_sane_process
def test_every_native_call_is_traced(lab: Lab) -> None:
    """The hook sees name, arguments, status and seconds of each call, in order."""
    scanner = lab.open(**SMALL)
    lab.calls.clear()
    scanner.setup(resolution=30.0)
    scanner.handle.start()
    scanner.handle.cancel()
    names = [call[0] for call in lab.calls]
    assert names == ["sane_control_option", "sane_start", "sane_get_parameters", "sane_cancel"]
    _call, arguments, status, seconds = lab.calls[0]
    assert arguments[:2] == (scanner.index("resolution"), 1)
    assert (status, 0 <= seconds < 1) == (0, True)
