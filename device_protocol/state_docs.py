"""The state table as Markdown and as diagrams: generated, so that no prose can say otherwise."""

from __future__ import annotations

from device_protocol.codes import FACTS, PRECEDENCE, Code
from device_protocol.states import TABLE, Cell, State, Verb


def state_table_markdown() -> str:
    """The page ``docs/reference/states.md``: for each object a table of verbs and states, and a diagram of its moves."""
    parts = [
        "# The state table",
        "",
        "Generated from `device_protocol/states.py` by `make docs`. A code in a cell is the refusal; *again* gives again",
        "what ended the handle; *no-op* is legal and does nothing.",
        "",
        f"Where several refusals apply: {' over '.join(code.value for code in PRECEDENCE)}, over value errors.",
    ]
    for name, rows in TABLE.items():
        states = list(next(iter(rows.values())))
        parts += [
            "",
            f"## {name}",
            "",
            _row(["verb", *(state.value for state in states)]),
            _row(["---"] * (len(states) + 1)),
        ]
        parts += [_row([f"`{verb.value}`", *(str(cells[state]) for state in states)]) for verb, cells in rows.items()]
        parts += ["", "```mermaid", *_diagram(rows), "```"]
    return "\n".join(parts) + "\n"


def codes_markdown() -> str:
    """The page ``docs/reference/codes.md``: the 21 codes with their booleans and REST codes."""
    parts = [
        "# The error codes",
        "",
        "Generated from `device_protocol/codes.py` by `make docs`. An instance of an error may lower *retryable* and *survives*, never raise them.",
        "",
        _row(["code", "retryable", "needs a person", "session survives", "REST", "in words"]),
        _row(["---"] * 6),
    ]
    for code in Code:
        facts = FACTS[code]
        flags = ["yes" if flag else "no" for flag in (facts.retryable, facts.needs_person, facts.survives)]
        parts.append(_row([f"`{code}`", *flags, str(facts.rest_code), facts.text]))
    return "\n".join(parts) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _diagram(rows: dict[Verb, dict[State, Cell]]) -> list[str]:
    moves: dict[tuple[str, str], list[str]] = {}
    for verb, cells in rows.items():
        for state, answer in cells.items():
            for target in answer.then:
                if target is not state:
                    moves.setdefault((state.name, target.name), []).append(verb.value)
    return ["stateDiagram-v2", *(f"    {start} --> {end}: {', '.join(verbs)}" for (start, end), verbs in moves.items())]
