"""CAPS-01, -07, -08, -09, -11, -12, -14: what shows when options are read, set and scanned with."""

from __future__ import annotations

from dataclasses import replace

from conformance.bench import Bench, BenchSession
from conformance.checks.options import (
    WORD,
    accepts,
    differences,
    from_defaults,
    illegal_value,
    legal_values,
    off_step,
    other_value,
    overflowing,
    same,
    settable,
    settable_names,
)
from conformance.checks.pictures import grey, pixels
from conformance.checks.registry import check
from device_protocol import Choice, Code, DeviceError, Range, SetResult, Settings, Value, ValueType
from device_protocol.control import (
    CLEAN_GLASS,
    CLEAR_FAULTS,
    CLEAR_JAM,
    CLOSE_COVER,
    CLOSE_SHUTTER,
    OPEN_COVER,
    OPEN_SHUTTER,
    PLACE_SHEET,
    REMOVE_SHEET,
    REPLUG,
    RESET,
    UNLOAD,
    UNPLUG,
)
from device_protocol.options import MODE, SOURCE
from device_protocol.settings import Area

BRIGHTNESS = "brightness"

PLAIN_ACTIONS = (
    PLACE_SHEET,
    REMOVE_SHEET,
    CLEAN_GLASS,
    CLOSE_SHUTTER,
    OPEN_SHUTTER,
    OPEN_COVER,
    CLOSE_COVER,
    CLEAR_JAM,
    UNLOAD,
    UNPLUG,
    REPLUG,
    CLEAR_FAULTS,
)
"""In an order in which each makes sense, and the last of a pair leaves things as they were."""

ALL_VALUES = 64
"""Choices with more values than that are sampled."""


async def _set_or_none(session: BenchSession, name: str, value: Value) -> SetResult | None:
    try:
        return await session.set(name, value)
    except DeviceError:
        return None


@check("CAPS-01")
async def option_set_is_constant(bench: Bench) -> None:
    """Names, looked at again and again and after each set."""
    async with bench.session() as session:
        names = {option.name for option in await session.options()}
        for _ in range(5):
            again = {option.name for option in await session.options()}
            bench.require(again == names, f"by looking alone the options changed: {sorted(again ^ names)}", "looking")
        for option in settable(await session.options()):
            result = await _set_or_none(session, option.name, other_value(option, None))
            now = {option.name for option in await session.options()}
            noticed = set(result.changed) if result is not None else set()
            silent = (now ^ names) - noticed
            bench.require(
                not silent,
                f"after setting {option.name} the set of options differs by {sorted(silent)} without notice",
                "setting",
            )
            names = now
        await session.reset()


@check("CAPS-07")
async def advertised_values_can_be_set(bench: Bench) -> None:
    """Every choice, ends and middle of every range, from the defaults."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            constraint = option.constraint
            values = legal_values(option)
            if isinstance(constraint, Choice) and len(constraint.values) <= ALL_VALUES and not option.length:
                values = list(constraint.values)
            for value in values:
                await session.reset()
                with bench.legal(f"setting {option.name} to {value!r}, which it advertises,"):
                    await session.set(option.name, value)
        for source in bench.caps.sources:
            for mode in source.modes:
                await session.reset()
                settings = bench.settings(source, mode=mode.value, depth=mode.depths[0])
                with bench.legal(f"applying {mode.value} on {source.name}, which caps advertise,"):
                    await session.apply(settings)
        await _set_without_looking(bench, session)


async def _set_without_looking(bench: Bench, session: BenchSession) -> None:
    """An option that another one has just changed takes what it advertises, whether anybody has looked at it since or not (device-models 9, E3)."""
    for name in await settable_names(session):
        option = await from_defaults(session, name)
        if option is None:
            continue
        value = other_value(option, await session.get(name))
        result = await _set_or_none(session, name, value)
        now = {item.name: item for item in settable(await session.options())}
        for changed in result.changed if result is not None else ():
            if changed not in now:
                continue
            wanted = other_value(now[changed], None)
            await session.reset()
            await session.options()
            await session.set(name, value)
            with bench.legal(f"setting {changed} right after {name} has changed it", "without looking"):
                await session.set(changed, wanted)


@check("CAPS-08")
async def values_outside_are_never_stored(bench: Bench) -> None:
    """Beyond the ends, between the steps, no choice at all, and a number whose upper bits do not fit a word."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in (illegal_value(option), off_step(option), overflowing(option)):
                await session.reset()
                if value is None:
                    continue
                result = await _set_or_none(session, option.name, value)
                found = await session.get(option.name)
                bench.require(
                    not same(found, value),
                    f"{option.name} stored {value!r}, which {option.constraint} excludes",
                    "stored",
                )
                now = next(item for item in await session.options() if item.name == option.name)
                bench.require(
                    accepts(now, found),
                    f"{option.name} was asked for {value!r} and is {found!r}, which {now.constraint} excludes",
                    "illegal",
                )
                bench.require(
                    result is None or not result.exact,
                    f"{option.name} took {value!r}, which {option.constraint} excludes, as exact",
                    "exact",
                )
                bench.require(
                    result is None or value != overflowing(option) or found != int(value) - WORD,
                    f"{option.name} took {value!r} as {found!r}: what is beyond 32 bits was dropped, not rounded",
                    "dropped",
                )


@check("CAPS-09")
async def reading_has_no_effect(bench: Bench) -> None:
    """With values that are not the defaults, so that a read that resets shows."""
    async with bench.session() as session:
        await session.apply(bench.settings())
        for option in settable(await session.options()):
            if option.name not in await settable_names(session):  # one that was set before has switched it off
                continue
            if option.name not in {SOURCE, MODE} and not option.name.startswith(("tl-", "br-")):
                await _set_or_none(session, option.name, other_value(option, await session.get(option.name)))
        told: dict[str, Value] = {}
        for result in await _applied(bench, session):
            told = {name: value for name, value in told.items() if name not in result.changed} | {
                result.name: result.actual
            }
        before, params, status = await bench.values(session), await session.params(), await session.status()
        lost = differences(
            {name: told[name] for name in told if name in before}, before, besides=before.keys() - told.keys()
        )
        bench.require(not lost, f"reading the options changed {lost}", "options")
        for _ in range(2):
            await session.caps()
            await session.params()
            await session.options()
            await session.status()
        after = await bench.values(session)
        changed = differences(before, after)
        bench.require(not changed, f"reading changed {changed}", "values")
        bench.require(await session.params() == params, "reading changed what params() predict", "params")
        now = await session.status()
        bench.require(now.state is status.state, f"reading changed the state to {now.state}", "state")


async def _applied(bench: Bench, session: BenchSession) -> tuple[SetResult, ...]:
    """What an apply says; nothing if the values set before leave no room for it (a hand scanner has no area)."""
    try:
        return (await session.apply(bench.settings())).results
    except DeviceError:
        return ()


@check("CAPS-11")
async def inactive_options_are_closed(bench: Bench) -> None:
    """Neither read nor written; activity changes only with notice."""
    async with bench.session() as session:
        for option in [item for item in await session.options() if not item.active]:
            with bench.refuses(f"get of the inactive option {option.name}", Code.UNSUPPORTED):
                await session.get(option.name)
            values = legal_values(option) or [option.default]
            with bench.refuses(f"set of the inactive option {option.name}", Code.UNSUPPORTED):
                await session.set(option.name, values[0])
        for option in settable(await session.options()):
            for value in legal_values(option):
                active = {item.name for item in await session.options() if item.active}
                if option.name not in active:
                    break
                result = await _set_or_none(session, option.name, value)
                now = {item.name for item in await session.options() if item.active}
                silent = (now ^ active) - set(result.changed if result is not None else ())
                bench.require(
                    not silent, f"setting {option.name} to {value!r} switched {sorted(silent)} without notice", "notice"
                )
            await session.reset()


@check("CAPS-12")
async def read_only_is_kept(bench: Bench) -> None:
    """Legal and other values."""
    async with bench.session() as session:
        for option in [item for item in await session.options() if item.readable and not item.writable]:
            before = await session.get(option.name)
            for value in {other_value(option, before), before}:
                if value is None:
                    continue
                with bench.refuses(f"set of the read-only option {option.name}", Code.UNSUPPORTED):
                    await session.set(option.name, value)
                after = await session.get(option.name)
                bench.require(
                    same(before, after), f"the read-only {option.name} went from {before!r} to {after!r}", "kept"
                )


@check("CAPS-14", sheets=6, feeder_sheets=6)
async def what_is_advertised_works(bench: Bench) -> None:
    """A scan with each mode of each source, and at the ends of the resolutions; brightness; the actions of control."""
    await _control_does_what_it_offers(bench)
    for source in bench.caps.sources:
        for mode in source.modes:
            for depth in mode.depths:
                await _scan(bench, bench.settings(source, mode=mode.value, depth=depth))
        if source is bench.source():
            tiny = Area(0, 0, min(12.0, source.width_mm), min(8.0, source.height_mm))
            for dpi in source.resolutions.samples():
                if isinstance(dpi, int | float):
                    await _scan(bench, bench.settings(source, dpi=dpi, area=tiny))
    await _brightness_acts(bench)


async def _control_does_what_it_offers(bench: Bench) -> None:
    """What can be done to a virtual device without an argument is done, each action that its control offers."""
    if bench.facts.info.virtual and bench.facts.control is not None:
        for action in (*PLAIN_ACTIONS, RESET):
            if bench.media.offers(action):
                with bench.legal(f"the action {action}, which control offers,", "control"):
                    await bench.media.perform(action)


async def _brightness_acts(bench: Bench) -> None:
    """Where a device has the well-known option for it, a page is darker at its lowest value than at its highest."""
    option = next((item for item in settable(bench.facts.options) if item.name == BRIGHTNESS), None)
    if option is None or not isinstance(option.constraint, Range):
        return
    means = []
    for value in (option.constraint.minimum, option.constraint.maximum):
        settings = replace(
            bench.settings(), extra=((BRIGHTNESS, int(value) if option.type is ValueType.INT else value),)
        )
        try:
            page = await bench.page(settings)
        except DeviceError:
            return  # it is inactive in the mode that is scanned
        samples = pixels(page)
        if samples is None or page.end.params.depth < 8:
            return
        means.append(float(grey(samples).mean()))
    bench.require(
        means[0] < means[1],
        f"the mean of a page is {means[0]:.3f} at the lowest {BRIGHTNESS} and {means[1]:.3f} at the highest",
        "brightness",
    )


async def _scan(bench: Bench, settings: Settings) -> None:
    with bench.legal(f"a scan with {settings}, all of it advertised,"):
        scan = await bench.scan(settings)
    cut = [page.info.number for page in scan.pages if page.end.incomplete]
    bench.require(
        not cut, f"a scan with {settings}, all of it advertised, gives pages that are incomplete: {cut}", "cut"
    )
