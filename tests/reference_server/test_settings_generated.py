"""Generated settings and INI files: each is answered, none raises anything else, and none lets more people in than it says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reference_server.config import ServerConfig
from reference_server.modes import AccessMode
from reference_server.settings import SETTINGS, SettingsError, Sources, check_file
from reference_server.settings.ini import import_ini
from reference_server.settings.page import toml_value

QUICK = settings(max_examples=150, deadline=None, derandomize=True)

SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.integers(-2, 70_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20),
    st.sampled_from(
        ["", "off", "lab", "locked", "*", "127.0.0.1", "0.0.0.0", "ask", "https://a.example", "10.0.0.0/8"]
    ),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2))
KEYS = st.sampled_from([setting.key for setting in SETTINGS] + ["listen.prot", "nowhere.x"])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def outcome(sources: Sources) -> tuple[ServerConfig | None, SettingsError | None]:
    """The configuration, or what is wrong."""
    try:
        return sources.load().config(), None
    except SettingsError as error:
        return None, error


@QUICK
@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_file(values: dict[str, object]) -> None:
    """A file of any keys with any values of TOML can be used, or each mistake has its line; `config check` and the start agree."""
    sections = sorted({key.partition(".")[0] for key in values})
    lines = []
    for section in sections:
        lines.append(f"[{section}]")
        lines += [
            f"{key.partition('.')[2]} = {toml_value(value)}"
            for key, value in values.items()
            if key.startswith(f"{section}.")
        ]
    with folder() as place:
        file = place / "config.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        problems = check_file(file)
        config, error = outcome(Sources(file, {}, {}, place / "none"))
        if config is not None:
            assert problems == []
            assert config.access is AccessMode.LAB or not config.trust_network
        if error is not None:
            assert str(error) == str(problems[0])
            assert error.line is not None
            assert lines[error.line - 1].startswith((f"{error.key.partition('.')[2]} = ", f"[{error.key}]"))


@QUICK
@given(st.sampled_from([setting.variable for setting in SETTINGS]), st.text(max_size=40))
@example("FLATBED_DEVICES_DRIVER", "[" * 5000)
@example("FLATBED_DEVICES_FILE", "x" * 300)
@example("FLATBED_RUN_DATA_DIR", "~nobody-of-that-name/x")
@example("FLATBED_LIMITS_JOBS", "9" * 5000)
def test_any_text_in_the_environment(name: str, text: str) -> None:
    """A variable of any text is used or refused by its name."""
    with folder() as place:
        (place / "empty.toml").touch()
        _, error = outcome(Sources(place / "empty.toml", {}, {name: text}, place / "none"))
        if error is not None:
            assert error.where == name
            assert len(str(error)) < 2000


INI_KEYS = [
    "Port",
    "Port_mn_0",
    "Port_mp_0",
    "SSLPort",
    "SSLPort_mn_0",
    "SSLPort_mp_0",
    "Server",
    "Access-Control-Allow-Origin",
    "EnableWebSetup",
    "LogLevel",
    "EnableScannerAccessAuth",
    "EnableFileAccessAuth",
    "EnableEnhancedMode",
    "cert_name",
    "key_name",
    "dwt",
]
INI_VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "TRUE", "FALSE", "dwt", "dcp", "18622", "0.0.0.0", "127.0.0.1", "localhost", "*", "null", "host"]
    ),
    st.sampled_from(["https://a.example", "https://a.example,*", "https://b.example:443/", "http://c:1,http://d:2"]),
    st.text(st.characters(codec="utf-8"), max_size=15),
)
INI_LINES = st.one_of(
    st.tuples(st.sampled_from(INI_KEYS), INI_VALUES).map("=".join),
    st.sampled_from(["[DS]", "[ds]", "[host.example]", "[x y]", "; note", "", "garbage"]),
)


@QUICK
@given(st.lists(INI_LINES, max_size=8))
def test_any_ini(lines: list[str]) -> None:
    """Whatever the old file says: ours can be used as it is, lets in no origin that is not spelled out there, and asks strangers for a token."""
    text = "\n".join(["[DS]", *lines])
    with folder() as place:
        (place / "DSConfiguration.ini").write_text(text, encoding="utf-8")
        done = import_ini(place / "DSConfiguration.ini")
        assert bool(done.toml) is not bool(done.problems)
        if not done.toml:
            return
        (place / "ours.toml").write_text(done.toml, encoding="utf-8")
        config = Sources(place / "ours.toml", {}, {}, place / "none").load().config()
        assert all(origin.partition("://")[2].partition(":")[0] in text for origin in config.allow_origin)
        assert config.access is AccessMode.LOCKED or not config.allow_origin
        assert (config.token is not None) is config.beyond_loopback
        assert not config.trust_network
        assert config.consent != "allow" or "EnableScannerAccessAuth=TRUE" not in text.splitlines()


@QUICK
@given(st.binary(max_size=300))
@example(b"\xff\xfe[\0D\0S\0]\0\n")
@example(b"\xef\xbb\xbf\xef\xbb\xbf[DS]")
@example(b"\0")
def test_any_bytes(content: bytes) -> None:
    """Bytes of any kind are answered as INI and as TOML."""
    with folder() as place:
        (place / "file").write_bytes(content)
        done = import_ini(place / "file")
        assert bool(done.toml) is not bool(done.problems)
        assert check_file(place / "file") is not None
