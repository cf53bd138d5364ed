"""Bodies, methods and paths: what is taken, and what is refused with which answer (rest-api.md 1.1, 1.2, 1.6, 2)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.endpoints.table import describe_endpoints
from reference_server.pages.spill import SpillError
from tests.reference_server.client import JOBS, lab

METHODS = {
    "/api/server": {"GET", "PATCH"},
    "/api/server/version": {"GET"},
    "/api/openapi.json": {"GET"},
    "/api/device/scanners": {"GET"},
    JOBS: {"POST"},
    f"{JOBS}/JOB": {"GET", "PATCH", "DELETE"},
    f"{JOBS}/JOB/scanner/capabilities": {"GET"},
    f"{JOBS}/JOB/scanner/settings": {"GET"},
    f"{JOBS}/JOB/next-page": {"GET"},
    f"{JOBS}/JOB/next-page-info": {"GET"},
    f"{JOBS}/JOB/content": {"GET"},
    "/api/flatbed/events": {"GET"},
    "/api/flatbed/events/schema.json": {"GET"},
    "/api/flatbed/jobs": {"GET"},
    "/DWTAPI/Scanners": {"GET"},
    "/DWTAPI/ScanJobs": {"POST"},
    "/DWTAPI/ScanJobs/JOB": {"DELETE"},
    "/DWTAPI/ScanJobs/JOB/NextDocument": {"GET"},
    "/api/storage/documents": {"GET", "POST", "DELETE"},
    "/api/storage/documents/0123456789ab": {"GET", "PATCH", "DELETE"},
    "/api/storage/documents/0123456789ab/content": {"GET"},
    "/api/storage/documents/0123456789ab/pages": {"POST"},
    "/api/storage/documents/0123456789ab/pages/0": {"DELETE"},
    "/api/process/read-barcode": {"POST"},
    "/api/process/check-blank": {"POST"},
}


def test_every_endpoint_refuses_other_methods(tmp_path: Path) -> None:
    """Each path answers each unsupported method with 405 -2112, an Allow header and the methods in the message, and nothing else changes (12.1)."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create(autoRun=False)
            for path, methods in METHODS.items():
                for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "BREW"} - methods:
                    reply = await it.client.request(method, path.replace("JOB", job.rpartition("/")[2]), {})
                    assert reply.status == 405, (method, path)
                    assert set(reply.headers["Allow"].split(", ")) == methods
                    legacy = path.startswith("/DWTAPI")
                    kind = "text/plain; charset=utf-8" if legacy else "application/json"
                    assert (
                        reply.headers["Content-Type"] == kind
                    )  # exactly: the .NET client reads nothing else (rest-api.md 1.4)
                    if not legacy:
                        assert reply.json()["code"] == -2112
                    assert all(name in reply.body.decode() for name in methods)
            assert await it.client.state(job) == "pending"

    run(main, clock=Jumper())


def _filled(path: str) -> str:
    """*path* as :data:`METHODS` has it."""
    return path.replace("{jobuid}", "JOB").replace("{documentuid}", "0123456789ab").replace("{param}", "0")


def test_the_table_describes_these_endpoints() -> None:
    """The endpoint table, from which documents are made, has exactly the paths and methods of the contract, with a summary each."""
    described = {_filled(endpoint.path): set(endpoint.methods) for endpoint in describe_endpoints()}
    assert described == METHODS
    assert all(operation.summary for endpoint in describe_endpoints() for operation in endpoint.operations)


@pytest.mark.parametrize(
    "path",
    ["/", "/api", "/API/server", "/api/server/", "/api/device", "/fa/VersionInfo", "/api/storage", "/x%00y"],
)
def test_unknown_paths(path: str, tmp_path: Path) -> None:
    """What is no endpoint is 404 -2113; paths are case-sensitive."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.get(path)
            assert (reply.status, reply.json()["code"]) == (404, -2113)

    run(main, clock=Jumper())


def test_slashes_are_collapsed(tmp_path: Path) -> None:
    """Clients that join a host ending in a slash reach the same endpoints, without a redirect."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for path in ("//api/server/version", "/api///server//version"):
                assert (await it.client.get(path)).json()["compatible"] is True

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "text/plain;charset=UTF-8",
        "application/text",
        "application/x-www-form-urlencoded",
        "image/png",
        "",
    ],
)
def test_bodies_are_json_whatever_their_type(media_type: str, tmp_path: Path) -> None:
    """A JSON body is taken under every Content-Type that clients send, and an empty one counts as {}."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request(
                "PATCH", "/api/server", {"logLevel": "30", "other": 1}, {"Content-Type": media_type}
            )
            assert (reply.status, reply.json()) == (200, {"logLevel": 30})
            reply = await it.client.request("PATCH", "/api/server", b"", {"Content-Type": media_type})
            assert (reply.status, reply.json()) == (200, {"logLevel": 30})
            reply = await it.client.request("POST", JOBS, b" \n", {"Content-Type": media_type})
            assert reply.status == 201

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"jobTimeout": NaN}',
        {"autoRun": "true"},
        {"autoRun": 1},
        {"jobTimeout": "soon"},
        {"jobTimeout": -1},
        {"jobTimeout": True},
        {"jobTimeout": 1.5},
        {"scannerFailureTimeout": []},
        {"device": 5},
        {"config": []},
        {"config": "x"},
        {"config": {"Resolution": "much"}},
        {"config": {"resolution": {}}},
        {"config": {"PixelType": True}},
        {"config": {"IfDuplexEnabled": "yes"}},
        {"caps": []},
        {"caps": {"capabilities": {}}},
        {"caps": {"capabilities": [{}]}},
        {"license": 7},
        {"settings": 7},
        {"settings": "bm90IG91cnM="},
    ],
)
def test_bad_bodies(body: object, tmp_path: Path) -> None:
    """Malformed JSON, what is no object, and a known key of the wrong type are 400 -2113; no job comes of it and the scanner stays free."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, body)
            assert (reply.status, reply.json()["code"]) == (400, -2113)
            assert len(it.registry) == 0
            assert it.host.sessions == []
            assert await it.client.create()

    run(main, clock=Jumper())


def test_lenient_bodies(tmp_path: Path) -> None:
    """Numbers may be strings, unknown keys and nulls are ignored, and keys of config match in any case."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            assert await it.client.create(
                jobTimeout="60",
                settings=None,
                name="x",
                license="secret",
                requestFocusForScanningUI=False,
                config={"pixelTYPE": "0x2", "Whatever": [1], "Resolution": None},
            )
            await trio.sleep(1)
            assert it.host.sessions[0].values["mode"] == "Color"

    run(main, clock=Jumper())


def test_log_level(tmp_path: Path) -> None:
    """GET and PATCH /server read and set the log level, 0 to 30; anything else is 400 and changes nothing."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for level in (0, 1, 14, 30):
                assert (await it.client.request("PATCH", "/api/server", {"logLevel": level})).json() == {
                    "logLevel": level
                }
            for bad in (-1, 31, "high", True, [1]):
                reply = await it.client.request("PATCH", "/api/server", {"logLevel": bad})
                assert (reply.status, reply.json()["code"]) == (400, -2113)
            assert (await it.client.get("/api/server")).json() == {"logLevel": 30}

    run(main, clock=Jumper())


def test_version(tmp_path: Path) -> None:
    """The version answer has the fields that clients read, as application/json."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.get("/api/server/version")
            assert reply.headers["Content-Type"] == "application/json"
            assert reply.json()["compatible"] is True
            assert len(reply.json()["version"]) == 8
            assert "flatbed" in reply.json()["moduleVersions"]

    run(main, clock=Jumper())


def test_body_that_is_too_large(tmp_path: Path) -> None:
    """A body that says it is too long is refused at once, one that turns out to be is refused at the limit; both with 413 and a closed connection."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(body_bytes=1000)) as it:
            body = b"{" + b" " * 2000 + b"}"
            reply = await it.client.request("POST", JOBS, body, {"Transfer-Encoding": "chunked"})
            assert (reply.status, reply.json()["code"], reply.headers["Connection"]) == (413, -2113, "close")
            reply = await it.client.request("POST", JOBS, {}, {"Content-Length": "100000000"})
            assert reply.status == 413

    run(main, clock=Jumper())


def test_licence_modes(tmp_path: Path) -> None:
    """A key may stand under the new header, the old one or in the body; "require" wants one that is not empty, "reject" refuses all, "ignore" none."""

    async def main() -> None:
        ways = [
            ({"DWT-PRODUCT-KEY": "k"}, {}),
            ({"X-DICS-LICENSE-KEY": "k"}, {}),
            ({}, {"license": "k"}),
            ({"DWT-PRODUCT-KEY": ""}, {"license": "k"}),
        ]
        for mode, with_key, without in (("ignore", 201, 201), ("require", 201, 403), ("reject", 403, 403)):
            async with lab(tmp_path, licence=mode) as it:
                cases = [(headers, body, with_key) for headers, body in ways]
                cases += [({}, {}, without), ({"DWT-PRODUCT-KEY": ""}, {}, without), ({}, {"license": " "}, without)]
                for headers, body, status in cases:
                    reply = await it.client.request("POST", JOBS, body, headers)
                    assert reply.status == status, (mode, headers, body)
                    if status == 403:
                        assert reply.json()["code"] == -2800
                    else:
                        await it.client.request("DELETE", f"{JOBS}/{reply.json()['jobuid']}")

    run(main, clock=Jumper())


def test_a_system_error_is_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error body has code, message and statusCode always, and a cause only where an error of the operating system lies behind it (rest-api.md 1.6)."""

    async def main() -> None:
        async with lab(tmp_path) as it:

            async def full(_request: object) -> None:
                await trio.lowlevel.checkpoint()
                try:
                    os.rmdir(tmp_path / "secret")  # noqa: PTH106  # the system's own words
                except OSError:
                    raise SpillError("The page cannot be kept.") from None

            monkeypatch.setattr(it.registry, "create", full)
            reply = await it.client.request("POST", JOBS, {})
            assert (reply.status, reply.json()) == (
                500,
                {
                    "code": -1001,
                    "message": "The page cannot be kept.",
                    "statusCode": 500,
                    "cause": {"code": 2, "message": "No such file or directory"},
                },
            )
            reply = await it.client.request("POST", JOBS, b"{")
            assert set(reply.json()) == {"code", "message", "statusCode"}

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (JOBS, '{"caps": 5}', "caps: Input should be a JSON object."),
        (JOBS, '{"config": 5}', "config: Input should be a JSON object."),
        (
            JOBS,
            '{"caps": {"capabilities": [{"capability": 1, "exception": 5}]}}',
            "caps.capabilities.0.exception: Input should be a valid string.",
        ),
        ("/api/server", '{"logLevel": true}', "logLevel: this is not a number."),
        (
            "/api/storage/documents/DOCUMENT",
            '{"metadata": 5}',
            "metadata: Input should be a JSON object, or: Input should be a valid string.",
        ),
        ("/api/storage/documents/DOCUMENT", "{}", "metadata: Field required."),
    ],
)
async def test_errors_speak_of_the_body(tmp_path: Path, path: str, body: str, said: str) -> None:
    """A key of the wrong type is named as the client spelled it, with what it should be, and without the names of our types (rest-api.md 1.2)."""
    async with lab(tmp_path) as it:
        if "DOCUMENT" in path:
            document = (await it.client.request("POST", "/api/storage/documents")).json()["uid"]
            path = path.replace("DOCUMENT", document)
        reply = await it.client.request("POST" if path == JOBS else "PATCH", path, body.encode())
        assert (reply.status, reply.json()["message"]) == (400, said)
