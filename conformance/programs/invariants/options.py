"""Invariants of options and of the parameters that they predict."""

from __future__ import annotations

from conformance.programs.beliefs import RUNNING, Disagrees, S, SessionBelief, legal, same
from conformance.programs.invariants.model import Invariant
from conformance.programs.judge_pages import find_mode, judge_size
from conformance.programs.observation import Observation
from device_protocol import Choice, Option, Range
from device_protocol.options import AREA_NAMES, DEPTH, MODE, NAME, RESOLUTION


def _blame(seen: Observation, usual: str) -> str:
    """What is done to one device must not be seen on the other."""
    return usual if seen.own else "LIFE-09"


def _fresh(seen: Observation) -> tuple[Option, ...]:
    """The options, unless they are those that were looked at before."""
    return seen.options if seen.options is not None and seen.fresh else ()


def options_stay(session: SessionBelief, seen: Observation) -> None:
    """The descriptors are those of the last notice."""
    options = seen.options
    if options is None or options == session.options:
        return
    old, new = ({item.name: item for item in items} for items in (session.options, options))
    names = sorted({name for name in old.keys() | new.keys() if old.get(name) != new.get(name)})
    raise Disagrees(_blame(seen, "CAPS-01"), "the same options as before", f"a difference in {', '.join(names)}")


def names_are_sound(_: SessionBelief, seen: Observation) -> None:
    """Names are unique and well-formed, after a notice too."""
    names = [item.name for item in _fresh(seen)]
    if len(set(names)) != len(names) or not all(NAME.fullmatch(name) for name in names):
        raise Disagrees("CAPS-02", "unique, well-formed names", ", ".join(names))


def constraints_are_sound(_: SessionBelief, seen: Observation) -> None:
    """Ranges have an inside, and choices are neither empty nor repeated."""
    for option in _fresh(seen):
        constraint = option.constraint
        if isinstance(constraint, Range) and (constraint.minimum > constraint.maximum or constraint.step < 0):
            raise Disagrees("CAPS-05", f"a range of {option.name} with an inside", constraint)
        if isinstance(constraint, Choice) and (
            not constraint.values or len(set(constraint.values)) != len(constraint.values)
        ):
            raise Disagrees("CAPS-05", f"choices of {option.name}, each once", constraint)


def defaults_are_legal(_: SessionBelief, seen: Observation) -> None:
    """Each default satisfies the constraint that stands now."""
    for option in _fresh(seen):
        if option.active and option.default is not None and not legal(option, option.default):
            raise Disagrees("CAPS-04", f"a legal default of {option.name}", repr(option.default))


def values_stay(session: SessionBelief, seen: Observation) -> None:
    """What a picture depends on has the value that the last command gave it."""
    for name, value in seen.values.items():
        option = session.option(name)
        if option is None or not option.writable or name not in session.values:
            continue
        if not same(value, session.values[name]):
            raise Disagrees(_blame(seen, "CAPS-09"), f"{name} to be {session.values[name]!r} still", repr(value))


def values_are_legal(session: SessionBelief, seen: Observation) -> None:
    """Each value satisfies the constraint that stands now."""
    for option in _fresh(seen):
        if option.readable and option.name in session.values and not legal(option, session.values[option.name]):
            blame = session.illegal.get(option.name, "CAPS-04")
            if blame == "SET-12" and option.name not in AREA_NAMES:  # an area inside out is no excuse for others
                blame = "CAPS-04"
            raise Disagrees(blame, f"a legal value of {option.name}", repr(session.values[option.name]))


def params_stay(session: SessionBelief, seen: Observation) -> None:
    """The predicted parameters are those of the last notice."""
    if seen.params is not None and not session.states & RUNNING and seen.params != session.params:
        raise Disagrees(_blame(seen, "SET-07"), f"{session.params} still", seen.params)


def params_agree(session: SessionBelief, seen: Observation) -> None:
    """The predicted parameters are those that the settings ask for."""
    params, source = seen.params, session.source()
    if params is None or source is None or session.states != {S.IDLE}:
        return
    values = session.values
    mode, dpi = find_mode(source, values.get(MODE)), values.get(RESOLUTION)
    if mode is not None and params.colour is not mode.colour and params.depth != 1:
        raise Disagrees("SCAN-09", f"{mode.colour.value} to be predicted", params.colour.value)
    if params.depth != values.get(DEPTH, params.depth):
        raise Disagrees("SCAN-09", f"{values[DEPTH]} bits to be predicted", f"{params.depth} bits")
    if isinstance(dpi, int | float) and params.dpi_x is not None and not same(params.dpi_x, dpi):
        raise Disagrees("SCAN-09", f"{dpi} dpi to be predicted", f"{params.dpi_x} dpi")
    judge_size(session, source, params)


ROWS = (
    Invariant(
        "options-stay",
        "CAPS-01",
        "The options are those that were read after the last notice.",
        "SANE 4.2.9, 4.5.1",
        options_stay,
        ("LIFE-09",),
    ),
    Invariant(
        "names-are-sound",
        "CAPS-02",
        "Names of options are unique and well-formed, after a notice too.",
        "SANE 4.2.9.1",
        names_are_sound,
    ),
    Invariant(
        "constraints-are-sound",
        "CAPS-05",
        "Ranges have an inside and choices are not repeated, after a notice too.",
        "SANE 4.2.9.8; eSCL 8.1",
        constraints_are_sound,
    ),
    Invariant(
        "defaults-are-legal",
        "CAPS-04",
        "Every default satisfies the constraint that stands now.",
        "TWAIN 7, 13 get-default",
        defaults_are_legal,
    ),
    Invariant(
        "values-stay",
        "CAPS-09",
        "The options of a picture keep their values until a command changes them.",
        "TWAIN get; V4L2 try",
        values_stay,
        ("LIFE-09",),
    ),
    Invariant(
        "values-are-legal",
        "CAPS-04",
        "Every value satisfies the constraint that stands now.",
        "TWAIN 7, 13 get-current",
        values_are_legal,
        ("CAPS-08", "SET-12"),
    ),
    Invariant(
        "prediction-stays",
        "SET-07",
        "The predicted parameters change only by a command that says so.",
        "SANE 4.3.7 reload-params",
        params_stay,
        ("LIFE-09",),
    ),
    Invariant(
        "prediction-agrees",
        "SCAN-09",
        "The predicted parameters are those that the settings ask for.",
        "SANE 4.3.8; eSCL 7; ChromeOS size test",
        params_agree,
        ("SCAN-08",),
    ),
)
