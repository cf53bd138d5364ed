"""Every shipped machine is scanned from, through each of its sources and modes, and the oracle says what arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from conformance.bench import ScannedPage
from conformance.checks.pictures import pixels
from device_protocol import (
    Choice,
    Code,
    Colour,
    DeviceError,
    FeederState,
    OptionPolicy,
    Settings,
    SourceCaps,
    SourceKind,
)
from device_protocol.aio import RealClock, Session, read_all
from device_protocol.settings import Area
from device_protocol.testing import Jumper, run
from sheets import A4, ColourMode, Expectation, Reading, Side, read_page
from simulators.backend import VirtualBackend
from simulators.crash import SimulatedCrash
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile, load_profile
from simulators.spec import DeviceSpec, Refill
from simulators.stacks import Batch
from tests.simulators.benches import lab, profile, refusal, scan

NAMES = fixture_names("profiles")
CLOSED = {"crashes-at-start", "offline-but-listed"}
"""Machines that nobody can scan from."""

ALIKE = [name for name in NAMES if name.startswith("network-")]
"""They differ in what they say on the network only; one of them stands for all (tests/conformance/test_machines.py holds that)."""

CORNER = Area(0, 0, 60, 60)
"""Holds one whole mark of a sheet, enough for the oracle."""


def machine(name: str) -> Profile:
    """A shipped machine."""
    return load_profile(fixture(f"profiles/{name}.toml"))


@asynccontextmanager
async def opened(name: str, sheets: int = 3) -> AsyncIterator[tuple[VirtualBackend, Session]]:
    """A session with a shipped machine that has paper."""
    spec = DeviceSpec("m", machine(name), batches=(Batch(sheets),), refill=Refill.ALWAYS)
    async with lab(spec) as backend:
        session = await backend.open("m")
        yield backend, session
        await session.close()


async def first_sheet(session: Session, settings: Settings, sides: int = 1) -> list[ScannedPage]:
    """The pages of the first sheet; what the machine does after that is cancelled."""
    job = await session.start(settings, sides)
    pages = []
    for _ in range(sides):
        page = await job.next_page()
        assert page is not None
        data, end = await read_all(page)
        pages.append(ScannedPage(page.info, data, end))
    await job.cancel()
    await job.settled()
    return pages


def read(page: ScannedPage, settings: Settings | None = None) -> Reading:
    """What the oracle says of a page, by what the page says of itself and the area that was asked for."""
    samples, params = pixels(page), page.end.params
    assert samples is not None
    assert params.dpi_x is not None
    assert params.dpi_y is not None
    area = None if settings is None or settings.area is None else edges(settings.area)
    return read_page(samples, dpi=(params.dpi_x, params.dpi_y), expected=Expectation(area_mm=area))


def corner(source: SourceCaps) -> Area:
    """The upper left part of the area of *source*."""
    return Area(0, 0, min(CORNER.right, source.width_mm), min(CORNER.bottom, source.height_mm))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {*CLOSED, *ALIKE[1:]}])
async def test_every_source_and_mode(name: str) -> None:
    """What arrives is the sheet that lay there, each side of it, in the mode, size and resolution that were asked for."""
    made = machine(name)
    async with opened(name) as (backend, session):
        panel = await backend.control("m")
        caps = await session.caps()
        for source in caps.sources or made.sources:
            for mode in source.modes:
                for depth in mode.depths:
                    if made.feeder is not None:
                        await panel.perform("unload")
                        await panel.perform("load", {"count": 2})
                    settings = Settings(
                        source=source.name if caps.sources else None,
                        mode=mode.value,
                        depth=depth,
                        resolution=source.resolutions.nearest(100),
                        area=corner(source),
                    )
                    pages = await first_sheet(session, settings, len(source.sides))
                    for side, page in zip(source.sides, pages, strict=True):
                        found = read(page, settings)
                        assert found.found
                        assert judge(found, settings, Side(side), mode.colour) == flaws(made, depth), found


def judge(found: Reading, settings: Settings, side: Side, colour: Colour) -> list[str]:
    """In what a page differs from what was asked for, in the oracle's words."""
    assert settings.area is not None
    assert settings.resolution is not None
    expected = Expectation(
        number=1,
        side=side,
        seed=0,
        size=A4,
        dpi=(settings.resolution, settings.resolution),
        mode=ColourMode(colour.value),
        area_mm=edges(settings.area),
    )
    return found.differences(expected)


def flaws(made: Profile, depth: int) -> list[str]:
    """What must be wrong with a page of a machine by its defects."""
    defects = made.defects
    if defects.wrong_polarity and depth == 1:
        return ["inverted: black and white are exchanged"]
    return ["the bytes of the 16-bit samples are exchanged"] if defects.wrong_byte_order and depth == 16 else []


def edges(area: Area) -> tuple[float, float, float, float]:
    """*area* as the oracle has it."""
    return area.left, area.top, area.right, area.bottom


async def test_the_liar_is_caught() -> None:
    """It advertises 600 dpi, the page says 600, and the oracle measures 300."""
    async with opened("resolution-liar") as (_, session):
        source = (await session.caps()).sources[0]
        assert source.resolutions.accepts(600)
        (page,) = await first_sheet(session, Settings(mode="gray", resolution=600, area=corner(source)))
        found = read(page)
    assert page.end.params.dpi_x == 600
    assert found.dpi_x == pytest.approx(300, rel=0.01)


def timed(name: str, what: Callable[[VirtualBackend], Coroutine[Any, Any, None]]) -> float:
    """Virtual seconds that something takes with a shipped machine."""

    async def main() -> float:
        async with lab(DeviceSpec("m", machine(name), batches=(Batch(3),)), clock=RealClock()) as backend:
            begun = trio.current_time()
            await what(backend)
            return trio.current_time() - begun

    return run(main, clock=Jumper())


def test_three_passes_take_three_times_as_long() -> None:
    """A colour page takes three exposures, unless they are switched off, and looks the same; grey takes one and has no such option."""
    pages: dict[bool, bytes] = {}

    def scans(*, three: bool) -> float:
        async def scan(backend: VirtualBackend) -> None:
            session = await backend.open("m")
            settings = Settings(mode="color", resolution=50, area=Area(0, 0, 60, 60), extra=(("three-pass", three),))
            (page,) = await first_sheet(session, settings)
            pages[three] = page.data
            await session.set("mode", "gray")
            assert not next(item for item in await session.options() if item.name == "three-pass").active
            await session.close()

        return timed("three-pass-colour", scan)

    longer = scans(three=True) - scans(three=False)
    assert longer == pytest.approx(2 * machine("three-pass-colour").timing.page_s)
    assert pages[True] == pages[False]


def test_an_offline_machine_is_listed_and_stalls() -> None:
    """S-103: it is in the list, opening it takes as long as the profile says, and nobody is kept from trying again."""

    async def tries(backend: VirtualBackend) -> None:
        for _ in range(2):
            assert [info.id for info in (await backend.devices()).devices] == ["m"]
            error = await refusal(backend.open("m"))
            assert error.code is Code.DEVICE_LOST

    assert timed("offline-but-listed", tries) == pytest.approx(60.0)


def test_a_slow_machine_takes_time_for_each_option() -> None:
    """Looking at an option or setting it lasts; the page and its parameters do not."""

    async def look(backend: VirtualBackend) -> None:
        session = await backend.open("m")
        await session.options()
        await session.get("mode")
        await session.set("mode", "gray")
        await session.params()
        await session.close()

    timing = machine("slow-properties").timing
    assert timed("slow-properties", look) == pytest.approx(timing.open_s + 3 * timing.option_s)


def test_a_network_device_forgets_when_idle() -> None:
    """After a minute of silence its options are the defaults again, and nobody is told; before that they are not."""
    found: list[Any] = []

    async def idle(backend: VirtualBackend) -> None:
        session = await backend.open("m")
        await session.set("mode", "gray")
        for seconds in (59, 61):
            await trio.sleep(seconds)
            found.append(await session.get("mode"))
        await session.close()

    timed("forgetful-network", idle)
    assert found == ["gray", "color"]


async def test_a_network_device_forgets_between_sessions() -> None:
    """It declares that it remembers, and opens with the defaults."""
    async with opened("forgetful-network") as (backend, session):
        assert (await session.caps()).option_policy is OptionPolicy.REMEMBERED
        await session.set("mode", "gray")
        await session.close()
        again = await backend.open("m")
        assert await again.get("mode") == "color"
        await again.close()


async def test_a_driver_dies_at_start() -> None:
    """Without a worker that could die, the exception of a driver comes up, and the machine can be opened again."""
    async with opened("crashes-at-start") as (backend, session):
        with pytest.raises(SimulatedCrash):
            await session.start(Settings(mode="gray"))
        await session.close()
        again = await backend.open("m")
        assert await again.get("mode") == "color"
        await again.close()


@pytest.mark.parametrize(("name", "lit"), [("lamp-stays-on", True), ("flatbed", False)])
async def test_the_lamp(name: str, lit: bool) -> None:
    """The front panel shows a lamp that is on while it scans; after the session it is off, or it is that defect."""
    async with opened(name) as (backend, session):
        panel = await backend.control("m")
        assert (await panel.perform("report"))["lamp"] is False
        await first_sheet(session, Settings(mode="gray", resolution=75, area=Area(0, 0, 30, 30)))
        assert (await panel.perform("report"))["lamp"] is True
        await session.close()
        assert (await panel.perform("report"))["lamp"] is lit


@pytest.mark.parametrize("name", ["lamp-stays-on", "flatbed"])
def test_a_lamp_that_stays_on_stays_warm(name: str) -> None:
    """Hours later it needs no time to warm up; another lamp is cold by then."""
    seconds: list[float] = []

    async def scans(backend: VirtualBackend) -> None:
        for _ in range(2):
            session = await backend.open("m")
            begun = trio.current_time()
            await first_sheet(session, Settings(mode="gray", resolution=75, area=Area(0, 0, 30, 30)))
            seconds.append(trio.current_time() - begun)
            await session.close()
            await trio.sleep(7200)

    timed(name, scans)
    first, second = seconds
    warm_up = machine(name).timing.warm_up_s
    assert warm_up > 0
    assert first - second == pytest.approx(warm_up if name == "lamp-stays-on" else 0)


async def test_an_automatic_source_looks_for_paper() -> None:
    """The feeder's sheets as long as there are some, then the sheet on the glass, whether the real sources are shown or not."""
    for name, shown in (("automatic-source", 3), ("hidden-sources", 1)):
        async with opened(name, sheets=2) as (backend, session):
            caps = await session.caps()
            assert len(caps.sources) == shown
            auto = next(source for source in caps.sources if source.kind is SourceKind.VENDOR)
            settings = Settings(source=auto.name, mode="gray", resolution=75, area=CORNER)
            fed = await scan(await session.start(settings))
            assert [info.sheet for info, _, _ in fed] == [1, 2]
            panel = await backend.control("m")
            assert (await panel.perform("report"))["hopper"] == 0
            glass = await scan(await session.start(settings))
            assert [info.sheet for info, _, _ in glass] == [None]


async def test_an_endless_flatbed() -> None:
    """Page after page of the sheet that lies there, until somebody cancels; another flatbed ends after one."""
    settings = Settings(mode="gray", resolution=75, area=Area(0, 0, 60, 60))
    async with opened("endless-flatbed") as (_, session):
        job = await session.start(settings)
        numbers, pages = [], set()
        for _ in range(20):
            page = await job.next_page()
            assert page is not None
            numbers.append(page.info.number)
            pages.add((await read_all(page))[0])
        assert (numbers, len(pages)) == (list(range(1, 21)), 1)
        await job.cancel()
        await job.settled()


@pytest.mark.parametrize(
    ("name", "code"), [("ends-with-cancelled", Code.CANCELLED), ("empty-after-good", Code.NO_MEDIA)]
)
async def test_a_good_scan_ends_with_an_error(name: str, code: Code) -> None:
    """S-102, S-105: all pages come, and then an error where the end should be; the next scan works."""
    async with opened(name) as (_, session):
        for _ in range(2):
            job = await session.start(Settings(source="feeder", mode="gray", resolution=75, area=Area(0, 0, 60, 60)))
            for _ in range(3):
                page = await job.next_page()
                assert page is not None
                await read_all(page)
            error = await refusal(job.next_page())
            assert (error.code, error.page) == (code, 4)
            await session.close()
            return


async def test_no_page_count_stops_it() -> None:
    """S-107: asked for one page, it feeds all three; asked to drop blank sides, it delivers them."""
    async with opened("ignores-page-count") as (_, session):
        settings = Settings(
            source="feeder", mode="gray", resolution=75, area=Area(0, 0, 60, 60), extra=(("discard-blank", True),)
        )
        assert len(await scan(await session.start(settings, 1))) == 3


@pytest.mark.parametrize(("ignores", "pages"), [(False, 2), (True, 4)])
async def test_blank_sides_are_dropped_or_not(ignores: bool, pages: int) -> None:
    """S-107: a feeder that can drop blank sides does, unless that is its defect."""
    feeder = profile(defects={"ignores_blank_discard": ignores})
    async with lab(DeviceSpec("m", feeder, batches=(Batch(2, blank_backs=True),))) as backend:
        session = await backend.open("m")
        settings = Settings(mode="gray", resolution=75, area=CORNER, extra=(("discard-blank", True),))
        assert len(await scan(await session.start(settings))) == pages
        await session.close()


async def test_options_come_and_go() -> None:
    """What means nothing is absent, not inactive, and a notice names what appears and vanishes."""
    async with opened("vanishing-options") as (_, session):
        names = {option.name for option in await session.options()}
        assert all(option.active for option in await session.options())
        result = await session.set("mode", "lineart")
        later = {option.name for option in await session.options()}
        assert later - names == {"threshold"}
        assert "threshold" in result.changed
        assert (await session.set("mode", "gray")).changed[-1:] == ("threshold",)
        assert (await refusal(session.get("threshold"))).code is Code.UNSUPPORTED


async def test_inexact_rounding_is_said() -> None:
    """A value that its constraint allows is rounded, reported, read back, and taken as it is the next time."""
    async with opened("inexact-rounding") as (_, session):
        for name, asked, taken in (("tl-x", 11.1, 10.0), ("resolution", 310.0, 300.0), ("brightness", 44, 40)):
            result = await session.set(name, asked)
            assert (result.actual, result.exact) == (taken, False)
            assert await session.get(name) == taken
            assert (await session.set(name, taken)).exact
        # the ends of a range are no multiples, and are taken all the same
        assert (await session.set("br-x", 216.0)).exact
        assert (await session.set("br-y", 297.0)).exact


async def test_silent_rounding_is_not() -> None:
    """That defect: it says that it took the value, and has another one."""
    async with opened("silent-rounding") as (_, session):
        result = await session.set("tl-x", 11.1)
        assert (result.actual, result.exact, await session.get("tl-x")) == (11.1, True, 10.0)


async def test_an_option_must_be_looked_at_again() -> None:
    """A set without a look after a notice is refused, changes nothing and is in the report on the client; after a look it works."""
    async with opened("not-reread") as (backend, session):
        await session.options()
        changed = (await session.set("source", "feeder")).changed
        assert "br-y" in changed
        error = await refusal(session.set("br-y", 100.0))
        assert (error.code, error.option) == (Code.INVALID_VALUE, "br-y")
        report = await (await backend.control("m")).perform("report")
        assert "br-y" in str(report["client"])
        assert await session.get("br-y") == 297.0
        assert (await session.set("br-y", 100.0)).exact


async def test_other_names_for_options() -> None:
    """Options are shown, set and complained about under the odd names; the usual ones do not exist, and the driver's settings still work."""
    async with opened("odd-option-names") as (_, session):
        names = [option.name for option in await session.options()]
        assert "Scan_DPI" in names
        assert "resolution" not in names
        assert (await refusal(session.get("resolution"))).code is Code.UNSUPPORTED
        assert (await session.set("Scan_DPI", 75.0)).name == "Scan_DPI"
        assert (await refusal(session.set("ColourMode", "purple"))).option == "ColourMode"
        results = (await session.apply(Settings(mode="gray", resolution=150))).results
        assert [result.name for result in results] == ["ColourMode", "Scan_DPI"]
        assert await session.get("Scan_DPI") == 150
        with pytest.raises(DeviceError):
            await session.apply(Settings(extra=(("resolution", 75.0),)))


async def test_no_source_is_named() -> None:
    """It has no source to name and no option for it, and scans all the same."""
    async with opened("no-sources") as (_, session):
        assert (await session.caps()).sources == ()
        assert "source" not in {option.name for option in await session.options()}
        assert len(await scan(await session.start(Settings(mode="gray", resolution=75)))) == 1


async def test_an_impossible_height() -> None:
    """It claims three metres; a page of its whole area ends where its area really ends."""
    async with opened("impossible-height") as (_, session):
        (source,) = (await session.caps()).sources
        assert source.height_mm == 3251.2
        (page,) = await first_sheet(session, Settings(mode="gray", resolution=75))
        assert page.end.params.height == round(356 / 25.4 * 75)


async def test_a_stuck_paper_sensor() -> None:
    """It says that there is paper when there is none, and the scan finds out."""
    async with opened("stuck-paper-sensor", sheets=0) as (_, session):
        assert (await session.status()).feeder is FeederState.LOADED
        assert (await refusal(session.start(Settings(mode="gray")))).code is Code.NO_MEDIA


async def test_a_book_ends_where_it_ends() -> None:
    """No page announces its height; with detection on, it ends at the sheet's edge."""
    async with opened("book-scanner", sheets=1) as (_, session):
        settings = Settings(mode="gray", resolution=75, extra=(("detect-size", True),))
        assert (await session.params()).height is None
        (page,) = await first_sheet(session, settings)
        assert page.info.params.height is None
        assert page.end.params.height == pytest.approx(297 / 25.4 * 75, abs=1)
        assert read(page).crop_px is not None


async def test_a_machine_that_is_listed_three_times() -> None:
    """S-104: one entry for each protocol, each can be opened, and while one is, the others are busy; unplugging takes all away."""
    async with opened("listed-three-times") as (backend, session):
        infos = (await backend.devices()).devices
        assert [(info.id, info.transport) for info in infos] == [("m", "virtual"), ("m-wia", "wia"), ("m-escl", "escl")]
        assert (await refusal(backend.open("m-wia"))).code is Code.BUSY
        await session.close()
        again = await backend.open("m-escl")
        assert len(await scan(await again.start(Settings(mode="gray", resolution=75, area=CORNER)))) == 3
        await again.close()
        await (await backend.control("m-wia")).perform("unplug")
        assert (await backend.devices()).devices == ()


async def test_reads_are_limited() -> None:
    """It gives its rows in pieces of 4000 bytes at most, padding and all."""
    async with opened("padded-lines") as (_, session):
        job = await session.start(Settings(mode="gray", resolution=75, area=Area(0, 0, 60, 60)))
        page = await job.next_page()
        assert page is not None
        assert page.info.params.stride == page.info.params.packed_row + 128
        assert len(await page.read(1 << 20)) == 4000
        await job.cancel()
        await job.settled()


def test_single_machines() -> None:
    """There are machines with one choice of everything, and with the triggers of eSCL drivers' quirks (sane-escl 3.3)."""
    single = machine("single-resolution").sources
    assert [source.resolutions for source in single] == [Choice((200,))]
    triggers = {machine(name).escl.make_and_model for name in NAMES if name.startswith("network-")}
    for word in (
        "HP LaserJet MFP M630",
        "HP Color LaserJet FlowMFP M578",
        "MF410 Series",
        "WorkCentre 3345",
        "B215",
        "B205",
    ):
        assert any(word in trigger for trigger in triggers), word
    assert any(trigger.startswith("EPSON ") for trigger in triggers)
    assert any(trigger.startswith("Brother ") for trigger in triggers)
    assert "Canon iR2625/2630" in triggers
    assert machine("network-host-localhost").escl.server_header == "HP_Compact_Server"
