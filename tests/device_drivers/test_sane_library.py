"""The wrapper over a scripted libsane: lifecycle, guards, reload, and who calls sane_cancel."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from device_drivers.sane.cancelling import CancelGate, CancelRequestedError
from device_drivers.sane.errors import SaneContractError, SaneError, SaneMissingError, SaneUsageError, SaneValueError
from device_drivers.sane.labconfig import LabConfig, write_lab_config
from device_drivers.sane.library import Sane
from device_drivers.sane.names import openable_unlisted, transport_of
from device_drivers.sane.native import load
from device_drivers.sane.readerthread import ReaderThreadCare, rests, task_ids
from device_protocol.vocabularies.sane_abi import Frame, Info, Parameters, Status, ValueType
from tests.device_drivers.fake_sane import GREY, FakeNative, FakeOption, mode_option


def test_init_and_exit_once_and_handles_closed_before() -> None:
    """Exit closes what is open and ends libsane once; everything afterwards is refused (python-sane: segfault)."""
    native = FakeNative()
    with Sane(native) as library:
        [device] = library.get_devices()
        assert (device.name, device.model) == ("fake:0", "Model \xe4")
        handle = library.open("fake:0")
        handle.start()
    library.exit()
    assert native.calls == ["init", "open fake:0", "start", "cancel", "close", "exit"]
    for call in (library.get_devices, handle.start, handle.get_parameters, lambda: library.open("fake:0")):
        with pytest.raises(SaneUsageError):
            call()
    handle.close()
    assert native.calls[-1] == "exit"


def test_another_major_version_is_refused() -> None:
    """A libsane of version 2 is ended again and named as what is missing."""
    native = FakeNative()
    native.version = 0x02000000
    with pytest.raises(SaneMissingError, match="version 2"):
        Sane(native)
    assert native.calls == ["init", "exit"]


def test_a_missing_library_says_what_to_install() -> None:
    """No libsane, or something else of that name, is a typed error with the apt line."""
    with pytest.raises(SaneMissingError, match="apt-get install libsane1"):
        load("libsane-that-is-not-there.so.1")
    with pytest.raises(SaneMissingError, match="not a libsane"):
        load("libc.so.6")


def test_a_reload_notice_reads_all_descriptors_again() -> None:
    """After RELOAD_OPTIONS the new descriptors are there, more of them too."""

    def grow(native: FakeNative, _value: bytearray) -> int:
        native.options.append(FakeOption("new"))
        return int(Info.RELOAD_OPTIONS | Info.INEXACT)

    handle = Sane(FakeNative(FakeOption("grow", on_set=grow))).open("fake:0")
    assert handle.set_option(1, 5).info == Info.RELOAD_OPTIONS | Info.INEXACT
    assert [option.name for option in handle.option_descriptors()] == ["", "grow", "new"]


def test_writes_past_a_buffer_are_noticed() -> None:
    """A back end that writes beyond a value or a read buffer is a contract error, and no Python memory is hit."""

    def overrun(_native: FakeNative, value: bytearray) -> int:
        value[4:8] = b"OVER"
        return 0

    native = FakeNative(
        FakeOption("bad", on_set=overrun),
        frames=[(GREY, [lambda _native: (0, b"x" * 11)]), (GREY, [lambda _n: (0, b"x" * 5)])],
    )
    handle = Sane(native).open("fake:0")
    with pytest.raises(SaneContractError, match="outside of 4 bytes"):
        handle.set_option(1, 5)
    handle.start()
    with pytest.raises(SaneContractError, match="outside of 10 bytes"):
        handle.read(10)
    handle.cancel()
    handle.start()
    assert handle.read(10) == b"xxxxx"


def test_a_failing_open_leaves_nothing_open() -> None:
    """If the descriptors make no sense the handle is closed again."""
    native = FakeNative(FakeOption("odd", size=3))
    library = Sane(native)
    with pytest.raises(SaneContractError):
        library.open("fake:0")
    assert native.calls[-2:] == ["cancel", "close"]
    library.exit()


def test_refused_values_reach_nobody() -> None:
    """A wrong value is refused before the native call; a back end's refusal keeps the value."""
    native = FakeNative(
        FakeOption("n", on_set=lambda _native, _value: -int(Status.INVAL)), FakeOption("b", ValueType.BUTTON, 0)
    )
    handle = Sane(native).open("fake:0")
    with pytest.raises(SaneValueError):
        handle.set_option(1, "5")
    assert "set n" not in native.calls
    with pytest.raises(SaneError) as caught:
        handle.set_option(1, 5)
    assert (caught.value.status, caught.value.text, handle.get_option(1)) == (Status.INVAL, "status 4", 0)
    assert handle.set_option(2, None).value is None


def test_a_request_between_reads_is_served_by_the_driver_s_thread() -> None:
    """Rule 2: no helper thread, one sane_cancel, CANCELLED instead of bytes, until the next scan is armed."""
    native = FakeNative()
    handle = Sane(native, grace=0.0).open("fake:0")
    handle.start()
    handle.request_cancel()
    assert "cancel" not in native.calls
    with pytest.raises(SaneError, match="CANCELLED"):
        handle.read(10)
    assert native.calls[-1] == "cancel"
    handle.rearm()
    handle.start()
    assert handle.read(5) == b"abcde"


def test_a_call_that_does_not_come_back_is_cancelled_from_the_side() -> None:
    """Rule 3: after the grace time sane_cancel comes from a helper thread, and the read ends with CANCELLED."""
    entered = threading.Event()

    def stuck(native: FakeNative) -> tuple[int, bytes]:
        entered.set()
        assert native.cancelled.wait(10)
        return Status.CANCELLED, b""

    native = FakeNative(frames=[(GREY, [stuck])])
    handle = Sane(native, grace=0.001).open("fake:0")
    handle.start()

    def ask() -> None:
        entered.wait(10)
        handle.request_cancel()

    thread = threading.Thread(target=ask)
    thread.start()
    with pytest.raises(SaneError) as caught:
        handle.read(10)
    thread.join()
    assert caught.value.status == Status.CANCELLED
    assert native.calls[-2:] == ["cancel", "cancel"]  # from the side, and then on the driver's thread


class _Timer:
    """A timer that fires when told."""

    made: list[_Timer]

    def __init__(self, seconds: float, function: Callable[[int], None], arguments: tuple[int]) -> None:
        self.fire: Callable[[], None] = lambda: function(*arguments)
        self.daemon = False
        self.cancelled = False
        self.seconds = seconds
        _Timer.made.append(self)

    def start(self) -> None:
        """Nothing."""

    def cancel(self) -> None:
        """Told too late is told too late."""
        self.cancelled = True


def test_a_late_timer_cancels_nothing() -> None:
    """The watch is for one native call: when that has returned, or another runs, no sane_cancel comes from the side."""
    _Timer.made = []
    calls: list[str] = []
    gate = CancelGate(lambda: calls.append("cancel"), 1.0, _Timer)
    with gate.native_call():
        gate.request()
        gate.request()
        [timer] = _Timer.made
        assert timer.seconds == 1.0
    assert timer.cancelled
    timer.fire()
    gate.rearm()
    with gate.native_call():
        timer.fire()
    assert calls == []
    with gate.native_call():
        gate.request()
        _Timer.made[1].fire()
    assert calls == ["cancel"]
    with pytest.raises(CancelRequestedError), gate.native_call():
        calls.append("never")
    assert calls == ["cancel"]


def test_the_last_byte_waits_for_the_reader_thread() -> None:
    """With patience the last byte is read alone, after the thread rests; sane_cancel waits too; without it nothing does."""
    busy = [True, True, False, True, False]
    naps: list[float] = []
    tasks = iter([frozenset({1}), frozenset({1, 7})])
    care = ReaderThreadCare(
        1.0, naps.append, lambda: 0.0, lambda: next(tasks), lambda task: not (task == 7 and busy.pop(0))
    )
    care.starting()
    care.started(100)
    assert care.allow(1000) == 99
    care.got(99)
    assert naps == []
    assert care.allow(1000) == 1000
    assert len(naps) == 2
    care.got(1)
    care.wait()
    assert len(naps) == 3
    care.ended()
    care.wait()
    assert (len(naps), care.allow(5)) == (3, 5)
    off = ReaderThreadCare(0.0, naps.append, tasks=lambda: pytest.fail("must not look"))
    off.starting()
    off.started(100)
    assert off.allow(1000) == 1000
    off.wait()


def test_patience_has_an_end() -> None:
    """A thread that never rests delays sane_cancel for as long as patience says, and no longer."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    tasks = iter([frozenset[int](), frozenset({7})])
    care = ReaderThreadCare(0.05, sleep, lambda: now[0], lambda: next(tasks), lambda _task: False)
    care.starting()
    care.started(None)
    care.wait()
    assert 0.05 <= now[0] < 0.06


def comes_to_rest(task: int) -> bool:
    """Whether a thread rests soon."""
    deadline = time.monotonic() + 20
    while not rests(task):
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


def test_threads_are_seen_in_proc() -> None:
    """A thread blocked in the kernel rests; one that runs or waits for a lock does not; a thread that has gone does."""
    assert not rests(threading.get_native_id())
    assert rests(2**22 + 1)
    event = threading.Event()
    reading, writing = os.pipe()
    waiter, reader = threading.Thread(target=event.wait), threading.Thread(target=os.read, args=(reading, 1))
    waiter.start()
    reader.start()
    assert waiter.native_id is not None
    assert reader.native_id is not None
    assert {waiter.native_id, reader.native_id} <= task_ids()
    assert comes_to_rest(reader.native_id)
    assert not any(rests(waiter.native_id) for _ in range(100))
    event.set()
    os.write(writing, b"x")
    waiter.join()
    reader.join()
    os.close(reading)
    os.close(writing)
    assert comes_to_rest(reader.native_id), "join() comes back a moment before the system has ended the thread"


def test_the_lab_configuration_is_ours_alone(tmp_path: Path) -> None:
    """A folder with the test back end, an empty dll.d and every key that matters; the environment points to it."""
    folder = write_lab_config(tmp_path / "lab", LabConfig(number_of_devices=3))
    assert (folder / "dll.conf").read_text() == "test\n"
    assert list((folder / "dll.d").iterdir()) == []
    keys = dict(line.split(" ", 1) for line in (folder / "test.conf").read_text().splitlines())
    assert (keys["number_of_devices"], keys["geometry_max"], keys["geometry_quant"]) == ("3", "300.0", "0.0")
    assert (keys["br_x"], keys["br_y"], keys["test-picture"]) == ("210.0", "297.0", '"Color pattern"')
    for wrong in (
        {"number_of_devices": 0},
        {"width": 301.0},
        {"picture": "Rembrandt"},
        {"depth": 12},
        {"mode": "Lineart"},
    ):
        with pytest.raises(SaneValueError):
            LabConfig(**wrong)
    with pytest.raises(SaneValueError, match="colon"):
        write_lab_config(tmp_path / "a:b")


def test_the_environment_is_set_before_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SANE_CONFIG_DIR is in the environment when sane_init runs; a folder with a colon is refused."""
    monkeypatch.delenv("SANE_CONFIG_DIR", raising=False)
    seen: list[str | None] = []

    class Looking(FakeNative):
        def init(self) -> tuple[int, int]:
            seen.append(os.environ.get("SANE_CONFIG_DIR"))
            return super().init()

    Sane(Looking(), config_dir=tmp_path)
    assert seen == [str(tmp_path)]
    with pytest.raises(SaneUsageError, match="colon"):
        Sane(FakeNative(), config_dir=Path("a:b"))
    monkeypatch.setenv("SANE_CONFIG_DIR", "")  # undone with the test


def test_only_harmless_names_are_opened_unlisted() -> None:
    """Names that load libraries, write files, connect to hosts or mean "the first device" need to be listed."""
    for good in ("test:0", "genesys:libusb:001:004", "epjitsu:libusb:1:2", "hp3900:/dev/usb/scanner0"):
        assert openable_unlisted(good), good
    for bad in (
        "", ":", "test", "test:", "../x:0", "a/b:0", "fakeusb:/x", "fakeusbdev:/x", "fakeusbout:/x:test:0",
        "net:h:test:0", "airscan:escl:X:http://h/", "escl:http://h", "v4l:http://h", "test:a\0b", "Test:0", " test:0",
    ):  # fmt: skip
        assert not openable_unlisted(bad), bad
    assert [transport_of(name) for name in ("test:0", "genesys:libusb:001:004", "net:h:test:0", "dc25:/dev/ttyS0")] == [
        "virtual", "usb", "net", "",
    ]  # fmt: skip


def test_data_is_read_in_the_portions_the_back_end_gives() -> None:
    """Empty reads are not the end; the end is None; the status after it is the back end's own."""
    native = FakeNative(
        mode_option(), frames=[(Parameters(Frame.GRAY, True, 4, 4, 2, 8), [b"", b"abcd", b"", b"efgh"])]
    )
    handle = Sane(native).open("fake:0")
    handle.start()
    assert [handle.read(100) for _ in range(5)] == [b"", b"abcd", b"", b"efgh", None]
    assert struct.unpack("=i", native.options[0].value or b"\0\0\0\0") == (0,)
