"""What python-sane 2.9.2 gets wrong where no driver would go: each in a process of its own, on SANE's `test` back end (sane-escl 1.4, docs/findings.md)."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from device_drivers.sane.labconfig import LabConfig, write_lab_config

pytestmark = [pytest.mark.real, pytest.mark.slow]

LIMIT_S = 60
SMALL = "import sane; sane.init(); dev = sane.open('test:0'); dev.br_x = 20.0; dev.br_y = 20.0; dev.resolution = 50.0\n"


def python_sane(folder: Path, script: str, **switches: bool | int | str) -> subprocess.CompletedProcess[str]:
    """Run a script that uses python-sane, in a private SANE configuration."""
    if importlib.util.find_spec("_sane") is None:
        pytest.fail("python-sane is missing: `sh installers/system-packages.sh` as root, then `make` compiles it.")
    config = write_lab_config(folder / "sane.d", LabConfig(switches=switches))
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "SANE_CONFIG_DIR": str(config)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            f"{SMALL}def progress(*_): raise ValueError\ndev.start(); dev.snap(progress=progress)", id="progress-raises"
        ),
        pytest.param(f"{SMALL}sane.exit(); dev.start()", id="start-after-exit"),
        pytest.param(f"{SMALL}sane.exit(); dev.close()", id="close-after-exit"),
    ],
)
def test_it_crashes(script: str, tmp_path: Path) -> None:
    """A segmentation fault where an exception should be."""
    assert python_sane(tmp_path, script).returncode == -signal.SIGSEGV


def test_the_status_eof_is_no_error_of_its_own(tmp_path: Path) -> None:
    """A page without a byte is a RuntimeError, which `except sane.error` does not catch."""
    done = python_sane(
        tmp_path,
        f"{SMALL}dev.start()\ntry: dev.snap()\nexcept RuntimeError as error: print(error)",
        **{"read-status-code": "SANE_STATUS_EOF"},
    )
    assert (done.returncode, done.stdout) == (0, "Scanner returned no data\n"), done.stderr


def test_a_misspelt_option_is_taken(tmp_path: Path) -> None:
    """Setting an option that there is not becomes an attribute of the Python object, without a word."""
    done = python_sane(tmp_path, f"{SMALL}dev.resolutoin = 300; print(dev.resolutoin, dev.resolution)")
    assert (done.returncode, done.stdout) == (0, "300 50.0\n"), done.stderr


def test_a_huge_number_is_a_system_error(tmp_path: Path) -> None:
    """An int beyond a C long leaves an exception behind that the interpreter stumbles over."""
    done = python_sane(tmp_path, f"{SMALL}dev.depth = 2**70")
    assert done.returncode == 1
    assert (
        "SystemError: <method 'set_option' of 'SaneDev' objects> returned a result with an exception set" in done.stderr
    )


def test_an_iterator_goes_on_where_another_was_left(tmp_path: Path) -> None:
    """Leaving multi_scan after three of ten pages cancels, and the next iterator has the seven that are left: nobody ejects them."""
    loop = "for number, _ in enumerate(dev.multi_scan(), 1):\n    if number == 3: break\nprint(sum(1 for _ in dev.multi_scan()))"
    done = python_sane(tmp_path, f"{SMALL}dev.source = 'Automatic Document Feeder'\n{loop}")
    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr


def test_a_page_makes_a_lost_reader_deadly(tmp_path: Path) -> None:
    """sanei_thread puts SIGPIPE back to its default, which Python ignores: after a page, a write to a pipe without a reader ends the process."""
    write = "import os; reader, writer = os.pipe(); os.close(reader)\ntry: os.write(writer, b'x')\nexcept BrokenPipeError: print('told')"
    assert python_sane(tmp_path / "before", f"{SMALL}{write}").stdout == "told\n"
    assert python_sane(tmp_path / "after", f"{SMALL}dev.start(); dev.snap()\n{write}").returncode == -signal.SIGPIPE
