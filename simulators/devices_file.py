"""Devices files: what a lab starts with. TOML, ``schema = 1``; every error names file, line and key."""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from pathlib import Path

from sheets import SheetError, load_document
from simulators.fields import Table
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile, load_profile
from simulators.scenario import load_scenario
from simulators.spec import DeviceSpec, Refill, Scenario
from simulators.stacks import Artworks, read_batches, read_optics, read_seed
from simulators.times import Time, read_time
from simulators.toml_files import load_toml

BUILT_IN = "devices/lab.toml"
CAMERAS = "profiles/cameras"
MAX_DEVICES = 1000
MAX_ARTWORKS = 20
ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
DEFAULT_SHEETS = 10


@dataclass(frozen=True, slots=True)
class LabSpec:
    """A whole lab: its machines, and the time they run in (None: not said)."""

    devices: tuple[DeviceSpec, ...]
    time: Time | None = None


def load_lab(file: Path | None = None) -> LabSpec:
    """The lab in a devices file, or the built-in one.

    Raises:
        ConfigError: with file and line.
    """
    return _built_in() if file is None else _read(file)


@functools.cache
def _built_in() -> LabSpec:
    """Read once: a suite opens it hundreds of times."""
    return _read(fixture(BUILT_IN))


def _read(path: Path) -> LabSpec:
    return read_lab(load_toml(path), path.parent)


def read_lab(table: Table, folder: Path) -> LabSpec:
    """The lab in *table*; paths in it start at *folder*.

    Raises:
        ConfigError: as the table makes it.
    """
    time = read_time(table, manual=True)
    artworks = _artworks(table, folder)
    devices: list[DeviceSpec] = []
    profiles: dict[Path, Profile] = {}
    taken: set[str] = set()
    for entry in table.tables("device", most=MAX_DEVICES):
        with entry.going_on():
            device = _device(entry, folder, artworks, profiles)
            names = [info.id for info in device.infos]
            again = [name for name in names if name in taken]
            if again:
                raise entry.error("id", f"{again[0]!r} is taken already")
            taken.update(names)
            devices.append(device)
    table.done()
    return LabSpec(tuple(devices), time)


def _device(entry: Table, folder: Path, artworks: Artworks, profiles: dict[Path, Profile]) -> DeviceSpec:
    profile = _profile(entry, folder, profiles)
    spec = DeviceSpec(
        id=entry.text("id", pattern=ID),
        profile=profile,
        batches=read_batches(entry, "sheets", DEFAULT_SHEETS, artworks),
        seed=read_seed(entry),
        rest_type=entry.integer("rest_type", 0, low=0, high=2**31 - 1),
        name=entry.text("name", "", limit=80),
        refill=Refill(entry.choice("refill", Refill, Refill.ALWAYS)),
        scenario=_scenario(entry, folder, profile),
        optics=read_optics(entry.table("optics")) if entry.has("optics") else None,
        artworks=artworks,
    )
    total = sum(batch.count for batch in spec.batches)
    if profile.feeder is not None and total > profile.feeder.capacity:
        raise entry.error("sheets", f"are {total}; the hopper holds {profile.feeder.capacity}")
    entry.done()
    return spec


def _artworks(table: Table, folder: Path) -> Artworks:
    """The documents under ``[artwork]``: a name, and the path of a PDF, an image or a folder of them from the devices file."""
    names = table.table("artwork", {})
    if len(names.plain()) > MAX_ARTWORKS:
        raise table.error("artwork", f"must have at most {MAX_ARTWORKS} documents, not {len(names.plain())}")
    found = {}
    for name in names.plain():
        with names.going_on():
            try:
                found[name] = load_document(folder / names.text(name, limit=4096))
            except SheetError as error:
                raise names.error(name, f"cannot be printed: {error}") from None
    return found


def _profile(entry: Table, folder: Path, known: dict[Path, Profile]) -> Profile:
    """The profile of an entry; machines of one model share it, so that hundreds cost little."""
    path = _find(entry, "profile", "profiles", folder)
    if path not in known:
        known[path] = load_profile(path)
    return known[path]


def _scenario(entry: Table, folder: Path, profile: Profile) -> Scenario:
    if not entry.has("scenario"):
        return Scenario()
    return load_scenario(_find(entry, "scenario", "scenarios", folder), profile, read_seed(entry))


def _find(entry: Table, key: str, kind: str, folder: Path) -> Path:
    """The file that *key* names: a shipped one by its bare name, or a path from the devices file."""
    name = entry.text(key)
    if name.endswith(".toml"):
        path = folder / name
        if path.is_file():
            return path
        raise entry.error(key, f"names the file {name!r}, which is not there")
    shipped = fixture_names(kind)
    if name in shipped:
        return fixture(f"{kind}/{name}.toml")
    cameras = fixture_names(CAMERAS) if kind == "profiles" else ()
    if name in cameras:
        return fixture(f"{CAMERAS}/{name}.toml")
    near = difflib.get_close_matches(name, (*shipped, *cameras), 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise entry.error(
        key, f"must be one that `flatbed simulate list` names, or the path of a .toml file, not {name!r}{hint}"
    )
