"""The driver over scripted back ends: what real ones do and `test` does not."""

from __future__ import annotations

import functools
import json
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from device_drivers.sane.driver import SaneBackend, make_sanelab
from device_drivers.sane.errors import SaneContractError, SaneError, SaneMissingError
from device_drivers.sane.fixed import fix
from device_drivers.sane.keeper import EVENT_LIMIT, StateKeeper
from device_drivers.sane.library import Sane
from device_drivers.sane.session import SaneSession
from device_drivers.sane.statuses import device_error
from device_drivers.sane.tracing import TraceFile
from device_protocol import (
    ALL,
    Area,
    Choice,
    Code,
    Colour,
    DeviceError,
    EventKind,
    FeederState,
    JobState,
    Phase,
    SessionState,
    Settings,
    SourceKind,
)
from device_protocol import settings as contract_settings
from device_protocol.blocking import Inbox
from device_protocol.values import ValueType as ContractType
from device_protocol.vocabularies.sane_abi import Cap, Frame, Info, Parameters, Status, ValueType
from tests.device_drivers.fake_sane import GREY, FakeNative, FakeOption, Portion, mode_option

PAGE = b"abcdefghijkl"
GOOD: tuple[Parameters, list[Portion]] = (GREY, [PAGE])


def _session(native: FakeNative) -> SaneSession:
    return SaneBackend(lambda: Sane(native)).open("fake:0")


def _text(value: bytes, size: int = 16) -> bytes:
    return value.ljust(size, b"\0")


def _source(*names: bytes) -> FakeOption:
    return FakeOption("source", ValueType.STRING, 16, value=_text(names[0]), strings=names)


def _refused(code: Code, call: Callable[[], object]) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        call()
    assert caught.value.code is code, caught.value
    return caught.value


def _pages(job: Any) -> list[tuple[bytes, bool]]:
    found = []
    while page := job.next_page():
        data = b"".join(iter(functools.partial(page.read, 5), b""))
        found.append((data, page.end().incomplete))
        assert len(found) < 20, "a job without end"
    return found


def test_no_docs_at_the_first_read_is_an_empty_feeder_and_the_end_of_a_stack() -> None:
    """Back ends such as sane-airscan feed at the first read: still NO_MEDIA at start, and an end without an error."""
    late: tuple[Parameters, list[Portion]] = (GREY, [int(Status.NO_DOCS)])
    session = _session(FakeNative(_source(b"ADF"), mode_option(), frames=[GOOD, GOOD, late]))
    assert session.status().feeder is FeederState.UNKNOWN
    assert _pages(session.start(None, ALL)) == [(PAGE, False), (PAGE, False)]
    session = _session(FakeNative(_source(b"ADF"), mode_option(), frames=[late, GOOD]))
    assert _refused(Code.NO_MEDIA, session.start).phase is Phase.START
    assert session.status().state is SessionState.IDLE
    assert _pages(session.start(None, 1)) == [(PAGE, False)]


def test_a_jam_in_a_page_ends_the_job_and_keeps_the_pages_before() -> None:
    """The error comes with code, page and native words, again on later calls, and the next job works."""
    native = FakeNative(_source(b"ADF"), mode_option(), frames=[GOOD, (GREY, [b"abcd", int(Status.JAMMED)]), GOOD])
    session = _session(native)
    job = session.start(None, ALL)
    page = job.next_page()
    assert page is not None
    assert page.read(100) == PAGE
    assert not page.end().incomplete
    page = job.next_page()
    assert page is not None
    assert page.read(100) == b"abcd"
    error = _refused(Code.JAM, functools.partial(page.read, 100))
    assert (error.page, error.phase, error.survives) == (2, Phase.READ, True)
    assert error.native is not None
    assert (error.native.system, error.native.code) == ("sane", 6)
    for call in (functools.partial(page.read, 1), page.end, job.next_page):
        assert _refused(Code.JAM, call) is error
    assert (job.settled(), session.status().state) == (JobState.ABORTED, SessionState.IDLE)
    assert native.calls[-1] == "cancel"
    assert _pages(session.start(None, 1)) == [(PAGE, False)]
    status = session.status().job
    assert status is not None
    assert status.error is None  # ERR-06


def test_a_page_that_ends_early_is_incomplete() -> None:
    """EOF before all announced bytes came is a page with the incomplete flag, never a normal one."""
    session = _session(FakeNative(mode_option(), frames=[(GREY, [b"abcdefgh"])]))
    assert _pages(session.start(None, ALL)) == [(b"abcdefgh", True)]


def test_frames_that_make_no_page_are_errors() -> None:
    """JPEG frames, odd depths and more bytes than announced end the job with an error, and the session lives."""
    bad: tuple[tuple[Parameters, list[Portion]], ...] = (
        (Parameters(0x0B, True, 4, 4, 3, 8), [PAGE]),
        (Parameters(Frame.GRAY, True, 4, 4, 3, 12), [PAGE]),
        (GREY, [PAGE + b"x"]),
    )
    for frame in bad:
        session = _session(FakeNative(mode_option(), frames=[frame]))
        _refused(Code.TRANSFER_BROKEN, session.start)
        assert session.status().state is SessionState.IDLE


def test_a_device_without_the_usual_options_can_be_scanned() -> None:
    """No source, mode, depth or resolution: caps still name one of each, and settings made from them are accepted."""
    session = _session(FakeNative(FakeOption("brightness", range=(-100, 100, 1))))
    caps = session.caps()
    assert [source.kind for source in caps.sources] == [SourceKind.FLATBED]
    assert session.status().feeder is FeederState.NONE
    filled = contract_settings.fill(Settings(), caps)
    wanted = Settings(filled.source, filled.mode, filled.depth)
    assert session.apply(wanted).results == ()
    assert _pages(session.start(wanted, ALL)) == [(PAGE, False)]
    _refused(Code.UNSUPPORTED, lambda: session.apply(Settings(area=Area(0, 0, 1, 1))))


def test_areas_in_pixels_and_two_resolutions() -> None:
    """Millimetres become pixels at the resolution that is set with them, and one resolution goes to both axes."""

    def pixels(name: str, value: int) -> FakeOption:
        return FakeOption(name, value=struct.pack("=i", value), range=(0, 2540, 1))

    native = FakeNative(
        mode_option(),
        FakeOption("x-resolution", words=(100, 200), value=struct.pack("=i", 100)),
        FakeOption("y-resolution", words=(100, 200), value=struct.pack("=i", 100)),
        pixels("tl-x", 0), pixels("tl-y", 0), pixels("br-x", 2540), pixels("br-y", 2540),
    )  # fmt: skip
    for option in native.options[-4:]:
        _in_pixels(option)
    session = _session(native)
    [source] = session.caps().sources
    assert (round(source.width_mm, 3), source.resolutions) == (645.16, Choice((100, 200)))
    session.apply(Settings(resolution=200.0, area=Area(0, 0, 25.4, 12.7)))
    assert [session.get(name) for name in ("x-resolution", "y-resolution", "br-x", "br-y")] == [200, 200, 200, 100]


def _in_pixels(option: FakeOption) -> None:
    plain = option.descriptor

    def descriptor() -> Any:
        raw = plain()
        raw.unit = 1
        return raw

    option.descriptor = descriptor  # type: ignore[method-assign]  # a fake of a fake


def test_illegal_names_become_legal_and_unique() -> None:
    """Names against the rules of SANE are made legal, once each; the native name and number are kept."""
    native = FakeNative(
        FakeOption("Batch_Scan"), FakeOption("batch-scan"), FakeOption("9"), FakeOption("9"), FakeOption("")
    )
    options = _session(native).options()
    assert [option.name for option in options] == ["batch-scan", "batch-scan-2", "option-3", "option-4", "option-5"]
    assert options[0].native == "1 Batch_Scan"
    assert all(option.vendor for option in options)


def test_arrays_of_flags_and_empty_lists() -> None:
    """What the contract has no word for is translated: flags as 0 and 1, a list without entries as no constraint."""
    native = FakeNative(
        FakeOption("flags", ValueType.BOOL, 8, value=struct.pack("=2i", 0, 1)), FakeOption("none", words=())
    )
    session = _session(native)
    flags, none = session.options()
    assert (flags.type, flags.length, session.get("flags")) == (ContractType.INT_ARRAY, 2, (0, 1))
    assert session.set("flags", (1, 0)).actual == (1, 0)
    assert none.constraint is None


def test_duplex_sources_mark_their_sides() -> None:
    """Front and back in turn, two pages a sheet."""
    native = FakeNative(_source(b"ADF Duplex"), mode_option(), frames=[GOOD] * 4 + [int(Status.NO_DOCS)])
    session = _session(native)
    assert session.caps().sources[0].sides == ("front", "back")
    job = session.start(None, ALL)
    sides = []
    while page := job.next_page():
        sides.append((page.info.side.value, page.info.sheet))
        page.end()
    assert sides == [("front", 1), ("back", 1), ("front", 2), ("back", 2)]


def test_sources_and_modes_are_looked_at_and_put_back() -> None:
    """What one source can do shows only while it is selected; the look leaves everything as it was."""

    def choose(native: FakeNative, value: bytearray) -> int:
        longer = value.startswith(b"ADF")
        native.options[2].range = (0, fix(355.6 if longer else 297.0), 0)
        return int(Info.RELOAD_OPTIONS)

    source = _source(b"Flatbed", b"ADF")
    source.on_set = choose
    native = FakeNative(
        source,
        FakeOption("br-y", ValueType.FIXED, value=struct.pack("=i", fix(100.0)), range=(0, fix(297.0), 0)),
        FakeOption("tl-y", ValueType.FIXED, range=(0, fix(297.0), 0)),
    )
    session = _session(native)
    assert [(item.name, item.height_mm) for item in session.caps().sources] == [("Flatbed", 297.0), ("ADF", 355.6)]
    assert (session.get("source"), session.get("br-y")) == ("Flatbed", 100.0)
    assert session.caps().default_source == "Flatbed"


def test_lineart_without_a_depth_takes_its_own_depth() -> None:
    """A depth that is inactive in Lineart is not set there, if it is the one that Lineart has anyway."""

    def choose(native: FakeNative, value: bytearray) -> int:
        grey = not value.startswith(b"Lineart")
        native.options[2].cap = Cap.SOFT_SELECT | Cap.SOFT_DETECT | (0 if grey else Cap.INACTIVE)
        return int(Info.RELOAD_OPTIONS)

    mode = FakeOption("mode", ValueType.STRING, 16, value=_text(b"Gray"), strings=(b"Lineart", b"Gray"), on_set=choose)
    session = _session(FakeNative(mode, FakeOption("depth", words=(8, 16), value=struct.pack("=i", 8))))
    [source] = session.caps().sources
    assert [(item.colour, item.depths) for item in source.modes] == [(Colour.LINEART, (1,)), (Colour.GRAY, (8, 16))]
    applied = session.apply(Settings(mode="Lineart", depth=1))
    assert [result.name for result in applied.results] == ["mode"]
    assert session.apply(Settings(mode="Gray", depth=16)).exact


def test_statuses_become_codes_by_where_they_come() -> None:
    """INVAL is no device at open, a refused value at an option; numbers that nobody knows are OTHER, with their number."""
    cases = [
        (SaneError(Status.INVAL, "sane_open"), Phase.OPEN, Code.NOT_FOUND),
        (SaneError(Status.IO_ERROR, "sane_open"), Phase.OPEN, Code.DEVICE_LOST),
        (SaneError(Status.INVAL, "sane_control_option"), Phase.OPTIONS, Code.INVALID_VALUE),
        (SaneError(Status.IO_ERROR, "sane_read"), Phase.READ, Code.TRANSFER_BROKEN),
        (SaneError(Status.WARMING_UP, "sane_start"), Phase.START, Code.WARMING_UP),
        (SaneError(Status.HW_LOCKED, "sane_start"), Phase.START, Code.LOCKED),
        (SaneError(77, "sane_start"), Phase.START, Code.OTHER),
        (SaneMissingError("install it"), Phase.DISCOVER, Code.UNSUPPORTED),
        (SaneContractError("wrote outside"), Phase.READ, Code.INTERNAL),
    ]
    for error, phase, code in cases:
        failure = device_error(error, phase)
        assert (failure.code, failure.phase) == (code, phase)
        assert failure.native is not None
        assert failure.native.code == getattr(error, "status", 0)


def test_events_are_bounded_and_say_what_was_lost() -> None:
    """A client that never polls costs a fixed amount, and learns how many events it missed."""
    keeper = StateKeeper()
    for number in range(EVENT_LIMIT + 5):
        keeper.tell(EventKind.BUTTON, str(number))
    overflow, *rest = keeper.poll()
    assert (overflow.kind, overflow.count, len(rest), rest[0].detail) == (EventKind.OVERFLOW, 5, EVENT_LIMIT, "5")
    revisions = [event.revision for event in rest]
    assert revisions == sorted(set(revisions))
    assert keeper.poll() == ()


def test_a_closed_backend_stays_closed() -> None:
    """Close ends sessions and library once; later calls are CLOSED."""
    native = FakeNative(mode_option())
    backend = SaneBackend(lambda: Sane(native))
    session = backend.open("fake:0")
    backend.close()
    backend.close()
    assert native.calls[-2:] == ["close", "exit"]
    _refused(Code.CLOSED, backend.devices)
    _refused(Code.CLOSED, functools.partial(backend.open, "fake:0"))
    _refused(Code.CLOSED, session.options)


def test_an_impossible_lab_is_refused() -> None:
    """A number of devices that nobody can mean is INVALID_VALUE, before anything is loaded."""
    for devices in (0, -1, 10_000):
        _refused(Code.INVALID_VALUE, functools.partial(make_sanelab, {"devices": devices}))


def test_read_ahead_starts_the_next_page_and_changes_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting on, the next sheet is on its way as soon as a page has ended; pages and the end are the same."""
    frames: list[Any] = [GOOD, GOOD, GOOD, int(Status.NO_DOCS)]
    for ahead in (False, True):
        native = FakeNative(_source(b"ADF"), mode_option(), frames=frames)
        backend = SaneBackend(functools.partial(Sane, native), read_ahead=ahead)
        waiting: list[Callable[[], None]] = []
        inbox = Inbox()
        monkeypatch.setattr(inbox, "put", waiting.append)  # the test is the loop
        backend._inbox = inbox
        session = backend.open("fake:0")
        assert session.caps().scan_ahead == session.status().scan_ahead == int(ahead)
        job = session.start(None, ALL)
        found = []
        buffered = []
        while page := job.next_page():
            found.append(page.read(100))
            page.end()
            starts = native.calls.count("start")
            while waiting:
                waiting.pop(0)()
            buffered.append(session.status().buffered)
            assert native.calls.count("start") == starts + int(ahead)
        assert found == [PAGE] * 3
        assert buffered == ([1, 1, 0] if ahead else [0, 0, 0])
        assert job.next_page() is None
        assert (job.settled(), session.status().state) == (JobState.COMPLETED, SessionState.IDLE)


def test_a_trace_file_has_every_native_call(tmp_path: Path) -> None:
    """One JSON object a line, written at once, so that the last line before a hang is the last call that returned."""
    path = tmp_path / "native.ndjson"
    library = Sane(FakeNative(mode_option()), trace=TraceFile(path))
    library.open("fake:0")
    with pytest.raises(SaneError):
        library.open("fake:1")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["call"] for line in lines[:2]] == ["sane_init", "sane_open"]
    assert (lines[1]["arguments"], lines[1]["status"], lines[1]["seconds"] >= 0) == (["fake:0"], "GOOD", True)
    assert (lines[-1]["arguments"], lines[-1]["status"]) == (["fake:1"], "INVAL")
    assert (path.stat().st_mode & 0o777) == 0o600


def test_small_portions_are_gathered_and_errors_wait_their_turn() -> None:
    """Bytes that came before a failure are given before it; the failure comes at the next read, and stays."""
    portions: list[Portion] = [b"a", b"bc", b"", b"d", int(Status.COVER_OPEN)]
    session = _session(FakeNative(mode_option(), frames=[(GREY, portions)]))
    revision = session.status().revision
    page = session.start(None, ALL).next_page()
    assert page is not None
    assert page.read(3) == b"abc"
    assert page.read(100) == b"d"
    assert session.status().revision > revision + 2  # progress is visible (STAT-04)
    _refused(Code.COVER_OPEN, functools.partial(page.read, 100))


def test_a_cancel_that_comes_while_starting_is_not_lost() -> None:
    """Whether it comes during sane_start or with the first bytes: start says CANCELLED, and the next start works."""
    sessions: list[SaneSession] = []

    def ask(_native: FakeNative) -> tuple[int, bytes]:
        thread = threading.Thread(target=sessions[0].cancel)
        thread.start()
        thread.join()
        return 0, b"abcd"

    native = FakeNative(mode_option(), frames=[(GREY, [ask]), GOOD])
    sessions.append(_session(native))
    assert _refused(Code.CANCELLED, sessions[0].start).phase is Phase.START
    assert sessions[0].status().state is SessionState.IDLE
    assert native.calls[-1] == "cancel"
    assert _pages(sessions[0].start(None, ALL)) == [(PAGE, False)]
