"""What ``flatbed check escl`` does: from the command line to a suite, with somebody to ask if there is somebody."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.escl.suite import Address, EsclSuite, EsclTarget
from flatbed.exits import Exit
from flatbed.person import ask, need_terminal
from flatbed.say import fail
from flatbed.suite_judging import judge_target
from flatbed.verbs.check.options import CheckOrder


@dataclass(frozen=True)
class EsclOrder:
    """What was asked for on the command line; see ``flatbed check escl --help``."""

    url: str
    root: str | None
    hosts: tuple[str, ...]
    insecure: bool
    operator: str
    control: str
    quick: bool


def judge_escl(target: EsclOrder, order: CheckOrder) -> int:
    """Judge, report, and give the exit status."""
    if target.operator == "ask" and target.control:
        fail(Exit.USAGE, "--operator ask and --control exclude each other: one of you stands before the scanner.")
    if target.operator == "ask":
        need_terminal()

    def suite() -> EsclSuite:
        return EsclSuite(
            EsclTarget(
                Address.parse(target.url, target.root),
                target.hosts,
                insecure=target.insecure,
                control=target.control,
                ask=ask if target.operator == "ask" else None,
                quick=target.quick,
            )
        )

    return judge_target(suite, order, "flatbed check escl --help")
