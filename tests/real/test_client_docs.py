"""The page about the Python client works as it stands: every block of it is run against a real service, in order, as one program."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from flatbed.client import PNG, RestError, ScanClient, SyncScanClient, UnreachableError
from flatbed.testing import ScanService

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/client.md").read_text(), re.DOTALL)

DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 2
"""


def test_every_block(tmp_path: Path) -> None:
    """All blocks, one after another in one program, run to their end and print what the page promises."""
    assert len(BLOCKS) == 8
    with ScanService.start(devices=DEVICES) as service:
        program = tmp_path / "program.py"
        program.write_text("\n".join([f"URL = {service.url!r}", *BLOCKS]))
        done = subprocess.run(
            [sys.executable, str(program)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1 image/jpeg ")
    assert "423 -1004" in done.stdout
    assert "Another job has the scanner" in done.stdout
    assert any(line.startswith("ICAP_XRESOLUTION ") for line in lines)
    assert sum(" page.arrived " in line for line in lines) == 4
    assert sum(" job.ended " in line for line in lines) == 1
    assert sum("/next-page?page=" in line and line.count(" ") == 1 for line in lines) == 4, "the notices"


def test_ready_file_and_tls(tmp_path: Path) -> None:
    """The ready file leads to both ports; https is verified by the authority that it names, and by no other."""
    with ScanService.start(devices=DEVICES) as service:
        ready = service.data_dir.parent / "ready.json"
        with (
            SyncScanClient.from_ready_file(ready) as plain,
            SyncScanClient.from_ready_file(ready, secure=True) as secure,
        ):
            assert plain.base_url.startswith("http://")
            assert secure.base_url.startswith("https://")
            assert plain.version() == secure.version()
            with secure.create_job(config={"Resolution": 75}) as job:
                assert len(list(job.pages())) == 4
        with service.client() as ours:
            assert ours.version().compatible
        with SyncScanClient(secure.base_url) as stranger, pytest.raises(UnreachableError, match="certificate"):
            stranger.version()


async def test_web_sockets_over_tls() -> None:
    """Events and notices come over wss as over ws."""
    with ScanService.start(devices=DEVICES) as service:
        ready = service.data_dir.parent / "ready.json"
        async with ScanClient.from_ready_file(ready, secure=True) as client, client.events() as events:
            assert (await anext(events)).type == "snapshot"
            async with (
                await client.create_job(notices=True, config={"Resolution": 75}) as job,
                job.notices() as notices,
            ):
                assert job.created["protocol"]["websocket"]["server"].startswith("wss://")
                uids = [notice.uid async for notice in notices]
            arrived = []
            async for event in events:
                arrived += [event["imageuid"]] if event.type == "page.arrived" else []
                if event.type == "job.removed":
                    break
            assert arrived == uids
        async with ScanClient(client.base_url) as stranger:
            with pytest.raises(UnreachableError):
                async with stranger.events():
                    pass


async def files_in(folder: Path) -> AsyncIterator[Path]:
    """What lies there."""
    for path in await trio.Path(folder).iterdir():
        yield Path(path)


async def test_documents_as_files(tmp_path: Path) -> None:
    """A document is saved as it is given whole, in pieces; a file that cannot be had leaves what was there before, and nothing beside it."""
    target = tmp_path / "page.png"
    with ScanService.start(devices=DEVICES) as service:
        async with ScanClient(service.url) as client:
            document = await client.create_document("s3cret")
            async with await client.create_job(config={"Resolution": 75, "IfDuplexEnabled": False}) as job:
                infos = [info async for info in job.page_infos()]
                for info in reversed(infos):
                    await document.insert(info, 1)
                first = await job.page(0)
            assert first is not None
            known = await document.info()
            assert len(known.pages) == len(infos)
            whole = await document.content(PNG)
            await document.save(target, PNG)
            assert target.read_bytes() == whole.data
            assert [piece async for piece in document.stream(PNG, known.pages[:1])]
            with pytest.raises(RestError) as caught:
                await client.document(document.uid, "wrong").save(target, PNG)
            assert (caught.value.status, caught.value.code) == (403, -1043)
            assert target.read_bytes() == whole.data
            assert [path async for path in files_in(tmp_path)] == [target]
            await document.delete_page(0)
            assert (await document.info()).pages == known.pages[1:]
            await document.delete()
            with pytest.raises(RestError) as caught:
                await document.info()
            assert (caught.value.status, caught.value.code) == (404, -1040)
