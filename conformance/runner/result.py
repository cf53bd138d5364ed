"""What a run came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.verdicts import Exit, Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to.

    Attributes:
        target: as typed.
        judgements: by the order of the registry.
        exit: the exit status.
        seed, seconds, sheets: of the run; sheets that went through the feeder, at most.
        programs: how many generated programs ran.
    """

    target: str
    judgements: tuple[Judgement, ...]
    exit: Exit
    seed: int
    seconds: float
    sheets: int
    programs: int

    def summary(self) -> dict[str, int]:
        """How often each verdict was given; all of them, in their order."""
        return summary(self.judgements)


def summary(judgements: Iterable[Judgement]) -> dict[str, int]:
    """How often each verdict was given; all of them, in their order."""
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for judgement in judgements:
        counts[judgement.verdict.value] += 1
    return counts
