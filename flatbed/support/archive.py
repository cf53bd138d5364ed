"""The zip file: entries in one order, no secret that we know of, and for its owner only."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference_server.log import REDACTED

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that the same entries are the same file; when it was made stands in ``versions.json``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the bundle.

    Attributes:
        about: one sentence for the README.
    """

    name: str
    about: str
    data: bytes

    @classmethod
    def of_json(cls, name: str, about: str, value: Any) -> Entry:
        """An entry that is a JSON document."""
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str)
        return cls(name, about, f"{text}\n".encode(errors="backslashreplace"))


def scrubbed(entries: Iterable[Entry], secrets: Iterable[str]) -> list[Entry]:
    """The same entries without *secrets*, wherever they stand: the logs have hidden them already, this is the second lock on the door."""
    words = sorted({secret.encode() for secret in secrets if secret}, key=len, reverse=True)
    found = []
    for entry in entries:
        data = entry.data
        for word in words:
            data = data.replace(word, REDACTED.encode())
        found.append(Entry(entry.name, entry.about, data))
    return found


def zipped(entries: Iterable[Entry]) -> bytes:
    """The entries as a zip file, by name; the same entries give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in sorted(entries, key=lambda item: item.name):
            info = zipfile.ZipInfo(entry.name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, entry.data)
    return buffer.getvalue()


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read; whole, or not at all.

    Raises:
        FileExistsError: there is such a file already; it stays as it is.
        OSError: it cannot be written.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def readme(entries: Iterable[Entry], notices: Iterable[str], folder: Path) -> Entry:
    """What each file is, and what is missing."""
    lines = [
        "A support bundle of flatbed.",
        "",
        f"Made from the data folder {folder}.",
        "It has no licence, password, token or key, no page and no document. Addresses of web pages, names of devices and paths of",
        "this machine are in it: look through it before you pass it on. It is readable by its owner only.",
        "",
        *(f"{entry.name}: {entry.about}" for entry in sorted(entries, key=lambda item: item.name)),
        "",
        "A crash of the service leaves a dump. A crash of a driver leaves none: how its worker ended is in the log.",
        *_section("Not everything could be had:", notices),
    ]
    return Entry("README.txt", "", ("\n".join(lines) + "\n").encode(errors="backslashreplace"))


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {line}" for line in lines]
    return ["", title, *found] if found else []


def sizes(entries: Iterable[Entry]) -> list[Mapping[str, Any]]:
    """Names and bytes, for machines."""
    return [{"name": entry.name, "bytes": len(entry.data)} for entry in sorted(entries, key=lambda item: item.name)]
