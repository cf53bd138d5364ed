"""Certificates of a running service: renewed, reloaded and chosen by host name without a restart, and never replaced by a bad one (S-043, S-076, S-079)."""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
import trio
import trio.testing
from cryptography import x509
from cryptography.hazmat.primitives import serialization as form

from device_protocol.aio import ManualClock
from reference_server.app import run
from reference_server.config import ServerConfig
from reference_server.errors import StartError
from reference_server.exits import EXIT_START
from reference_server.tls.authority import LEAF_LIFE, make_authority, make_leaf, make_self_signed
from reference_server.tls.contexts import load
from reference_server.tls.keeper import POLL_SECONDS, RETRY, WARN_BEFORE, Keeper, utc_now
from reference_server.tls.names import LOOPBACK, Names
from reference_server.tls.pair import Pair, PairError
from reference_server.tls.store import RENEW_BEFORE, CertStore
from reference_server.tls.user_pair import FILE_BYTES, parse_host_certs
from tests.reference_server.openssl import openssl
from tests.reference_server.secure_wire import ask, open_tls, running, send, trusting
from tests.reference_server.wire import read_answer

NOW = utc_now()
DAY = timedelta(days=1)


def own(path: Path, names: Names = LOOPBACK, begin: datetime = NOW, life: timedelta = LEAF_LIFE) -> Pair:
    """A certificate as a user brings it, at *path*."""
    pair = make_self_signed(names, begin, life)
    path.write_bytes(pair.pem)
    path.chmod(0o600)
    return pair


def without_check() -> ssl.SSLContext:
    """A client's context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass
class Kept:
    """A keeper behind a door, on a clock of the test's."""

    keeper: Keeper
    port: int
    clock: ManualClock
    wall: list[datetime]
    opened: list[trio.SSLStream[trio.SocketStream]] = field(default_factory=list)

    async def pass_time(self, much: timedelta = timedelta(seconds=POLL_SECONDS)) -> None:
        """Let the day go on, and the keeper look at its files, as it does by itself after every few seconds."""
        self.wall[0] += much
        await self.keeper.look()

    async def open(self, name: str = "localhost") -> trio.SSLStream[trio.SocketStream]:
        """A connection of a client that asks for *name*; an empty one asks for none."""
        context = without_check()
        stream = await open_tls(self.port, context, name or "127.0.0.1")
        self.opened.append(stream)
        return stream

    async def shown(self, name: str = "localhost") -> x509.Certificate:
        """The certificate that the door shows to a new client."""
        stream = await self.open(name)
        return x509.load_der_x509_certificate(stream.getpeercert(binary_form=True))


@asynccontextmanager
async def kept(folder: Path, **changes: Any) -> AsyncIterator[Kept]:
    """A keeper at work; the door says back what it hears."""
    clock, wall = ManualClock(), [NOW]
    keeper = Keeper(ServerConfig(folder, **changes), clock, lambda: wall[0])
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    it = Kept(keeper, listener.socket.getsockname()[1], clock, wall)

    async def serve(stream: trio.SocketStream) -> None:
        secured = await keeper.secure(stream)
        if secured is not None:
            async for data in secured:
                await secured.send_all(data)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        try:
            yield it
        finally:
            for stream in it.opened:
                await trio.aclose_forcefully(stream)
        nursery.cancel_scope.cancel()


class TestOurs:
    """Certificates of our own authority."""

    async def test_renewal_while_running(self, tmp_path: Path) -> None:
        """When its time comes the certificate is renewed; new clients get the new one, a connection that was open goes on."""
        async with kept(tmp_path) as it:
            old, stream = await it.shown(), await it.open()
            await it.pass_time(LEAF_LIFE - RENEW_BEFORE - DAY)
            assert await it.shown() == old
            await it.pass_time(2 * DAY)
            new = await it.shown()
            assert new != old
            assert new.not_valid_after_utc > it.wall[0] + LEAF_LIFE - DAY
            assert new.issuer == old.issuer
            await stream.send_all(b"still there")
            assert await stream.receive_some(100) == b"still there"

    async def test_on_the_clock_of_the_service(self, tmp_path: Path) -> None:
        """The keeper looks every two seconds of the service clock, by itself."""
        async with kept(tmp_path) as it, trio.open_nursery() as nursery:
            nursery.start_soon(it.keeper.run)
            await trio.testing.wait_all_tasks_blocked()
            fresh = CertStore(tmp_path).ensure(Names(), NOW, fresh=True)
            await it.clock.advance(POLL_SECONDS - 0.1)
            assert it.keeper.default.pem != fresh.server.pem
            await it.clock.advance(0.1)
            while it.keeper.default.pem != fresh.server.pem:  # a thread reads the files
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()

    async def test_another_process_renews(self, tmp_path: Path) -> None:
        """What another service on the same folder, or the command line, has written is taken."""
        async with kept(tmp_path) as it:
            fresh = CertStore(tmp_path).ensure(Names(), NOW, fresh_authority=True)
            await it.pass_time()
            assert await it.shown() == fresh.server.certificate

    async def test_a_certificate_that_was_deleted(self, tmp_path: Path) -> None:
        """It is made again."""
        async with kept(tmp_path) as it:
            store = CertStore(tmp_path)
            store.server_pair_path.unlink()
            await it.pass_time()
            assert store.server() is not None

    async def test_a_renewal_that_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """With a full disk the old certificate stays, the log says so once, and ten minutes later it is tried again."""
        async with kept(tmp_path) as it:
            old = await it.shown()
            with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:

                def full(*_: object) -> None:
                    raise OSError(28, "No space left on device")

                patch.setattr("reference_server.tls.store.write_whole", full)
                for _ in range(3):
                    await it.pass_time(LEAF_LIFE - RENEW_BEFORE + DAY if it.wall[0] == NOW else DAY * 0)
            assert [line["event"] for line in logs].count("certificate not renewed") == 1
            assert await it.shown() == old
            await it.pass_time(RETRY)
            assert await it.shown() != old

    async def test_a_clock_that_is_set(self, tmp_path: Path) -> None:
        """A clock that jumps back, after a failed renewal or not, leaves clients with a certificate that is valid then, and again when it is right."""
        async with kept(tmp_path) as it:
            it.keeper._wait_until = NOW + timedelta(days=400)
            for jump in (-200 * DAY, 200 * DAY):
                await it.pass_time(jump)
                shown = await it.shown()
                assert shown.not_valid_before_utc < it.wall[0] < shown.not_valid_after_utc

    async def test_names_beyond_the_authority(self, tmp_path: Path) -> None:
        """A name that came after the authority was made is not in the certificate, and the log says what to do; loopback stays good."""
        async with kept(tmp_path):
            pass
        with structlog.testing.capture_logs() as logs:
            async with kept(tmp_path, allow_host=("late.lan",)) as it:
                assert it.keeper.uncovered == Names.of(["late.lan"])
                (await open_tls(it.port, trusting(it.keeper.ca), "localhost")).transport_stream.socket.close()
        assert any("flatbed cert renew --authority" in line.get("remedy", "") for line in logs)


class TestOwn:
    """Certificates that the user brings."""

    async def test_reload_and_bad_replacements(self, tmp_path: Path) -> None:
        """A bad replacement leaves the old one in use and is logged once; a good one is taken from the next connection on."""
        cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        first = own(cert)
        key.write_bytes(first.pem)
        second, third = make_self_signed(LOOPBACK, NOW), make_self_signed(LOOPBACK, NOW - LEAF_LIFE - DAY)
        async with kept(tmp_path / "data", cert=cert, key=key) as it:
            assert await it.shown() == first.certificate
            for bad in (second.pem, third.pem, b"", b"nonsense"):
                cert.write_bytes(bad)
                with structlog.testing.capture_logs() as logs:
                    for _ in range(3):
                        await it.pass_time()
                assert [line["event"] for line in logs] == ["replacement refused, the old certificate stays"]
                assert await it.shown() == first.certificate
            cert.unlink()
            await it.pass_time()
            assert await it.shown() == first.certificate
            cert.write_bytes(second.pem)
            await it.pass_time()
            key.write_bytes(second.pem)
            await it.pass_time()
            assert await it.shown() == second.certificate

    async def test_by_host_name(self, tmp_path: Path) -> None:
        """A client that names a configured host, whatever its case, gets that one's certificate; others get the default; all reload."""
        first, second = own(tmp_path / "a.pem", Names.of(["a.lan"])), own(tmp_path / "b.pem", Names.of(["b.lan"]))
        files = (f"a.lan={tmp_path / 'a.pem'}", f"B.lan.={tmp_path / 'b.pem'}:{tmp_path / 'b.pem'}")
        async with kept(tmp_path / "data", host_cert=files) as it:
            default = it.keeper.default.certificate
            assert await it.shown("a.lan") == first.certificate
            assert await it.shown("A.LAN") == first.certificate
            assert await it.shown("b.lan") == second.certificate
            assert await it.shown("c.lan") == default
            assert await it.shown("") == default
            third = own(tmp_path / "a.pem", Names.of(["a.lan"]))
            await it.pass_time()
            assert await it.shown("a.lan") == third.certificate
            assert await it.shown("b.lan") == second.certificate
            assert await it.shown() == default

    async def test_an_end_that_comes_near(self, tmp_path: Path) -> None:
        """Nobody renews what the user brought: from two weeks before its end on, and after it, the log warns once a day."""
        own(tmp_path / "own.pem")
        async with kept(tmp_path / "data", cert=tmp_path / "own.pem") as it:
            with structlog.testing.capture_logs() as logs:
                await it.pass_time(LEAF_LIFE - WARN_BEFORE - DAY)
                assert logs == []
                await it.pass_time(2 * DAY)
                await it.pass_time()
                assert [line["event"] for line in logs] == ["certificate expires"]
                await it.pass_time(WARN_BEFORE)
                assert [line["event"] for line in logs] == ["certificate expires", "certificate has expired"]

    async def test_a_key_that_others_can_read(self, tmp_path: Path) -> None:
        """It is used, and the log says what to do about it."""
        own(tmp_path / "own.pem")
        (tmp_path / "own.pem").chmod(0o644)
        with structlog.testing.capture_logs() as logs:
            async with kept(tmp_path / "data", cert=tmp_path / "own.pem"):
                pass
        assert [line["remedy"] for line in logs] == ["chmod 600"]


def _encrypted(folder: Path) -> bytes:
    key = make_self_signed(LOOPBACK, NOW).key
    return bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"x")))


def _short_rsa(folder: Path) -> bytes:
    words = [
        "-newkey",
        "rsa:512",
        "-nodes",
        "-subj",
        "/CN=x",
        "-days",
        "9",
        "-keyout",
        folder / "k",
        "-out",
        folder / "c",
    ]
    openssl("req", "-x509", *words)
    return (folder / "c").read_bytes() + (folder / "k").read_bytes()


@pytest.mark.parametrize(
    ("cert", "key", "complaint"),
    [
        (None, None, "cannot be read: No such file"),
        (lambda _: make_self_signed(LOOPBACK, NOW).pem, lambda _: None, "key cannot be read: No such file"),
        (lambda _: b"nonsense", None, "no PEM certificate"),
        (lambda _: make_self_signed(LOOPBACK, NOW).pem.partition(b"-----BEGIN CERT")[0], None, "no PEM certificate"),
        (
            lambda _: b"-----BEGIN CERT" + make_self_signed(LOOPBACK, NOW).pem.partition(b"-----BEGIN CERT")[2],
            None,
            "key",
        ),
        (lambda _: make_self_signed(LOOPBACK, NOW).pem, _encrypted, "openssl pkey"),
        (
            lambda _: make_self_signed(LOOPBACK, NOW).pem,
            lambda _: make_self_signed(LOOPBACK, NOW).pem,
            "does not belong to",
        ),
        (lambda _: make_self_signed(LOOPBACK, NOW - 200 * DAY).pem, None, "expired on"),
        (lambda _: make_self_signed(LOOPBACK, NOW + 2 * DAY).pem, None, "not valid before"),
        (_short_rsa, None, "OpenSSL refuses it"),
        (lambda _: bytes(FILE_BYTES + 1), None, "this is no certificate"),
    ],
)
def test_pairs_that_cannot_be_used(
    cert: Callable[[Path], bytes] | None, key: Callable[[Path], bytes | None] | None, complaint: str, tmp_path: Path
) -> None:
    """The start ends with 2 and says which file is wrong and how; nothing was made."""
    cert_path, key_path = tmp_path / "cert.pem", tmp_path / "key.pem"
    if cert is not None:
        cert_path.write_bytes(cert(tmp_path))
    if key is not None and (data := key(tmp_path)) is not None:
        key_path.write_bytes(data)
    config = ServerConfig(tmp_path / "data", port=0, cert=cert_path, key=None if key is None else key_path, drivers=())
    with pytest.raises(StartError, match=complaint) as caught:
        Keeper(config, ManualClock())
    assert str(tmp_path) in str(caught.value)
    assert not (tmp_path / "data").exists()
    said: list[str] = []
    assert run(config, announce=said.append) == EXIT_START
    assert said == [f"flatbed: {caught.value}"]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file(kind: str, tmp_path: Path) -> None:
    """A folder or a pipe in the place of a certificate is an error at once; nobody waits for what will never come out of it."""
    path = tmp_path / "cert.pem"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(StartError, match="this is no certificate"):
        Keeper(ServerConfig(tmp_path / "data", cert=path), ManualClock())


def test_a_folder_that_cannot_be_had(tmp_path: Path) -> None:
    """A file in the place of the folder is an error that names it."""
    (tmp_path / "cert").write_text("")
    with pytest.raises(StartError, match=str(tmp_path / "cert")):
        Keeper(ServerConfig(tmp_path), ManualClock())


@pytest.mark.parametrize("text", ["", "a.lan", "a.lan=", "=x.pem", "a b=x.pem", "*.lan=x.pem"])
def test_words_for_a_host(text: str, tmp_path: Path) -> None:
    """What is not HOST=CERT or HOST=CERT:KEY is refused before anything starts; so is a second certificate for a host."""
    with pytest.raises(ValueError, match="is not HOST=CERT"):
        ServerConfig(tmp_path, host_cert=(text,))
    with pytest.raises(ValueError, match="two certificates"):
        parse_host_certs(["a.lan=x.pem", "A.LAN=y.pem"])


class TestProtocol:
    """What a client can speak."""

    async def test_versions(self, tmp_path: Path) -> None:
        """TLS 1.2 and 1.3 are spoken; a client of TLS 1.1 is told why not by an alert, and the log tells it too."""
        async with kept(tmp_path) as it:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context = trusting(it.keeper.ca)
                context.minimum_version = context.maximum_version = version
                stream = await open_tls(it.port, context, "localhost")
                assert stream.version() == version.name.replace("_", ".")
                assert "GCM" in stream.cipher()[0]
                await trio.aclose_forcefully(stream)
            old = trusting(it.keeper.ca)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
            old.set_ciphers("DEFAULT:@SECLEVEL=0")
            with structlog.testing.capture_logs() as logs, pytest.raises(trio.BrokenResourceError) as caught:
                await open_tls(it.port, old, "localhost")
            assert "ALERT_PROTOCOL_VERSION" in str(caught.value.__cause__)
            assert [(line["event"], line["reason"]) for line in logs] == [("handshake failed", "UNSUPPORTED_PROTOCOL")]

    async def test_only_http_1(self, tmp_path: Path) -> None:
        """A client that can do HTTP/2 is given HTTP/1.1 (decision 0015)."""
        async with kept(tmp_path) as it:
            context = trusting(it.keeper.ca)
            context.set_alpn_protocols(["h2", "http/1.1"])
            stream = await open_tls(it.port, context, "localhost")
            assert stream.selected_alpn_protocol() == "http/1.1"
            await trio.aclose_forcefully(stream)

    async def test_a_client_that_does_not_trust_us(self, tmp_path: Path) -> None:
        """The log of the service says what to do about it (S-081)."""
        openssl("version")
        async with kept(tmp_path) as it:
            client = partial(openssl, "s_client", "-connect", f"127.0.0.1:{it.port}", "-verify_return_error")
            with structlog.testing.capture_logs() as logs:
                await trio.to_thread.run_sync(client)
                while not logs:
                    await trio.lowlevel.checkpoint()
            assert "flatbed cert install" in logs[0]["advice"]

    async def test_clients_that_stop_in_mid_handshake(self, tmp_path: Path) -> None:
        """One that speaks no TLS and one that leaves at once do no harm to others."""
        async with kept(tmp_path) as it:
            for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01", b""):
                stream = await trio.open_tcp_stream("127.0.0.1", it.port)
                if data:
                    await stream.send_all(data)
                await stream.aclose()
            assert await it.shown() == it.keeper.default.certificate


def test_keys_on_the_way_to_openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL reads keys from files: where there are none in memory it is a private one that is gone afterwards, whether the key is good or not."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delattr(os, "memfd_create", raising=False)
    modes: list[int] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
            modes.append(stat.S_IMODE(Path(certfile).stat().st_mode))
            super().load_cert_chain(certfile, keyfile, password)

    good = make_self_signed(LOOPBACK, NOW)
    load(Context(ssl.PROTOCOL_TLS_SERVER), good)
    with pytest.raises(PairError, match="OpenSSL refuses"):
        load(Context(ssl.PROTOCOL_TLS_SERVER), Pair(good.key, good.chain, b"nonsense"))
    assert modes == [0o600, 0o600]
    assert list(tmp_path.iterdir()) == []


async def test_the_whole_way(tmp_path: Path) -> None:
    """Requests with a body and answers go through the https door of a whole service; openssl, as a foreign client, verifies it by name and by address."""
    openssl("version")
    async with running(tmp_path) as ready:
        async with await send(ready.https, ready.ca, "POST", "/api/device/scanners/jobs", b"{}") as stream:
            status, _ = await read_answer(stream)
            assert status == 201
        status, body = await ask(ready.https, ready.ca, "/api/device/scanners")
        assert status == 200
        assert body.startswith(b"[")
        port = int(str(ready.https).rpartition(":")[2])
        client = partial(
            openssl, "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", ready.ca, "-verify_return_error"
        )
        for check in (("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1")):
            said = await trio.to_thread.run_sync(partial(client, *check))
            assert "Verification: OK" in said
            assert "ECDSA" in said


async def test_what_is_announced(tmp_path: Path) -> None:
    """Whoever starts the service is told where https is, once that nobody trusts it yet, of names that its certificate lacks, and of hosts it refuses."""
    own(tmp_path / "own.pem", Names.of(["a.lan"]))
    for first in (True, False):
        lines: list[str] = []
        async with running(tmp_path, said=lines) as ready:
            assert f"The same by https on {ready.https}/api" in lines
            assert any("flatbed cert install" in line for line in lines) is first
    for allowed in (("late.lan",), ("late.lan", "A.lan")):
        said: list[str] = []
        async with running(tmp_path, said=said, host_cert=(f"a.lan={tmp_path}/own.pem",), allow_host=allowed):
            assert any("late.lan" in line and "flatbed cert renew --authority" in line for line in said)
            assert any("certificate for a.lan" in line for line in said) is (len(allowed) == 1)


def test_an_authority_signs_for_the_names_given() -> None:
    """The chain that is shown ends in the authority, so that a client which trusts it needs nothing else."""
    authority = make_authority(Names(), NOW)
    leaf = make_leaf(authority, LOOPBACK, NOW)
    assert leaf.chain == (leaf.certificate, authority.certificate)
