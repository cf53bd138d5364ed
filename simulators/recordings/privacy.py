"""What stands for pixels and numbers that must stay private.

Pages that were equal stay equal and pages that differed still differ, since what a page becomes depends on nothing but the order in which its bytes were
first seen; sizes, padding and truncation stay as they were. So almost every verdict of the suite stays as well, and nobody can see what was scanned.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from device_protocol import RAW, Option, PageInfo, PageParams
from device_protocol.plain import PlainError, from_plain, to_plain
from simulators.recordings.archive import unpack
from simulators.recordings.log import Ending, Entry, PageData, Recording

BAR = 32
"""Pixels of a bar of the pattern; with one bit a pixel the bars are that many bytes."""

SECRET_OPTIONS = ("serial", "serial-number", "host", "ip-address", "mac-address")
"""Options whose text names one machine; vendors have no common word for them."""

SHORTEST = 4
"""Characters that a secret has at least; shorter ones stand in too many other texts."""


def make_private(recording: Recording, file: Path) -> Recording:
    """*recording* without pixels and serial numbers.

    Raises:
        RecordingError: a page is damaged.
    """
    layouts = {(entry.backend, entry.new): params for entry, params in _pages(recording)}
    names: dict[str, str] = {}
    blobs: dict[str, bytes] = {}
    pages: list[PageData] = []
    for page in recording.pages:
        if page.sha256 not in names:
            params = layouts.get((page.backend, page.page))
            whole = unpack(file, page.sha256, recording.blobs[page.sha256])
            data = veil(whole, params, len(names))
            names[page.sha256] = hashlib.sha256(data).hexdigest()
            blobs[names[page.sha256]] = zlib.compress(data, 6)
        pages.append(replace(page, sha256=names[page.sha256]))
    secrets = _secrets(recording.entries)
    entries = [
        replace(entry, arguments=_hide(entry.arguments, secrets), answer=_hide(entry.answer, secrets))
        for entry in recording.entries
    ]
    head = recording.head
    info = from_plain(_hide(to_plain(head.info), secrets))
    ids = {
        name: _hide(getattr(head, name), secrets) for name in ("device", "native")
    }  # many a driver makes ids of them
    return Recording(
        replace(head, **ids, info=info, suite=_hide(head.suite, secrets), private=True), entries, pages, blobs
    )


def veil(data: bytes, params: PageParams | None, number: int) -> bytes:
    """A pattern of bars of the length of *data*, with the padding of its rows.

    Args:
        data: what was read of the page.
        params: of the page; None: they are not on record.
        number: of the page among those that differ; moves the bars.
    """
    if params is None or params.format != RAW or params.stride < 1:
        return _bars(len(data), BAR, number)
    row = _bars(params.packed_row, BAR * max(1, params.channels * params.depth // 8), number)
    row += data[params.packed_row : params.stride].ljust(params.stride - params.packed_row, b"\0")
    return (row * (len(data) // len(row) + 1))[: len(data)]


def _bars(length: int, width: int, number: int) -> bytes:
    """Bars of two greys, the first of which encodes *number*, so that no two patterns are alike."""
    mark = number.to_bytes(4, "big")
    bars = b"".join(bytes([0x20 if index % 2 else 0xC0]) * width for index in range(length // width + 2))
    return (mark + bars)[:length]


def _pages(recording: Recording) -> Iterator[tuple[Entry, PageParams]]:
    for entry in recording.entries:
        if entry.verb == "next_page" and entry.ending is Ending.ANSWER and entry.new:
            try:
                info = from_plain(entry.answer)
            except PlainError:
                continue
            if isinstance(info, PageInfo):
                yield entry, info.params


def _secrets(entries: Iterable[Entry]) -> dict[str, str]:
    """The device's own serial numbers and addresses, and what stands for each: as many letters X."""
    found: set[str] = set()
    for entry in entries:
        if entry.verb == "get" and entry.arguments[:1] and entry.arguments[0] in SECRET_OPTIONS:
            found.add(entry.answer if isinstance(entry.answer, str) and entry.ending is Ending.ANSWER else "")
        elif entry.verb == "options" and entry.ending is Ending.ANSWER:
            try:
                options = from_plain(entry.answer)
            except PlainError:
                continue
            found |= {str(item.default) for item in options if isinstance(item, Option) and item.name in SECRET_OPTIONS}
    return {text: "X" * len(text) for text in sorted(found) if len(text) >= SHORTEST}


def _hide(plain: Any, secrets: Mapping[str, str]) -> Any:
    """*plain* with every secret replaced, wherever it stands."""
    if isinstance(plain, str):
        for text, veiled in secrets.items():
            plain = plain.replace(text, veiled)
        return plain
    if isinstance(plain, list):
        return [_hide(item, secrets) for item in plain]
    if isinstance(plain, dict):
        return {key: _hide(item, secrets) for key, item in plain.items()}
    return plain
