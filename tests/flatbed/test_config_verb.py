"""``flatbed config``: what people and machines read of the settings."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from flatbed.cli import main
from flatbed.exits import Exit
from flatbed.testing import ScanService
from reference_server.config import ServerConfig
from reference_server.settings import SETTINGS


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and a policy that count."""
    (tmp_path / "config.toml").write_text(
        "[listen]\nport = 4711\n[access]\nmode = 'lab'\ntoken = 'correct-horse-battery'\n"
    )
    (tmp_path / "config.toml").chmod(0o600)
    (tmp_path / "policy.toml").write_text("[access]\nmode = 'locked'\n")
    monkeypatch.setattr("reference_server.settings.resolve.default_file", lambda: tmp_path / "config.toml")
    monkeypatch.setattr("reference_server.settings.resolve.policy_file", lambda: tmp_path / "policy.toml")
    monkeypatch.setenv("FLATBED_PAGES_JPEG_QUALITY", "55")
    return tmp_path


def run(*words: str) -> int:
    """The exit code of the verb."""
    try:
        return main(["config", *words])
    except SystemExit as end:
        return int(str(end.code))


def test_for_people(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every setting is there with its value and its source; what the policy overruled is said; no secret is shown."""
    assert run() == Exit.OK
    captured = capsys.readouterr()
    rows = {line.split()[0]: line for line in captured.out.splitlines()[1:]}
    assert list(rows) == [setting.key for setting in SETTINGS]
    assert rows["listen.port"].split()[1:] == ["4711", f"{places / 'config.toml'}:2"]
    assert rows["access.mode"].split()[1:] == ["'locked'", "policy", f"{places / 'policy.toml'}:2"]
    assert rows["pages.jpeg_quality"].split()[1:] == ["55", "FLATBED_PAGES_JPEG_QUALITY"]
    assert rows["listen.host"].split()[1:] == ["'127.0.0.1'", "default"]
    assert "battery" not in captured.out + captured.err
    assert f"{places / 'config.toml'}:4 asks for access.mode = 'lab'" in captured.err
    assert f"Your file: {places / 'config.toml'}" in captured.err


def test_without_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Who has no file yet is told where it would be."""
    for name in ("default_file", "policy_file"):
        for module in ("reference_server.settings.resolve", "flatbed.verbs.config"):
            monkeypatch.setattr(f"{module}.{name}", lambda: tmp_path / "none.toml")
    assert run() == Exit.OK
    assert f"Your file would be {tmp_path / 'none.toml'}; it is not there." in capsys.readouterr().err


def test_for_machines(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as JSON."""
    assert run("--json") == Exit.OK
    report = json.loads(capsys.readouterr().out)
    found: dict[str, Any] = {item["key"]: item for item in report["settings"]}
    assert list(found) == [setting.key for setting in SETTINGS]
    assert (found["listen.port"]["value"], found["listen.port"]["default"]) == (4711, 18622)
    assert (found["access.mode"]["layer"], found["access.mode"]["value"]) == ("policy", "locked")
    assert found["access.token"]["value"] == "(hidden)"
    assert [item["layer"] for item in report["files"]] == ["policy", "file"]


def test_explain(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One setting with all that is known of it; a slip of the pen is answered with the nearest key."""
    assert run("--explain", "pages.jpeg_quality") == Exit.OK
    text = capsys.readouterr().out
    assert text.startswith("pages.jpeg_quality = 55\n")
    assert all(word in text for word in ("1 to 100", "80", "--quality", "may fix it", "Quality of JPEG pages."))
    assert run("--explain", "pages.jpg_quality") == Exit.USAGE
    assert "Did you mean pages.jpeg_quality?" in capsys.readouterr().err


def test_check(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good file is 0; a bad one is 1 with every mistake and its line, as text and as JSON."""
    good, bad = places / "config.toml", places / "bad.toml"
    assert run("check", str(good)) == Exit.OK
    bad.write_text("[listen]\nport = -1\n[accces]\nmode = 1\n")
    assert run("check", str(bad)) == Exit.FAILED
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith(f"{bad}:2: listen.port must be")
    assert lines[-1].startswith(f"{bad}:3: accces is no section here (did you mean access?)")
    assert run("check", "--json", str(bad)) == Exit.FAILED
    assert [item["line"] for item in json.loads(capsys.readouterr().out)["problems"]] == [2, 3]
    assert run("check", "--policy", str(good)) == Exit.FAILED
    assert f"{good}:5: access.token is not for a policy to fix" in capsys.readouterr().out
    assert run("check", "--policy", str(places / "policy.toml")) == Exit.OK
    assert run("--config", str(bad)) == Exit.USAGE
    assert f"{bad}:2: listen.port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--port", "x"], "--port must be an integer"),
        (["--access", "locked", "--trust-network", "10.0.0.0/8"], "lab mode only"),
        (["--config", "missing.toml"], "missing.toml cannot be read"),
        (["--devices", "missing.toml"], "not there"),
        (["--exit-when-idle", "-1"], "--exit-when-idle must be"),
    ],
)
def test_serve_refuses(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`flatbed serve` with a wrong setting ends with 2, names it, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("reference_server.settings.resolve.default_file", lambda: tmp_path / "none")
    with pytest.raises(SystemExit) as end:
        main(["serve", "--data-dir", "data", *words])
    assert end.value.code == Exit.USAGE
    assert complaint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_serve_says_what_the_policy_overruled(
    places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service starts with the policy's value and says on standard error who set it."""
    started: list[ServerConfig] = []

    def run_service(config: ServerConfig, announce: object) -> int:
        started.append(config)
        return 0

    monkeypatch.setattr("reference_server.supervision.start.supervise", run_service)
    assert main(["serve", "--access", "lab", "--no-real", "--allow-host", "a", "--allow-host", "b"]) == Exit.OK
    (config,) = started
    assert (config.access, config.allow_host, config.port) == ("locked", ("a", "b"), 4711)
    said = capsys.readouterr().err
    assert f"--access asks for access.mode = 'lab', but {places / 'policy.toml'}:2 fixes it: 'locked'" in said


INI = "[DS]\nServer=0.0.0.0\nAccess-Control-Allow-Origin=https://a.example\nFancy=1\n"


def test_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file of the other service becomes one of ours that only its owner can read; warnings go to standard error; nothing is overwritten."""
    source, target = tmp_path / "DSConfiguration.ini", tmp_path / "ours.toml"
    source.write_text(INI)
    assert run("import", str(source), "-o", str(target)) == Exit.OK
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{source}:4: Fancy" in captured.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run("check", str(target)) == Exit.OK
    before = target.read_bytes()
    assert run("import", str(source), "-o", str(target)) == Exit.USAGE
    assert target.read_bytes() == before
    assert "is there already" in capsys.readouterr().err
    assert run("import", str(source), "-o", str(tmp_path / "no" / "x.toml")) == Exit.USAGE
    assert run("import", str(source)) == Exit.OK
    assert 'host = "0.0.0.0"' in capsys.readouterr().out


def test_import_of_a_file_with_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be imported ends with 2, names every problem, and writes nothing; as JSON too."""
    source, target = tmp_path / "DSConfiguration.ini", tmp_path / "ours.toml"
    source.write_text("[DS]\nServer=a b\nLogLevel=x\n")
    assert run("import", str(source), "-o", str(target)) == Exit.USAGE
    said = capsys.readouterr().err
    assert all(f"flatbed: {source}:{line}: " in said for line in (2, 3))
    assert run("import", "--json", str(source), "-o", str(target)) == Exit.USAGE
    report = json.loads(capsys.readouterr().out)
    assert [(item["line"], item["key"]) for item in report["problems"]] == [(2, "Server"), (3, "LogLevel")]
    assert not target.exists()
    source.write_text(INI)
    assert run("import", "--json", str(source)) == Exit.OK
    report = json.loads(capsys.readouterr().out)
    assert "https://a.example" in report["toml"]
    assert len(report["warnings"]) == 3


@pytest.mark.slow
def test_a_service_with_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in a file and in the environment is what the service then does: devices, end of pages, log level, retention."""
    devices = 'schema = 1\n[[device]]\nid = "mine"\nprofile = "office-duplex-feeder"\nsheets = 2\n'
    (tmp_path / "lab.toml").write_text(devices)
    (tmp_path / "ours.toml").write_text(
        '[devices]\nfile = "lab.toml"\ndrivers = ["virtual"]\n[devices.driver.virtual]\ntime = "instant"\n'
        "[api]\nend_of_pages = 410\n[limits]\nretain_jobs = 1\n[log]\nlevel = 0\n"
    )
    monkeypatch.setenv("FLATBED_LOG_LEVEL", "30")
    with (
        ScanService.start("--config", str(tmp_path / "ours.toml"), "--quality", "60") as service,
        httpx.Client(base_url=f"{service.url}/api", timeout=30) as client,
    ):
        assert client.get("/server").json()["logLevel"] == 30
        assert len(client.get("/device/scanners", params={"type": 64}).json()) == 1
        jobs = []
        for _ in range(2):
            created = client.post("/device/scanners/jobs", json={"device": "virtual:mine", "config": {"XferCount": 1}})
            jobs.append(f"/device/scanners/jobs/{created.json()['jobuid']}")
            statuses = [client.get(f"{jobs[-1]}/next-page").status_code for _ in range(2)]
            assert statuses[-1] == 410
        deadline = time.monotonic() + 30
        while client.get(jobs[0]).status_code == 200:  # until the scanner of the second job has been given back
            assert time.monotonic() < deadline
        assert [client.get(job).status_code for job in jobs] == [410, 200]
