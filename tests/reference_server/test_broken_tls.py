"""Each way in which TLS can be broken for integrators, as a real client sees it; and that the door is mended by one call (S-077, S-080)."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio
import trio.testing

from device_protocol.aio import RealClock
from reference_server.config import ServerConfig
from reference_server.faults.tls_faults import FAULTS, TlsFault
from reference_server.tls.broken import BreakableTls
from reference_server.tls.keeper import Keeper
from tests.reference_server.secure_wire import ask, open_tls, running, trusting
from tests.reference_server.wire import read_answer

VERSION = "/api/server/version"

VERIFY_CODES = {
    TlsFault.EXPIRED: 10,  # certificate has expired
    TlsFault.NOT_YET_VALID: 9,
    TlsFault.WRONG_NAME: 62,  # hostname mismatch
    TlsFault.UNKNOWN_AUTHORITY: 19,  # self-signed certificate in certificate chain
    TlsFault.SELF_SIGNED: 18,
    TlsFault.AUTHORITY_ONLY: 26,  # unsuitable certificate purpose
}
"""What OpenSSL says of each certificate (``X509_V_ERR_...``)."""


@dataclass
class Door:
    """A door that can be broken; it greets whoever has shaken hands."""

    port: int
    tls: BreakableTls
    ca: Path
    nothing_left: int = 0

    async def connect(self, context: ssl.SSLContext | None = None) -> str:
        """The protocol of a connection that a client has made and the door has greeted."""
        stream = await open_tls(self.port, context or trusting(self.ca), "localhost")
        async with stream:
            assert await stream.receive_some(5) == b"hello"
            return str(stream.version())

    async def failure(self) -> BaseException | None:
        """Why a client cannot shake hands."""
        with pytest.raises(trio.BrokenResourceError) as caught:
            await self.connect()
        return caught.value.__cause__


@asynccontextmanager
async def door(folder: Path) -> AsyncIterator[Door]:
    """A door with certificates of its own."""
    keeper = Keeper(ServerConfig(folder), RealClock())
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    assert keeper.ca is not None
    it = Door(listener.socket.getsockname()[1], BreakableTls(keeper), keeper.ca)

    async def serve(stream: trio.SocketStream) -> None:
        secured = await it.tls(stream)
        if secured is None:
            it.nothing_left += 1
            return
        try:
            await secured.send_all(b"hello")
        except trio.BrokenResourceError:
            return

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield it
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("fault", list(VERIFY_CODES))
async def test_certificates_that_are_no_good(fault: TlsFault, tmp_path: Path) -> None:
    """A client that trusts the authority sees exactly what is wrong; before and after, the door is fine."""
    async with door(tmp_path) as it:
        assert await it.connect() == "TLSv1.3"
        it.tls.set(fault)
        error = await it.failure()
        assert isinstance(error, ssl.SSLCertVerificationError)
        assert error.verify_code == VERIFY_CODES[fault], error.verify_message
        it.tls.set(None)
        assert await it.connect() == "TLSv1.3"


async def test_an_old_protocol(tmp_path: Path) -> None:
    """A client of today refuses it; one that takes everything gets TLS 1.1, where OpenSSL still has that."""
    async with door(tmp_path) as it:
        it.tls.set(TlsFault.OLD_PROTOCOL)
        error = await it.failure()
        assert isinstance(error, ssl.SSLError)
        assert "PROTOCOL" in str(error.reason)
        lenient = trusting(it.ca)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            lenient.minimum_version = ssl.TLSVersion.TLSv1
        lenient.set_ciphers("DEFAULT:@SECLEVEL=0")
        if ssl.HAS_TLSv1_1:
            assert await it.connect(lenient) == "TLSv1.1"


async def test_a_handshake_that_hangs(tmp_path: Path) -> None:
    """It is neither answered nor refused, for as long as the client stays; when it leaves, nothing stays behind."""
    async with door(tmp_path) as it:
        it.tls.set(TlsFault.HANG)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(it.connect)
            await trio.testing.wait_all_tasks_blocked(0.05)
            assert nursery.child_tasks
            assert it.nothing_left == 0
            nursery.cancel_scope.cancel()
        while not it.nothing_left:
            await trio.lowlevel.checkpoint()


async def test_a_handshake_that_is_reset(tmp_path: Path) -> None:
    """The connection is reset, not closed in order, when the client has said hello."""
    async with door(tmp_path) as it:
        it.tls.set(TlsFault.RESET)
        for _ in range(5):
            error = await it.failure()
            assert isinstance(error, ConnectionResetError), error


async def test_plain_http_on_the_https_port(tmp_path: Path) -> None:
    """A client that speaks TLS is answered in words that are none; one that speaks plain HTTP is served; the status port stays whole."""
    async with running(tmp_path, faults=("bad-tls:tls=plain-http",)) as ready:
        base = urlsplit(ready.https or "")
        with pytest.raises(trio.BrokenResourceError) as caught:
            await open_tls(base.port or 0, trusting(ready.ca), "localhost")
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        stream = await trio.open_tcp_stream("127.0.0.1", base.port or 0)
        async with stream:
            await stream.send_all(f"GET {VERSION} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert (await read_answer(stream))[0] == 200


async def test_only_the_api_is_broken(tmp_path: Path) -> None:
    """The fault is at the https door of the API; the status door, by which it can be lifted, has a good certificate, and http goes on."""
    async with running(tmp_path, faults=("bad-tls:tls=expired",), status_port="off") as ready:
        with pytest.raises(trio.BrokenResourceError):
            await ask(ready.https, ready.ca, VERSION)
        assert (await ask(ready.status, ready.ca, "/status.json"))[0] == 200
        assert (await ask(ready.http, ready.ca, VERSION))[0] == 200


async def test_faults_without_an_authority(tmp_path: Path) -> None:
    """Where the user brought a certificate, there is no authority to sign with: the faulty certificate is then unknown, and nothing else breaks."""
    from reference_server.tls.authority import make_self_signed  # noqa: PLC0415
    from reference_server.tls.keeper import utc_now  # noqa: PLC0415
    from reference_server.tls.names import LOOPBACK  # noqa: PLC0415

    own = tmp_path / "own.pem"
    own.write_bytes(make_self_signed(LOOPBACK, utc_now()).pem)
    own.chmod(0o600)
    async with running(tmp_path / "data", cert=own, faults=("bad-tls:tls=expired",)) as ready:
        assert ready.ca is None
        with pytest.raises(trio.BrokenResourceError):
            await ask(ready.https, str(own), VERSION)
        assert not (tmp_path / "data" / "cert").exists()


def test_every_fault_is_described() -> None:
    """Whoever lists the faults can say what each does."""
    assert set(FAULTS) == set(TlsFault)
    assert all(text.endswith(".") for text in FAULTS.values())
    page = (Path(__file__).parents[2] / "docs" / "https.md").read_text()
    assert all(f"| `{fault}` |" in page for fault in TlsFault)
    assert set(VERIFY_CODES) | {TlsFault.OLD_PROTOCOL, TlsFault.HANG, TlsFault.RESET, TlsFault.PLAIN_HTTP} == set(
        TlsFault
    )


def test_locked_mode_refuses(tmp_path: Path) -> None:
    """A service that is not a lab does not start with broken TLS."""
    with pytest.raises(ValueError, match="lab"):
        ServerConfig(tmp_path, access="locked", faults=("bad-tls",))  # type: ignore[arg-type]  # a word
