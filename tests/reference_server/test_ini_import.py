"""Importing the other service's INI file (S-032 to S-046): nobody gets in whom the old file kept out, and whatever is odd is named by file, line and key."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from reference_server.access.table import Facts, HostName, Origin, Peer, decide
from reference_server.config import ServerConfig
from reference_server.modes import AccessMode
from reference_server.settings import BY_KEY, Sources
from reference_server.settings.ini import Imported, import_ini
from reference_server.settings.ini.access import import_address, import_consent, import_origins
from reference_server.settings.ini.ports import import_ports
from reference_server.settings.ini.reading import Reading, Section
from reference_server.settings.ini.rest import import_rest, is_of_users
from reference_server.settings.ini.text import MAX_BYTES, Line
from reference_server.wire.doors import DOORS

WHOLE = """\
[DS]
DSVersion=1, 8, 5, 0312
WorkMode=0
ServiceGuid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}
; ports
Port=2
Port_mn_0=dcp
Port_mp_0=20003
Port_mn_1=dwt
Port_mp_1=20000
SSLPort=2
SSLPort_mn_0=dwt
SSLPort_mp_0=20001
SSLPort_mn_1=dcp
SSLPort_mp_1=20004
Access-Control-Allow-Origin=https://a.example,http://b.example:8080
EnableWebSetup=FALSE
LogLevel=14
EnableScannerAccessAuth=FALSE
EnableEnhancedMode=FALSE
"""


def imported(tmp_path: Path, content: str | bytes) -> Imported:
    """What becomes of a file of *content*."""
    file = tmp_path / "DSConfiguration.ini"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_ini(file)


def configured(tmp_path: Path, content: str | bytes) -> ServerConfig:
    """The service that the imported file makes."""
    done = imported(tmp_path, content)
    assert not done.problems, done.problems
    file = tmp_path / "imported.toml"
    file.write_text(done.toml)
    file.chmod(0o600)
    return Sources(file, {}, {}, tmp_path / "no-policy").load().config()


def problems(tmp_path: Path, content: str | bytes) -> list[tuple[int | None, str, str]]:
    """Line, key and reason of each problem; with any of them there is no text."""
    done = imported(tmp_path, content)
    assert done.toml == ""
    assert all(problem.where == str(tmp_path / "DSConfiguration.ini") for problem in done.problems)
    return [(problem.line, problem.key, problem.why) for problem in done.problems]


def warnings(tmp_path: Path, content: str | bytes) -> str:
    """All warnings."""
    done = imported(tmp_path, content)
    assert not done.problems
    return "\n".join(done.warnings)


def test_a_whole_file(tmp_path: Path) -> None:
    """What the file says is what the service does, and what it says about the other service only is left out in silence."""
    config = configured(tmp_path, WHOLE)
    assert (config.port, config.host, config.log_level) == (20000, "127.0.0.1", 30)
    assert (config.access, config.allow_origin) == (AccessMode.LOCKED, ("https://a.example", "http://b.example:8080"))
    assert (config.token, config.consent) == (None, "allow")
    assert len(imported(tmp_path, WHOLE).warnings) == 1


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("ports", "Anschlüsse").encode("latin-1"),
        lambda text: text.upper().replace("[DS]", "[ds]").encode(),
        lambda text: (
            text.replace("=", ' = "').replace("\n", '"\n').replace('[DS]"', "[DS]").replace('ports"', "").encode()
        ),
    ],
    ids=["bom", "utf-16", "utf-16-be", "le-no-bom", "be-no-bom", "crlf", "cr", "latin-1", "case", "quotes"],
)
def test_any_editor(tmp_path: Path, encode: object) -> None:
    """Encoding, byte order mark, line ends, case and quotes do not change what a file means."""
    assert callable(encode)
    config = configured(tmp_path, encode(WHOLE))
    assert (config.port, config.log_level, config.access) == (20000, 30, AccessMode.LOCKED)
    assert config.allow_origin == ("https://a.example", "http://b.example:8080")


@pytest.mark.parametrize("line", ["", "Access-Control-Allow-Origin=*\n", "Access-Control-Allow-Origin=\n"])
def test_everybody_becomes_loopback(tmp_path: Path, line: str) -> None:
    """Where the old file lets the pages of every origin in, ours lets in pages of this machine only, and says so."""
    text = f"[DS]\n{line}"
    config = configured(tmp_path, text)
    assert config.allow_origin == ()
    assert not decide(Facts(config.access, origin=Origin.FOREIGN)).allow
    assert decide(Facts(config.access, origin=Origin.LOOPBACK)).allow
    assert "only pages from this machine" in warnings(tmp_path, text)
    assert "mode" not in imported(tmp_path, text).toml, "an installation that is locked stays locked"


def test_a_list_lets_nobody_else_in(tmp_path: Path) -> None:
    """A list is taken as one: not even loopback pages, which the old file kept out, get in beside it."""
    config = configured(tmp_path, "[DS]\nAccess-Control-Allow-Origin=https://a.example\n")
    for origin in (Origin.LOOPBACK, Origin.DOTNET, Origin.FOREIGN, Origin.OPAQUE):
        assert not decide(Facts(config.access, origin=origin)).allow
    assert decide(Facts(config.access, origin=Origin.LISTED)).allow


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://A.Example:443, HTTP://b.example:80/", ("https://a.example", "http://b.example")),
        ("https://a.example,*", ("https://a.example",)),
        ("null,https://*.example.com", ()),
        ("https://a.example,,https://a.example", ("https://a.example",)),
        ("http://[::1]:3000", ("http://[::1]:3000",)),
        ("chrome-extension://abcdef", ("chrome-extension://abcdef",)),
    ],
)
def test_origins(tmp_path: Path, text: str, origins: tuple[str, ...]) -> None:
    """Origins are written as browsers send them; what stands for anybody is left out, with a word, and never widens the rest."""
    config = configured(tmp_path, f"[DS]\nAccess-Control-Allow-Origin={text}\n")
    assert (config.allow_origin, config.access) == (origins, AccessMode.LOCKED)


@pytest.mark.parametrize("address", ["192.168.1.5", "0.0.0.0", "::", "scan-host", "[fe80::1]"])
def test_other_machines_need_a_token(tmp_path: Path, address: str) -> None:
    """Server= beyond loopback comes with a token of its own, another one each time, without which nobody from there gets in."""
    text = f"[DS]\nServer={address}\n"
    config = configured(tmp_path, text)
    assert config.host == address.strip("[]")
    assert config.beyond_loopback
    assert config.token is not None
    assert len(config.token) >= 32
    assert config.token != configured(tmp_path, text).token
    assert not config.trust_network
    assert not decide(Facts(config.access, peer=Peer.STRANGER, host=HostName.CONFIGURED)).allow
    said = warnings(tmp_path, text)
    assert "Authorization: Bearer" in said
    assert config.token not in said


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", ""])
def test_loopback_needs_none(tmp_path: Path, address: str) -> None:
    """An address of this machine is taken as it is."""
    config = configured(tmp_path, f"[DS]\nServer={address}\n")
    assert not config.beyond_loopback
    assert config.token is None


@pytest.mark.parametrize(("old", "ours"), [(0, 0), (1, 1), (6, 1), (13, 1), (14, 30), (15, 30), (100, 30)])
def test_log_scale(tmp_path: Path, old: int, ours: int) -> None:
    """The INI scale becomes the scale of the REST API (S-040)."""
    assert configured(tmp_path, f"[DS]\nLogLevel={old}\n").log_level == ours


def test_consent(tmp_path: Path) -> None:
    """Where the old file asks the user, ours asks in lab mode, and denies when locked, where nobody can be asked; files are never reached."""
    for key in ("EnableScannerAccessAuth", "EnableWebcamAccessAuth"):
        assert configured(tmp_path, f"[DS]\n{key}=TRUE\n").consent == "ask"
        text = f"[DS]\nAccess-Control-Allow-Origin=https://a.example\n{key}=TRUE\n"
        assert configured(tmp_path, text).consent == "deny"
        assert "every use is denied" in warnings(tmp_path, text)
    assert configured(tmp_path, "[DS]\nEnableFileAccessAuth=TRUE\n").consent == "allow"
    assert "EnableFileAccessAuth has no counterpart" in warnings(tmp_path, "[DS]\nEnableFileAccessAuth=TRUE\n")


HOST = "[DS]\n[Scan.example.com]\ncert_name=a.pem\nkey_name=b.pem\n"


def test_hosts_with_a_certificate(tmp_path: Path) -> None:
    """A [host.name] section is a name under which the service is reached, with its certificate (S-043), from beside the file or from its cert folder."""
    (tmp_path / "cert").mkdir()
    (tmp_path / "a.pem").write_text("x")
    (tmp_path / "cert" / "b.pem").write_text("x")
    config = configured(tmp_path, HOST)
    assert config.allow_host == ("scan.example.com",)
    assert config.host_cert == (f"scan.example.com={tmp_path / 'a.pem'}{os.pathsep}{tmp_path / 'cert' / 'b.pem'}",)
    (problem,) = problems(tmp_path, HOST.replace("key_name=b.pem\n", ""))
    assert problem == (3, "cert_name", "must come with key_name in [Scan.example.com]")


@pytest.mark.parametrize("name", ["gone.pem", "local.ldsc", "x" * 3000, ".."])
def test_certificates_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    """A certificate that is not there, or that only the other service can read, is left out with a word; the rest is imported."""
    (tmp_path / "b.pem").write_text("x")
    (tmp_path / "local.ldsc").write_text("x")
    text = HOST.replace("a.pem", name)
    assert configured(tmp_path, text).host_cert == ()
    assert "DSConfiguration.ini:3: cert_name names" in warnings(tmp_path, text)


def test_ports(tmp_path: Path) -> None:
    """Ports that are not N + 1, N + 3 and N + 4 are imported door by door; two doors at one port are a problem even where the file does not say so."""
    config = configured(tmp_path, WHOLE.replace("20001", "20443").replace("20004", "20009"))
    ports = {door.name: config.port_of(door) for door in DOORS}
    assert ports == {"http": 20000, "https": 20443, "status": 20003, "status_https": 20009}
    assert "https_port" not in imported(tmp_path, WHOLE).toml
    text = "[DS]\nPort=2\nPort_mn_0=dwt\nPort_mp_0=20000\nPort_mn_1=dcp\nPort_mp_1=20001\n"
    ((line, _, why),) = problems(tmp_path, text)
    assert line is None
    assert "20001 is wanted by two doors" in why


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("[DS]\nFancy=1\n", 2, "Fancy is not a documented key"),
        ("[DS]\nServr=192.168.0.1\n", 2, "is 'server' meant?"),
        ("[DS]\n[Other]\nx=1\n", 2, "[Other] is not a documented section"),
        ("[DS]\n[anna]\ndwt=17000\ndwt_ssl=17001\nExitFlag=0\n", 2, "[anna] has the ports of one user"),
        ("[DS]\nEnableWebSetup=TRUE\n", 2, "EnableWebSetup is left out"),
        ("[DS]\nEnableEnhancedMode=TRUE\n", 2, "EnableEnhancedMode is left out"),
        ("[DS]\nPort=1\nPort_mn_5=dwt\nPort_mp_5=9000\n", 4, "beyond the Port=1 entries"),
        ("[DS]\nPort=1\nPort_mn_0=ocr\nPort_mp_0=9000\n", 3, "a module that there is not here"),
    ],
)
def test_what_is_left_out_is_said(tmp_path: Path, text: str, line: int, word: str) -> None:
    """Unknown keys, sections and modules, and what has no counterpart, are each named with file and line."""
    said = [item for item in warnings(tmp_path, text).splitlines() if word in item]
    assert len(said) == 1
    assert said[0].startswith(f"{tmp_path / 'DSConfiguration.ini'}:{line}: ")


@pytest.mark.parametrize(
    ("content", "line", "key", "word"),
    [
        ("", None, "", "has no section [DS]"),
        ("hello\n", 1, "", "must be a [section] or key=value"),
        ("Server=1.2.3.4\n[DS]\n", 1, "Server", "before the first section"),
        ("[DS]\nServer=a b\n", 2, "Server", "one address or host name"),
        ("[DS]\nServer=1.2.3.4,5.6.7.8\n", 2, "Server", "one address or host name"),
        ("[DS]\nServer=http://x\n", 2, "Server", "one address or host name"),
        ("[DS]\nLogLevel=verbose\n", 2, "LogLevel", "a number from 0 to 100"),
        ("[DS]\nLogLevel=-1\n", 2, "LogLevel", "a number from 0 to 100"),
        ("[DS]\nLogLevel=²\n", 2, "LogLevel", "a number from 0 to 100"),
        ("[DS]\nLogLevel=" + "9" * 100_000 + "\n", 2, "LogLevel", "a number from 0 to 100"),
        ("[DS]\nPort=1\nPort_mn_0=dwt\nPort_mp_0=99999\n", 4, "Port_mp_0", "a number from 1 to 65535"),
        ("[DS]\nPort=1\nPort_mn_0=dwt\nPort_mp_0=0\n", 4, "Port_mp_0", "a number from 1 to 65535"),
        ("[DS]\nPort=1\nPort_mn_0=dwt\nPort_mp_0=65535\n", 4, "Port_mp_0", "at most 65531"),
        ("[DS]\nPort=99999999999\n", 2, "Port", "a number from 0 to 100"),
        ("[DS]\nPort=1\nPort_mp_0=9000\n", 3, "Port_mp_0", "has no Port_mn_0"),
        ("[DS]\nPort=1\nPort_mn_0=dwt\n", 3, "Port_mn_0", "has no Port_mp_0"),
        ("[DS]\nPort_mx_0=1\n", 2, "Port_mx_0", "is neither"),
        ("[DS]\nPort=2\nPort_mn_0=dwt\nPort_mp_0=9\nPort_mn_1=dwt\nPort_mp_1=8\n", 5, "Port_mn_1", "a second time"),
        ("[DS]\nPort=2\nPort_mn_0=dwt\nPort_mp_0=9\nPort_mn_1=dcp\nPort_mp_1=9\n", 4, "Port_mp_0", "9 a second time"),
        ("[DS]\nEnableScannerAccessAuth=maybe\n", 2, "EnableScannerAccessAuth", "TRUE or FALSE"),
        ("[DS]\nEnableScannerAccessAuth TRUE\n", 2, "", "must be a [section] or key=value"),
        ("[DS]\nAccess-Control-Allow-Origin=a.example\n", 2, "Access-Control-Allow-Origin", "'a.example' is none"),
        ("[DS]\nAccess-Control-Allow-Origin=https://a/path\n", 2, "Access-Control-Allow-Origin", "is none"),
        ("[DS]\nAccess-Control-Allow-Origin=https://a:99999\n", 2, "Access-Control-Allow-Origin", "is none"),
        ("[DS]\nAccess-Control-Allow-Origin=https://u@a\n", 2, "Access-Control-Allow-Origin", "is none"),
        ("[DS]\nAccess-Control-Allow-Origin=https://ä.de\n", 2, "Access-Control-Allow-Origin", "xn--"),
        ("[DS]\nServer=1.2.3.4\n[x]\n[ds]\nserver=0.0.0.0\n", 5, "server", "another value than in line 2"),
        ("[DS]\n[a b]\ncert_name=x\nkey_name=y\n", 3, "cert_name", "no host name"),
        (b"[DS]\nServer=\0\n", 2, "", "NUL"),
        (b"\xef\xbb\xbf[DS]\n\xff\n", 2, "", "begins as utf-8-sig"),
        ("[DS]\n" + "x=1\n" * 30_000, 20_001, "", "more than 20000 lines"),
        (b"#" * (MAX_BYTES + 1), None, "", "larger than"),
        (bytes(range(256)) * 4, None, "", ""),
    ],
)
def test_problems_stop_the_import(tmp_path: Path, content: str | bytes, line: int | None, key: str, word: str) -> None:
    """A line that may mean something else than it says gives no file at all: half of one could let more people in."""
    found = problems(tmp_path, content)
    assert any(item[1] == key and word in item[2] for item in found), found
    if word:
        assert line in {item[0] for item in found if word in item[2]}
    assert all(len(item[2]) < 300 for item in found)


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there, or is none, is answered like any other problem."""
    assert "cannot be read" in str(import_ini(tmp_path / "none.ini").problems[0])
    assert "cannot be read" in str(import_ini(tmp_path).problems[0])


def test_the_same_value_twice_is_no_problem(tmp_path: Path) -> None:
    """Only a contradiction needs a person."""
    assert configured(tmp_path, "[DS]\nLogLevel=14\nloglevel=14\n").log_level == 30


def test_comments_stay_comments(tmp_path: Path) -> None:
    """Nothing of the old file, nor its name, becomes a key of ours by a line break."""
    file = tmp_path / '"\n[access]\nmode = "lab" #.ini'
    file.write_text("[DS]\nServer=localhost\nAccess-Control-Allow-Origin=https://a.example\n")
    data = tomllib.loads(import_ini(file).toml)
    assert data["access"] == {"mode": "locked", "allow_origin": ["https://a.example"]}
    assert list(data) == ["schema", "listen", "access"]


def test_the_page_names_every_key() -> None:
    """The page about the import has each key that the reader knows, and each of ours that it writes."""
    page = (Path(__file__).parents[2] / "docs/reference/import-ini.md").read_text()
    known: list[str] = []

    class Asked(Section):
        def take(self, key: str) -> Line | None:
            known.append(key)
            return super().take(key)

    reading = Reading(Path("x.ini"))
    section = Asked(reading, [])
    import_ports(reading, section)
    import_address(reading, section)
    import_origins(reading, section)
    import_consent(reading, section, locked=False)
    import_rest(reading, section)
    is_of_users(section)
    assert len(known) > 15
    assert [key for key in [*known, "cert_name", "key_name"] if f"`{key}`" not in page] == []
    ours = re.findall(r"`((?:listen|access|log|tls)\.\w+)`", page)
    assert set(ours) <= set(BY_KEY)
    assert len(set(ours)) > 8
