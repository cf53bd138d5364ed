"""A private SANE configuration: SANE's `test` back end and nothing else, in a folder of ours.

A fresh Debian has `test` switched off, and its test.conf ends at 200 mm where A4 needs 297. SANE_CONFIG_DIR isolates
libsane completely (measured): no edit of /etc/sane.d, no privileges, no other back end, 3 ms to enumerate. Every value
that `test` would otherwise invent is written, since its built-in resolution is not even in range.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device_drivers.sane.errors import SaneValueError

PICTURES: Final = ("Solid black", "Solid white", "Color pattern", "Grid")
MODES: Final = ("Gray", "Color")
DEPTHS: Final = (1, 8, 16)
DEVICES_LIMIT: Final = 256

SWITCHES: Final[Mapping[str, type]] = {
    "hand-scanner": bool,
    "three-pass": bool,
    "three-pass-order": str,
    "invert-endianess": bool,
    "scan-source": str,
    "read-limit": bool,
    "read-limit-size": int,
    "read-delay": bool,
    "read-delay-duration": int,
    "read-status-code": str,
    "fuzzy-parameters": bool,
    "ppl-loss": int,
    "non-blocking": bool,
    "select-fd": bool,
    "enable-test-options": bool,
}
"""Further keys of test.conf and what they take: what an option of that name is worth at the start (`read-status-code` is that of
`read-return-value`, `scan-source` that of `source`). Some of them are faults on purpose."""


@dataclass(frozen=True, slots=True)
class LabConfig:
    """What the lab's devices are at the start; the keys of test.conf.

    Attributes:
        number_of_devices: They are called `test:0`, `test:1`, ...
        geometry_max: Largest coordinate of both axes, mm. A4 is 210 x 297.
        width, height: The area that is set at the start, mm.
        switches: See SWITCHES.
    """

    number_of_devices: int = 1
    geometry_max: float = 300.0
    width: float = 210.0
    height: float = 297.0
    mode: str = "Color"
    depth: int = 8
    resolution: float = 100.0
    resolution_max: float = 1200.0
    picture: str = "Color pattern"
    switches: Mapping[str, bool | int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what `test` would take and then misbehave with.

        Raises:
            SaneValueError: A value is out of range.
        """
        checks = (
            (1 <= self.number_of_devices <= DEVICES_LIMIT, "number_of_devices"),
            (0 < self.geometry_max <= 2000, "geometry_max"),  # nobody scans longer; far from the end of SANE_Fixed
            (0 < self.width <= self.geometry_max, "width"),
            (0 < self.height <= self.geometry_max, "height"),
            (self.mode in MODES, "mode"),
            (self.depth in DEPTHS, "depth"),
            (1 <= self.resolution <= self.resolution_max <= 4800, "resolution"),
            (self.picture in PICTURES, "picture"),
            *((_fits(value, SWITCHES.get(name)), name) for name, value in self.switches.items()),
        )
        wrong = [str(name) for legal, name in checks if not legal]
        if wrong:
            raise SaneValueError(f"the lab configuration has an impossible {', '.join(wrong)}: {self}")

    def text(self) -> str:
        """The content of test.conf."""
        keys: tuple[tuple[str, object], ...] = (
            ("number_of_devices", self.number_of_devices),
            ("mode", self.mode),
            ("depth", self.depth),
            ("resolution_min", 1.0),
            ("resolution_max", self.resolution_max),
            ("resolution_quant", 1.0),
            ("resolution", self.resolution),
            ("test-picture", f'"{self.picture}"'),
            ("geometry_min", 0.0),
            ("geometry_max", self.geometry_max),
            ("geometry_quant", 0.0),
            ("tl_x", 0.0),
            ("tl_y", 0.0),
            ("br_x", self.width),
            ("br_y", self.height),
        )
        # select-fd shows the pipe, so that it can be made larger.
        switched = {"scan-source": "Flatbed", "select-fd": True, **self.switches}
        return "".join(
            f"{key} {value}\n" for key, value in (*keys, *((name, _written(value)) for name, value in switched.items()))
        )


def _fits(value: object, kind: type | None) -> bool:
    """Whether a switch takes *value*. Texts are short words of a list, and must not begin another line of the file."""
    if kind is str:
        return isinstance(value, str) and re.fullmatch(r"[A-Za-z_][A-Za-z_ ]{0,40}", value) is not None
    return kind is not None and type(value) is kind and (kind is bool or 0 <= int(str(value)) <= 1_000_000)


def _written(value: bool | int | str) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str) and " " in value
        else str(value)
    )


def lab_of(config: Mapping[str, object], switches: Mapping[str, bool | int | str] | None = None) -> LabConfig:
    """The lab that a driver's configuration asks for: its `devices`, and its `switches` on top of *switches*.

    Raises:
        SaneValueError: An impossible number of devices, or a switch that there is not.
    """
    devices, asked = config.get("devices", 1), config.get("switches", {})
    if type(devices) is not int or not isinstance(asked, Mapping):
        raise SaneValueError(f"devices is a number and switches are a table, not {devices!r} and {asked!r}")
    return LabConfig(number_of_devices=devices, switches={**(switches or {}), **asked})


@contextmanager
def lab_folder(config: LabConfig, data_dir: str | None) -> Iterator[Path]:
    """The configuration in a folder that exists only until libsane has read it: a killed worker leaves nothing.

    Args:
        config: What the devices are.
        data_dir: Where to make it; None for the system's folder of temporary files.
    """
    parent = None if data_dir is None else Path(data_dir)
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sanelab-", dir=parent) as folder:
        yield write_lab_config(Path(folder), config)


def write_lab_config(folder: Path, config: LabConfig | None = None) -> Path:
    """Write the configuration; the folder is made, and what is ours in it is replaced.

    Args:
        folder: Becomes SANE_CONFIG_DIR; must not contain a colon.
        config: None for the defaults.

    Returns:
        The folder, absolute.

    Raises:
        SaneValueError: libsane could not be told of that folder.
        OSError: It cannot be written.
    """
    folder = folder.resolve()
    if ":" in str(folder):
        raise SaneValueError(f"{folder} cannot be a SANE_CONFIG_DIR: it contains a colon")
    (folder / "dll.d").mkdir(parents=True, exist_ok=True)  # empty: nothing that packages have dropped into /etc
    (folder / "dll.conf").write_text("test\n", encoding="ascii")
    (folder / "test.conf").write_text((config or LabConfig()).text(), encoding="ascii")
    return folder
