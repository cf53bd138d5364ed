"""The page ``docs/reference/blind-set.md``: what the blind set came to, made from the results and the judgements of survivors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from conformance.selftest.mutants.judging import Outcome
from conformance.selftest.mutants.results import Result, Results
from conformance.selftest.mutants.survivors import Judgement

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "blind-set.md"
GOAL = 0.85
"""The share of mutants that should die."""
FLOORS = {"device": 0.58, "service": 0.45}
"""What has been reached, and must not be lost again; raise it with the share."""

_HEAD = """\
# The blind set

The zoo's defects were written by people who know the checks. These mutants were not: a tool that knows nothing of the checks changed one line each of the
code under test, and the suite had to notice. How they are made and chosen is in [decision 0049](../decisions/0049-the-blind-set.md); this page is written by
`python -m conformance.selftest.mutants`, and not by hand.

*Killed*: a check broke a requirement, or the generated programs did. *Stillborn*: the mutant could not be imported, or the device or service did not get as
far as to say what it is; *hung*: it had to be stopped, or took the process down; both count as killed. Everything else survived, and stands at the end,
as *equivalent* (it changes nothing that any requirement, present or thinkable, could speak of) or as a *gap*. The goal is that 85 % die. Where a share is below
that, the gaps say what the suite does not see yet; a rise of it is what a new check is worth.
"""
_TITLES = {"device": "The virtual machines, by `check device`", "service": "The service, by `check service`"}


def page(all_results: Sequence[Results], judged: Mapping[str, Judgement]) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_ground(results, judged) for results in all_results)])


def share(results: Iterable[Result]) -> float:
    """How many of *results* are dead, from 0 to 1; 0 if there are none."""
    outcomes = [item.fate.outcome.dead for item in results]
    return sum(outcomes) / len(outcomes) if outcomes else 0.0


def figures(results: Results, judged: Mapping[str, Judgement]) -> dict[str, object]:
    """The figures for machines."""
    counts = Counter(item.fate.outcome.value for item in results.results.values())
    equivalent = sum(item.mutant.id in judged and judged[item.mutant.id].equivalent for item in results.survivors)
    times = [item.fate.seconds for item in results.results.values()]
    return {
        "subject": results.ground,
        "seed": results.seed,
        "date": results.date,
        "candidates": sum(results.candidates.values()),
        "mutants": len(results.results),
        **{outcome.value: counts[outcome.value] for outcome in Outcome},
        "equivalent": equivalent,
        "killed share": round(share(results.results.values()), 4),
        "median seconds": median(times) if times else 0.0,
    }


def _ground(results: Results, judged: Mapping[str, Judgement]) -> str:
    found = figures(results, judged)
    rows = list(results.results.values())
    dead = sum(item.fate.outcome.dead for item in rows)
    gaps = len(rows) - dead - int(str(found["equivalent"]))
    summary = (
        f"{results.date}: **{dead} of {len(rows)} mutants killed ({share(rows):.1%})**, {found['stillborn']} of them stillborn and "
        f"{found['hung']} hung; {found['equivalent']} are equivalent and {gaps} are gaps, so that {dead} of {dead + gaps} that differ at all were noticed "
        f"({dead / max(1, dead + gaps):.1%}). Drawn with seed {results.seed} from {found['candidates']} candidates; "
        f"median {found['median seconds']:.1f} s for one."
    )
    lines = [
        f"## {_TITLES[results.ground]}",
        "",
        summary,
        "",
        *_counted("module", rows, lambda item: f"`{item.mutant.module}`"),
        *_counted("operator", rows, lambda item: item.mutant.operator.value),
        *_killers(rows),
        *_survivors(results.survivors, judged),
    ]
    return "\n".join(lines)


def _counted(title: str, rows: Sequence[Result], key: Callable[[Result], str]) -> list[str]:
    lines = [f"| {title} | mutants | killed | stillborn | hung | survived |", "|---|---:|---:|---:|---:|---:|"]
    for name in sorted({key(item) for item in rows}):
        counts = Counter(item.fate.outcome for item in rows if key(item) == name)
        cells = " | ".join(str(counts[outcome] or "") for outcome in Outcome)
        lines.append(f"| {name} | {counts.total()} | {cells} |")
    return [*lines, ""]


def _killers(rows: Sequence[Result]) -> list[str]:
    """Which families killed; only the first requirement that failed counts, since the run ends there."""
    families = Counter(item.fate.by.partition("-")[0] for item in rows if item.fate.outcome is Outcome.KILLED)
    by = ", ".join(f"{name} {count}" for name, count in sorted(families.items(), key=lambda item: (-item[1], item[0])))
    return [f"Killed first by: {by}.", ""] if by else []


def _survivors(rows: Sequence[Result], judged: Mapping[str, Judgement]) -> list[str]:
    lines = ["Survivors:", "", "| where | operator | change | judgement |", "|---|---|---|---|"]
    for item in sorted(rows, key=lambda item: (item.mutant.module, item.mutant.line, item.mutant.id)):
        mutant = item.mutant
        change = f"`{mutant.diff.replace('|', chr(92) + '|')}`" if "`" not in mutant.diff else f"`` {mutant.diff} ``"
        lines.append(f"| `{mutant.place}` | {mutant.operator.value} | {change} | {judged[mutant.id]} |")
    return [*lines, ""] if rows else ["No survivors.", ""]
