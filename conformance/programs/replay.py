"""Programs on disk: JSON, schema 1, with limits; and running one again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.programs.calls import DEADLINE_S
from conformance.programs.commands import MAX_COMMANDS, Program, ProgramError, from_plain, to_plain
from conformance.programs.execute import Failure, OpenBackend, Rules, execute

SCHEMA = 1
KIND = "flatbed-program"
MAX_BYTES = 1 << 20
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Saved:
    """A program with what it showed.

    Attributes:
        program: the commands.
        device: the native id of the device it was made for.
        requirement, phase: the signature that a replay has to reproduce; empty if it showed nothing.
        expected, got: for people.
        driver: entry point or ``module:name`` of the driver, if known.
        seed: of the random program it was made from, and of the order of tasks while it runs.
        versions: of what it depended on, by name.
    """

    program: Program
    device: str
    requirement: str = ""
    phase: str = ""
    expected: str = ""
    got: str = ""
    driver: str = ""
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def signature(self) -> tuple[str, str]:
        """Requirement and phase."""
        return self.requirement, self.phase


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay: the failure, if any, and whether it is the one that was saved."""

    saved: Saved
    failure: Failure | None

    @property
    def same(self) -> bool:
        """Whether the program failed in the same way again."""
        return self.failure is not None and self.failure.signature == self.saved.signature


def saved_from(
    program: Program,
    failure: Failure | None,
    device: str,
    *,
    driver: str = "",
    seed: int = 0,
    versions: Mapping[str, str] | None = None,
) -> Saved:
    """What to save of a program that failed."""
    saved = Saved(program, device, driver=driver, seed=seed, versions=dict(versions or {}))
    if failure is None:
        return saved
    return replace(
        saved, requirement=failure.requirement, phase=failure.phase, expected=failure.expected, got=failure.got
    )


def dumps(saved: Saved) -> str:
    """The file's text; the same program gives the same text."""
    fields = {
        "schema": SCHEMA,
        "kind": KIND,
        "device": saved.device,
        "driver": saved.driver,
        "seed": saved.seed,
        "versions": dict(saved.versions),
        "signature": {"requirement": saved.requirement, "phase": saved.phase},
        "expected": saved.expected,
        "got": saved.got,
        "commands": to_plain(saved.program),
    }
    return json.dumps(fields, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def loads(text: str | bytes) -> Saved:
    """The program in a file's text.

    Raises:
        ProgramError: it is too large, no JSON, of another schema, or holds something that is no program.
    """
    if len(text) > MAX_BYTES:
        raise ProgramError(f"the file is larger than {MAX_BYTES} bytes")
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProgramError(f"the file is no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ProgramError(f"the file is no {KIND}")
    if data.get("schema") != SCHEMA:
        raise ProgramError(f"schema {data.get('schema')!r}: this version reads schema {SCHEMA}")
    return Saved(
        from_plain(data.get("commands")),
        _text(data, "device"),
        *_signature(data.get("signature", {})),
        _text(data, "expected"),
        _text(data, "got"),
        _text(data, "driver"),
        _seed(data.get("seed", 0)),
        versions_from(data.get("versions", {})),
    )


def versions_from(data: object) -> dict[str, str]:
    """The versions in a file: a small mapping of texts.

    Raises:
        ProgramError: it is something else.
    """
    texts = isinstance(data, dict) and all(isinstance(item, str) for item in (*data, *data.values()))
    if not texts or len(data) > MOST_VERSIONS:  # type: ignore[arg-type]  # it is a mapping
        raise ProgramError(f"versions is a mapping of at most {MOST_VERSIONS} texts")
    return dict(data)  # type: ignore[call-overload,no-any-return]  # the same


def _signature(data: object) -> tuple[str, str]:
    if not isinstance(data, dict):
        raise ProgramError("signature has requirement and phase")
    return _text(data, "requirement"), _text(data, "phase")


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise ProgramError(f"{key} is a text")
    return value


def _seed(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProgramError("seed is a whole number")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def save(path: Path, saved: Saved) -> None:
    """Write a program to a file.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(dumps(saved), encoding="utf-8")


def load(path: Path) -> Saved:
    """Read a program from a file.

    Raises:
        ProgramError: see :func:`loads`, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return loads(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise ProgramError(f"{path}: {error.strerror}") from None


async def run_saved(
    path: Path, open_backend: OpenBackend, device_id: str | None = None, *, deadline: float = DEADLINE_S
) -> Replayed:
    """Run a saved program, on its own device or another.

    Raises:
        ProgramError: see :func:`load`.
    """
    saved = load(path)
    failure = await execute(
        saved.program, open_backend, device_id or saved.device, rules=Rules(deadline), seed=saved.seed
    )
    return Replayed(saved, failure)


__all__ = [
    "MAX_BYTES",
    "MAX_COMMANDS",
    "ProgramError",
    "Replayed",
    "Saved",
    "dumps",
    "load",
    "loads",
    "run_saved",
    "save",
    "saved_from",
]
