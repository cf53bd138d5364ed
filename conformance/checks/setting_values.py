"""SET-01 to -05, -08, -10, -13: one value at a time."""

from __future__ import annotations

from conformance.bench import Bench, BenchSession
from conformance.checks.options import (
    accepts,
    from_defaults,
    illegal_value,
    legal_values,
    off_step,
    other_value,
    same,
    settable,
    settable_names,
    wrong_types,
)
from conformance.checks.registry import check
from device_protocol import AUTO, Access, Code, DeviceError, Option, SetResult, Value


async def _try(session: BenchSession, option: Option, value: object) -> SetResult | None:
    """Set; None if it was refused, which other checks judge."""
    try:
        return await session.set(option.name, value)  # type: ignore[arg-type]  # wrong types are the point of some checks
    except DeviceError:
        return None


async def _readable(session: BenchSession, name: str) -> bool:
    return any(option.name == name and option.readable for option in await session.options())


@check("SET-01")
async def exact_value_reads_back(bench: Bench) -> None:
    """Whatever was taken as exact is what get gives."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in legal_values(option):
                result = await _try(session, option, value)
                if result is None or not result.exact:
                    continue
                found = await session.get(option.name)
                bench.require(
                    same(found, value),
                    f"{option.name} was set to {value!r}, reported as exact, and reads back {found!r}",
                    "read back",
                )
                bench.require(
                    same(result.actual, value),
                    f"{option.name} was set to {value!r}, reported as exact with the actual value {result.actual!r}",
                    "actual",
                )


@check("SET-02")
async def rounded_value_is_reported(bench: Bench) -> None:
    """A value off the grid is refused, or the result says what was taken."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in (off_step(option), illegal_value(option), *legal_values(option)):
                if value is None:
                    continue
                result = await _try(session, option, value)
                if result is None:
                    continue
                found = await session.get(option.name)
                bench.require(
                    same(found, result.actual),
                    f"{option.name} was asked for {value!r}, reported {result.actual!r}, and reads back {found!r}",
                    "read back",
                )
                # What is off by less than a fixed point number can say may be called exact, or rounded.
                bench.require(
                    same(value, found) if result.exact else value != found,
                    f"{option.name} was asked for {value!r} and took {found!r}, reported with exact={result.exact}",
                    "exact",
                )


@check("SET-03")
async def actual_value_is_exact(bench: Bench) -> None:
    """What a rounding gave is not rounded again."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in (off_step(option), illegal_value(option), *legal_values(option)[-1:]):
                if value is None:
                    continue
                first = await _try(session, option, value)
                if first is None or first.actual is None:
                    continue
                with bench.legal(f"setting {option.name} to the reported {first.actual!r}"):
                    second = await session.set(option.name, first.actual)
                bench.require(
                    second.exact and same(second.actual, first.actual),
                    f"{option.name}: {value!r} gave {first.actual!r}; setting that gave {second.actual!r} "
                    f"with exact={second.exact}",
                )


@check("SET-04")
async def refusal_names_and_keeps(bench: Bench) -> None:
    """A refused value is named together with its option, and the old value stays."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in (illegal_value(option), *wrong_types(option)[:1]):
                if value is None:
                    continue
                await _away_from_default(session, option)
                before = await session.get(option.name)
                try:
                    await session.set(option.name, value)  # type: ignore[arg-type]  # one of them has the wrong type
                except DeviceError as error:
                    bench.require(
                        error.option == option.name,
                        f"refusing {value!r} for {option.name}, the error names the option {error.option!r}",
                        "option",
                    )
                    bench.require(
                        error.value == value,
                        f"refusing {value!r} for {option.name}, the error names the value {error.value!r}",
                        "value",
                    )
                    after = await session.get(option.name)
                    bench.require(
                        same(before, after),
                        f"{option.name} refused {value!r}; before it was {before!r}, after it is {after!r}",
                        "kept",
                    )
                else:
                    await session.reset((option.name,))


async def _away_from_default(session: BenchSession, option: Option) -> None:
    """Another legal value, so that a fall-back to the default shows."""
    other = other_value(option, option.default)
    if other is not None:
        await _try(session, option, other)


@check("SET-05")
async def wrong_type_is_refused(bench: Bench) -> None:
    """No coercion of strings, booleans or fractions."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            before = await session.get(option.name)
            for value in wrong_types(option):
                with bench.refuses(f"{option.name} ({option.type.value}) set to {value!r}", Code.INVALID_VALUE):
                    await session.set(option.name, value)  # type: ignore[arg-type]  # the point of the check
                after = await session.get(option.name)
                bench.require(
                    same(before, after), f"{option.name} refused {value!r} and went from {before!r} to {after!r}"
                )


@check("SET-08")
async def reset_restores_default(bench: Bench) -> None:
    """By name and all at once."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            default = option.default
            if default is None:
                continue
            for value in legal_values(option):
                if same(value, default):
                    continue
                await _away_from_default(session, option)  # so that the value before is not the default
                if await _try(session, option, value) is None:
                    continue
                with bench.legal(f"reset of {option.name}"):
                    await session.reset((option.name,))
                found = await session.get(option.name)
                bench.require(
                    same(found, default),
                    f"{option.name} was set to {value!r} and reset; it is {found!r}, its default is {default!r}",
                    "one",
                )
        await _all_at_once(bench, session)


async def _all_at_once(bench: Bench, session: BenchSession) -> None:
    for option in settable(await session.options()):
        values = legal_values(option)
        if values and await _readable(session, option.name):
            await _try(session, option, values[-1])
    with bench.legal("reset of everything"):
        await session.reset()
    for option in await session.options():
        if option.readable and option.writable and option.default is not None:
            found = await session.get(option.name)
            bench.require(
                same(found, option.default),
                f"after a reset of everything {option.name} is {found!r}, its default is {option.default!r}",
                "all",
            )


@check("SET-10")
async def auto_only_where_declared(bench: Bench) -> None:
    """AUTO is refused where it is not declared; where it is, a legal value results."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            before = await session.get(option.name)
            if Access.AUTO in option.access:
                with bench.legal(f"AUTO for {option.name}"):
                    await session.set(option.name, AUTO)
                found = await session.get(option.name)
                bench.require(
                    accepts(option, found), f"AUTO made {option.name} {found!r}, which its constraint excludes"
                )
            else:
                with bench.refuses(f"AUTO for {option.name}, which does not declare it", Code.INVALID_VALUE):
                    await session.set(option.name, AUTO)
                found = await session.get(option.name)
                bench.require(same(found, before), f"{option.name} refused AUTO and went from {before!r} to {found!r}")


@check("SET-13")
async def repeating_changes_nothing(bench: Bench) -> None:
    """Five times the same value."""
    async with bench.session() as session:
        for name in await settable_names(session):
            option = await from_defaults(session, name)
            if option is None:
                continue
            for value in (*legal_values(option)[-2:], off_step(option)):
                if value is None:
                    continue
                first = await _try(session, option, value)
                if first is None:
                    continue
                once: Value = await session.get(option.name)
                for _ in range(4):
                    await _try(session, option, value)
                found = await session.get(option.name)
                bench.require(
                    same(found, once), f"{option.name} set to {value!r} once is {once!r}, set five times {found!r}"
                )
