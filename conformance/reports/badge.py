"""The badge: how a run ended, as a small SVG for a README."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from conformance.runner.events import RunEvent, RunFinished
from conformance.runner.result import summary
from conformance.verdicts import Exit, Verdict

GOOD, BAD, OURS = "#2b7a4b", "#b3261e", "#7a3b9a"
_CHAR, _PAD = 6.6, 10.0
"""Width of a letter and of the edge in the badge's own units: an estimate, which textLength makes true."""


class BadgeReport:
    """Writes *path* at the end of a run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        if isinstance(event, RunFinished):
            self._path.write_text(badge(event), encoding="utf-8")


def badge(finished: RunFinished) -> str:
    """The SVG: the number of passes, and of what is not clean if anything is. What was not checked is never counted as green."""
    counts = summary(finished.judgements)
    broken = sum(count for name, count in counts.items() if Verdict(name).broken)
    words = f"{counts['pass']} pass"
    if finished.exit is Exit.HARNESS:
        words, colour = "harness error", OURS
    elif finished.exit is Exit.CLEAN:
        words, colour = words + (f", {counts['known']} known" if counts["known"] else ""), GOOD
    else:
        words, colour = f"{broken} fail, {words}" if broken else f"not clean, {words}", BAD
    return _svg("flatbed check", words, colour)


def _svg(label: str, words: str, colour: str) -> str:
    left, right = len(label) * _CHAR + _PAD, len(words) * _CHAR + _PAD
    text = escape(f"{label}: {words}")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" role="img" aria-label="{text}">
<title>{text}</title>
<rect width="{left + right:.1f}" height="20" rx="3" fill="#454d52"/>
<path d="M{left:.1f} 0h{right - 3:.1f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3:.1f}z" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2:.1f}" y="14" textLength="{left - _PAD:.1f}">{escape(label)}</text>
<text x="{left + right / 2:.1f}" y="14" textLength="{right - _PAD:.1f}">{escape(words)}</text>
</g>
</svg>
"""
