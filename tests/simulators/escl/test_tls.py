"""The door over TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trio

from simulators.escl.tls import CertificateError, server_context
from tests.simulators.escl.clients import door

REQUEST = b"GET /eSCL/ScannerStatus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def _exchange(stream: trio.abc.Stream) -> bytes:
    await stream.send_all(REQUEST)
    answer = b""
    while part := await stream.receive_some(65536):
        answer += part
    return answer


async def test_scanners_answer_by_https(tmp_path: Path) -> None:
    """With a certificate made for this run, for localhost, as scanners have; who does not trust it disturbs nobody, nor does who speaks no TLS."""
    async with door(tmp_path, tls=True) as opened:
        assert opened.url.startswith("https://127.0.0.1:")
        port = int(opened.url.rpartition(":")[2])
        strict = await trio.open_ssl_over_tcp_stream("127.0.0.1", port)
        with pytest.raises((trio.BrokenResourceError, ssl.SSLError)):
            await strict.do_handshake()
        await strict.transport_stream.aclose()
        plain = await trio.open_tcp_stream("127.0.0.1", port)
        await plain.send_all(REQUEST)
        assert b"200 OK" not in await plain.receive_some(4096)
        await plain.aclose()
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        stream = await trio.open_ssl_over_tcp_stream("127.0.0.1", port, ssl_context=trusting, https_compatible=True)
        answer = await _exchange(stream)
        await stream.aclose()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    """A file that is not there or is no certificate is an error of the start, which names it and says why."""
    with pytest.raises(CertificateError, match=r"none\.pem: No such file"):
        server_context(tmp_path / "none.pem", None, "127.0.0.1")
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate")
    with pytest.raises(CertificateError, match=r"wrong\.pem: .*PEM"):
        server_context(wrong, None, "127.0.0.1")
