"""The driver on the real `test` back end: the contract's verbs, in process, without a host."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from device_drivers.sane.driver import SaneBackend
from device_drivers.sane.session import SaneSession
from device_protocol import (
    ALL,
    AUTO,
    Area,
    Code,
    Colour,
    DeviceError,
    FeederState,
    JobState,
    PageEnd,
    Phase,
    Polarity,
    SessionState,
    Settings,
    Side,
    SourceKind,
)
from device_protocol.blocking import Inbox
from tests.device_drivers.sane_child import Lab, in_sane_process

pytestmark = pytest.mark.real

FEEDER = "Automatic Document Feeder"
SMALL = Settings(source="Flatbed", mode="Color", depth=8, resolution=50, area=Area(0, 0, 50, 40))
STACK = replace(SMALL, source=FEEDER)


def _backend(lab: Lab) -> SaneBackend:
    return SaneBackend(lambda: lab.sane)


def _open(lab: Lab, backend: SaneBackend | None = None) -> SaneSession:
    lab.used += 1
    return (backend or _backend(lab)).open(f"test:{lab.used - 1}")


def _refused(code: Code, call: Callable[[], object]) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        call()
    assert caught.value.code is code, caught.value
    return caught.value


def _whole(page: Any, size: int = 1 << 16) -> tuple[bytes, PageEnd]:
    data = bytearray()
    while chunk := page.read(size):
        assert len(chunk) <= size
        data += chunk
    return bytes(data), page.end()


def _scan(
    session: SaneSession, settings: Settings | None = None, pages: int | str = ALL
) -> list[tuple[bytes, PageEnd]]:
    job = session.start(settings, pages)
    found = []
    while page := job.next_page():
        found.append(_whole(page))
        assert len(found) < 20, "a job without end"
    assert job.next_page() is None
    assert session.status().state is SessionState.IDLE
    return found


@in_sane_process
def test_devices_have_native_ids_and_say_what_they_are(lab: Lab) -> None:
    """Enumeration gives unique ids that can be opened, and marks the lab as virtual."""
    devices = _backend(lab).devices()
    assert devices.devices[0].id == "test:0"
    assert len({device.id for device in devices}) == len(devices)
    assert devices.devices[0].virtual
    assert (devices.devices[0].maker, devices.devices[0].model) == ("Noname", "frontend-tester")


@in_sane_process
def test_dangerous_and_unknown_ids_open_nothing(lab: Lab) -> None:
    """What would make libsane open the first device, load a library by path, write a file or call a host is NOT_FOUND."""
    backend = _backend(lab)
    for name in (
        "",
        "test",
        "test:",
        ":0",
        "../x:0",
        "fakeusbout:/tmp/x:test:0",
        "fakeusb:/tmp/x",
        "net:host:test:0",
        "a\0:b",
    ):
        _refused(Code.NOT_FOUND, functools.partial(backend.open, name))
    assert "sane_open" not in [call[0] for call in lab.calls]
    error = _refused(Code.NOT_FOUND, lambda: backend.open("test:99999"))
    assert error.native is not None
    assert (error.native.system, error.native.code, error.native.text) == ("sane", 4, "Invalid argument")


@in_sane_process
def test_a_device_is_opened_once(lab: Lab) -> None:
    """A second open is BUSY and leaves the first session working; after close it opens again, also without enumeration."""
    backend = _backend(lab)
    session = _open(lab, backend)
    name = session.handle.name
    assert _refused(Code.BUSY, lambda: backend.open(name)).retryable
    assert len(_scan(session, SMALL)) == 1
    session.close()
    session.close()
    backend.open(name).close()
    _refused(Code.CLOSED, session.caps)
    _refused(Code.CLOSED, lambda: session.get("mode"))


@in_sane_process
def test_options_have_their_defaults_after_open(lab: Lab) -> None:
    """What an earlier session left is put back at open, as the declared policy says; `test` itself remembers."""
    backend = _backend(lab)
    session = _open(lab, backend)
    before = {option.name: session.get(option.name) for option in session.options() if option.readable}
    # `test` has its gamma tables active from the start, and inactive once enable-test-options went on and off again.
    before = {name: value for name, value in before.items() if "gamma" not in name}
    session.set("enable-test-options", True)
    session.set("int", 7)
    session.set("hand-scanner", True)
    session.apply(Settings(source=FEEDER, mode="Color", depth=16, resolution=33))
    session.set("three-pass", True)
    session.set("three-pass-order", "BGR")
    session.close()
    again = backend.open(session.handle.name)
    assert {option.name: again.get(option.name) for option in again.options() if option.readable} == before
    again.set("enable-test-options", True)
    assert again.get("int") == next(option.default for option in again.options() if option.name == "int") != 7


@in_sane_process
def test_caps_tell_sources_modes_and_what_cannot_be_known(lab: Lab) -> None:
    """Sources, modes with their depths, resolutions and area come from the descriptors; paper is not detectable."""
    session = _open(lab)
    before = {option.name: session.get(option.name) for option in session.options() if option.readable}
    caps = session.caps()
    assert [(source.name, source.kind) for source in caps.sources] == [
        ("Flatbed", SourceKind.FLATBED),
        (FEEDER, SourceKind.FEEDER),
    ]
    assert caps.default_source == "Flatbed"
    for source in caps.sources:
        assert [(mode.value, mode.colour, mode.depths) for mode in source.modes] == [
            ("Gray", Colour.GRAY, (1, 8, 16)),
            ("Color", Colour.COLOR, (1, 8, 16)),
        ]
        assert (source.width_mm, source.height_mm) == (300.0, 300.0)
        assert source.resolutions.accepts(1200)
        assert not source.paper_detectable
        assert source.detectable == ({Code.NO_MEDIA} if source.kind.feeds else set())
    assert session.status().feeder is FeederState.UNKNOWN
    assert {option.name: session.get(option.name) for option in session.options() if option.readable} == before
    assert len(session.options()) == 57 - 8 - 1


@in_sane_process
def test_set_tells_the_truth(lab: Lab) -> None:
    """Exactness, the value taken, options that changed and parameters that changed, also where `test` keeps silent."""
    session = _open(lab)
    assert session.get("mode") == "Gray"
    result = session.set("mode", "Color")
    assert (result.actual, result.exact, result.changed, result.params_changed) == (
        "Color",
        True,
        ("three-pass",),
        True,
    )
    result = session.set("resolution", 100.4)
    assert (result.actual, result.exact, session.get("resolution")) == (100.0, False, 100.0)
    assert session.set("resolution", 100.0).exact
    assert session.set("br-x", 101.6).exact
    assert session.get("br-x") == 101.6
    assert not session.set("br-x", 101.6).params_changed
    assert session.set("ppl-loss", 3).params_changed  # without RELOAD_PARAMS
    assert session.set("mode", "gr").actual == "Gray"  # completed by the back end, without INEXACT
    result = session.set("enable-test-options", True)
    assert "int-inexact" in result.changed
    assert (session.set("int-inexact", 5).actual, session.get("int-inexact")) == (6, 6)
    assert session.set("bool-soft-select-soft-detect-auto", AUTO).actual is True
    assert session.set("button", None).actual is None
    table = tuple(range(255, -1, -1))
    assert session.set("red-gamma-table", table).exact
    assert session.get("red-gamma-table") == table


@in_sane_process
def test_refused_values_change_nothing(lab: Lab) -> None:
    """Wrong types, AUTO where there is none, inactive and unknown options are refused with the option's name."""
    session = _open(lab)
    before = {option.name: session.get(option.name) for option in session.options() if option.readable}
    for name, value, code in (
        ("depth", "8", Code.INVALID_VALUE),
        ("depth", 2**40 + 8, Code.INVALID_VALUE),
        ("resolution", 1e9, Code.INVALID_VALUE),
        ("mode", "Lineart", Code.INVALID_VALUE),
        ("depth", AUTO, Code.INVALID_VALUE),
        ("red-gamma-table", (1, 2), Code.INVALID_VALUE),
        ("three-pass", True, Code.UNSUPPORTED),
        ("no-such-option", 1, Code.UNSUPPORTED),
    ):
        error = _refused(code, functools.partial(session.set, name, value))
        assert error.option == name
        assert error.phase is Phase.OPTIONS
    _refused(Code.UNSUPPORTED, lambda: session.get("three-pass"))
    assert {option.name: session.get(option.name) for option in session.options() if option.readable} == before


@in_sane_process
def test_apply_sets_everything_or_nothing(lab: Lab) -> None:
    """A setting that is refused takes the earlier ones of the same apply back; an empty area is refused."""
    session = _open(lab)
    before = {option.name: session.get(option.name) for option in session.options() if option.readable}
    wrong = replace(SMALL, resolution=77, extra=(("ppl-loss", 1), ("test-picture", "Rembrandt")))
    assert _refused(Code.INVALID_VALUE, lambda: session.apply(wrong)).option == "test-picture"
    for area in (Area(10, 10, 10, 20), Area(20, 0, 10, 20), Area(0, 30, 10, 20)):
        _refused(Code.INVALID_VALUE, functools.partial(session.apply, Settings(area=area)))
    _refused(Code.INVALID_VALUE, lambda: session.apply(Settings(source="Tray 7")))
    assert {option.name: session.get(option.name) for option in session.options() if option.readable} == before
    applied = session.apply(SMALL)
    assert applied.exact
    assert [result.name for result in applied.results] == [name for name, _ in SMALL.as_options()]
    session.set("tl-x", 200.0)
    assert _refused(Code.INVALID_VALUE, session.start).option == "br-x"
    assert session.status().state is SessionState.IDLE


@in_sane_process
def test_reset_restores_the_declared_defaults(lab: Lab) -> None:
    """Reset of all and of named options gives what `default` says."""
    session = _open(lab)
    session.apply(replace(SMALL, depth=16))
    session.set("three-pass", True)
    session.reset(("resolution",))
    assert (session.get("resolution"), session.get("depth")) == (25.0, 16)
    session.reset()
    for option in session.options():
        if option.readable and option.writable:
            assert session.get(option.name) == option.default, option.name
    _refused(Code.UNSUPPORTED, lambda: session.reset(("no-such-option",)))


@in_sane_process
def test_a_flatbed_gives_one_page(lab: Lab) -> None:
    """One page for every target, with final parameters that are true, and bytes that do not depend on read sizes."""
    session = _open(lab)
    estimate = session.params()
    assert not estimate.final
    first = _scan(session, SMALL)
    assert len(first) == 1
    data, end = first[0]
    assert end.params == replace(session.params(), final=True)
    assert (end.params.dpi_x, end.params.colour, end.params.channels) == (50.0, Colour.COLOR, 3)
    assert abs(end.params.width - 50 / 25.4 * 50) <= 1
    assert (len(data), end.bytes, end.incomplete) == (end.params.total, end.params.total, False)
    assert _scan(session, pages=5) == _scan(session, pages=1) == first
    job = session.start()
    page = job.next_page()
    assert page is not None
    assert _whole(page, 7)[0] == data
    _refused(Code.WRONG_STATE, lambda: page.read(10))
    assert page.end() == end
    for pages in (0, -1, True, "some"):
        _refused(Code.INVALID_VALUE, functools.partial(_open(lab).start, None, pages))


@in_sane_process
def test_the_feeder_ends_after_ten_pages(lab: Lab) -> None:
    """Ten pages, numbered, then the end and no error; a target stops earlier; an empty feeder is NO_MEDIA at start."""
    session = _open(lab)
    found = _scan(session, STACK)
    assert [end.number for _, end in found] == list(range(1, 11))
    assert len({data for data, _ in found}) == 1
    job = session.start(None, 2)
    page = job.next_page()
    assert page is not None
    assert (page.info.side, page.info.sheet) == (Side.FRONT, 1)
    page.end()
    assert len([_whole(page) for page in iter(job.next_page, None)]) == 1
    assert len(_scan(session, pages=8)) == 8
    error = _refused(Code.NO_MEDIA, session.start)
    assert (error.phase, error.needs_person, error.survives) == (Phase.START, True, True)
    assert session.status().state is SessionState.IDLE
    assert len(_scan(session)) == 10


@in_sane_process
def test_the_contract_s_states_hold(lab: Lab) -> None:
    """While a job runs: reads answer, sets and a second start are refused, and none of it disturbs the page."""
    session = _open(lab)
    whole = _scan(session, SMALL)[0]
    session.poll_events()
    job = session.start(SMALL)
    estimate = session.params()
    states = [session.status().state]
    page = job.next_page()
    assert page is not None
    states.append(session.status().state)
    data = page.read(100)
    assert session.get("mode") == "Color"
    assert session.get("red-gamma-table") is not None
    assert len(session.options()) == 48
    assert session.params() == estimate == replace(page.info.params, final=False)
    _refused(Code.WRONG_STATE, lambda: session.set("resolution", 10.0))
    _refused(Code.WRONG_STATE, lambda: session.apply(SMALL))
    _refused(Code.WRONG_STATE, session.reset)
    _refused(Code.BUSY, session.start)
    _refused(Code.WRONG_STATE, job.next_page)
    _refused(Code.INVALID_VALUE, lambda: page.read(0))
    rest, end = _whole(page)
    assert (data + rest, end) == whole
    states.append(session.status().state)
    assert job.next_page() is None
    states.append(session.status().state)
    assert states == [SessionState.ARMED, SessionState.TRANSFERRING, SessionState.PAGE_GAP, SessionState.IDLE]
    assert [event.detail for event in session.poll_events()] == ["armed", "transferring", "page-gap", "idle"]
    assert session.poll_events() == ()
    status = session.status().job
    assert status is not None
    assert (status.state, status.pages, status.progress) == (JobState.COMPLETED, 1, 1.0)


@in_sane_process
def test_every_status_of_a_read_becomes_its_code(lab: Lab) -> None:
    """Statuses that `test` gives from sane_read arrive with their code and native number, and the next scan works."""
    session = _open(lab)
    codes = {
        "UNSUPPORTED": Code.UNSUPPORTED,
        "CANCELLED": Code.CANCELLED,
        "DEVICE_BUSY": Code.BUSY,
        "INVAL": Code.OTHER,
        "JAMMED": Code.JAM,
        "NO_DOCS": Code.NO_MEDIA,
        "COVER_OPEN": Code.COVER_OPEN,
        "IO_ERROR": Code.TRANSFER_BROKEN,
        "NO_MEM": Code.NO_MEMORY,
        "ACCESS_DENIED": Code.ACCESS_DENIED,
    }
    for name, code in codes.items():
        session.set("read-return-value", f"SANE_STATUS_{name}")
        error = _refused(code, lambda: session.start(SMALL))
        assert error.native is not None
        assert error.native.text
        assert error.phase is Phase.START
        assert session.status().state is SessionState.IDLE
    session.set("read-return-value", "SANE_STATUS_EOF")
    [(data, end)] = _scan(session, SMALL)
    assert (data, end.incomplete) == (b"", True)
    session.set("read-return-value", "Default")
    assert not _scan(session, SMALL)[0][1].incomplete


@in_sane_process
def test_ending_a_page_early_leads_to_the_next(lab: Lab) -> None:
    """A page that is left early is incomplete and says so; the next one of the feeder is whole; a flatbed is done."""
    session = _open(lab)
    [(data, _)] = _scan(session, SMALL)
    job = session.start(STACK, 3)
    ends = []
    for skip in (0, 10, len(data)):
        page = job.next_page()
        assert page is not None
        while page._bytes < skip:
            page.read(skip - page._bytes)
        ends.append((page.end(), page.end()))
    assert job.next_page() is None
    assert [(first.number, first.incomplete) for first, _ in ends] == [(1, True), (2, True), (3, False)]
    assert all(first == second for first, second in ends)
    job = session.start(SMALL)
    page = job.next_page()
    assert page is not None
    page.read(5)
    assert page.end().incomplete
    assert job.next_page() is None
    assert _scan(session, SMALL)[0][0] == data


@in_sane_process
def test_cancel_at_every_step_leaves_a_working_device(lab: Lab) -> None:
    """A cancel from the driver's thread before, in and between pages: CANCELLED for what follows, and then a whole scan."""
    for step in range(7):
        session = _open(
            lab
        )  # anew: `test` counts every start of a device as a sheet of its feeder, those of the flatbed too
        [(data, _)] = _scan(session, SMALL)
        session.cancel()
        job = session.start(STACK, 2)
        pages: list[Any] = []
        for place in range(step):
            if place in {0, 3}:
                pages.append(job.next_page())
            elif place in {1, 4}:
                pages[-1].read(10)
            elif place in {2, 5}:
                pages[-1].end()
        job.cancel()
        job.cancel()
        session.cancel()
        assert job.settled() is JobState.CANCELED, (step, job.state)
        _refused(Code.CANCELLED, job.next_page)
        if step in {1, 2, 4, 5}:
            _refused(Code.CANCELLED, functools.partial(pages[-1].read, 10))
            _refused(Code.CANCELLED, pages[-1].end)
        assert session.status().state is SessionState.IDLE
        assert _scan(session, SMALL)[0][0] == data
        job.cancel()
        assert job.settled() is JobState.CANCELED


@in_sane_process
def test_cancel_from_another_thread_reaches_a_blocked_read(lab: Lab) -> None:
    """With the loop of a host: a cancel from its thread ends a slow read with CANCELLED, and the session is IDLE again."""
    backend = _backend(lab)
    inbox = Inbox()
    session = None
    results: list[object] = []

    def host() -> None:
        done = threading.Semaphore(0)

        def call(work: Callable[[], object]) -> None:
            def run() -> None:
                try:
                    results.append(work())
                except DeviceError as error:
                    results.append(error.code)
                done.release()

            inbox.put(run)

        call(lambda: _open(lab, backend))
        done.acquire()
        session = results[0]
        assert isinstance(session, SaneSession)
        call(lambda: session.apply(replace(SMALL, resolution=300, extra=(("read-delay", True),))))
        call(lambda: session.set("read-delay-duration", 20_000))
        call(lambda: session.start(None))
        for _ in range(3):
            done.acquire()
        job: Any = results[3]
        call(job.next_page)
        done.acquire()
        page: Any = results[4]
        call(lambda: [page.read(1 << 20) for _ in range(10_000)])
        threading.Event().wait(0.01)
        job.cancel()
        call(job.settled)
        call(lambda: session.status().state)
        for _ in range(3):
            done.acquire()
        inbox.close()

    thread = threading.Thread(target=host)
    thread.start()
    backend.run(inbox)
    thread.join()
    assert results[5:] == [Code.CANCELLED, JobState.CANCELED, SessionState.IDLE], session


@in_sane_process
def test_close_works_from_every_state(lab: Lab) -> None:
    """Close in ARMED, within a page, between pages and after a job: all handles are CLOSED, and the device opens again."""
    backend = _backend(lab)
    name = _open(lab, backend).handle.name
    backend._sessions[name].close()
    for step in range(5):
        session = backend.open(name)
        job = session.start(STACK, 1)
        page = job.next_page() if step > 0 else None
        if page is not None and step > 1:
            page.read(10)
        if page is not None and step > 2:
            page.end()
        if step > 3:
            assert job.next_page() is None
        session.close()
        for call in (session.cancel, job.cancel, job.settled, job.next_page):
            _refused(Code.CLOSED, call)
        _refused(Code.CLOSED, session.status)
        if page is not None:
            _refused(Code.CLOSED, functools.partial(page.read, 1))
    backend.open(name).close()


@in_sane_process
def test_pages_of_all_kinds_say_what_they_are(lab: Lab) -> None:
    """Polarity, depth, stride and unknown height of what `test` can send; three passes equal one."""
    session = _open(lab)
    [(_, end)] = _scan(session, replace(SMALL, mode="Gray", depth=1))
    assert (end.params.colour, end.params.polarity, end.params.depth) == (Colour.LINEART, Polarity.ONE_IS_BLACK, 1)
    [(data, end)] = _scan(session, replace(SMALL, depth=1))
    assert (end.params.polarity, end.params.channels, end.params.total) == (Polarity.ONE_IS_WHITE, 3, len(data))
    for depth in (8, 16):
        [(data, end)] = _scan(session, replace(SMALL, depth=depth))
        session.set("three-pass", True)
        session.set("three-pass-order", "BRG")
        assert _scan(session) == [(data, end)]
        session.set("three-pass", False)
    session.reset()
    [(_, plain)] = _scan(session, SMALL)
    session.set("ppl-loss", 7)
    [(data, end)] = _scan(session)
    assert (end.params.width, end.params.stride) == (plain.params.width - 7, plain.params.stride)
    assert end.params.stride > end.params.packed_row
    session.reset()
    session.set("hand-scanner", True)
    assert session.params().height is None
    job = session.start(Settings(mode="Color", depth=8, resolution=50))
    page = job.next_page()
    assert page is not None
    assert (page.info.params.height, page.info.params.final) == (None, False)
    data, end = _whole(page)
    assert (end.params.height, end.params.final, end.incomplete) == (334, True, False)
    assert len(data) == 334 * end.params.stride


@in_sane_process
def test_wild_estimates_are_no_error(lab: Lab) -> None:
    """With fuzzy-parameters the estimate may be nonsense; params answers, and the page itself is exact."""
    session = _open(lab)
    session.set("fuzzy-parameters", True)
    assert not session.params().final
    [(data, end)] = _scan(session, SMALL)
    assert (len(data), end.incomplete) == (end.params.total, False)


@in_sane_process
def test_there_is_nothing_to_control(lab: Lab) -> None:
    """A SANE device's surroundings cannot be controlled, and the refusal says so."""
    backend = _backend(lab)
    assert not backend.control_caps("test:0").actions
    _refused(Code.UNSUPPORTED, lambda: backend.control("test:0", "load", {"count": 1}))


@in_sane_process
def test_a_refused_apply_leaves_no_trace_in_the_descriptors(lab: Lab) -> None:
    """What was active only for a moment, before the whole was taken back, is described as it was before (SET-11)."""
    session = _open(lab)
    before = session.options()
    wrong = Settings(mode="Color", depth=16, extra=(("three-pass", True), ("string", "inactive")))
    _refused(Code.UNSUPPORTED, functools.partial(session.apply, wrong))
    assert session.options() == before
