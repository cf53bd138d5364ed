"""The versions of ``twain-wia-sane-scanner`` that there are, unmodified, each in a folder of its own, since they share the name of their package.

They are installed once by pip as it is configured, and kept in ``.clients/``; a machine that cannot install them fails the tests and says why.
"""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "twain-wia-sane-scanner"
VERSIONS = ("1.0.0", "2.0.0", "2.0.2", "2.0.3")
FOLDER = Path(__file__).parents[2] / ".clients"


def installed(version: str) -> Path:
    """The folder that *version* is installed in."""
    return fetched(version, "--no-deps", f"{PACKAGE}=={version}")


def fetched(name: str, *words: str) -> Path:
    """A folder of its own that pip has installed into, once.

    Args:
        name: of the folder.
        words: what to install, and how.
    """
    target = FOLDER / name
    if not target.exists():
        FOLDER.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as work:
            fresh = Path(work) / "site"
            command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
            command += ["--target", str(fresh), *words]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
            try:
                fresh.rename(target)
            except OSError:
                assert target.exists()  # another test process was faster
    return target


def load(version: str) -> ModuleType:
    """The package of *version*, beside the others."""
    path = installed(version) / "dynamsoftservice" / "__init__.py"
    spec = importlib.util.spec_from_file_location(f"dynamsoftservice_{version.replace('.', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Recorder:
    """A controller that notes which of its methods were called."""

    def __init__(self, controller: Any) -> None:
        self._controller = controller
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._controller, name)

    @property
    def never_called(self) -> set[str]:
        """The public methods that nobody called."""
        names = {name for name, _ in inspect.getmembers(type(self._controller), inspect.isfunction)}
        return {name for name in names if not name.startswith("_")} - self.called


@contextmanager
def everything_of(version: str) -> Iterator[Recorder]:
    """A controller of *version*, of which every public method must have been called at the end."""
    recorder = Recorder(load(version).ScannerController())
    yield recorder
    assert recorder.never_called <= {"close"}
    if hasattr(recorder, "close"):
        recorder.close()
