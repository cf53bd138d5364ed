"""A private SANE configuration: SANE's `test` back end and nothing else, in a folder of ours.

A fresh Debian has `test` switched off, and its test.conf ends at 200 mm where A4 needs 297. SANE_CONFIG_DIR isolates
libsane completely (measured): no edit of /etc/sane.d, no privileges, no other back end, 3 ms to enumerate. Every value
that `test` would otherwise invent is written, since its built-in resolution is not even in range.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device_drivers.sane.errors import SaneValueError

PICTURES: Final = ("Solid black", "Solid white", "Color pattern", "Grid")
MODES: Final = ("Gray", "Color")
DEPTHS: Final = (1, 8, 16)
DEVICES_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class LabConfig:
    """What the lab's devices are at the start; the keys of test.conf.

    Attributes:
        number_of_devices: They are called `test:0`, `test:1`, ...
        geometry_max: Largest coordinate of both axes, mm. A4 is 210 x 297.
        width, height: The area that is set at the start, mm.
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
        )
        wrong = [name for legal, name in checks if not legal]
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
            ("scan-source", "Flatbed"),
            ("geometry_min", 0.0),
            ("geometry_max", self.geometry_max),
            ("geometry_quant", 0.0),
            ("tl_x", 0.0),
            ("tl_y", 0.0),
            ("br_x", self.width),
            ("br_y", self.height),
            ("select-fd", "true"),  # shows the pipe, so that it can be made larger
        )
        return "".join(f"{key} {value}\n" for key, value in keys)


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
