"""What the room costs before it is used, and how drivers are named and limited."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

import device_host
from device_host import Deadlines, known_drivers
from device_host.resolve import resolve
from device_host.worker import PRELOAD
from device_protocol import Code, DeviceError

ROOT = Path(__file__).resolve().parents[2]


def imported_by(code: str, *switches: str) -> set[str]:
    """The top modules that *code* brings in, in a fresh process."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\nprint(*sys.modules)"
    command = [sys.executable, *switches, "-c", script]
    return set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())


def test_the_package_itself_is_free() -> None:
    """Importing the package, its frames and its worker needs the standard library only, in an interpreter that has nothing else."""
    modules = imported_by(
        "import device_host, device_host.frames, device_host.worker, device_host.host_blocking", "-I", "-S"
    )
    assert not {"trio", "numpy", "PIL", "simplejpeg", "isal"} & modules


def test_the_main_process_stays_light() -> None:
    """A service that opens a host imports no numpy and no codec: pictures are the workers' business."""
    modules = imported_by("from device_host import *\nimport device_host.host, device_host.opening")
    assert not {"numpy", "PIL", "simplejpeg", "isal", "simulators", "device_drivers", "sheets"} & modules
    assert "trio" in modules


def test_names_of_the_package() -> None:
    """Every name that the package exports is there."""
    for name in device_host.__all__:
        assert getattr(device_host, name) is not None
    with pytest.raises(AttributeError):
        device_host.nothing_of_that_name  # noqa: B018  # the access is the test


def test_what_a_spare_imports_exists() -> None:
    """A spare warms up with modules that exist; a name that is wrong would only make it slow."""
    assert set(PRELOAD) <= imported_by("import device_host.worker; device_host.worker.warm_up()")


def test_installed_drivers() -> None:
    """The installed drivers are listed by their ids without importing them."""
    assert {"sane", "sanelab", "virtual"} <= set(known_drivers())
    assert resolve("virtual").text == "simulators.driver:driver"
    modules = imported_by("import device_host\nassert 'virtual' in device_host.known_drivers()")
    assert not {"simulators", "device_drivers"} & modules


@pytest.mark.parametrize("name", ["", "nothing", ":", "a:", ":b", "a b:c", "a:b:c", "../a:b", "a.b:c()"])
def test_no_driver(name: str) -> None:
    """A name that is no driver's is NOT_FOUND, with those that there are."""
    with pytest.raises(DeviceError, match="virtual") as caught:
        resolve(name)
    assert caught.value.code is Code.NOT_FOUND


def test_not_installed() -> None:
    """``module:name`` needs no installation."""
    target = resolve("some.module:Some.name")
    assert (target.name, target.module, target.attribute) == ("some.module:Some.name", "some.module", "Some.name")


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.inf, math.nan])
def test_deadlines_are_finite(seconds: float) -> None:
    """There is no call without a deadline."""
    with pytest.raises(ValueError, match="read"):
        Deadlines(read=seconds)


def test_deadlines_of_verbs() -> None:
    """Every verb has one; what waits for paper is set together."""
    deadlines = Deadlines(options=3, control=4).scanning(90)
    assert (deadlines.of("get"), deadlines.of("perform"), deadlines.of("caps")) == (3, 4, 3)
    assert {deadlines.of(verb) for verb in ("start", "next_page", "read", "end")} == {90}
    assert deadlines.of("close") == Deadlines().close
