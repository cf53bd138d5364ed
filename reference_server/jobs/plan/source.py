"""Which source: glass, feeder, or both sides (rest-api.md 5.2 ``IfFeederEnabled`` and ``IfDuplexEnabled``)."""

from __future__ import annotations

from collections.abc import Mapping

from device_protocol import SourceCaps, SourceKind
from reference_server.jobs.plan.parts import Note, Present
from reference_server.jobs.wishes import Wish


def choose_source(wanted: Mapping[str, Wish], present: Present, notes: list[Note]) -> SourceCaps:
    """The source that comes nearest: feeder first with the glass as fallback; duplex is ignored by simplex devices."""
    caps, usual = present.caps, present.source
    feeder, duplex = wanted.get("iffeederenabled"), wanted.get("ifduplexenabled")
    wants_duplex = duplex is not None and bool(duplex.value)
    wants_feeder = bool(feeder.value) if feeder is not None else (wants_duplex or usual.kind.feeds)
    if feeder is None and duplex is None:
        return usual
    if not wants_feeder:
        found = caps.first(SourceKind.FLATBED, SourceKind.CAMERA) or usual
        if feeder is not None and found.kind.feeds:
            notes.append(Note(feeder, found.name))
        return found
    if duplex is None:
        wants_duplex = usual.kind is SourceKind.FEEDER_DUPLEX
    kinds = (SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    found = caps.first(*(reversed(kinds) if wants_duplex else kinds)) or caps.first(SourceKind.FLATBED) or usual
    if feeder is not None and not found.kind.feeds:
        notes.append(Note(feeder, found.name))
    if duplex is not None and wants_duplex is not (found.kind is SourceKind.FEEDER_DUPLEX):
        notes.append(Note(duplex, found.name))
    return found
