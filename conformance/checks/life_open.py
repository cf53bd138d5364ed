"""LIFE-01, -02, -03, -05, -06, -10: open and close."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from conformance.bench import Bench, BenchSession
from conformance.checks.options import differences, other_value, same, settable
from conformance.checks.registry import check
from device_protocol import (
    Code,
    DeviceError,
    Fault,
    FaultKind,
    Option,
    OptionPolicy,
    SessionState,
    Settings,
    Value,
)


@check("LIFE-01")
async def open_leaves_idle(bench: Bench) -> None:
    """After open: IDLE, no job, and options can be set."""
    async with bench.session() as session:
        status = await session.status()
        bench.require(status.state is SessionState.IDLE, f"right after open the state is {status.state}", "state")
        job = status.job
        bench.require(
            job is None or job.state.terminal, f"right after open there is a job, {job.state if job else None}", "job"
        )
        with bench.legal("apply right after open"):
            await session.apply(Settings())


@check("LIFE-02")
async def second_open_is_busy(bench: Bench) -> None:
    """A second open is refused, and the first session goes on with the values it had."""
    async with bench.session() as first:
        options = settable(bench.facts.options)
        if options:
            await first.set(options[0].name, other_value(options[0], await first.get(options[0].name)))
        before = await bench.values(first)
        with bench.refuses("a second open", Code.BUSY):
            await bench.backend.open(bench.device_id)
        with bench.legal("the first session after a second open"):
            after = await bench.values(first)
            status = await first.status()
        bench.require(status.state is SessionState.IDLE, f"after a second open the first session is {status.state}")
        bench.require(
            after == before, f"a second open changed the first session's values: {differences(before, after)}"
        )
    with bench.legal("open after the first session was closed"):
        async with bench.session():
            pass


@check("LIFE-03")
async def open_can_be_repeated(bench: Bench) -> None:
    """BUSY goes when the other session goes; an injected failure goes when it is over."""
    async with bench.session():
        with bench.refuses("open while another session has the device"):
            await bench.backend.open(bench.device_id)
    with bench.legal("open once the other session was closed"):
        async with bench.session() as session:
            await session.status()
    if bench.media.can_fault(FaultKind.BUSY):
        await bench.media.fault(Fault(FaultKind.BUSY, verb="open", times=0))
        with bench.refuses("open of a device that is busy"):
            await bench.backend.open(bench.device_id)
        await bench.media.clear()
        with bench.legal("open once the device was no longer busy"):
            async with bench.session() as session:
                await session.status()


@check("LIFE-05")
async def close_is_idempotent(bench: Bench) -> None:
    """Three closes are as good as one."""
    session = await bench.backend.open(bench.device_id)
    await session.close()
    for nth in ("second", "third"):
        with bench.legal(f"the {nth} close"):
            await session.close()
    async with bench.session() as again:
        with bench.legal("a late close of the old session"):
            await session.close()
        with bench.legal("the new session after a late close of the old one"):
            await again.options()


@check("LIFE-06")
async def closed_refuses_all(bench: Bench) -> None:
    """Every verb of a closed session, and of the job and page that it left behind."""
    session = await bench.backend.open(bench.device_id)
    await bench.supply(bench.settings())
    job = await session.start(bench.settings(), 1)
    page = await job.next_page()
    await session.close()
    verbs: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        *session_verbs(bench, session),
        ("job.next_page", job.next_page),
        ("job.cancel", job.cancel),
        ("job.settled", job.settled),
    ]
    if page is not None:
        verbs += [("page.read", lambda: page.read(100)), ("page.end", page.end)]
    for name, verb in verbs:
        with bench.refuses(f"{name} after close", Code.CLOSED):
            await verb()
    with bench.refuses("events after close", Code.CLOSED):
        session.events()


@check("LIFE-10")
async def values_after_open(bench: Bench) -> None:
    """Set options away from their defaults, close, open, look."""
    policy = bench.caps.option_policy
    async with bench.session() as session:
        at_open = await bench.values(session)
        defaults = {option.name: option.default for option in await session.options() if option.readable}
        if policy is OptionPolicy.DEFAULTS:
            for name, value in at_open.items():
                default = defaults[name]
                bench.require(
                    default is None or same(value, default),
                    f"policy {policy.value}: after open {name} is {value!r}, its default is {default!r}",
                    "first open",
                )
    for option in settable(bench.facts.options):
        await _reopened(bench, option, at_open)


async def _reopened(bench: Bench, option: Option, at_open: dict[str, Value]) -> None:
    """Set one option, close, open, look, and put it back."""
    async with bench.session() as first:
        if option.name not in at_open or option.name not in await bench.values(first):
            return
        wanted = other_value(option, at_open[option.name])
        try:
            taken = (await first.set(option.name, wanted)).actual
        except DeviceError:
            return  # CAPS-07 judges refusals
        if same(taken, at_open[option.name]):
            return
        await first.close()
        async with bench.session() as second:
            now = await bench.values(second)
            policy = bench.caps.option_policy
            expected = at_open[option.name] if policy is OptionPolicy.DEFAULTS else taken
            found = now.get(option.name)
            bench.require(
                same(found, expected),
                f"policy {policy.value}: {option.name} was {at_open[option.name]!r}, set to {taken!r}, "
                f"and is {found!r} after close and open",
                "reopened",
            )
            if policy is OptionPolicy.REMEMBERED:
                await second.set(option.name, at_open[option.name])


def session_verbs(bench: Bench, session: BenchSession) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    """The verbs of a session that await, with harmless arguments, except close."""
    option = next((item for item in bench.facts.options if item.readable), None)
    writable = next(iter(settable(bench.facts.options)), None)
    verbs: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("caps", session.caps),
        ("options", session.options),
        ("params", session.params),
        ("status", session.status),
        ("cancel", session.cancel),
        ("apply", lambda: session.apply(bench.settings())),
        ("reset", session.reset),
        ("start", lambda: session.start(bench.settings(), 1)),
    ]
    if option is not None:
        verbs.append(("get", lambda: session.get(option.name)))
    if writable is not None:
        verbs.append(("set", lambda: session.set(writable.name, other_value(writable, None))))
    return verbs
