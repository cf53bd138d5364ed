"""Feeder, sides, and what happens to sheets."""

from __future__ import annotations

from collections.abc import Callable

from device_protocol import FeederState, SourceKind, ValueType
from device_protocol.vocabularies.twain import (
    DISCARD_LABELS,
    DISCARD_OFF,
    DOUBLE_FEED_LABELS,
    DUPLEX_LABELS,
    FEEDER_TYPE_LABELS,
    LETS_PASS,
    OPTION_NAMES,
    ItemType,
)
from reference_server.capabilities.containers import Json, array, enumeration, flag, one
from reference_server.capabilities.view import View

Maker = Callable[[View], Json | None]


def if_feeder(make: Callable[[View], Json]) -> Maker:
    """Only for devices that have one."""
    return lambda view: make(view) if any(source.kind.feeds for source in view.opened.caps.sources) else None


def count(view: View) -> Json:
    """CAP_XFERCOUNT: -1 is all."""
    return one(ItemType.TWTY_INT16, view.opened.plan.count, -1, settable=True)


def feeder_enabled(view: View) -> Json:
    """CAP_FEEDERENABLED."""
    default = view.opened.caps.source()
    return flag(view.source.kind.feeds, default is not None and default.kind.feeds, settable=True)


def feeder_loaded(view: View) -> Json:
    """CAP_FEEDERLOADED: what the sensor says now."""
    return flag(view.feeder is FeederState.LOADED)


def feeder_type(_view: View) -> Json:
    """ICAP_FEEDERTYPE."""
    return one(ItemType.TWTY_UINT16, 0, labels=FEEDER_TYPE_LABELS)


def auto_feed(view: View) -> Json:
    """CAP_AUTOFEED: whether the sheets after the first come by themselves."""
    return flag(view.source.kind.feeds and view.opened.plan.auto_feed, default=True, settable=True)


def auto_scan(view: View) -> Json:
    """CAP_AUTOSCAN: whether the machine feeds ahead of the reader. It does or it does not, and says so."""
    return flag(bool(view.opened.caps.scan_ahead), settable=True)


def paper_detectable(view: View) -> Json:
    """CAP_PAPERDETECTABLE."""
    return flag(any(source.paper_detectable for source in view.opened.caps.sources))


def duplex(view: View) -> Json:
    """CAP_DUPLEX; how many passes a device needs no device says, so it is one."""
    both = any(source.kind is SourceKind.FEEDER_DUPLEX for source in view.opened.caps.sources)
    return one(ItemType.TWTY_UINT16, int(both), labels=DUPLEX_LABELS)


def duplex_enabled(view: View) -> Json:
    """CAP_DUPLEXENABLED."""
    default = view.opened.caps.source()
    usual = default is not None and default.kind is SourceKind.FEEDER_DUPLEX
    return flag(view.source.kind is SourceKind.FEEDER_DUPLEX, usual, settable=True)


def switch(key: str) -> Maker:
    """A boolean option of the device."""

    def make(view: View) -> Json | None:
        option = view.option(OPTION_NAMES[key])
        if option is None or option.type is not ValueType.BOOL or option.name not in view.values:
            return None
        return flag(bool(view.values[option.name]), bool(option.default), settable=option.writable)

    return make


def discard_blank(view: View) -> Json | None:
    """ICAP_AUTODISCARDBLANKPAGES, from an option that is a boolean, or a percentage with 0 for off."""
    option = view.option(OPTION_NAMES["autodiscardblankpages"])
    if option is None or not option.writable or option.name not in view.values:
        return None
    values = list(DISCARD_LABELS)
    now, usual = (values[bool(value)] for value in (view.values[option.name], option.default))
    assert values[0] == DISCARD_OFF
    return enumeration(ItemType.TWTY_INT32, values, now, usual, DISCARD_LABELS)


def double_feed(view: View) -> Json | None:
    """CAP_DOUBLEFEEDDETECTION: the detectors that are on."""
    option = view.option(OPTION_NAMES["doublefeeddetection"])
    if option is None or not option.writable or not option.accepts(LETS_PASS):
        return None
    on = view.values.get(option.name) != LETS_PASS
    return array(list(DOUBLE_FEED_LABELS) if on else [], labels=DOUBLE_FEED_LABELS, settable=True)
