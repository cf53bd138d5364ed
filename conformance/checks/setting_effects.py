"""SET-06, -07, -09, -11, -12: what setting one thing does to others."""

from __future__ import annotations

from dataclasses import replace

from conformance.bench import Bench, BenchSession
from conformance.checks.options import differences, illegal_value, legal_values, other_value, same, settable
from conformance.checks.registry import check
from device_protocol import Access, ApplyResult, Code, DeviceError, Option, SessionState, SetResult, Settings, Value
from device_protocol.options import MODE, RESOLUTION, SOURCE
from device_protocol.settings import Area

_STRUCTURAL = (SOURCE, MODE)


async def _set_or_none(session: BenchSession, name: str, value: Value) -> SetResult | None:
    try:
        return await session.set(name, value)
    except DeviceError:
        return None


def _trials(option: Option, current: Value) -> list[Value]:
    """One other value; all of them for the options on which others depend."""
    if option.name in _STRUCTURAL:
        return legal_values(option)
    value = other_value(option, current)
    return [] if same(value, current) else [value]


@check("SET-06")
async def others_change_only_with_notice(bench: Bench) -> None:
    """All values and descriptors before and after each set."""
    async with bench.session() as session:
        for option in settable(await session.options()):
            await session.reset()
            if option.name not in await bench.values(session):
                continue
            for value in _trials(option, await session.get(option.name)):
                before, described = await bench.values(session), _descriptors(await session.options())
                result = await _set_or_none(session, option.name, value)
                if result is None:
                    continue
                after, now = await bench.values(session), _descriptors(await session.options())
                besides = (option.name, *result.changed)
                changed = differences(before, after, besides=besides)
                bench.require(
                    not changed,
                    f"setting {option.name} to {value!r} changed {changed}; the result names {result.changed!r}",
                    "values",
                )
                silent = [name for name in described if described[name] != now.get(name) and name not in besides]
                bench.require(
                    not silent,
                    f"setting {option.name} to {value!r} changed the descriptors of {', '.join(silent)}; "
                    f"the result names {result.changed!r}",
                    "descriptors",
                )


def _descriptors(options: tuple[Option, ...]) -> dict[str, Option]:
    return {option.name: option for option in options}


@check("SET-07")
async def params_change_only_with_notice(bench: Bench) -> None:
    """The prediction before and after each set."""
    async with bench.session() as session:
        for option in settable(await session.options()):
            await session.reset()
            if option.name not in await bench.values(session):
                continue
            for value in _trials(option, await session.get(option.name)):
                before = await session.params()
                result = await _set_or_none(session, option.name, value)
                if result is None:
                    continue
                after = await session.params()
                bench.require(
                    before == after or result.params_changed,
                    f"setting {option.name} to {value!r} changed params() from {before} to {after} without notice",
                )


@check("SET-09", sheets=1)
async def set_during_job_is_refused(bench: Bench) -> None:
    """In each state of a job: not live is refused and changes nothing, live is taken."""
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        await session.apply(settings)
        before = await bench.values(session)
        options = settable(await session.options())
        fixed = next((option for option in options if Access.LIVE not in option.access), None)
        live = next((option for option in options if Access.LIVE in option.access), None)
        job = await session.start(None, 1)
        await _set_both(bench, session, fixed, live, before, SessionState.ARMED)
        page = await job.next_page()
        bench.require(page is not None, "the job gave no page", "prerequisite")
        if page is not None:
            await page.read(64)
            await _set_both(bench, session, fixed, live, before, SessionState.TRANSFERRING)
            await page.end()
            await _set_both(bench, session, fixed, live, before, SessionState.PAGE_GAP)


async def _set_both(
    bench: Bench,
    session: BenchSession,
    fixed: Option | None,
    live: Option | None,
    before: dict[str, Value],
    state: SessionState,
) -> None:
    if fixed is not None:
        value = other_value(fixed, before[fixed.name])
        with bench.refuses(f"setting {fixed.name} while {state.value}", Code.WRONG_STATE):
            await session.set(fixed.name, value)
        found = await session.get(fixed.name)
        bench.require(
            same(found, before[fixed.name]),
            f"{fixed.name} was refused while {state.value} and went from {before[fixed.name]!r} to {found!r}",
            "kept",
        )
    if live is not None:
        with bench.legal(f"setting the live option {live.name} while {state.value}"):
            await session.set(live.name, other_value(live, await session.get(live.name)))


@check("SET-11")
async def apply_is_atomic(bench: Bench) -> None:
    """Settings of which one is bad change nothing; good ones are what the result says."""
    async with bench.session() as session:
        options = {option.name: option for option in settable(await session.options())}
        good = await _good_part(bench, session, options)
        bad: list[tuple[str, Settings]] = [
            ("an unknown option", replace(good, extra=(("no-such-option-at-all", 1),))),
            ("an unknown mode", replace(good, mode="no-such-mode")),
            ("an unknown source", replace(good, source="no-such-source")),
        ]
        resolution = options.get(RESOLUTION)
        if resolution is not None and (value := illegal_value(resolution)) is not None:
            bad.append(("an illegal resolution", replace(good, resolution=value)))  # type: ignore[arg-type]  # a number
        for option in options.values():
            if option.name not in dict(good.as_options()) and (value := illegal_value(option)) is not None:
                bad.append((f"an illegal {option.name}", replace(good, extra=((option.name, value),))))
                break
        for what, settings in bad:
            await session.reset()
            await _apply(bench, session, settings, f"settings with {what}")
        await session.reset()
        await _apply(bench, session, good, "good settings")


async def _good_part(bench: Bench, session: BenchSession, options: dict[str, Option]) -> Settings:
    """Settings that change as much as possible, so that a half application shows."""
    source = bench.source()
    current = await session.get(MODE) if MODE in options else None
    mode = next((item for item in source.modes if item.value != current), source.modes[-1])
    dpi = [value for value in source.resolutions.samples() if isinstance(value, int | float)]
    return Settings(
        source=source.name if SOURCE in options else None,
        mode=mode.value if MODE in options else None,
        resolution=dpi[0] if RESOLUTION in options else None,
    )


async def _apply(bench: Bench, session: BenchSession, settings: Settings, what: str) -> None:
    before = await bench.values(session)
    try:
        result: ApplyResult = await session.apply(settings)
    except DeviceError as error:
        after = await bench.values(session)
        changed = differences(before, after)
        bench.require(not changed, f"{what} were refused with {error.code}, yet they changed {changed}", "half")
        return
    named = {item.name: item for item in result.results}
    for name, value in settings.as_options():
        bench.require(name in named, f"{what} were accepted, and the result says nothing of {name}", "unsaid")
        found = await session.get(name)
        said = named[name]
        bench.require(
            same(found, said.actual),
            f"{what}: {name} was asked for {value!r}, the result says {said.actual!r}, and it is {found!r}",
            "actual",
        )
        bench.require(
            said.exact == same(value, found),
            f"{what}: {name} was asked for {value!r} and is {found!r}, reported with exact={said.exact}",
            "exact",
        )


@check("SET-12")
async def impossible_area(bench: Bench) -> None:
    """Right left of left, bottom above top, and nothing at all."""
    source = bench.source()
    width, height = source.width_mm, source.height_mm
    areas = (
        Area(width * 0.6, 0, width * 0.3, height * 0.5),
        Area(0, height * 0.6, width * 0.5, height * 0.3),
        Area(width * 0.5, height * 0.5, width * 0.5, height * 0.5),
    )
    async with bench.session() as session:
        for area in areas:
            await session.reset()
            before = await bench.values(session)
            settings = replace(bench.settings(source), area=area)
            try:
                result = await session.apply(settings)
            except DeviceError as error:
                bench.require(
                    error.code is Code.INVALID_VALUE, f"the area {area} was refused with {error.code}", "code"
                )
                changed = differences(before, await bench.values(session))
                bench.require(not changed, f"the area {area} was refused, yet it changed {changed}", "kept")
                continue
            left, top = await session.get("tl-x"), await session.get("tl-y")
            right, bottom = await session.get("br-x"), await session.get("br-y")
            found = f"tl-x={left!r}, tl-y={top!r}, br-x={right!r}, br-y={bottom!r}"
            bench.require(not result.exact, f"the area {area} was accepted as it is: {found}", "exact")
            bench.require(
                right > left and bottom > top,  # type: ignore[operator]  # numbers, by CAPS-03
                f"the area {area} was adjusted to {found}",
                "adjusted",
            )
        params = await session.params()
        bench.require(
            params.width > 0 and params.height != 0 and (params.height or 1) > 0,
            f"params() predict {params.width} x {params.height} pixels",
            "params",
        )
