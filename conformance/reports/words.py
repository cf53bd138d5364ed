"""Words and signs that reports share."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.verdicts import Exit, Verdict

SYMBOLS: Mapping[Verdict, str] = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.WARN: "!",
    Verdict.NOT_APPLICABLE: "∅",
    Verdict.UNTESTABLE: "✗",
    Verdict.NEEDS_OPERATOR: "☝",
    Verdict.KNOWN: "≈",
    Verdict.STALE: "↺",
    Verdict.HARNESS_ERROR: "☠",
    Verdict.NOT_CHECKED: "·",
}
"""A sign for each verdict, so that no colour is needed to tell them apart."""

ENDS: Mapping[Exit, str] = {
    Exit.CLEAN: "clean",
    Exit.FAILURES: "the target breaks requirements, or the baseline is stale",
    Exit.HARNESS: "a check of ours broke; that says nothing about the target",
}
"""What an exit status says of the run."""
