"""Baselines: failures of somebody else's device that are known, each with its reason.

A file is TOML, schema 1::

    schema = 1
    drivers = ["sanelab", "sane"]      # entry points it is for; "service", "escl" or "sane-api" for what is no driver
    models = ["Noname frontend-tester"]  # shell patterns on "MAKER MODEL"

    [[known]]
    requirement = "SCAN-01"
    reason = "why it fails, and since when"
    evidence = "a regular expression that must be found in the evidence"
    trace = "the commands that show it"

A failure that an entry describes is KNOWN; any other failure of the same requirement still fails; an entry whose requirement passes is STALE and fails.
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.requirements import EVERY
from conformance.runner.targets import UsageError
from conformance.verdicts import Judgement, Verdict

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Known:
    """One failure that is known."""

    requirement: str
    reason: str
    evidence: str
    trace: str = ""

    def describes(self, judgement: Judgement) -> bool:
        """Whether *judgement* is this failure."""
        return judgement.id == self.requirement and re.search(self.evidence, judgement.evidence) is not None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The failures of a device that are known."""

    name: str
    entries: tuple[Known, ...]
    drivers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    def fits(self, driver: str, model: str) -> bool:
        """Whether it is for that device; *driver* is the entry point, or the subject where there is none (``escl``), *model* says ``MAKER MODEL``."""
        return driver in self.drivers and any(fnmatch.fnmatchcase(model, pattern) for pattern in self.models)

    def apply(self, judgement: Judgement) -> Judgement:
        """*judgement* in the light of what is known."""
        mine = [entry for entry in self.entries if entry.requirement == judgement.id]
        if not mine:
            return judgement
        if judgement.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE}:
            for entry in mine:
                if entry.describes(judgement):
                    return replace(
                        judgement, verdict=Verdict.KNOWN, evidence=f"{judgement.evidence} (known: {entry.reason})"
                    )
            return judgement
        if judgement.verdict is Verdict.PASS:
            return replace(
                judgement,
                verdict=Verdict.STALE,
                evidence=f"the baseline {self.name} lists it as broken ({mine[0].reason}), and it passed: remove the entry",
                signature=f"{judgement.id}/stale",
            )
        return judgement


def load_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        UsageError: it cannot be read, or is not one.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise UsageError(f"{path}: larger than {MAX_BYTES} bytes")
        data = tomllib.loads(text.decode())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    if data.get("schema") != 1:
        raise UsageError(f"{path}: schema {data.get('schema')!r}; this version reads schema 1")
    entries = data.get("known", [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: known must be a list of tables ([[known]])")
    return Baseline(
        path.stem,
        tuple(_entry(item, f"{path}: entry {number}") for number, item in enumerate(entries, 1)),
        _texts(data, "drivers", path),
        _texts(data, "models", path),
    )


def pick_baseline(folder: Path, driver: str, model: str) -> Path | None:
    """The baseline in *folder* for a device, or None.

    Raises:
        UsageError: one cannot be read, or two are for it.
    """
    fitting = [path for path in sorted(folder.glob("*.toml")) if load_baseline(path).fits(driver, model)]
    if len(fitting) > 1:
        raise UsageError(f"two baselines are for {driver} {model}: {', '.join(path.name for path in fitting)}")
    return fitting[0] if fitting else None


def _texts(data: dict[str, Any], key: str, path: Path) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{path}: {key} must be a list of texts")
    return tuple(value)


def _entry(item: object, where: str) -> Known:
    if not isinstance(item, dict):
        raise UsageError(f"{where}: must be a table")
    surplus = sorted(set(item) - {"requirement", "reason", "evidence", "trace"})
    if surplus:
        raise UsageError(f"{where}: unknown key {surplus[0]!r}")
    values = {key: item.get(key, "") for key in ("requirement", "reason", "evidence", "trace")}
    if not all(isinstance(value, str) for value in values.values()):
        raise UsageError(f"{where}: all values are texts")
    entry = Known(**values)
    if entry.requirement not in EVERY:
        raise UsageError(f"{where}: there is no requirement {entry.requirement!r}")
    missing = [key for key in ("reason", "evidence", "trace") if not values[key].strip()]
    if missing:
        raise UsageError(f"{where} ({entry.requirement}): needs {', '.join(missing)}")
    try:
        re.compile(entry.evidence)
    except re.error as error:
        raise UsageError(f"{where}: evidence is no regular expression: {error}") from None
    return entry
