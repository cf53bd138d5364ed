"""The file of a recording: same bytes for the same recording, and no damage that goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from device_protocol import Code, DeviceInfo
from simulators.recordings import Entry, Head, PageData, Recording, RecordingError, archive, load, load_head, save
from simulators.recordings.log import Ending
from simulators.recordings.recorder import Recorder
from tests.simulators.benches import FAST, flatbed, lab, scan
from tests.simulators.recordings.tapes import recording_of


async def small() -> Recording:
    """A scan of one page, recorded."""
    recorder = Recorder()
    async with lab(flatbed()) as inner:
        backend = recorder.wrap(inner)
        session = await backend.open("flatbed")
        await scan(await session.start(FAST))
        await session.close()
        backend.over()
    return recording_of(recorder, "flatbed", info=DeviceInfo("flatbed", "Flatbed"), seed=7)


async def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    """Saving and loading changes nothing, saving again gives the same bytes, and nothing else is left in the folder."""
    recording = await small()
    file, again = tmp_path / "a.recording", tmp_path / "b.recording"
    save(recording, file)
    assert load(file) == recording
    assert load_head(file) == recording.head
    save(load(file), again)
    assert file.read_bytes() == again.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a.recording", "b.recording"]  # noqa: PTH208  # no list of paths in async code


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    """A text option that was empty comes back as an empty text, not as nothing."""
    file = tmp_path / "empty.recording"
    answers = ["", [], 0, None]
    entries = [Entry(0, "session 1", "get", ["name"], ending=Ending.ANSWER, answer=answer) for answer in answers]
    save(Recording(Head("tests:flatbed", "flatbed"), entries), file)
    assert [entry.answer for entry in load(file).entries] == answers


async def test_no_damage_goes_unnoticed(tmp_path: Path) -> None:
    """Whatever byte of the file is damaged: it is refused with the name of the file, or the damage was of no consequence (seed 1)."""
    recording = await small()
    file = tmp_path / "damaged.recording"
    save(recording, file)
    whole = file.read_bytes()
    dice = random.Random(1)
    refused, words = 0, set[tuple[Code, bool]]()
    for _ in range(150):
        place = dice.randrange(len(whole))
        data = bytearray(whole)
        data[place] ^= 1 << dice.randrange(8)
        file.write_bytes(data)
        try:
            assert load(file) == recording, f"byte {place}"
        except RecordingError as error:
            refused += 1
            words.add((error.code, error.message.startswith(f"{file}: ")))
    assert refused > 100
    assert words == {(Code.INVALID_VALUE, True)}


async def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    """A copy that was cut short is no recording, wherever it was cut."""
    file = tmp_path / "short.recording"
    save(await small(), file)
    whole = file.read_bytes()
    for length in (0, 1, len(whole) // 3, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(RecordingError, match="recording"):
            load(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and a folder are refused in the system's words."""
    with pytest.raises(RecordingError, match="No such file"):
        load(tmp_path / "missing")
    with pytest.raises(RecordingError, match="directory"):
        load(tmp_path)


def rewritten(file: Path, name: str, change: Any) -> None:
    """Change one member of a recording, and the checksum of the log with it."""
    with zipfile.ZipFile(file) as zipped:
        members = {item: zipped.read(item) for item in zipped.namelist()}
    members[name] = change(members[name])
    if name == archive.LOG:
        head = json.loads(members[archive.HEAD])
        head["log_sha256"] = hashlib.sha256(members[name]).hexdigest()
        head["lines"] = len(members[name].splitlines())
        members[archive.HEAD] = json.dumps(head).encode()
    with zipfile.ZipFile(file, "w") as zipped:
        for item, data in members.items():
            zipped.writestr(item, data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda head: head | {"schema": 2}, "newer flatbed"),
        (lambda head: {key: value for key, value in head.items() if key != "schema"}, "schema is missing"),
        (lambda head: head | {"native": 5}, "wrong type"),
        (lambda head: head | {"lines": "many"}, "wrong type"),
        (lambda head: head | {"info": {"$": "Fault"}}, "Fault"),
        (lambda head: head | {"suite": []}, "wrong type"),
        (lambda head: head | {"lines": 3}, "instead of 3"),
        (lambda head: [head], "schema is missing"),
    ],
)
async def test_a_head_that_lies_is_refused(change: Any, words: str, tmp_path: Path) -> None:
    """Each field of the head is checked, and the error says which file and why."""
    file = tmp_path / "head.recording"
    save(await small(), file)
    rewritten(file, archive.HEAD, lambda data: json.dumps(change(json.loads(data))).encode())
    with pytest.raises(RecordingError, match=words):
        load(file)


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{",
        b'{"backend":0}',
        b'{"backend":"0","handle":"backend","verb":"open","ending":"answer"}',
        b'{"backend":0,"handle":"backend","verb":"open","ending":"sometimes"}',
        b'{"backend":0,"handle":"backend","verb":"open","ending":"answer","times":true}',
        b'{"backend":0,"handle":"backend","verb":"open","ending":"answer","surprise":1}',
        b"[" * 100_000,
        b'{"backend":0,"page":"page 1","sha256":"../../etc/passwd","bytes":1}',
    ],
)
async def test_a_line_that_makes_no_sense_is_refused(line: bytes, tmp_path: Path) -> None:
    """A log with a senseless line is refused, with the line's number where there is one."""
    file = tmp_path / "line.recording"
    save(await small(), file)
    rewritten(file, archive.LOG, lambda data: data + line + b"\n")
    with pytest.raises(RecordingError):
        load(file)


async def test_nothing_grows_without_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head, a log, and pages that unpack to more than they may are refused, and not unpacked first."""
    file = tmp_path / "bomb.recording"
    recording = await small()
    save(recording, file)
    for limit, words in (
        ("MAX_HEAD", "recording.json has more"),
        ("MAX_LOG", "log.ndjson has more"),
        ("MAX_PAGE", "page"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(archive, limit, 64)
            with pytest.raises(RecordingError, match=words):
                load(file)


def test_pages_must_be_what_their_names_say(tmp_path: Path) -> None:
    """A page whose bytes are others than the log says is damage."""
    file = tmp_path / "page.recording"
    entry = Entry(0, "backend", "open", ["x"], ending=Ending.ANSWER, new="session 1")
    page = PageData(0, "page 1", "0" * 64, 3)
    save(Recording(recording_of(Recorder()).head, [entry], [page], {"0" * 64: zlib.compress(b"abc")}), file)
    with pytest.raises(RecordingError, match="page 000000000000 is damaged"):
        load(file)
