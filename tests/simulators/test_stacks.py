"""Paper as it comes: what a devices file, a profile and a control action say of it, and what then arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from device_protocol import Code, DeviceError, Fault, FaultKind, Settings
from device_protocol.plain import from_plain, to_plain
from sheets import (
    Corner,
    Defects,
    Dust,
    Fold,
    Marks,
    Overlap,
    PaperSize,
    Reading,
    Sheet,
    Side,
    Streak,
    load_document,
    read_page,
)
from simulators.devices_file import load_lab
from simulators.fields import Table
from simulators.panel import invalid
from simulators.scenario import read_scenario
from simulators.spec import DeviceSpec
from simulators.stacks import Batch, Optics, Spread, Wear, read_batch, read_optics, sheet_from_plain, sheet_to_plain
from simulators.toml_files import ConfigError, plain_table
from tests.simulators.benches import feeder, flatbed, lab, profile, scan
from tests.simulators.test_scanning import picture

GRAY = Settings(mode="gray", resolution=100)
COLOUR = Settings(mode="color", resolution=100)
EVERYTHING: dict[str, Any] = {
    "count": 2,
    "size": "A5",
    "noise": 1,
    "blank_fronts": False,
    "skew": {"low": -2, "high": 2},
    "offset_x_mm": {"mean": 1.0, "sd": 0.5},
    "offset_y_mm": 2,
    "fold": {"corner": "top-left", "size_mm": 12, "rate": 0.5},
    "bleed": 0.1,
    "fade": {"low": 0.1, "high": 0.2},
    "dust": {"count": 30, "size_mm": 0.5},
    "streaks": [{"x_mm": 40, "width_mm": 0.4, "shade": 0.2}],
    "cast": [1, 0.95, 0.9],
    "light": 0.1,
    "lap_mm": 60,
    "marks": "margin",
}


def batch(**keys: Any) -> Batch:
    """A batch as the control reads it."""
    return read_batch(Table({"count": 1, **keys}, invalid))


async def pages(spec: DeviceSpec, settings: Settings = GRAY, **load: Any) -> list[Reading]:
    """What the oracle says of all pages of a job, after a load by control if one is asked for."""
    async with lab(spec) as backend:
        if load:
            await (await backend.control(spec.id)).perform("load", load)
        session = await backend.open(spec.id)
        done = await scan(await session.start(settings))
    return [read_page(picture(end.params, data)) for _, data, end in done]


def test_every_key_of_a_batch_arrives() -> None:
    """What is written is what the sheets are like."""
    read = batch(**EVERYTHING)
    wear = read.wear
    assert (read.count, read.size.name, read.noise, read.marks) == (2, "A5", 1, Marks.MARGIN)
    assert (wear.skew, wear.offset_x_mm, wear.offset_y_mm) == (Spread(-2, 2), Spread(-0.5, 2.5, 0.5), 2)
    assert (wear.fold, wear.fold_rate) == (Fold(Corner.TOP_LEFT, 12), 0.5)
    assert (wear.bleed, wear.fade, wear.light, wear.lap_mm) == (0.1, Spread(0.1, 0.2), 0.1, 60)
    assert (wear.dust, wear.streaks, wear.cast) == ((Dust(30, 0.5),), (Streak(40, 0.4, 0.2),), (1, 0.95, 0.9))
    assert batch(size=[105, 148.5]).size == PaperSize("105 x 148.5 mm", 105, 148.5)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"skew": 30}, "skew must be from -20 to 20"),
        ({"skew": "much"}, "skew must be a number"),
        ({"skew": {"low": 2, "high": 1}}, "skew.high must be from 2 to 20"),
        ({"skew": {"low": 1}}, "skew.high is missing"),
        ({"skew": {"mean": 1}}, "skew.sd is missing"),
        ({"skew": {"sd": 1, "low": 2}}, "skew.low is not known here"),
        ({"fold": {"corner": "left", "size_mm": 10}}, "fold.corner must be one of top-left"),
        ({"fold": {"corner": "top-left", "size_mm": 1}}, "fold.size_mm must be from 3"),
        ({"dust": {"count": 0}}, "dust.count must be from 1"),
        ({"dust": {"count": 5, "seed": 1}}, "dust.seed is not known here"),
        ({"dust": 5}, "dust must be a table"),
        ({"streaks": [{"x_mm": -1}]}, "must be from 0"),
        ({"streaks": [{"x_mm": 1}] * 51}, "streaks must have at most 50"),
        ({"cast": [1, 1]}, "cast must be three numbers"),
        ({"cast": [1, 1, True]}, "cast must be three numbers"),
        ({"cast": [1, 1, 9]}, "cast must be three numbers"),
        ({"artwork": "secret.pdf"}, "artwork must be one of (nothing)"),
        ({"marks": "some"}, "marks must be one of grid, margin, none"),
        ({"size": [10, 20]}, "size cannot be"),
        ({"size": [1]}, "size must be a name"),
        ({"size": 5}, "size must be a text"),
        ({"bled": 0.1}, "did you mean 'bleed'"),
    ],
)
def test_mistakes_are_named(keys: Mapping[str, Any], says: str) -> None:
    """A wrong key or value is refused with its place and what is allowed."""
    with pytest.raises(DeviceError) as caught:
        batch(**keys)
    assert says in caught.value.message
    assert caught.value.code is Code.INVALID_VALUE


def test_sheets_are_drawn_by_lot_from_the_seed() -> None:
    """The same seed gives the same sheets, whatever the batch is otherwise; another seed gives others; limits hold."""
    wear = Wear(skew=Spread(-3, 3), bleed=Spread(0, 0.2, 0.05), fold=Fold(Corner.TOP_LEFT, 9), fold_rate=0.3)
    sheets = Batch(300, wear=wear).sheets(1, 5)
    assert sheets == Batch(300, wear=wear).sheets(1, 5)
    assert sheets != Batch(300, wear=wear).sheets(1, 6)
    alone = Batch(300, wear=Wear(skew=Spread(-3, 3))).sheets(1, 5)
    assert [sheet.defects.skew for sheet in sheets] == [sheet.defects.skew for sheet in alone]
    own = Wear(skew=Spread(0, 1), offset_x_mm=Spread(0, 1)).defects(5, 1)
    assert own.skew != own.offset_mm[0]  # each figure has dice of its own
    skews = [sheet.defects.skew for sheet in sheets]
    assert -3 <= min(skews) < -2.5 < 2.5 < max(skews) <= 3
    assert all(0 <= sheet.defects.bleed <= 0.2 for sheet in sheets)
    assert 0.2 < sum(sheet.defects.fold is not None for sheet in sheets) / 300 < 0.4


def test_sheets_cross_the_socket_whole(tmp_path: Path) -> None:
    """Lab and session speak of the same sheet, down to the last speck."""
    Image.new("L", (30, 40), 200).save(tmp_path / "a.png")
    page = load_document(tmp_path)[0]
    (first, second) = batch(**EVERYTHING).sheets(1, 9)
    for sheet in (first, replace(first, front=page, back=page, overlap=Overlap(second, 30.0)), Sheet(3)):
        assert sheet_from_plain(from_plain(to_plain(sheet_to_plain(sheet)))) == sheet
    assert sheet_from_plain(sheet_to_plain(None)) is None


async def test_a_mixed_stack() -> None:
    """Sizes and conditions follow one another in one stack; a page ends where its sheet ends if the machine can tell."""
    machine = profile(feeder={"length_sensor": True})
    batches = (Batch(1), Batch(1, PaperSize("slip", 100, 150)), batch(size="A5", skew=2, bleed=0.1))
    read = await pages(
        feeder(machine=machine, batches=batches), replace(GRAY, source="feeder", extra=(("detect-size", True),))
    )
    assert [reading.number for reading in read] == [1, 2, 3]
    assert [reading.size and reading.size.tenths for reading in read] == [(2100, 2970), (1000, 1500), (1480, 2100)]
    assert [round(reading.skew) for reading in read] == [0, 0, 2]
    assert read[2].measures.bleed == pytest.approx(0.1, abs=0.02)


async def test_loading_by_control_says_the_condition() -> None:
    """The control's load takes the keys of a devices file."""
    read = await pages(
        feeder(0), COLOUR, count=2, skew=-1.5, fold={"corner": "top-right", "size_mm": 25}, cast=[1, 0.9, 0.8]
    )
    front = read[0]
    assert front.skew == pytest.approx(-1.5, abs=0.1)
    assert front.measures.fold
    assert front.measures.fold.corner == "top-right"
    assert front.measures.cast == pytest.approx((1, 0.9, 0.8), abs=0.04)


@pytest.mark.parametrize("sensor", [True, False])
async def test_a_double_feed_shows_both_sheets(sensor: bool) -> None:
    """Without a sensor, or with one that only marks, the second sheet lies over the first where it lags behind."""
    spec = feeder(
        0,
        Fault(FaultKind.MULTIFEED, sheet=2),
        machine=profile(feeder={"multifeed_sensor": sensor}),
        batches=(batch(count=4, lap_mm=90),),
    )
    settings = replace(GRAY, source="feeder", extra=(("multifeed", "mark"),) if sensor else ())
    read = await pages(spec, settings)
    assert [reading.number for reading in read] == [1, 2, 4]
    overlap = read[1].measures.overlap
    assert overlap
    assert (overlap.first, overlap.second) == ((2, Side.FRONT), (3, Side.FRONT))
    assert overlap.begins_mm == pytest.approx(90, abs=1)


async def test_a_dirty_glass_until_it_is_wiped() -> None:
    """Streaks are in the same columns of every page until somebody cleans the glass; a reset soils it again."""
    machine = profile(optics={"streaks": [{"x_mm": 60}], "cast": [1, 0.9, 0.9], "noise": 2})
    async with lab(feeder(6, machine=machine)) as backend:
        control = await backend.control("feeder")
        assert "clean-glass" in (await control.caps()).actions
        seen = []
        for action in ("report", "clean-glass", "reset"):
            await control.perform(action, {})
            session = await backend.open("feeder")
            job = await session.start(replace(COLOUR, source="feeder"), pages=2)
            read = [read_page(picture(end.params, data)) for _, data, end in await scan(job)]
            await session.close()
            seen.append([[round(streak.at_mm) for streak in reading.measures.streaks] for reading in read])
            assert read[0].measures.cast == pytest.approx((1, 0.9, 0.9), abs=0.03)
            assert read[0].measures.noise == pytest.approx(2, rel=0.15)
    assert seen == [[[60], [60]], [[], []], [[60], [60]]]


async def test_a_clean_machine_has_nothing_to_wipe() -> None:
    """The action is there for machines that can need it."""
    async with lab(feeder()) as backend:
        control = await backend.control("feeder")
        assert "clean-glass" not in (await control.caps()).actions
        with pytest.raises(DeviceError) as caught:
            await control.perform("clean-glass", {})
    assert caught.value.code is Code.UNSUPPORTED


async def test_specks_on_the_glass_of_a_flatbed() -> None:
    """They lie at the same places whatever is laid on it; what a feeder does to paper, a flatbed does not."""
    optics = read_optics(Table({"dust": {"count": 40, "seed": 2}, "skew": 3, "streaks": [{"x_mm": 50}]}, invalid))
    (reading,) = await pages(flatbed(optics=optics))
    assert reading.measures.dust
    assert reading.measures.dust.count > 10
    assert reading.skew == pytest.approx(0, abs=0.05)
    assert reading.measures.streaks == ()


def test_the_optics_of_a_machine_are_added_to_the_sheet() -> None:
    """One sheet, two machines: each delivers it in its own way."""
    optics = Optics(Defects(skew=1, streaks=(Streak(5),), dust=(Dust(3, seed=1),)), noise=3)
    sheet = Sheet(1, noise=4, defects=Defects(skew=0.5))
    fed, laid = optics.see(sheet, feeding=True), optics.see(sheet, feeding=False)
    assert (fed.defects.skew, fed.defects.streaks, fed.defects.dust) == (1.5, (Streak(5),), ())
    assert (laid.defects.skew, laid.defects.streaks, laid.defects.dust) == (0.5, (), (Dust(3, seed=1),))
    assert (fed.noise, laid.noise) == (5, 5)


def test_a_scenario_loads_paper_in_any_condition() -> None:
    """The keys are those of a devices file, and a mistake is found when the scenario is read."""
    load = {"seconds": 1.0, "action": "load", "arguments": {"count": 2, "skew": {"low": -1, "high": 1}}}
    scenario = read_scenario(plain_table({"at": [load]}, "scenario"), profile())
    assert scenario.timed[0].arguments == load["arguments"]
    with pytest.raises(ConfigError, match="skew must be from -20 to 20"):
        read_scenario(plain_table({"at": [{**load, "arguments": {"count": 2, "skew": 90}}]}, "scenario"), profile())


LAB = """\
schema = 1
[artwork]
letters = "letters"
[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = { count = 3, artwork = "letters" }
optics = { cast = [1.0, 0.9, 0.8] }
"""


def write_lab(folder: Path, text: str = LAB) -> Path:
    """A devices file beside a folder of three images."""
    (folder / "letters").mkdir(exist_ok=True)
    for number in range(3):
        Image.new("L", (60, 80), 60 * number).save(folder / "letters" / f"{number}.png")
    (folder / "lab.toml").write_text(text)
    return folder / "lab.toml"


async def test_documents_of_a_devices_file_are_scanned(tmp_path: Path) -> None:
    """Paths are relative to the file; pages go on fronts and backs in turn, and the document begins again on a new sheet."""
    (spec,) = load_lab(write_lab(tmp_path)).devices
    sheets = spec.batches[0].sheets(1, 0)
    names = [[page and Path(page.path).name for page in (sheet.front, sheet.back)] for sheet in sheets]
    assert names == [["0.png", "1.png"], ["2.png", None], ["0.png", "1.png"]]
    read = await pages(spec, replace(COLOUR, source="feeder-duplex"))
    assert [(reading.number, reading.side) for reading in read] == [(n, side) for n in (1, 2, 3) for side in Side]
    assert read[0].measures.cast == pytest.approx((1, 0.9, 0.8), abs=0.04)


async def test_control_prints_what_the_devices_file_names_and_nothing_else(tmp_path: Path) -> None:
    """Nobody reads a file of this machine by way of the control API: it takes names, and no paths."""
    (spec,) = load_lab(write_lab(tmp_path)).devices
    async with lab(replace(spec, batches=())) as backend:
        control = await backend.control("feeder")
        assert (await control.perform("load", {"count": 1, "artwork": "letters"}))["hopper"] == 1
        for path in ("/etc/passwd", "letters/0.png", str(tmp_path / "letters")):
            with pytest.raises(DeviceError) as caught:
                await control.perform("load", {"count": 1, "artwork": path})
            assert "must be one of letters" in caught.value.message
        assert (await control.perform("report", {}))["hopper"] == 1


async def test_a_document_that_vanishes_ends_the_job_with_words(tmp_path: Path) -> None:
    """The session stays usable, and the error says which file."""
    path = write_lab(tmp_path)
    Image.effect_noise((61, 81), 90).save(tmp_path / "letters" / "0.png")
    (spec,) = load_lab(path).devices
    (tmp_path / "letters" / "0.png").unlink()
    async with lab(spec) as backend:
        session = await backend.open("feeder")
        with pytest.raises(DeviceError) as caught:
            await scan(await session.start(GRAY))
        assert caught.value.code is Code.OTHER
        assert "0.png: there is no such file" in caught.value.message
        await session.close()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('letters = "letters"', 'letters = "nowhere"', "artwork.letters cannot be printed"),
        ('letters = "letters"', "letters = 5", "artwork.letters must be a text"),
        ('artwork = "letters"', 'artwork = "photos"', "must be one of letters"),
        ('artwork = "letters"', 'artwork = "letters", marks = "grid"', "must be one of margin, none"),
        ("0.9, 0.8]", "0.9]", "cast must be three numbers"),
        ("cast =", "gloss =", "gloss is not known here"),
    ],
)
def test_mistakes_of_a_devices_file_are_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    """With the file and its line, before a device is there."""
    with pytest.raises(ConfigError, match=r"lab\.toml:\d+") as caught:
        load_lab(write_lab(tmp_path, LAB.replace(old, new)))
    assert says in str(caught.value)


def test_a_broken_document_is_named(tmp_path: Path) -> None:
    """The image is told apart from the file that names it."""
    path = write_lab(tmp_path)
    (tmp_path / "letters" / "1.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(ConfigError) as caught:
        load_lab(path)
    assert "1.png" in str(caught.value)
