"""Started by path, as a script: loads the worker's modules without the suite around them, then serves (see the package)."""

import sys
import types
from pathlib import Path


def _bare_package(name: str, folder: Path) -> None:
    """A package whose ``__init__`` does not run: it would import the whole suite."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _main() -> int:
    suite, protocol = Path(__file__).parents[2], Path(sys.argv[1])
    _bare_package("conformance", suite)
    _bare_package("conformance.sane", suite / "sane")
    _bare_package("device_protocol", protocol)
    from conformance.sane.worker.serve import main  # noqa: PLC0415  # only now can it be found

    return main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(_main())
