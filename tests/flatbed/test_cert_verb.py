"""``flatbed cert``: with the real tools, on stores of the test's own; nothing but our certificate is touched (S-081)."""

from __future__ import annotations

import hashlib
import json
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flatbed.cli import main
from flatbed.exits import Exit
from reference_server.tls.authority import make_authority, make_self_signed
from reference_server.tls.keeper import utc_now
from reference_server.tls.names import LOOPBACK, Names
from reference_server.tls.store import CertStore
from reference_server.tls.trust import steps as trust_steps
from reference_server.tls.trust import system_store
from reference_server.tls.trust.authority_file import AuthorityFile
from reference_server.tls.trust.steps import ToolError, run_tool
from tests.parts import need

needs_debian = pytest.mark.usefixtures("debian_store")
needs_nss = pytest.mark.usefixtures("certutil")

STRANGER = "usr/local/share/ca-certificates/stranger.crt"
BUNDLE = "etc/ssl/certs/ca-certificates.crt"


@pytest.fixture
def debian_store() -> None:
    """Debian's own tool for the system store is here."""
    need("update-ca-certificates", "ca-certificates")


@pytest.fixture
def certutil() -> None:
    """NSS's own tool is here."""
    need("certutil", "libnss3-tools")


class Machine:
    """A root with a system's store in which somebody else's authority is, and a home with browsers."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home, self.data = folder / "root", folder / "home", folder / "data"
        for name in (
            "usr/local/share/ca-certificates",
            "usr/share/ca-certificates",
            "etc/ssl/certs",
            "etc/ca-certificates/update.d",
        ):
            (self.root / name).mkdir(parents=True)
        (self.root / "etc/ca-certificates.conf").touch()
        self.home.mkdir()
        other = make_authority(Names(), utc_now()).certificate
        self.stranger = ssl.DER_cert_to_PEM_cert(other.public_bytes(_der()))
        (self.root / STRANGER).write_text(self.stranger)

    def browser(self, folder: str, password: str = "") -> str:
        """A database of NSS below the home folder, with the stranger's authority in it; as certutil calls it."""
        path = self.home / folder
        path.mkdir(parents=True)
        secret = path.parent / "password"
        secret.write_text(password + "\n")
        subprocess.run(["certutil", "-N", "-d", f"sql:{path}", "-f", secret], check=True, capture_output=True)
        given = ["-n", "stranger", "-t", "C,,", "-i", self.root / STRANGER, "-f", secret]
        subprocess.run(["certutil", "-A", "-d", f"sql:{path}", *map(str, given)], check=True, capture_output=True)
        return f"sql:{path}"

    def run(self, *words: str, **_: Any) -> int:
        """The command with this machine's places."""
        places = ["--data-dir", str(self.data)]
        if words[0] != "path":
            places += ["--root", str(self.root), "--home", str(self.home)]
        try:
            return main(["cert", *words, *places])
        except SystemExit as end:
            return int(str(end.code))

    @property
    def authority(self) -> AuthorityFile:
        """Ours."""
        return AuthorityFile.read(self.data / "cert" / "ca.pem")


def _der() -> Any:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    return Encoding.DER


def nicknames(database: str) -> list[str]:
    """What is in a database."""
    done = subprocess.run(["certutil", "-L", "-d", database], check=True, capture_output=True, text=True)
    return sorted(line.rsplit(None, 1)[0] for line in done.stdout.splitlines() if ",," in line)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """See there."""
    return Machine(tmp_path)


@needs_debian
def test_the_systems_store(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Installed twice, shown, removed twice, by the real tool: each step says what it did, and the stranger's certificate stays where it was."""
    before = None
    for words, outcome in (
        ("install", "done"),
        ("install", "already so"),
        ("remove", "done"),
        ("remove", "already so"),
    ):
        assert machine.run(words) == Exit.OK
        captured = capsys.readouterr()
        assert captured.out.startswith(f"system: {outcome}; "), captured
        bundle = (machine.root / BUNDLE).read_text()
        assert (machine.authority.pem in bundle) is (words == "install")
        assert machine.stranger in bundle
        names = sorted(path.name for path in (machine.root / STRANGER).parent.iterdir())
        ours = [machine.authority.file_name] if words == "install" else []
        assert names == [*ours, "stranger.crt"]
        assert machine.run("show") == Exit.OK
        shown = capsys.readouterr().out
        assert ("trusted by: system" in shown) is (words == "install")
        assert before in {None, machine.authority.pem}
        before = machine.authority.pem


@needs_debian
def test_a_file_of_our_name_that_is_not_ours(machine: Machine) -> None:
    """What somebody put under our file's name in the system's folder is not removed; our certificate goes all the same."""
    assert machine.run("install") == Exit.OK
    file = (machine.root / STRANGER).with_name(machine.authority.file_name)
    file.write_text(machine.stranger)
    assert machine.run("remove") == Exit.OK
    assert file.read_text() == machine.stranger
    assert machine.authority.pem not in (machine.root / BUNDLE).read_text()


@needs_nss
@needs_debian
def test_browsers(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Chromium's database and that of each profile of Firefox get our authority, for servers only, and lose it again; others stay, and so does the stranger."""
    databases = [
        machine.browser(".pki/nssdb"),
        machine.browser(".mozilla/firefox/abc.default"),
        machine.browser(".mozilla/firefox/def.other"),
        machine.browser("snap/firefox/common/.mozilla/firefox/x.y"),
    ]
    (machine.home / ".mozilla/firefox/no-profile").mkdir()
    for _ in range(2):
        assert machine.run("install", "--no-system") == Exit.OK
        assert all(nicknames(database) == [machine.authority.nickname, "stranger"] for database in databases)
    assert not (machine.root / BUNDLE).exists()
    capsys.readouterr()
    assert machine.run("show", "--json") == Exit.OK
    trusted = json.loads(capsys.readouterr().out)["trusted_by"]
    assert [name.split()[0] for name in trusted] == ["Chromium", "Firefox", "Firefox", "Firefox"]
    for _ in range(2):
        assert machine.run("remove", "--json") == Exit.OK
        assert all(nicknames(database) == ["stranger"] for database in databases)
        assert len(json.loads(capsys.readouterr().out)["steps"]) == 5


@needs_nss
def test_browsers_accept_the_certificate(machine: Machine, tmp_path: Path) -> None:
    """NSS, the library of Firefox, holds the certificate for good once the authority is installed, and not before."""
    database = machine.browser(".pki/nssdb")
    assert machine.run("install", "--no-system", "--no-browsers") == Exit.OK
    leaf = tmp_path / "leaf.pem"
    certificates = (machine.data / "cert" / "server_pair.pem").read_text().partition("-----BEGIN CERTIFICATE")
    leaf.write_text(certificates[1] + certificates[2].partition("-----BEGIN CERTIFICATE")[0])
    subprocess.run(["certutil", "-A", "-d", database, "-n", "leaf", "-t", ",,", "-i", leaf], check=True)
    check = ["certutil", "-V", "-d", database, "-n", "leaf", "-u", "V", "-e"]
    assert subprocess.run(check, capture_output=True, check=False).returncode
    assert machine.run("install", "--no-system") == Exit.OK
    assert (
        subprocess.run(check, capture_output=True, text=True, check=True).stdout == "certutil: certificate is valid\n"
    )


@needs_nss
def test_a_certificate_of_our_name_that_is_not_ours(machine: Machine) -> None:
    """What has our nickname and is another certificate is not removed."""
    database = machine.browser(".pki/nssdb")
    assert machine.run("install", "--no-system", "--no-browsers") == Exit.OK
    name = machine.authority.nickname
    other = machine.home / "other.pem"
    other.write_text(ssl.DER_cert_to_PEM_cert(make_authority(Names(), utc_now()).certificate.public_bytes(_der())))
    given = ["-n", name, "-t", "C,,", "-i", str(other)]
    subprocess.run(["certutil", "-A", "-d", database, *given], check=True, capture_output=True)
    assert machine.run("remove", "--no-system") == Exit.OK
    assert nicknames(database) == [name, "stranger"]


@needs_nss
def test_a_database_with_a_password(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked for a password and nothing hangs; the step fails, says how it is done by hand, and leaves no half of it behind."""
    database = machine.browser(".mozilla/firefox/secret.profile", "a password")
    for _ in range(2):
        assert machine.run("install", "--no-system") == Exit.FAILED
        captured = capsys.readouterr()
        assert "failed; certutil ended with" in captured.out
        assert "search for certificates" in captured.err
        assert nicknames(database) == ["stranger"]


def test_without_tools(machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tools are missing, each step says what to install or what to do by hand, and the exit code is 1."""
    profile = machine.home / ".mozilla/firefox/abc.default"
    profile.mkdir(parents=True)
    (profile / "cert9.db").touch()
    monkeypatch.setenv("PATH", str(machine.home))
    assert machine.run("install") == Exit.FAILED
    captured = capsys.readouterr()
    assert "system: not there" in captured.out
    assert "security add-trusted-cert" in captured.err
    assert "certutil is not installed" in captured.out
    assert "apt install libnss3-tools" in captured.err
    assert "Authorities, Import" in captured.err
    assert machine.run("show") == Exit.OK
    assert "cannot be told" in capsys.readouterr().err


@needs_debian
def test_not_root(machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not write the system's store is given the commands to run as root, and nothing was written."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(system_store, "write_whole", refuse)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert machine.run("install") == Exit.FAILED
    captured = capsys.readouterr()
    assert "this needs root" in captured.out
    assert f"As root: cp {machine.authority.path} " in captured.err
    assert "update-ca-certificates" in captured.err
    assert [path.name for path in (machine.root / STRANGER).parent.iterdir()] == ["stranger.crt"]


def test_show_path_and_renew(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Before there is anything, that is said and nothing is made; then the certificates are shown, for people and for machines; renewing makes new ones."""
    for words in ("show", "path", "remove"):
        assert machine.run(words) == Exit.FAILED
        assert "flatbed" in capsys.readouterr().err
    assert not machine.data.exists()
    assert machine.run("renew") == Exit.OK
    captured = capsys.readouterr()
    assert captured.out == "New certificate for localhost, 127.0.0.1, ::1.\n"
    assert "flatbed cert install" in captured.err
    assert machine.run("path") == Exit.OK
    assert capsys.readouterr().out == f"{machine.data}/cert/ca.pem\n"
    assert machine.run("show", "--json") == Exit.OK
    shown = json.loads(capsys.readouterr().out)
    authority, server = shown["certificates"]["authority"], shown["certificates"]["server"]
    assert server["names"] == ["localhost", "127.0.0.1", "::1"]
    assert authority["names"] == ["localhost", "127.0.0.0/8", "::1/128"]
    assert (server["days_left"], server["issuer"]) == (89, authority["subject"])
    der = ssl.PEM_cert_to_DER_cert(Path(shown["ca"]).read_text())
    assert authority["sha256"] == hashlib.sha256(der).digest().hex(":").upper()
    assert machine.run("show") == Exit.OK
    assert server["sha256"] in capsys.readouterr().out
    assert machine.run("renew") == Exit.OK
    assert machine.run("show", "--json") == Exit.OK
    again = json.loads(capsys.readouterr().out.split("\n", 1)[1])["certificates"]
    assert again["authority"] == authority
    assert again["server"]["sha256"] != server["sha256"]


@needs_debian
def test_a_new_authority(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """The old authority is taken out of the stores before it is replaced, so that no trust is left in a key that nobody has any more."""
    assert machine.run("install") == Exit.OK
    old = machine.authority
    assert machine.run("renew", "--authority") == Exit.OK
    assert "flatbed cert install" in capsys.readouterr().err
    assert machine.authority.pem != old.pem
    assert old.pem not in (machine.root / BUNDLE).read_text()


def test_certificates_of_the_user(machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those that the configuration names are shown; one that cannot be used is an error that says why."""
    own = tmp_path / "own.pem"
    own.write_bytes(make_self_signed(LOOPBACK, utc_now()).pem)
    own.chmod(0o644)
    config = tmp_path / "flatbed.toml"
    config.write_text(f'[tls]\ncert = "{own}"\nhost_cert = ["a.lan={tmp_path}/missing.pem"]\n')
    assert machine.run("show", "--json", "--config", str(config)) == Exit.FAILED
    shown = json.loads(capsys.readouterr().out)
    assert list(shown["certificates"]) == ["server (yours)"]
    assert ["chmod 600" in notice for notice in shown["notices"]] == [True]
    assert ["missing.pem" in problem for problem in shown["problems"]] == [True]
    assert machine.run("show", "--config", str(tmp_path / "nowhere.toml")) == Exit.USAGE


def test_a_damaged_authority(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no certificate is not put into any store."""
    CertStore(machine.data).ensure(Names(), utc_now())
    (machine.data / "cert" / "ca.pem").write_text("nonsense")
    assert machine.run("install") == Exit.FAILED
    assert "cannot be used" in capsys.readouterr().err
    assert [path.name for path in (machine.root / STRANGER).parent.iterdir()] == ["stranger.crt"]


def test_tools_that_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that does not end is ended, and one that fails is quoted."""
    monkeypatch.setattr(trust_steps, "TOOL_SECONDS", 0.05)
    with pytest.raises(ToolError, match="took longer"):
        run_tool(["sleep", "60"])
    monkeypatch.setattr(trust_steps, "TOOL_SECONDS", 10)
    with pytest.raises(ToolError, match="ended with 3: no such thing"):
        run_tool(["sh", "-c", "echo no such thing >&2; exit 3"])
