"""The page of documentation about quirks, made from their table."""

from __future__ import annotations

from simulators.profiles.quirks import QUIRKS, QuirkRow, Sane

_HEAD = """\
# Quirks of eSCL scanners

Generated from `simulators/profiles/quirks.py`.

A scanner behind the eSCL door (`flatbed simulate escl`) can have any of these, alone or together: in its [profile](profiles.md),

```toml
[escl]
quirks = ["next-503-twice", "location-path"]
```

or from some moment on, by the action `quirks` of the [control](lab.md) and of scenarios; without `names` it has none any more:

```toml
[[at]]
seconds = 60
action = "quirks"
arguments = { names = ["jam-500"] }
```

The right column says how a scan by sane-airscan 0.99.27 ends: what `scanimage` returns, and how many pages it has then. A feeder holds three sheets and is
scanned with `--batch`. The tests scan from each of them with the real driver. Names of models that make drivers behave differently are profiles:
`flatbed simulate list` shows them as `network-...`.

| quirk | what is served | source | sane-airscan |
|---|---|---|---|
"""

WORDS: dict[Sane, str] = {
    Sane.GOOD: "works",
    Sane.NOT_OPENED: "cannot open it (exit 1)",
    Sane.DEVICE_BUSY: "device busy (exit 3)",
    Sane.INVAL: "invalid argument at the start (exit 4)",
    Sane.JAMMED: "jammed (exit 6)",
    Sane.NO_DOCS: "out of documents (exit 7)",
    Sane.COVER_OPEN: "cover open (exit 8)",
    Sane.IO_ERROR: "I/O error (exit 9)",
}


def quirks_markdown() -> str:
    """The whole page."""
    return _HEAD + "".join(
        f"| `{row.name}` | {row.served} | {'feeder' if row.feeder else 'flatbed'} | {_end(row)} |\n" for row in QUIRKS
    )


def _end(row: QuirkRow) -> str:
    pages = {0: "no page", 1: "1 page"}.get(row.pages, f"{row.pages} pages")
    return f"{WORDS[row.sane]}, {pages}" + (f", after {row.seconds:g} s" if row.seconds else "")
