"""What is said about a setting that cannot be used."""

from __future__ import annotations


class SettingsError(ValueError):
    """A setting, or the file that holds it, cannot be used.

    Attributes:
        where: the file, ``FLATBED_...`` variable or flag that says so.
        line: from 1; None where no line is to blame.
        key: of the setting; empty where the whole file is meant.
        why: a sentence without its subject, as in "must be true or false".
    """

    def __init__(self, why: str, *, where: str, line: int | None = None, key: str = "") -> None:
        place = where if line is None else f"{where}:{line}"
        super().__init__(f"{place}: {key} {why}" if key else f"{place} {why}")
        self.where = where
        self.line = line
        self.key = key
        self.why = why
