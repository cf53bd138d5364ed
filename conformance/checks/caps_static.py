"""CAPS-02 to -06, -10, -13, -15: what can be seen by looking."""

from __future__ import annotations

import json
import math

from conformance.bench import Bench, BenchSession
from conformance.checks.options import accepts, legal_values, settable
from conformance.checks.registry import check
from device_protocol import Access, Choice, Colour, DeviceError, Option, Range, Unit, ValueType
from device_protocol.constraints import Flags, fits
from device_protocol.options import NAME
from device_protocol.plain import PlainError, from_plain, to_plain

_NUMBERS = {ValueType.INT, ValueType.FIXED, ValueType.INT_ARRAY, ValueType.FIXED_ARRAY}

DEPTHS = {Colour.LINEART: {1}, Colour.GRAY: {1, 8, 16}, Colour.COLOR: {1, 8, 16}}
"""Bits per sample; SANE's three-channel pages of one bit count as COLOR with 1."""


async def _options(bench: Bench) -> tuple[Option, ...]:
    async with bench.session() as session:
        return await session.options()


MOST_AFFECTED = 4
"""Of the options that hang on another one, and of the values of that, so many are tried."""


@check("CAPS-02")
async def names_are_unique_and_plain(bench: Bench) -> None:
    """Every name."""
    names = [option.name for option in await _options(bench)]
    for name in names:
        bench.require(NAME.fullmatch(name) is not None, f"an option is called {name!r}", "spelling")
    twice = sorted({name for name in names if names.count(name) > 1})
    bench.require(not twice, f"two options are called {', '.join(twice)}", "unique")


@check("CAPS-03")
async def constraint_fits_type(bench: Bench) -> None:
    """Every option's constraint and unit."""
    for option in await _options(bench):
        bench.require(
            fits(option.constraint, option.type),
            f"{option.name} is a {option.type.value} with the constraint {option.constraint}",
            "constraint",
        )
        bench.require(
            option.unit is Unit.NONE or option.type in _NUMBERS,
            f"{option.name} is a {option.type.value} in {option.unit.value}",
            "unit",
        )


@check("CAPS-04")
async def values_satisfy_constraints(bench: Bench) -> None:
    """Defaults, and values right after open."""
    async with bench.session() as session:
        for option in await session.options():
            if option.default is not None:
                bench.require(
                    accepts(option, option.default),
                    f"the default of {option.name} is {option.default!r}, which {option.constraint} excludes",
                    "default",
                )
            if option.readable:
                value = await session.get(option.name)
                bench.require(
                    accepts(option, value),
                    f"{option.name} is {value!r}, which {option.type.value} with {option.constraint} excludes",
                    "value",
                )
        await _after_changes(bench, session)


async def _after_changes(bench: Bench, session: BenchSession) -> None:
    """With each option that others hang on set to its values, while one of those is at an end of what it could be."""
    for option in settable(await session.options()):
        for name in option.affects[:MOST_AFFECTED]:
            for end in (0, -1):
                for value in legal_values(option)[:MOST_AFFECTED]:
                    await session.reset()
                    other = next((item for item in settable(await session.options()) if item.name == name), None)
                    if other is None or not (ends := legal_values(other)):
                        continue
                    try:
                        await session.set(name, ends[end])
                        await session.set(option.name, value)
                    except DeviceError:
                        continue  # CAPS-07 judges refusals
                    await _all_fit(bench, session, f"with {name} {ends[end]!r}, {option.name} was set to {value!r}")
    await session.reset()


async def _all_fit(bench: Bench, session: BenchSession, when: str) -> None:
    for item in settable(await session.options()):
        value = await session.get(item.name)
        bench.require(
            accepts(item, value), f"{when}; {item.name} is {value!r}, which {item.constraint} excludes", "changed"
        )


@check("CAPS-05")
async def constraints_make_sense(bench: Bench) -> None:
    """Ranges, choices and flags of options and sources."""
    named: list[tuple[str, object]] = [(option.name, option.constraint) for option in await _options(bench)]
    named += [(f"resolutions of {source.name}", source.resolutions) for source in bench.caps.sources]
    for name, constraint in named:
        match constraint:
            case Range(minimum, maximum, step):
                finite = all(map(math.isfinite, (minimum, maximum, step)))
                bench.require(finite and minimum <= maximum and step >= 0, f"{name}: {constraint}", "range")
            case Choice(values) | Flags(values):
                bench.require(len(values) > 0, f"{name}: a choice of nothing", "empty")
                kinds = [(type(value).__name__, value) for value in values]
                bench.require(len(set(kinds)) == len(kinds), f"{name}: {constraint} repeats a value", "repeated")
            case _:
                pass


@check("CAPS-06")
async def one_default_source(bench: Bench) -> None:
    """Sources and their names."""
    names = [source.name for source in bench.caps.sources]
    bench.require(names, "there is no source", "none")
    bench.require(
        names.count(bench.caps.default_source) == 1,
        f"default_source is {bench.caps.default_source!r}, the sources are {names}",
        "default",
    )
    bench.require(len(set(names)) == len(names), f"sources share a name: {names}", "unique")
    for source in bench.caps.sources:
        bench.require(source.modes, f"source {source.name} has no mode", "modes")
        bench.require(
            source.width_mm > 0 and source.height_mm > 0,
            f"source {source.name} is {source.width_mm} x {source.height_mm} mm",
            "size",
        )
    async with bench.session() as session:
        options = {option.name: option for option in await session.options()}
        if "source" in options:
            for name in names:
                bench.require(
                    options["source"].accepts(name), f"caps name a source {name!r} that the option refuses", "option"
                )


@check("CAPS-10")
async def writable_is_readable(bench: Bench) -> None:
    """Access of every option."""
    for option in await _options(bench):
        bench.require(
            option.type is ValueType.ACTION or Access.WRITE not in option.access or Access.READ in option.access,
            f"{option.name} can be written but not read",
        )
    async with bench.session() as session:
        for option in await session.options():
            if option.writable and option.readable:
                with bench.legal(f"get({option.name!r}) of a readable option"):
                    await session.get(option.name)


@check("CAPS-13")
async def depths_fit_colours(bench: Bench) -> None:
    """Depths of every mode."""
    for source in bench.caps.sources:
        for mode in source.modes:
            bench.require(mode.depths, f"{source.name} {mode.value} has no depth", "none")
            odd = sorted(set(mode.depths) - DEPTHS[mode.colour])
            bench.require(not odd, f"{source.name} {mode.value} ({mode.colour.value}) offers {odd} bits per sample")


@check("CAPS-15")
async def caps_survive_saving(bench: Bench) -> None:
    """Through JSON and back, and the same whenever one asks."""
    async with bench.session() as session:
        caps = await session.caps()
        for what, value in (("capabilities", caps), ("options", await session.options())):
            try:
                text = json.dumps(to_plain(value), allow_nan=False)
                back = from_plain(json.loads(text))
            except (PlainError, ValueError, TypeError) as error:
                raise bench.broken(f"the {what} cannot be saved and loaded: {error}", "save") from error
            bench.require(back == value, f"the {what} are not the same after saving and loading", "lossy")
        again = await session.caps()
        bench.require(again == caps, "caps() gave two answers in one session", "twice")
    async with bench.session() as session:
        later = await session.caps()
    bench.require(later == caps, "caps() of another session are not the same", "session")
