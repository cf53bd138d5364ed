"""All wishes together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from device_protocol import ALL, Settings, SourceCaps, SourceKind
from device_protocol.options import SOURCE
from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.twain import LANDSCAPE, NO_EFFECT, OPTION_NAMES, ORIENTATION_LABELS, Units
from reference_server.jobs.plan.area import choose_area
from reference_server.jobs.plan.parts import Note, Plan, PlanError, Present
from reference_server.jobs.plan.picture import choose_picture
from reference_server.jobs.plan.resolution import choose_resolution, dpi_after
from reference_server.jobs.plan.source import choose_source
from reference_server.jobs.wishes import Wish, latest

MAX_COUNT = 1 << 15
"""The largest ``XferCount`` (rest-api.md 5.2)."""


def make_plan(wishes: Sequence[Wish], present: Present) -> Plan:
    """The settings nearest to *wishes*.

    Wishes count in their order: a strict one is judged by what was wished up to it, and where it cannot be met exactly, the plan ends before it.
    """
    for index, wish in enumerate(wishes):
        if wish.strict:
            notes = _plan(wishes[: index + 1], present).notes
            failed = next((note for note in notes if note.wish is wish), None)
            if failed is not None:
                return replace(_plan(wishes[:index], present), failure=PlanError(failed))
    return _plan(wishes, present)


def _plan(wishes: Sequence[Wish], present: Present) -> Plan:
    wanted = latest(wishes)
    notes = [Note(wish, "nothing", wish.refused) for wish in wishes if not wish.key]
    source = choose_source(wanted, present, notes)
    settings = Settings(source=source.name if present.can_set(SOURCE) else None)
    settings = choose_picture(wanted, source, present, settings, notes)
    settings = choose_resolution(wanted, source, present, settings, notes)
    settings = replace(settings, area=choose_area(wanted, source, present, dpi_after(settings, source, present), notes))
    _check_fixed(wanted, present, notes)
    count, unit = _count(wanted.get("xfercount"), notes), _unit(wanted.get("unit"), notes)
    auto_feed = _auto_feed(wanted, source, notes)
    return Plan(
        settings=settings,
        source=source,
        steps=tuple(wish for wish in wishes if wish.key in OPTION_NAMES),
        pages=_pages(count, source, auto_feed=auto_feed),
        notes=tuple(notes),
        count=count,
        unit=unit,
        auto_feed=auto_feed,
        landscape=_number(wanted.get("orientation")) in LANDSCAPE,
    )


def _number(wish: Wish | None) -> float | None:
    return wish.value if wish is not None and isinstance(wish.value, int | float) else None


def _check_fixed(wanted: Mapping[str, Wish], present: Present, notes: list[Note]) -> None:
    """Note what can only be as it is."""
    for key, values in NO_EFFECT.items():
        wish = wanted.get(key)
        if wish is not None and wish.value not in values:
            notes.append(Note(wish, values[0]))
    ahead = wanted.get("ifautoscan")
    if ahead is not None and bool(ahead.value) is not bool(present.caps.scan_ahead):
        notes.append(Note(ahead, bool(present.caps.scan_ahead)))
    orientation = wanted.get("orientation")
    if orientation is not None:
        if not present.has_area:
            notes.append(Note(orientation, "nothing", RestCode.BAD_CAPABILITY))
        elif orientation.value not in {*ORIENTATION_LABELS, *LANDSCAPE}:
            notes.append(Note(orientation, "portrait"))


def _unit(wish: Wish | None, notes: list[Note]) -> Units:
    number = _number(wish)
    if number in set(Units):
        return Units(int(number))
    if wish is not None:
        notes.append(Note(wish, "inches"))
    return Units.INCHES


def _count(wish: Wish | None, notes: list[Note]) -> int:
    number = _number(wish)
    if wish is None or number is None or number == -1:
        return -1
    count = min(int(number), MAX_COUNT) if number >= 1 else -1
    if count != number:
        notes.append(Note(wish, count))
    return count


def _auto_feed(wanted: Mapping[str, Wish], source: SourceCaps, notes: list[Note]) -> bool:
    wish = wanted.get("ifautofeed")
    if wish is None:
        return True
    if wish.value and not source.kind.feeds:
        notes.append(Note(wish, "a single sheet"))
    return bool(wish.value)


def _pages(count: int, source: SourceCaps, *, auto_feed: bool) -> int | str:
    """How many pages to ask for. Glass holds one sheet; a camera would never end; without automatic feeding only the first sheet comes."""
    if not source.kind.feeds:
        return max(count, 1) if source.kind is SourceKind.CAMERA else 1
    if not auto_feed:
        return min(count, len(source.sides)) if count >= 1 else len(source.sides)
    return count if count >= 1 else ALL
