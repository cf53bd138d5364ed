"""The installation's own authority and certificate: what they may vouch for, when they are made anew, and that nothing loses or spoils them (S-076)."""

from __future__ import annotations

import random
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog.testing

from reference_server.tls import files
from reference_server.tls.authority import AUTHORITY_LIFE, LEAF_LIFE, make_leaf, make_self_signed
from reference_server.tls.describe import Description
from reference_server.tls.files import BusyError, locked, write_whole
from reference_server.tls.names import LOOPBACK, Names, is_host_name
from reference_server.tls.pair import Pair, PairError
from reference_server.tls.store import RENEW_BEFORE, CertStore
from tests.reference_server.openssl import openssl

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LAN = Names.of(["scanner.lan", "10.1.2.3"])


def openssl_verify(ca: Path, leaf: Path, *options: str) -> str:
    """What ``openssl verify`` says."""
    return openssl("verify", "-CAfile", ca, "-purpose", "sslserver", *options, leaf)


def contents(store: CertStore) -> dict[str, bytes]:
    """Every file of the folder."""
    return {path.name: path.read_bytes() for path in store.folder.iterdir()}


class TestFirstStart:
    """What a new installation gets."""

    def test_files_are_private(self, tmp_path: Path) -> None:
        """The folder can be entered and the keys read by their owner only; the authority's certificate may be read by anybody who gets there."""
        store = CertStore(tmp_path)
        stored = store.ensure(Names(), NOW)
        assert stored.new_authority
        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()}
        assert modes == {"ca.pem": 0o644, "ca_pair.pem": 0o600, "server_pair.pem": 0o600, "lock": 0o600}
        assert b"PRIVATE" not in store.ca_path.read_bytes()

    def test_a_folder_that_was_open_is_closed(self, tmp_path: Path) -> None:
        """A folder that somebody made with wider rights has its rights taken back before a key is put there."""
        (tmp_path / "cert").mkdir(mode=0o755)
        CertStore(tmp_path).ensure(Names(), NOW)
        assert stat.S_IMODE((tmp_path / "cert").stat().st_mode) == 0o700

    def test_openssl_trusts_it_for_this_machine(self, tmp_path: Path) -> None:
        """OpenSSL verifies the certificate for loopback names and addresses and for the configured ones, as a server's."""
        store = CertStore(tmp_path)
        stored = store.ensure(LAN, NOW)
        assert stored.server.names == LOOPBACK | LAN
        for option in (
            ("-verify_hostname", "localhost"),
            ("-verify_hostname", "scanner.lan"),
            ("-verify_ip", "127.0.0.1"),
            ("-verify_ip", "::1"),
            ("-verify_ip", "10.1.2.3"),
        ):
            assert ": OK" in openssl_verify(store.ca_path, store.server_pair_path, *option), option
        assert "mismatch" in openssl_verify(store.ca_path, store.server_pair_path, "-verify_hostname", "other.lan")

    @pytest.mark.parametrize("name", ["evil.example", "notlocalhost", "8.8.8.8", "10.1.2.4", "fe80::1"])
    def test_the_authority_vouches_for_nobody_else(self, name: str, tmp_path: Path) -> None:
        """Whoever steals the authority's key can stand in for no other host: clients refuse what it signs for another name."""
        store = CertStore(tmp_path)
        authority = store.ensure(LAN, NOW).authority
        stolen = tmp_path / "stolen.pem"
        stolen.write_bytes(make_leaf(authority, Names.of([name]), NOW).pem)
        assert "permitted subtree violation" in openssl_verify(store.ca_path, stolen)

    def test_lives(self, tmp_path: Path) -> None:
        """The certificate lives 90 days, the authority ten years, and both already an hour ago."""
        stored = CertStore(tmp_path).ensure(Names(), NOW)
        for pair, life in ((stored.server, LEAF_LIFE), (stored.authority, AUTHORITY_LIFE)):
            whole = NOW.replace(microsecond=0)
            assert pair.certificate.not_valid_after_utc == whole + life
            assert pair.certificate.not_valid_before_utc == whole - timedelta(hours=1)


class TestLater:
    """What another start, or a look while the service runs, changes."""

    def test_what_is_good_stays(self, tmp_path: Path) -> None:
        """Nothing is written while everything is good: the day before renewal, for fewer names, and for names the authority may not have."""
        store = CertStore(tmp_path)
        store.ensure(LAN, NOW)
        before = contents(store)
        for names, when in (
            (LAN, NOW),
            (Names(), NOW),
            (LAN, NOW + LEAF_LIFE - RENEW_BEFORE - DAY),
            (Names.of(["other.lan"]), NOW),
        ):
            stored = store.ensure(names, when)
            assert contents(store) == before
            assert not stored.new_authority
        assert stored.uncovered == Names.of(["other.lan"])

    def test_renewal(self, tmp_path: Path) -> None:
        """Thirty days before its end the certificate is replaced, with all the names it had; the authority stays."""
        store = CertStore(tmp_path)
        old = store.ensure(LAN, NOW)
        new = store.ensure(Names(), NOW + LEAF_LIFE - RENEW_BEFORE + DAY)
        assert new.authority.pem == old.authority.pem
        assert new.server.pem != old.server.pem
        assert new.server.names == LOOPBACK | LAN

    def test_names_that_come_later(self, tmp_path: Path) -> None:
        """A name for which the authority may vouch is added by a new certificate at once; two services with different names do not take turns."""
        store = CertStore(tmp_path)
        store.ensure(LAN, NOW)
        first = store.ensure(Names.of(["a.localhost"]), NOW)
        second = store.ensure(Names.of(["b.localhost"]), NOW)
        assert second.server.names == LOOPBACK | LAN | Names.of(["a.localhost", "b.localhost"])
        assert store.ensure(Names.of(["a.localhost"]), NOW).server.pem == second.server.pem != first.server.pem

    def test_an_authority_at_its_end(self, tmp_path: Path) -> None:
        """An authority that would die before its next certificate is replaced, and the log says that the trust must be installed again."""
        store = CertStore(tmp_path)
        old = store.ensure(Names(), NOW)
        with structlog.testing.capture_logs() as logs:
            new = store.ensure(Names(), NOW + AUTHORITY_LIFE - LEAF_LIFE + DAY)
        assert new.new_authority
        assert new.authority.pem != old.authority.pem
        assert any("install it again" in line["event"] for line in logs)

    def test_a_clock_that_was_set_back(self, tmp_path: Path) -> None:
        """A certificate from the future is replaced by one that is valid; the authority is kept, since a wrong clock must not cost the trust in it."""
        store = CertStore(tmp_path)
        old = store.ensure(Names(), NOW)
        with structlog.testing.capture_logs() as logs:
            early = store.ensure(Names(), NOW - 1000 * DAY)
        assert early.server.good_at(NOW - 1000 * DAY)
        assert any("clock" in line["event"] for line in logs)
        later = store.ensure(Names(), NOW)
        assert early.authority.pem == later.authority.pem == old.authority.pem
        assert later.server.good_at(NOW)

    def test_fresh_ones_on_request(self, tmp_path: Path) -> None:
        """A fresh certificate has the names that were asked for and no others; a fresh authority may vouch for new ones."""
        store = CertStore(tmp_path)
        old = store.ensure(LAN, NOW)
        new = store.ensure(Names(), NOW, fresh=True)
        assert (new.authority.pem, new.server.names) == (old.authority.pem, LOOPBACK)
        other = Names.of(["other.lan"])
        newest = store.ensure(other, NOW, fresh_authority=True)
        assert newest.new_authority
        assert newest.server.names == LOOPBACK | other
        assert not newest.uncovered


class TestDamage:
    """Files that are not as they were left."""

    @pytest.mark.parametrize("left", [0, 1, 100, 300, 700])
    def test_a_damaged_authority(self, left: int, tmp_path: Path) -> None:
        """What is left of an authority is worth nothing: there is a new one, and the log says to install the trust again."""
        store = CertStore(tmp_path)
        old = store.ensure(Names(), NOW)
        store.ca_pair_path.write_bytes(old.authority.pem[:left])
        with structlog.testing.capture_logs() as logs:
            new = store.ensure(Names(), NOW)
        assert new.new_authority
        assert ": OK" in openssl_verify(store.ca_path, store.server_pair_path)
        assert any("install it again" in line["event"] for line in logs)

    def test_missing_files(self, tmp_path: Path) -> None:
        """Without its key the authority is made anew; a lost copy of its certificate, or a lost certificate, is put back without a new authority."""
        store = CertStore(tmp_path)
        old = store.ensure(Names(), NOW)
        for path in (store.ca_path, store.server_pair_path):
            path.unlink()
            stored = store.ensure(Names(), NOW)
            assert (stored.new_authority, stored.authority.pem) == (False, old.authority.pem)
            assert path.exists()
        store.ca_pair_path.unlink()
        assert store.ensure(Names(), NOW).new_authority

    def test_somebody_elses_certificate(self, tmp_path: Path) -> None:
        """A certificate that another authority signed, or a key that is not its own, is replaced."""
        store, other = CertStore(tmp_path / "a"), CertStore(tmp_path / "b")
        store.ensure(Names(), NOW)
        foreign = other.ensure(Names(), NOW).server.pem
        for data in (foreign, store.ca_pair_path.read_bytes(), b"-----BEGIN CERTIFICATE-----\nAAAA\n"):
            store.server_pair_path.write_bytes(data)
            store.ensure(Names(), NOW)
            assert ": OK" in openssl_verify(store.ca_path, store.server_pair_path)

    def test_a_crash_in_the_middle_of_writing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A write that does not come to its end leaves the old file whole, and no draft."""
        store = CertStore(tmp_path)
        store.ensure(Names(), NOW)
        before = contents(store)

        def fail(_path: Path, _target: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", fail)
        for keys in ({"fresh": True}, {"fresh_authority": True}):
            with pytest.raises(OSError, match="No space"):
                store.ensure(Names(), NOW, **keys)
            assert contents(store) == before


class TestTogether:
    """Several processes on one folder."""

    @pytest.mark.slow
    def test_processes_that_start_at_once(self, tmp_path: Path) -> None:
        """They all end up with one authority and one certificate, and every file is whole."""
        program = (
            "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
            "from reference_server.tls.names import Names; from reference_server.tls.store import CertStore\n"
            "store = CertStore(Path(sys.argv[1])); stored = store.ensure(Names(), datetime.now(UTC))\n"
            "sys.stdout.buffer.write(stored.authority.pem + stored.server.pem)"
        )
        command = [sys.executable, "-c", program, str(tmp_path)]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(5)]
        answers = {process.communicate()[0].rpartition(b"-----BEGIN PRIVATE")[2] for process in started}
        assert len(answers) == 1
        store = CertStore(tmp_path)
        assert sorted(contents(store)) == ["ca.pem", "ca_pair.pem", "lock", "server_pair.pem"]
        assert ": OK" in openssl_verify(store.ca_path, store.server_pair_path)

    def test_a_process_that_keeps_the_lock(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A start does not wait for ever for another one that hangs; it says which folder is locked, and has changed nothing."""
        monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
        store = CertStore(tmp_path)
        store.folder.mkdir()
        with locked(store.folder), pytest.raises(BusyError, match="locked"):
            store.ensure(Names(), NOW)
        assert [path.name for path in store.folder.iterdir()] == ["lock"]


def test_write_whole_replaces(tmp_path: Path) -> None:
    """The file has the new content and the mode that was asked for, whatever it had before."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_whole(path, b"new", 0o600)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_names() -> None:
    """Names come without ports, brackets, final dots and capitals, each once; what cannot stand in a certificate is left out."""
    words = [
        "Scanner.LAN.",
        "scanner.lan:8443",
        "[::1]:1",
        "127.0.0.1",
        "0.0.0.0",
        "::",
        "bad_/name",
        "",
        "a..b",
        "*.x",
    ]
    assert Names.of(words).words() == ["scanner.lan", "127.0.0.1", "::1"]
    assert Names.of(["b", "a"]) | Names.of(["a", "::1"]) == Names.of(["a", "b", "::1"])
    assert Names.of(["a", "::1"]) - Names.of(["a"]) == Names.of(["::1"])
    assert not Names()
    assert [is_host_name(text) for text in ("a-b.c", "-a", "a" * 64, "x." * 127)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [(b"", "no PEM certificate"), (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no PEM")],
)
def test_texts_that_are_no_pair(text: bytes, complaint: str) -> None:
    """They are a typed error."""
    with pytest.raises(PairError, match=complaint):
        Pair.parse(text)


def test_damaged_certificates_are_typed_errors() -> None:
    """Whatever is wrong with the bytes of a certificate or a key, reading it is the one typed error that the running service expects, or succeeds."""
    pair = make_self_signed(LOOPBACK, NOW)
    key, _, rest = pair.pem.partition(b"-----BEGIN CERTIFICATE")
    der = ssl.PEM_cert_to_DER_cert((b"-----BEGIN CERTIFICATE" + rest).decode())
    rng = random.Random(20261125)
    refused = 0
    for _ in range(1500):
        damaged = bytearray(der)
        for _ in range(rng.choice((1, 1, 2, 8))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            Description.of(Pair.parse(key + ssl.DER_cert_to_PEM_cert(bytes(damaged)).encode()).certificate, NOW)
        except PairError:
            refused += 1
    assert refused > 500
