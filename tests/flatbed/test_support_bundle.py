"""``flatbed support-bundle``: what a maintainer gets, and what nobody gets (service-behaviour.md S-117)."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from flatbed import __version__
from flatbed.cli import main
from flatbed.exits import Exit
from flatbed.support.logs import TAIL_BYTES
from flatbed.testing import ScanService

SECRET = "correct-horse-battery"
JOBS = "/api/device/scanners/jobs"
DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 1
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this machine's settings nor its policy."""
    for name in ("default_file", "policy_file"):
        monkeypatch.setattr(f"reference_server.settings.resolve.{name}", lambda: tmp_path / "not-there.toml")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a service that has run, with something in it that is for nobody."""
    folder = tmp_path / "data"
    for name in ("log", "documents", "spill", "tls"):
        (folder / name).mkdir(parents=True)
    (folder / "log/server.log").write_text('{"event": "newest"}\n')
    (folder / "log/server.1.log").write_text('{"event": "older"}\n')
    (folder / "log/audit.log").write_text('{"event": "job", "user": "alice"}\n')
    for name in ("documents/contract", "spill/page", "tls/ca.key", "log/stray.txt"):
        (folder / name).write_text(f"{SECRET} of {name}")
    return folder


def run(*words: str) -> int:
    """The exit code of the verb."""
    try:
        return main(["support-bundle", *words])
    except SystemExit as end:
        return int(str(end.code))


def read(path: Path) -> dict[str, str]:
    """The files of a bundle in their order."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_of_a_running_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures and devices come from the service itself; its README explains every file; secrets of a run, pages and documents are nowhere."""
    bundle = tmp_path / "bundle.zip"
    with ScanService.start("--log-level", "30", devices=DEVICES) as service:
        with service.client(licence=SECRET) as client:
            job = client.create_job("virtual:feeder")
            assert len(list(job.pages())) == 2
            client.create_document(SECRET)
        control = str(service.ready["control"]).partition("#")[2]
        assert run("-o", str(bundle), "--data-dir", str(service.data_dir), "--json") == Exit.OK
        said = json.loads(capsys.readouterr().out)
    found = read(bundle)
    assert list(found) == sorted(found)
    assert list(found) == [entry["name"] for entry in said["entries"]]
    assert set(found) == {
        *("README.txt", "data-folder.json", "log/server.log", "settings.json", "versions.json"),
        *("service/devices.json", "service/ready.json", "service/status.json"),
    }
    assert said["notices"] == []
    assert all(f"{name}: " in found["README.txt"] for name in found if name != "README.txt")
    assert "virtual:feeder" in found["service/devices.json"]
    status = json.loads(found["service/status.json"])
    assert (status["product"], status["jobs"]) == ("flatbed", {"completed": 1})
    assert json.loads(found["service/ready.json"])["pid"] == service.pid
    versions = json.loads(found["versions.json"])
    assert versions["flatbed"] == __version__
    assert versions["dependencies"]["trio"]
    assert "[redacted]" in found["log/server.log"], "the licence was in a request"
    for secret in (SECRET, control, "/9j/", "PNG\r\n", "JFIF"):
        assert not [name for name, text in found.items() if secret in text], secret


def test_when_no_service_runs(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs with the rotated ones are there, what is missing is said, nothing else of the folder is read, and the file is its owner's."""
    assert run("--data-dir", str(data)) == Exit.OK
    captured = capsys.readouterr()
    bundle = Path("flatbed-support.zip")
    found = read(bundle)
    assert [name for name in found if "/" in name] == ["log/server.1.log", "log/server.log"]
    assert "older" in found["log/server.1.log"]
    assert "No service runs" in found["README.txt"]
    assert "No service runs" in captured.err
    assert str(bundle) in captured.out
    assert json.loads(found["data-folder.json"])["documents"]["files"] == 1
    assert not [name for name, text in found.items() if SECRET in text or "alice" in text]
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600


def test_the_audit_log_on_request(data: Path) -> None:
    """Who scanned what is in it only when the user says so."""
    assert run("--data-dir", str(data), "--with-audit") == Exit.OK
    assert "alice" in read(Path("flatbed-support.zip"))["log/audit.log"]


def test_dumps_of_crashes(data: Path) -> None:
    """What the monitor wrote down of crashes is in the bundle, with the other text files."""
    (data / "dump").mkdir()
    (data / "dump/service-1.txt").write_text("died of SIGSEGV")
    assert run("--data-dir", str(data), "-o", "bundle.zip") == Exit.OK
    with zipfile.ZipFile("bundle.zip") as bundle:
        assert bundle.read("dump/service-1.txt") == b"died of SIGSEGV"
        assert "dump/service-1.txt: a crash of the service" in bundle.read("README.txt").decode()


def test_the_same_twice(data: Path) -> None:
    """Two bundles of the same folder differ in the moment that versions.json tells, and in nothing else."""
    for name in ("a.zip", "b.zip"):
        assert run("-o", name, "--data-dir", str(data)) == Exit.OK
    first, second = read(Path("a.zip")), read(Path("b.zip"))
    assert list(first) == list(second)
    assert first | {"versions.json": ""} == second | {"versions.json": ""}
    with zipfile.ZipFile("a.zip") as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_long_logs_are_cut(data: Path) -> None:
    """Of a long log there are the last lines, whole ones, and the README says that it was cut."""
    line = '{"event": "' + "x" * 1000 + '"}\n'
    (data / "log/server.log").write_text(line * (TAIL_BYTES // len(line) + 100) + '{"event": "last"}\n')
    assert run("--data-dir", str(data)) == Exit.OK
    found = read(Path("flatbed-support.zip"))
    lines = found["log/server.log"].splitlines()
    assert {json.loads(item)["event"][:1] for item in lines} == {"x", "l"}
    assert TAIL_BYTES - 2000 < len(found["log/server.log"]) <= TAIL_BYTES
    assert "log/server.log: log of the service, JSON lines with secrets hidden; the last 4 MB." in found["README.txt"]


def test_known_secrets_are_taken_out(data: Path, tmp_path: Path) -> None:
    """The settings tell whose token is set without telling it, and should a line of a log have it after all, it is taken out there."""
    config = tmp_path / "c.toml"
    config.write_text(f"[access]\ntoken = '{SECRET}'\n")
    config.chmod(0o600)
    with (data / "log/server.log").open("a") as log:
        log.write(f"left here: {SECRET}\n")
    assert run("--data-dir", str(data), "--config", str(config)) == Exit.OK
    found = read(Path("flatbed-support.zip"))
    settings = {item["key"]: item for item in json.loads(found["settings.json"])["settings"]}
    assert settings["access.token"] == {
        "key": "access.token",
        "value": "(hidden)",
        "layer": "file",
        "where": f"{config}:2",
    }
    assert "left here: [redacted]" in found["log/server.log"]
    assert not [name for name, text in found.items() if SECRET in text]


def test_settings_that_cannot_be_used(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken configuration is a reason to ask for help: the bundle is made, says where the mistake is, and not what was written there."""
    config = tmp_path / "c.toml"
    config.write_text(f"[listen]\nport = '{SECRET}'\n")
    assert run("--data-dir", str(data), "--config", str(config)) == Exit.OK
    found = read(Path("flatbed-support.zip"))
    problem = json.loads(found["settings.json"])["problem"]
    assert (problem["file"], problem["line"], problem["key"]) == (str(config), 2, "listen.port")
    assert "The settings cannot be used" in capsys.readouterr().err
    assert not [name for name, text in found.items() if SECRET in text]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('{"pid": 1, "http": "http://127.0.0.1:1", "https": null, "status": null}', "gives no answer"),
        ('{"pid": 1}', "cannot be read"),
        ("[", "cannot be read"),
    ],
)
def test_a_service_that_has_died(data: Path, told: str, words: str) -> None:
    """What a killed service left behind is said; the bundle is made all the same."""
    (data / "service.json").write_text(told)
    assert run("--data-dir", str(data)) == Exit.OK
    assert words in read(Path("flatbed-support.zip"))["README.txt"]


def test_nothing_is_overwritten(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays as it is, and the user is told what to do."""
    Path("mine.zip").write_text("mine")
    assert run("-o", "mine.zip", "--data-dir", str(data)) == Exit.USAGE
    assert Path("mine.zip").read_text() == "mine"
    assert "Take another name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--data-dir", "nowhere"], "no data folder nowhere"), (["-o", "nowhere/b.zip"], "cannot write nowhere/b.zip")],
)
def test_what_cannot_be_done(words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder that is not there and a place that cannot be written are said, and nothing is made."""
    before = sorted(tmp_path.iterdir())
    assert run(*words) == Exit.USAGE
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
