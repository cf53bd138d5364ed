"""UIDs and URLs that clients send are words to be looked up, never paths to be opened or places to be asked (service-behaviour.md S-068, S-073)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from device_protocol.testing import Jumper, run
from tests.reference_server.client import JOBS, lab

ODD_UIDS = [
    "..",
    ".",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%2e%2e%2f",
    "..%5c..%5cwindows",
    "%00",
    "a%00.png",
    "%2Fetc%2Fpasswd",
    "%c0%ae%c0%ae",
    "%F0%9F%93%84",
    "a" * 4000,
    "%",
    "%zz",
    "NUL",
    "con",
    "~root",
    "$(id)",
    "${jndi:ldap://evil.example}",
    "{jobuid}",
    "0" * 12,
    "index.json",
]


@pytest.mark.parametrize("uid", ODD_UIDS)
def test_uids_as_paths(uid: str, tmp_path: Path) -> None:
    """Whatever stands where a UID belongs is refused as unknown; no file is read, made or removed by it."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            document = (await it.client.request("POST", "/api/storage/documents", {})).json()["uid"]
            before = _files(tmp_path)
            for method, path in (
                ("GET", f"{JOBS}/{uid}"),
                ("DELETE", f"{JOBS}/{uid}"),
                ("GET", f"{JOBS}/{uid}/next-page"),
                ("GET", f"/api/storage/documents/{uid}"),
                ("DELETE", f"/api/storage/documents/{uid}"),
                ("GET", f"/api/storage/documents/{uid}/content?type=application/pdf"),
                ("DELETE", f"/api/storage/documents/{document}/pages/{uid}"),
            ):
                reply = await it.client.request(method, path)
                assert reply.status in {400, 404, 405}, (method, path, reply.status)
                assert str(tmp_path).encode() not in reply.body
            assert _files(tmp_path) == before

    run(main, clock=Jumper())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_sources_elsewhere_are_never_contacted(tmp_path: Path) -> None:
    """A ``source`` that points to another server, a file or a device is refused without a look at it: a listener hears nothing, no file is opened."""

    async def main() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.setblocking(False)
            port = listener.getsockname()[1]
            (tmp_path / "secret.png").write_bytes(b"\x89PNG secret")
            async with lab(tmp_path / "data") as it:
                uid = (await it.client.request("POST", "/api/storage/documents", {})).json()["uid"]
                for source in (
                    f"http://127.0.0.1:{port}/page.png",
                    f"http://127.0.0.1:{port}/api/device/scanners/jobs/x/next-page?page=0123456789ab",
                    f"http://127.0.0.1:{port}@evil.example/",
                    f"ftp://127.0.0.1:{port}/page.png",
                    f"//127.0.0.1:{port}/page.png",
                    f"file://{tmp_path}/secret.png",
                    f"{tmp_path}/secret.png",
                    "data:image/png;base64,iVBORw0KGgo=",
                    "http://169.254.169.254/latest/meta-data/",
                    "gopher://127.0.0.1:25/_HELO",
                ):
                    for path in (
                        f"/api/storage/documents/{uid}/pages",
                        "/api/process/read-barcode",
                        "/api/process/check-blank",
                    ):
                        reply = await it.client.request("POST", path, {"source": source})
                        assert (reply.status, reply.json()["code"]) == (400, -2113), (path, source)
                        assert b"secret" not in reply.body.replace(b"secret.png", b"")
            with pytest.raises(BlockingIOError):
                listener.accept()

    run(main, clock=Jumper())
