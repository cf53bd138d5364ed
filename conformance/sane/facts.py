"""What first contact tells of a back end: all that a gate may look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.sane.model import Device, Option
from device_protocol.capabilities import SourceKind
from device_protocol.vocabularies.sane import SOURCES


@dataclass(frozen=True, slots=True)
class SaneFacts:
    """A device as it was opened for the first time.

    Attributes:
        device: its entry in the list; None if the list has it not.
        options: its descriptors.
        name: as it was opened.
    """

    device: Device | None
    options: tuple[Option, ...]
    name: str = ""

    def settable(self) -> Iterator[Option]:
        """The options that can be set now."""
        return (option for option in self.options if option.settable and option.index)

    def feeders(self) -> tuple[str, ...]:
        """The values of ``source`` that feed paper."""
        source = next((option for option in self.options if option.name == "source"), None)
        return tuple(text for text in source.constraint.texts if feeds(text)) if source is not None else ()


def feeds(source: str) -> bool:
    """Whether a value of ``source`` means a feeder."""
    lower = source.lower()
    kind = next((kind for word, kind in SOURCES if word in lower), None)
    return kind in {SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX}
