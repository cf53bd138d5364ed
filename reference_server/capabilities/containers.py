"""The four containers as JSON (rest-api.md 5.3). Both default names are always there (D-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from device_protocol import Area
from device_protocol.vocabularies.twain import Container, ItemType

GET_ONLY = ("get", "getcurrent", "getdefault")
GET_SET = ("get", "set", "reset", "getcurrent", "getdefault")

Json: TypeAlias = dict[str, Any]
Labels: TypeAlias = Mapping[int, str]


def one(
    item: ItemType, value: Any, default: Any = None, *, labels: Labels | None = None, settable: bool = False
) -> Json:
    """TWON_ONEVALUE; without *default* the value is that too."""
    usual = _labelled(value if default is None else default, labels)
    return _head(Container.TWON_ONEVALUE, item) | {
        "curValue": _labelled(value, labels),
        "defaultValue": usual,
        "defValue": usual,
        "query": list(GET_SET if settable else GET_ONLY),
    }


def flag(value: bool, default: bool | None = None, *, settable: bool = False) -> Json:
    """TWON_ONEVALUE of TWTY_BOOL, as 0 or 1."""
    return one(ItemType.TWTY_BOOL, int(value), None if default is None else int(default), settable=settable)


def enumeration(
    item: ItemType, values: Sequence[Any], current: Any, default: Any, labels: Labels | None = None
) -> Json:
    """TWON_ENUMERATION; a current value that is not among *values* is shown as the first."""
    index = values.index(current) if current in values else 0
    usual = values.index(default) if default in values else index
    shown = [_labelled(value, labels) for value in values]
    return _head(Container.TWON_ENUMERATION, item) | {
        "curIndex": index,
        "curValue": shown[index],
        "defIndex": usual,
        "defaultValue": shown[usual],
        "defValue": shown[usual],
        "enums": shown,
        "query": list(GET_SET),
    }


def span(low: float, high: float, step: float, current: float, default: float) -> Json:
    """TWON_RANGE of TWTY_FIX32."""
    return _head(Container.TWON_RANGE, ItemType.TWTY_FIX32) | {
        "minValue": low,
        "maxValue": high,
        "stepSize": step,
        "curValue": current,
        "defaultValue": default,
        "defValue": default,
        "query": list(GET_SET),
    }


def array(values: Sequence[int], *, labels: Labels | None = None, settable: bool = False) -> Json:
    """TWON_ARRAY of TWTY_UINT16, which has neither current nor default value."""
    return _head(Container.TWON_ARRAY, ItemType.TWTY_UINT16) | {
        "values": [_labelled(value, labels) for value in values],
        "query": ["get", "set", "reset"] if settable else ["get"],
    }


def frame(area: Area, scale: tuple[float, float]) -> Json:
    """TW_FRAME: *area* in units of *scale* mm, across and along."""
    across, along = scale
    return {
        "left": round(area.left / across, 4),
        "top": round(area.top / along, 4),
        "right": round(area.right / across, 4),
        "bottom": round(area.bottom / along, 4),
    }


def _head(container: Container, item: ItemType) -> Json:
    return {
        "conType": {"value": container.value, "label": container.name},
        "valueType": {"value": item.value, "label": item.name},
    }


def _labelled(value: Any, labels: Labels | None) -> Any:
    return value if labels is None else {"value": value, "label": labels.get(value, str(value))}
