"""The settings: one table with nothing missing and nothing too much, sources in their order, and mistakes that are named by file, line and key."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flatbed.setting_flags import parameter_name
from flatbed.verbs.serve import serve
from reference_server.config import Limits, ServerConfig
from reference_server.modes import AccessMode
from reference_server.settings import (
    BY_KEY,
    SETTINGS,
    Layer,
    Settings,
    SettingsError,
    Sources,
    check_file,
    policy_file,
    shown,
)
from reference_server.settings.page import configuration_markdown
from reference_server.settings.setting import VARIABLES
from tests.reference_server.client import lab

ROOT = Path(__file__).parents[2]
TABLE = "reference_server/settings/table.py (its package says how)"


@pytest.fixture(autouse=True)
def _no_file_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_server.settings.resolve.default_file", lambda: tmp_path / "none" / "config.toml")


class TestAgreement:
    """Table, typed configuration, flags and documentation say the same."""

    def test_every_field_has_a_row(self) -> None:
        """An option that was added to the configuration alone could not be set by file, environment or policy."""
        wanted = {item.name for item in fields(ServerConfig)} - {"limits", "fixed", "files"}
        wanted |= {f"limits.{item.name}" for item in fields(Limits)}
        rows = [setting.field for setting in SETTINGS]
        for name in sorted(wanted - set(rows)):
            pytest.fail(f"ServerConfig.{name} has no row: add Setting('SECTION.NAME', {name!r}, KIND, ...) to {TABLE}")
        for name in sorted(set(rows) - wanted):
            pytest.fail(f"the row of {name!r} in {TABLE} has no field of ServerConfig or Limits")
        assert len(rows) == len(set(rows))

    def test_rows_are_whole(self) -> None:
        """Each row has a sentence, a default that its own kind accepts, and names that no other row has."""
        for setting in SETTINGS:
            assert setting.key.count(".") == 1, setting.key
            assert setting.effect[0].isupper() or setting.effect[0].isdigit(), setting.key
            assert setting.effect.endswith("."), setting.key
            assert setting.kind.words, setting.key
            plain = setting.kind.plain(setting.default)
            if plain is not None:
                read = setting.kind.read(plain)
                assert setting.kind.plain(read) == plain, setting.key
        for names in ([item.key for item in SETTINGS], [item.flag for item in SETTINGS if item.flag]):
            assert len(names) == len(set(names))
        assert set(BY_KEY) == {setting.key for setting in SETTINGS}
        sections = [setting.section for setting in SETTINGS]
        assert sections == sorted(sections, key=sections.index), "rows of a section stand together"

    def test_limits_are_called_as_in_the_configuration(self) -> None:
        """A message that names a limit can be looked up."""
        assert all(setting.key == setting.field for setting in SETTINGS if setting.limit)

    def test_flags(self) -> None:
        """`flatbed serve` has a parameter for each flag of the table, and no other but --config."""
        parameters = set(inspect.signature(serve).parameters)
        assert parameters == {"config"} | {parameter_name(setting) for setting in SETTINGS if setting.flag}

    def test_the_page(self) -> None:
        """Each key, flag and variable is documented, with its sentence; `make docs` has been run."""
        page = (ROOT / "docs/reference/configuration.md").read_text()
        assert page == configuration_markdown(), "run `make docs`"
        for setting in SETTINGS:
            assert f"## [{setting.section}]" in page
            (row,) = (line for line in page.splitlines() if f"`{setting.variable}`" in line)
            assert row.startswith(f"| `{setting.name}` |")
            assert setting.effect in row
            assert f"`{setting.flag}`" in row or not setting.flag

    def test_the_examples(self, tmp_path: Path) -> None:
        """Who copies an example gets what it says; the policy that fixes everything about who gets in leaves no key of that section open."""
        page = (ROOT / "docs/reference/configuration.md").read_text()
        for name, layer in (("config.toml", Layer.FILE), ("policy.toml", Layer.POLICY)):
            (text,) = re.findall(rf"```toml\n# {name}\n(.*?)```", page, re.DOTALL)
            (tmp_path / name).write_text(text)
            assert check_file(tmp_path / name, layer) == []
        fixed = Sources(environ={}, policy=tmp_path / "policy.toml").load().effective
        wanted = {setting.key for setting in SETTINGS if setting.section == "access" and setting.policy}
        assert {key for key, item in fixed.items() if item.layer is Layer.POLICY} == wanted | {"listen.host"}

    def test_the_docstring(self) -> None:
        """Each field is described where it is declared."""
        for owner in (ServerConfig, Limits):
            for item in fields(owner):
                assert item.name in (owner.__doc__ or ""), f"{owner.__name__}.{item.name} is not in its docstring"


def load(
    tmp_path: Path,
    file: str | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
    policy: str | None = None,
) -> Settings:
    """Settings from these texts."""
    config, fixed = tmp_path / "config.toml", tmp_path / "policy.toml"
    for path, text in ((config, file), (fixed, policy)):
        if text is not None:
            path.write_text(text)
    return Sources(config if file is not None else None, flags or {}, environ or {}, fixed).load()


def problem(tmp_path: Path, **sources: Any) -> SettingsError:
    """What is wrong with these texts."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **sources).config()
    return caught.value


def test_nothing_given(tmp_path: Path) -> None:
    """Without any source the service is what its typed configuration says."""
    settings = load(tmp_path)
    assert {item.layer for item in settings.effective.values()} == {Layer.DEFAULT}
    config = settings.config()
    assert config == ServerConfig(config.data_dir)
    assert not settings.notices


def test_precedence(tmp_path: Path) -> None:
    """Default < file < environment < flag < policy, and each value says where it stands."""
    file, policy = "[listen]\nport = 1001\n", "[listen]\nport = 1004\n"
    environ, flags = {"FLATBED_LISTEN_PORT": "1002"}, {"listen.port": "1003"}
    expected = [
        ({}, 18622, ""),
        ({"file": file}, 1001, f"{tmp_path / 'config.toml'}:2"),
        ({"file": file, "environ": environ}, 1002, "FLATBED_LISTEN_PORT"),
        ({"file": file, "environ": environ, "flags": flags}, 1003, "--port"),
        ({"file": file, "environ": environ, "flags": flags, "policy": policy}, 1004, f"{tmp_path / 'policy.toml'}:2"),
    ]
    for sources, value, where in expected:
        settings = load(tmp_path, **sources)  # type: ignore[arg-type]  # each word is what it should be
        assert settings.config().port == value
        assert settings.effective["listen.port"].where == where


def test_a_policy_is_not_widened(tmp_path: Path) -> None:
    """Whoever disagrees with the policy is told who set it, gets the policy's value, and who agrees hears nothing."""
    policy = '[access]\nmode = "locked"\nallow_origin = ["https://a.example"]\n'
    settings = load(
        tmp_path,
        file='[access]\nmode = "locked"\n',
        environ={"FLATBED_ACCESS_ALLOW_ORIGIN": "https://a.example,https://b.example"},
        flags={"access.mode": "lab"},
        policy=policy,
    )
    config = settings.config()
    assert (config.access, config.allow_origin) == (AccessMode.LOCKED, ("https://a.example",))
    assert config.fixed == {"access", "allow_origin"}
    first, second = sorted(settings.notices)
    assert first.startswith("--access asks for access.mode = 'lab', but ")
    assert f"{tmp_path / 'policy.toml'}:2 fixes it: 'locked'" in first
    assert "FLATBED_ACCESS_ALLOW_ORIGIN" in second


@pytest.mark.parametrize(("fixed", "level"), [(frozenset({"log_level"}), 0), (frozenset(), 30)])
async def test_a_fixed_level_of_the_log(tmp_path: Path, fixed: frozenset[str], level: int) -> None:
    """A client that sets the log level gets what the policy says; it is told so by the answer, and nothing breaks."""
    async with lab(tmp_path, log_level=0, fixed=fixed) as it:
        reply = await it.client.request("PATCH", "/api/server", {"logLevel": 30})
        assert (reply.status, reply.json()["logLevel"]) == (200, level)
        assert (await it.client.get("/api/server")).json()["logLevel"] == level


def test_two_sources_that_clash(tmp_path: Path) -> None:
    """Of two values that make no sense together the one of the weaker source is blamed: nobody is sent to the administrator for a line of their own."""
    policy = "[access]\ntrust_network = ['10.0.0.0/8']\n"
    error = problem(tmp_path, file="[access]\n\nmode = 'locked'\n", policy=policy)
    assert (error.where, error.line, error.key) == (str(tmp_path / "config.toml"), 3, "access.mode")
    error = problem(tmp_path, file=policy, policy="[access]\nmode = 'locked'\n")
    assert (error.where, error.line, error.key) == (str(tmp_path / "config.toml"), 2, "access.trust_network")


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS if not setting.policy])
def test_what_a_policy_cannot_fix(tmp_path: Path, key: str) -> None:
    """A key that belongs to one run or one user is refused in a policy, and the service does not start half-locked."""
    setting = BY_KEY[key]
    text = f'schema = 1\n[{setting.section}]\n{setting.name} = "x"\n'
    error = problem(tmp_path, policy=text)
    assert (error.where, error.line, error.key) == (str(tmp_path / "policy.toml"), 3, key)
    assert "not for a policy" in str(error)


def test_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    """A policy counts as absent only when it is: one that is no file, or cannot even be looked for, stops the start."""
    (tmp_path / "policy.toml").mkdir()
    assert "cannot be read" in str(problem(tmp_path))
    with pytest.raises(SettingsError, match="cannot be read"):
        Sources(environ={}, policy=tmp_path / ("x" * 300)).load()


def test_nothing_moves_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No flag and no variable names the policy file: who could would not be bound by it."""
    assert not {name for name in inspect.signature(serve).parameters if "policy" in name}
    assert not {setting.key for setting in SETTINGS if "policy" in setting.key}
    before = policy_file()
    for name in (f"{VARIABLES}POLICY", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "ProgramData", "HOME"):
        monkeypatch.setenv(name, "/elsewhere")
    assert policy_file() == before
    assert before.is_absolute()


@pytest.mark.parametrize(
    ("text", "line", "key", "why"),
    [
        ("[listen]\n\nport = 70000\n", 3, "listen.port", "must be an integer from 0 to 65,531, not 70000"),
        ("[listen]\nport = true\n", 2, "listen.port", "not true"),
        ("[listen]\nprot = 1\n", 2, "listen.prot", "did you mean port?"),
        ("# x\n[listne]\nport = 1\n", 2, "listne", "did you mean listen?"),
        ("listen = 1\n", 1, "listen", "must be a table"),
        ("[access]\nallow_origin = 'x'\n", 2, "access.allow_origin", "must be an array of texts"),
        ("[access]\nallow_origin = ['']\n", 2, "access.allow_origin", "empty entries"),
        ("[access]\nallow_origin = [\n'*']\n", 2, "access.allow_origin", "'*' is none"),
        ("[access]\nallow_host = ['http://scanner.lan']\n", 2, "access.allow_host", "without scheme and port"),
        ("[access]\nallow_host = ['scanner.lan:18622']\n", 2, "access.allow_host", "'scanner.lan:18622' is none"),
        (
            "[access]\nconsent_for = ['https://a.example/=deny']\n",
            2,
            "access.consent_for",
            "browsers send 'https://a.example'",
        ),
        ("[access]\nallow_origin = ['app.example']\n", 2, "access.allow_origin", "'app.example' is none"),
        (
            "[access]\nallow_origin = ['https://app.example/']\n",
            2,
            "access.allow_origin",
            "browsers send 'https://app.example', not",
        ),
        (
            "[access]\nallow_origin = ['https://App.example:443']\n",
            2,
            "access.allow_origin",
            "browsers send 'https://app.example', not",
        ),
        (
            "[access]\nallow_origin = ['https://app.example/scan']\n",
            2,
            "access.allow_origin",
            "looks like https://app.example:8443",
        ),
        ("[access]\nallow_origin = ['http://a.example:99999']\n", 2, "access.allow_origin", "is none"),
        ("[access]\nmode = 'open'\n", 2, "access.mode", "must be lab or locked, not 'open'"),
        ("[access]\ntoken = 'short'\n", 2, "access.token", "at least 16"),
        ("[access]\nmode = 'locked'\ntrust_network = ['10.0.0.0/8']\n", 3, "access.trust_network", "lab mode only"),
        ("[access]\ntrust_network = ['10.0.0.1/8']\n", 2, "access.trust_network", "host bits"),
        ("[limits]\njobs = 0\n", 2, "limits.jobs", "from 1"),
        ("[limits]\njobs = " + "9" * 3000 + "\n", 2, "limits.jobs", "a number of that size"),
        ("[limits]\njobs = " + "9" * 5000 + "\n", None, "", "is not TOML"),
        ("[limits]\nbody_seconds = nan\n", 2, "limits.body_seconds", "not nan"),
        ("[limits]\nbody_seconds = inf\n", 2, "limits.body_seconds", "not inf"),
        ("[api]\nend_of_pages = 205\n", 2, "api.end_of_pages", "204 or 410"),
        ("[devices]\nfile = 'gone.toml'\n", 2, "devices.file", "not there"),
        ("[devices]\ndriver = {virtual = 1}\n", 2, "devices.driver", "a table of tables"),
        ("[run]\ndata_dir = ''\n", 2, "run.data_dir", "must not be empty"),
        ("[run]\ndata_dir = 'a\\u0000b'\n".replace("'", '"'), 2, "run.data_dir", "printable"),
        ("[run]\ndata_dir = '" + "x" * 2000 + "'\n", 2, "run.data_dir", "at most 1000"),
        ("schema = 2\n", 1, "schema", "another version"),
        ("[listen]\nport = 1\nport = 2\n", 3, "", "is not TOML"),
        ("[listen\n", 1, "", "is not TOML"),
        ("x = " + "[" * 5000, None, "", "nested too deeply"),
    ],
)
def test_mistakes_in_a_file(tmp_path: Path, text: str, line: int | None, key: str, why: str) -> None:
    """A mistake is named by file, line and key, by `config check` as by the start; nothing is guessed."""
    error = problem(tmp_path, file=text)
    assert (error.where, error.line, error.key) == (str(tmp_path / "config.toml"), line, key)
    assert why in str(error)
    assert str(check_file(tmp_path / "config.toml")[0]) == str(error)


def test_all_mistakes_are_listed(tmp_path: Path) -> None:
    """`config check` needs one round, not one a mistake."""
    file = tmp_path / "config.toml"
    file.write_text("[listen]\nport = -1\nhsot = 'x'\n[pages]\njpeg_quality = 0\n")
    assert [item.line for item in check_file(file)] == [2, 3, 5]
    file.write_text("[listen]\nport = 0\n")
    assert check_file(file) == []


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file in another encoding, a huge one and a missing one are each answered."""
    file = tmp_path / "config.toml"
    file.write_bytes("[listen]\nhost = 'müller'\n".encode("latin-1"))
    assert [(item.line, item.why) for item in check_file(file)] == [(2, "is not UTF-8")]
    file.write_bytes(b"#" * (1 << 21))
    assert "larger than" in str(check_file(file)[0])
    assert "cannot be read" in str(check_file(tmp_path / "none.toml")[0])


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("FLATBED_LISTEN_PORT", "many", "must be an integer"),
        ("FLATBED_LISTEN_PORT", "1" + "0" * 40, "must be an integer"),
        ("FLATBED_DEVICES_REAL", "perhaps", "must be true or false"),
        ("FLATBED_RUN_EXIT_WHEN_IDLE", "nan", "must be a number"),
        ("FLATBED_DEVICES_DRIVER", "{", "an inline table of TOML"),
        ("FLATBED_ACCESS_TOKEN", "short", "at least 16"),
    ],
)
def test_mistakes_in_the_environment(tmp_path: Path, name: str, text: str, why: str) -> None:
    """The variable is named."""
    error = problem(tmp_path, environ={name: text})
    assert str(error).startswith(f"{name} ")
    assert why in str(error)


def test_values_from_the_environment(tmp_path: Path) -> None:
    """Each kind can be written in a variable; a name that is none of ours is a warning with the nearest one."""
    settings = load(
        tmp_path,
        environ={
            "FLATBED_DEVICES_REAL": "Yes",
            "FLATBED_DEVICES_DRIVERS": "",
            "FLATBED_DEVICES_DRIVER": "{sane = {slow = true}}",
            "FLATBED_ACCESS_ALLOW_HOST": "a, b,a",
            "FLATBED_BUFFER_MEMORY_MB": "64",
            "FLATBED_RUN_EXIT_WHEN_IDLE": "0",
            "FLATBED_RUN_DATA_DIR": "here",
            "FLATBED_LIMITS_JOBS": "7",
            "FLATBED_LISTEN_PROT": "1",
            "FLATBED_PORT": "tcp://10.0.0.1:80",
            "PATH": "x",
        },
    )
    config = settings.config()
    assert (config.real, config.drivers, config.driver_config) == (True, (), {"sane": {"slow": True}})
    assert (config.allow_host, config.buffer_bytes, config.exit_when_idle) == (("a", "b"), 64 << 20, None)
    assert (config.data_dir, config.limits.jobs) == (Path.cwd() / "here", 7)
    assert (
        settings.warnings[0] == "FLATBED_LISTEN_PROT is no setting and does nothing (did you mean FLATBED_LISTEN_PORT?)"
    )
    assert len(settings.warnings) == 2


def test_paths_in_a_file_start_at_its_folder(tmp_path: Path) -> None:
    """A folder with a file and what it names can be moved."""
    (tmp_path / "lab.toml").write_text("")
    config = load(tmp_path, file="[devices]\nfile = 'lab.toml'\n[run]\ndata_dir = '/var/x'\n").config()
    assert (config.devices_file, config.data_dir) == (tmp_path / "lab.toml", Path("/var/x"))


def test_the_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config comes before FLATBED_CONFIG, and that before the default place; a named file that is missing is an error."""
    places = [tmp_path / name for name in ("flag.toml", "variable.toml", "default.toml")]
    for port, place in enumerate(places, 1):
        place.write_text(f"[listen]\nport = {port}\n")
    monkeypatch.setattr("reference_server.settings.resolve.default_file", lambda: places[2])
    environ = {"FLATBED_CONFIG": str(places[1])}
    none = tmp_path / "none"
    assert Sources(places[0], {}, environ, none).load().config().port == 1
    assert Sources(None, {}, environ, none).load().config().port == 2
    assert Sources(None, {}, {}, none).load().config().port == 3
    with pytest.raises(SettingsError, match="cannot be read"):
        Sources(none, {}, {}, none).load()


def test_secrets_are_hidden(tmp_path: Path) -> None:
    """A token is never shown, not even when it is refused."""
    settings = load(tmp_path, environ={"FLATBED_ACCESS_TOKEN": "correct-horse-battery"})
    assert settings.config().token == "correct-horse-battery"
    assert shown(settings.effective["access.token"]) == "'(hidden)'"
    for text in ("[access]\ntoken = 'battery'\n", "[access]\ntoken = 'battery\\n'\n".replace("'", '"')):
        assert "battery" not in str(problem(tmp_path, file=text))


def test_a_file_with_a_secret_for_everybody(tmp_path: Path) -> None:
    """A token in a file that others can read is pointed out."""
    text = "[access]\ntoken = 'correct-horse-battery'\n"
    file = tmp_path / "config.toml"
    file.touch(0o644)
    file.chmod(0o644)
    (warning,) = load(tmp_path, file=text).warnings
    assert "chmod 600" in warning
    file.chmod(0o600)
    assert load(tmp_path, file=text).warnings == ()
