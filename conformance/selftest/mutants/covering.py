"""Which lines does the judging run? Each check alone and the programs, on each target, while the part under test is open.

What runs before that (devices files and settings are read) is not what the suite judges, and stays out; so does what runs on import.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from conformance.selftest.mutants.forks import in_child
from conformance.selftest.mutants.ground import Ground, Watcher

Lines = dict[str, set[int]]
"""By module."""
Covered = dict[str, dict[int, dict[str, list[str]]]]
"""Module -> line -> target -> the checks that run it."""

CPU_SECONDS, SECONDS = 1500, 6000.0
Local = Callable[[FrameType, str, Any], Any]


class Tracer(Watcher):
    """Notes the lines that run, by check."""

    alone = True

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files
        self._known: dict[CodeType, str | None] = {}
        self._now: Lines = {}
        self.lines: dict[str, Lines] = {}
        self._open = self._opening = 0

    def begins(self, name: str) -> None:
        """See :class:`Watcher`."""
        self._now = self.lines.setdefault(name, {})

    def opening(self) -> AbstractContextManager[None]:
        """See :class:`Watcher`."""
        return self._counting("_opening")

    def within(self) -> AbstractContextManager[None]:
        """See :class:`Watcher`."""
        return self._counting("_open")

    @contextmanager
    def _counting(self, counter: str) -> Iterator[None]:
        setattr(self, counter, getattr(self, counter) + 1)
        try:
            yield
        finally:
            setattr(self, counter, getattr(self, counter) - 1)

    def _module(self, code: CodeType) -> str | None:
        if code not in self._known:
            self._known[code] = self._files.get(code.co_filename)
        return self._known[code]

    def trace(self, frame: FrameType, _event: str, _argument: object) -> Local | None:
        """For ``sys.settrace``."""
        module = self._module(frame.f_code)
        if module is None or frame.f_code.co_name == "<module>":
            return None

        def line(inner: FrameType, event: str, _: object) -> Local:
            if event == "line" and self._open and not self._opening:
                self._now.setdefault(module, set()).add(inner.f_lineno)
            return line

        return line


def files(ground: Ground) -> dict[str, str]:
    """Path -> module, of all that may be mutated."""
    found = {}
    for root in ground.roots:
        spec = PathFinder.find_spec(root)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        folder = Path(next(iter(spec.submodule_search_locations)))
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not any(module == name or module.startswith(f"{name}.") for name in ground.out):
                found[str(path)] = module
    return found


def cover(ground: Ground, cache: Path | None = None, progress: Callable[[str], None] = lambda _: None) -> Covered:
    """Run everything on what is not mutated, and note the lines.

    Args:
        ground: what to run.
        cache: a folder in which the answer is kept for as long as the code stays as it is.
        progress: gets a line for each target.

    Raises:
        RuntimeError: the run failed: what is not mutated has to pass.
    """
    names = ground.names()
    paths = files(ground)
    key = hashlib.sha256(
        "\0".join([*names, *sorted(ground.targets), *(Path(path).read_text() for path in paths)]).encode()
    )
    file = cache / f"covered-{ground.name}-{key.hexdigest()[:12]}.json" if cache is not None else None
    if file is not None and file.exists():
        plain = json.loads(file.read_text())
        return {module: {int(line): on for line, on in lines.items()} for module, lines in plain.items()}
    covered: Covered = {}
    for target in ground.targets:
        progress(f"lines that the checks of {target} run")
        for name, lines in _trace(ground, target, names, paths).items():
            for module, numbers in lines.items():
                for number in sorted(numbers):
                    covered.setdefault(module, {}).setdefault(number, {}).setdefault(target, []).append(name)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(covered))
    return covered


def _trace(ground: Ground, target: str, names: Sequence[str], paths: dict[str, str]) -> dict[str, Lines]:
    def work(say: Callable[[dict[str, Any]], None]) -> None:
        tracer = Tracer(paths)
        threading.settrace(tracer.trace)
        sys.settrace(tracer.trace)
        try:
            ground.run(target, names, tracer)
        finally:
            sys.settrace(None)
        for name, lines in tracer.lines.items():
            say({"name": name, "lines": {module: sorted(numbers) for module, numbers in lines.items()}})

    told = in_child(work, cpu_seconds=CPU_SECONDS, seconds=SECONDS)
    if told.ending != "done":
        raise RuntimeError(f"the unmutated {target} could not be run ({told.ending}): {told.messages[-1:]}")
    return {item["name"]: {module: set(numbers) for module, numbers in item["lines"].items()} for item in told.messages}
