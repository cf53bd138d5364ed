"""The file of a recording: a zip with ``recording.json``, ``log.ndjson`` and one file for each different page.

``recording.json`` has the head with the SHA-256 of the log and its number of lines; the log names pages by the SHA-256 of their bytes; so any damage is
noticed when the file is read, and says where. Everything has a limit, since a recording may come from a stranger.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from device_protocol import Code, DeviceError, DeviceInfo, Phase
from device_protocol.plain import PlainError, from_plain, to_plain
from simulators.recordings.log import SCHEMA, Ending, Entry, Head, PageData, Recording
from simulators.recordings.recorder import MAX_BYTES, MAX_ENTRIES

HEAD, LOG, PAGES = "recording.json", "log.ndjson", "pages/"

MAX_HEAD = 1 << 20
MAX_LOG = 1 << 29
MAX_PAGE = 1 << 31
"""Bytes of a page after it was unpacked; zlib makes a thousand of one."""

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "backend": int,
    "handle": str,
    "verb": str,
    "arguments": list,
    "at": (int, float),
    "took": (int, float),
    "until": int,
    "ending": str,
    "new": str,
    "times": int,
    "page": str,
    "sha256": str,
    "bytes": int,
}
"""Types of the fields of a line; ``answer`` takes anything."""


class RecordingError(DeviceError):
    """The file is no recording, or is damaged, or is too large; the message has its name and the place."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(Code.INVALID_VALUE, f"{file}: {why}.", phase=Phase.DISCOVER)


def save(recording: Recording, file: Path) -> None:
    """Write *recording*; the file appears whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    lines: list[Entry | PageData] = [*recording.entries, *recording.pages]
    log = b"".join(map(_line, lines))
    head = {
        "schema": SCHEMA,
        **asdict(recording.head),
        "info": None if recording.head.info is None else to_plain(recording.head.info),
        "lines": len(lines),
        "log_sha256": hashlib.sha256(log).hexdigest(),
    }
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
            _put(zipped, HEAD, json.dumps(head, indent=1).encode())
            _put(zipped, LOG, log)
            for name, packed in recording.blobs.items():
                _put(zipped, PAGES + name, packed, zipfile.ZIP_STORED)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def load(file: Path) -> Recording:
    """Read a recording and check it whole, pages included.

    Raises:
        RecordingError: see there.
    """
    head, entries, pages, blobs = _read(file)
    for page in pages:
        if page.sha256 not in blobs:
            raise RecordingError(file, f"page {page.sha256[:12]} is missing")
    for name, packed in blobs.items():
        if hashlib.sha256(unpack(file, name, packed)).hexdigest() != name:
            raise RecordingError(file, f"page {name[:12]} is damaged")
    return Recording(head, entries, pages, blobs)


def load_head(file: Path) -> Head:
    """The head alone, at little cost.

    Raises:
        RecordingError: see there.
    """
    with _opened(file) as zipped:
        return _head(file, _json(file, HEAD, _member(file, zipped, HEAD, MAX_HEAD)))[0]


def unpack(file: Path, name: str, packed: bytes) -> bytes:
    """The bytes of a page.

    Raises:
        RecordingError: they do not unpack, or to more than :data:`MAX_PAGE`.
    """
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, MAX_PAGE)
    except zlib.error as error:
        raise RecordingError(file, f"page {name[:12]} is damaged: {error}") from None
    if unpacker.unconsumed_tail:
        raise RecordingError(file, f"page {name[:12]} has more than {MAX_PAGE} bytes")
    return data


def _put(zipped: zipfile.ZipFile, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    member = zipfile.ZipInfo(name)  # with the date of 1980: same recording, same bytes
    member.compress_type = method
    zipped.writestr(member, data)


def _line(item: Entry | PageData) -> bytes:
    plain = {
        name: value
        for name, value in asdict(item).items()
        if value not in ("", None, []) or (name == "answer" and value is not None)  # an empty text is an answer
    }
    return json.dumps(plain, separators=(",", ":")).encode() + b"\n"


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except OSError as error:
        raise RecordingError(file, error.strerror or str(error)) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise RecordingError(file, f"is no recording, or its end is missing ({error})") from None


def _member(file: Path, zipped: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        with zipped.open(name) as member:
            data = member.read(limit + 1)
    except KeyError:
        raise RecordingError(file, f"is no recording: it has no {name}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise RecordingError(file, f"{name} is damaged: {error}") from None
    if len(data) > limit:
        raise RecordingError(file, f"{name} has more than {limit} bytes")
    return data


def _read(file: Path) -> tuple[Head, list[Entry], list[PageData], dict[str, bytes]]:
    with _opened(file) as zipped:
        head, lines, sha256 = _head(file, _json(file, HEAD, _member(file, zipped, HEAD, MAX_HEAD)))
        log = _member(file, zipped, LOG, MAX_LOG)
        if hashlib.sha256(log).hexdigest() != sha256:
            raise RecordingError(file, f"{LOG} is damaged: its checksum differs")
        entries, pages = _log(file, log, lines)
        blobs: dict[str, bytes] = {}
        left = MAX_BYTES
        for name in sorted({page.sha256 for page in pages}):
            blobs[name] = _member(file, zipped, PAGES + name, left)
            left -= len(blobs[name])
    return head, entries, pages, blobs


def _head(file: Path, data: Any) -> tuple[Head, int, str]:
    if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
        raise RecordingError(file, f"{HEAD}: schema is missing")
    if data["schema"] > SCHEMA:
        raise RecordingError(
            file, f"is of schema {data['schema']}; this version reads up to {SCHEMA}: use a newer flatbed"
        )
    try:
        info = from_plain(data["info"])
        known = {item.name for item in fields(Head)}
        head = Head(**{name: value for name, value in data.items() if name in known} | {"info": info})
        lines, sha256 = data["lines"], data["log_sha256"]
    except (KeyError, TypeError, PlainError) as error:
        raise RecordingError(file, f"{HEAD}: {error}") from None
    texts = [data.get(name, "") for name in ("device", "native", "made", "maker", "revision", "drive", "log_sha256")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(info, DeviceInfo | None):
        raise RecordingError(file, f"{HEAD}: a field is of the wrong type")
    if not isinstance(lines, int) or not isinstance(data.get("suite", {}), dict):
        raise RecordingError(file, f"{HEAD}: a field is of the wrong type")
    return head, lines, sha256


def _well_typed(data: Any) -> bool:
    return isinstance(data, dict) and all(
        name == "answer" or (name in _FIELDS and isinstance(value, _FIELDS[name]) and not isinstance(value, bool))
        for name, value in data.items()
    )


def _log(file: Path, log: bytes, lines: int) -> tuple[list[Entry], list[PageData]]:
    entries: list[Entry] = []
    pages: list[PageData] = []
    rows = log.splitlines()
    if len(rows) != lines or lines > MAX_ENTRIES * 2:
        raise RecordingError(file, f"{LOG} has {len(rows)} lines instead of {lines}")
    for number, row in enumerate(rows, 1):
        data = _json(file, f"{LOG}:{number}", row)
        if not _well_typed(data):
            raise RecordingError(file, f"{LOG}:{number}: a field is of the wrong type, or unknown")
        try:
            if "sha256" in data:
                pages.append(PageData(**data))
            else:
                entries.append(Entry(**data | {"ending": Ending(data["ending"])}))
        except (TypeError, KeyError, ValueError) as error:
            raise RecordingError(file, f"{LOG}:{number}: {error}") from None
    return entries, pages


def _json(file: Path, where: str, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordingError(file, f"{where}: {error}") from None
