"""The model of options: what reading and setting them must give, and what may change by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.programs.beliefs import RUNNING, Disagrees, S, SessionBelief, legal, narrow, same
from conformance.programs.calls import Kind, Seen, Snapshot
from device_protocol import (
    AUTO,
    ApplyResult,
    Auto,
    Code,
    DeviceCaps,
    DeviceError,
    Option,
    OptionPolicy,
    SetResult,
    Settings,
    Value,
    ValueType,
)
from device_protocol.options import NAME, Access
from device_protocol.states import Verb
from device_protocol.values import has_type

REFUSALS = frozenset({Code.UNSUPPORTED, Code.INVALID_VALUE})


@dataclass
class Change:
    """What a call may have changed: nothing, unless it is said here.

    Attributes:
        expected: values that must read back, each with the requirement that says so.
        allowed: names of options that may have changed in any way.
        noticed: names of options whose descriptor may have changed, though their value must be the expected one.
        blame: the requirement broken by a change of an option, by its name.
        others: the requirement broken by a change of any other option.
        params: whether the predicted parameters may have changed.
        illegal: the requirement broken by a value that is illegal afterwards.
        anything: whether options may have come and gone, with a notice that the call itself does not carry.
    """

    expected: dict[str, tuple[Value, str]] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)
    noticed: set[str] = field(default_factory=set)
    blame: dict[str, str] = field(default_factory=dict)
    others: str = "SET-06"
    params: bool = False
    params_blame: str = "SET-07"
    illegal: str = "CAPS-04"
    anything: bool = False


def compare(session: SessionBelief, found: Snapshot, change: Change) -> None:
    """Hold what a probe found against what may have changed, and learn it.

    Raises:
        Disagrees: something else changed.
    """
    old = {item.name: item for item in session.options}
    new = {item.name: item for item in found.options}
    free = set(change.allowed)
    if not change.anything and old.keys() - free != new.keys() - free:
        names = sorted(old.keys() ^ new.keys())
        raise Disagrees("CAPS-01", "the same options", f"a difference in {', '.join(names)}")
    for name in sorted(old.keys() & new.keys()):
        _compare_one(session, old[name], new[name], found, change)
    if found.params != session.params and not change.params:
        raise Disagrees(change.params_blame, "unchanged parameters", f"{found.params} after {session.params}")
    session.learn(found)


def _compare_one(session: SessionBelief, before: Option, after: Option, found: Snapshot, change: Change) -> None:
    name = after.name
    value = found.values.get(name)
    if name in change.expected:
        wanted, requirement = change.expected[name]
        if after.readable and name not in change.allowed and not same(value, wanted):
            raise Disagrees(requirement, f"{name} to read back {wanted!r}", repr(value))
    elif name not in change.allowed and before.writable and not same(value, session.values.get(name)):
        blame = change.blame.get(name, change.others)
        raise Disagrees(blame, f"{name} to stay {session.values.get(name)!r}", repr(value))
    if name not in change.allowed | change.noticed and before != after:
        if before.active != after.active:
            raise Disagrees("CAPS-11", f"a notice before {name} changes its activity", f"active: {after.active}")
        raise Disagrees(change.blame.get(name, change.others), f"the descriptor of {name} unchanged", after)
    session.illegal[name] = "CAPS-08" if name in change.expected else change.illegal


def judge_caps(caps: DeviceCaps) -> None:
    """Judge what a device declares, as far as nothing could be asked of it otherwise.

    Raises:
        Disagrees: there is no default source (CAPS-06), a source without modes or depths (CAPS-13), or one without sides (PAGE-03).
    """
    if caps.source() is None:
        raise Disagrees("CAPS-06", "the default source among the sources", caps.default_source)
    for source in caps.sources:
        if not source.modes or not all(mode.depths for mode in source.modes):
            raise Disagrees("CAPS-13", f"modes of {source.name}, with depths", source.modes)
        if not source.sides:
            raise Disagrees("PAGE-03", f"the sides that {source.name} delivers", "none")


def opened(session: SessionBelief, found: Snapshot) -> None:
    """Judge the options right after open.

    Raises:
        Disagrees: the names, defaults or values are not what they must be.
    """
    caps = session.device.caps
    assert caps is not None
    session.learn(found)
    names = [item.name for item in found.options]
    if len(set(names)) != len(names) or not all(NAME.fullmatch(name) for name in names):
        raise Disagrees("CAPS-02", "unique, well-formed names", ", ".join(names))
    for option in found.options:
        if option.default is not None and option.active and not legal(option, option.default):
            raise Disagrees("CAPS-04", f"a legal default of {option.name}", repr(option.default))
        if option.readable and not legal(option, found.values[option.name]):
            raise Disagrees("CAPS-04", f"a legal value of {option.name}", repr(found.values[option.name]))
        if caps.option_policy is OptionPolicy.DEFAULTS and option.readable and option.writable:
            value = found.values[option.name]
            if option.default is not None and not same(value, option.default):
                raise Disagrees("LIFE-10", f"{option.name} to be {option.default!r} after open", repr(value))
    before = session.device.remembered
    if caps.option_policy is OptionPolicy.REMEMBERED and before is not None:
        for option in found.options:
            if option.writable and option.name in before and option.name in found.values:
                value = found.values[option.name]
                if not same(value, before[option.name]):
                    raise Disagrees("LIFE-10", f"{option.name} to be {before[option.name]!r} still", repr(value))


def blame_refused(session: SessionBelief, usual: str) -> str:
    """The requirement broken when a call that the table refuses is not refused so."""
    if session.states == {S.CLOSED}:
        return "LIFE-06"
    if session.states == {S.LOST}:
        return "ERR-03"
    return usual


def judge_get(session: SessionBelief, name: str, seen: Seen) -> None:
    """Judge ``get``.

    Raises:
        Disagrees: it gave another value than the option has, or one that cannot be read.
    """
    session.states, performed = narrow(Verb.GET, session.states, seen, blame_refused(session, "CAPS-09"))
    if not performed:
        return
    option = session.option(name)
    if option is None or not option.readable:
        if seen.kind is Kind.VALUE:
            requirement = "CAPS-11" if option is not None and not option.active else "CAPS-10"
            raise Disagrees(requirement, f"UNSUPPORTED for {name}", seen)
        return
    if seen.kind is Kind.ERROR:
        raise Disagrees("CAPS-10", f"the value of {name}", seen)
    if option.writable and name in session.values and not same(seen.value, session.values[name]):
        raise Disagrees("CAPS-09", f"{name} to be {session.values[name]!r} still", seen)


def judge_read_only(session: SessionBelief, verb: Verb, seen: Seen) -> None:
    """Judge ``caps``, ``options`` and ``params``.

    Raises:
        Disagrees: the answer is refused, or another one than before although nothing happened.
    """
    session.states, performed = narrow(verb, session.states, seen, blame_refused(session, "CAPS-09"))
    if not performed:
        return
    if seen.kind is Kind.ERROR:
        raise Disagrees("CAPS-09", f"an answer to {verb.value}", seen)
    quiet = not session.states & RUNNING
    if verb is Verb.CAPS and seen.value != session.device.caps:
        raise Disagrees("CAPS-09", "the same capabilities as before", seen)
    if verb is Verb.OPTIONS and session.probed and seen.value != session.options:
        raise Disagrees("CAPS-01", "the same options as before", seen)
    if verb is Verb.PARAMS and session.probed and quiet and seen.value != session.params:
        raise Disagrees("CAPS-09", f"{session.params} as before", seen)


def must_refuse(option: Option | None, value: Value | Auto) -> str | None:
    """The requirement that forbids *option* to take *value*, whatever the state; None if nothing does."""
    if option is None:
        return "SET-04"
    if not option.active:
        return "CAPS-11"
    if not option.writable:
        return "CAPS-12"
    if value is AUTO:
        return None if Access.AUTO in option.access else "SET-10"
    if not has_type(value, option.type):
        return "SET-05"
    if isinstance(value, tuple) and option.length is not None and len(value) != option.length:
        return "SET-05"
    return None


def judge_set(session: SessionBelief, name: str, value: Value | Auto, seen: Seen, *, again: bool) -> Change:
    """Judge ``set``, and say what it may have changed.

    Raises:
        Disagrees: it took what it must not take, refused what it must take, or reported something else than it did.
    """
    option = session.option(name)
    live = option is not None and Access.LIVE in option.access
    usual = "SET-09" if session.states & RUNNING else session.idle_because
    verb = Verb.SET_LIVE if live else Verb.SET
    session.states, performed = narrow(verb, session.states, seen, blame_refused(session, usual))
    if not performed:
        return Change(blame={name: usual})
    forbidden = must_refuse(option, value)
    if seen.error is not None:
        return _refused(session, option, name, value, seen.error, forbidden)
    if forbidden is not None:
        raise Disagrees(forbidden, f"{name} = {value!r} to be refused", seen)
    result = seen.value
    if not isinstance(result, SetResult):
        raise Disagrees("ERR-01", "a SetResult", seen)
    assert option is not None
    judge_result(option, value, result)
    if again and not result.exact:
        raise Disagrees("SET-03", f"{name} = {value!r}, which it has, to be exact", seen)
    session.pristine = False
    expected = {} if option.type is ValueType.ACTION else {name: (result.actual, _read_back(value, result))}
    return Change(expected, set(result.changed), params=result.params_changed)


def _read_back(value: Value | Auto, result: SetResult) -> str:
    if value is AUTO:
        return "SET-10"
    return "SET-01" if result.exact else "SET-02"


def judge_result(option: Option, value: Value | Auto, result: SetResult) -> None:
    """Judge what the device said about a value it took.

    Raises:
        Disagrees: it contradicts the descriptor or itself.
    """
    if option.type is ValueType.ACTION:
        return
    if value is AUTO:
        if not legal(option, result.actual):
            raise Disagrees("SET-10", f"a legal value of {option.name}", result)
        return
    assert not isinstance(value, Auto)
    kept = same(value, result.actual)
    if legal(option, value):
        if not kept:
            raise Disagrees("SET-01", f"{option.name} = {value!r} to be taken as it is", result)
    elif kept:
        raise Disagrees("CAPS-08", f"{option.name} = {value!r} to be refused or rounded", result)
    elif result.exact:
        raise Disagrees("SET-02", f"{option.name} = {value!r} to be reported as rounded", result)
    elif not legal(option, result.actual):
        raise Disagrees("CAPS-08", f"{option.name} to be rounded to a legal value", result)


def _refused(
    session: SessionBelief,
    option: Option | None,
    name: str,
    value: Value | Auto,
    error: DeviceError,
    forbidden: str | None,
) -> Change:
    if error.code not in REFUSALS:
        raise Disagrees(session.idle_because, f"{name} = {value!r} to be taken or refused", error)
    if error.code is Code.INVALID_VALUE and (error.option != name or not _names(error.value, value)):
        raise Disagrees("SET-04", "the error to name option and value", f"{error.option}, {error.value!r}")
    fits = option is not None and not isinstance(value, Auto) and legal(option, value)
    if forbidden is None and session.pristine and (fits or value is AUTO):
        raise Disagrees("SET-10" if value is AUTO else "CAPS-07", f"{name} = {value!r} to be taken", error)
    return Change(blame={name: forbidden or "SET-04"})


def _names(said: object, value: object) -> bool:
    """Whether the value in an error is the one that was given; a border of a worker may make text of what is no value."""
    return said is value or same(said, value) or said == repr(value) or (said != said and value != value)  # noqa: PLR0124  # NaN


def judge_apply(session: SessionBelief, settings: Settings, seen: Seen) -> Change:
    """Judge ``apply``, and say what it may have changed.

    Raises:
        Disagrees: it was not refused although it had to be, or its results do not add up.
    """
    usual = "SET-09" if session.states & RUNNING else session.idle_because
    session.states, performed = narrow(Verb.APPLY, session.states, seen, blame_refused(session, usual))
    if not performed:
        return Change(others=usual)
    if seen.error is not None:
        if seen.error.code not in REFUSALS:
            raise Disagrees(session.idle_because, "the settings to be taken or refused", seen)
        return Change(others="SET-11", params_blame="SET-11")
    result = seen.value
    if not isinstance(result, ApplyResult):
        raise Disagrees("ERR-01", "an ApplyResult", seen)
    session.pristine = False
    if inside_out(settings) and result.exact:
        raise Disagrees("SET-12", f"{settings.area} to be refused or adjusted", seen)
    reported = {item.name for item in result.results}
    missing = [name for name, _ in settings.as_options() if name not in reported and session.option(name)]
    if missing:
        raise Disagrees("SET-11", f"a result for {', '.join(missing)}", seen)
    return _applied(session, result.results)


def inside_out(settings: Settings) -> bool:
    """Whether the area has no inside."""
    area = settings.area
    return area is not None and (area.right <= area.left or area.bottom <= area.top)


def _applied(session: SessionBelief, results: Iterable[SetResult]) -> Change:
    change = Change()
    for item in results:
        option = session.option(item.name)
        if option is not None and option.type is ValueType.ACTION:
            continue
        if item.requested is not AUTO and item.exact and not same(item.requested, item.actual):
            raise Disagrees("SET-02", f"{item.name} to be reported as rounded", item)
        for name in item.changed:
            change.expected.pop(name, None)
            change.allowed.add(name)
            change.noticed.add(name)
        change.expected[item.name] = (item.actual, "SET-01" if item.exact else "SET-02")
        change.allowed.discard(item.name)
        change.params = change.params or item.params_changed
    return change


def judge_reset(session: SessionBelief, names: tuple[str, ...] | None, seen: Seen) -> Change:
    """Judge ``reset``, and say what it may have changed.

    Raises:
        Disagrees: it was refused although it is legal.
    """
    usual = "SET-09" if session.states & RUNNING else session.idle_because
    session.states, performed = narrow(Verb.RESET, session.states, seen, blame_refused(session, usual))
    if not performed:
        return Change(others=usual)
    if seen.error is not None:
        known = names is None or all((found := session.option(name)) is not None and found.writable for name in names)
        if known:
            raise Disagrees("SET-08", "the defaults to be restored", seen)
        return Change(others="SET-11", params_blame="SET-11")
    touched = {item.name for item in session.options} if names is None else set(names)
    for item in seen.value.results:
        touched |= {item.name, *item.changed}
    return Change(allowed=touched, params=True)


def judge_defaults(names: tuple[str, ...] | None, found: Snapshot) -> None:
    """Judge what reads back after ``reset``.

    Raises:
        Disagrees: an option does not have its default (SET-08).
    """
    for option in found.options:
        wanted = names is None or option.name in names
        if wanted and option.readable and option.writable and option.default is not None:
            value = found.values[option.name]
            if not same(value, option.default):
                raise Disagrees("SET-08", f"{option.name} to be {option.default!r} after reset", repr(value))
