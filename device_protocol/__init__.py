"""The contract: what a scanner or camera is, says and may do.

For whom: authors of drivers, hosts, services and checks. Start with :mod:`device_protocol.states` (the state table), :mod:`device_protocol.codes` (the 21
error codes) and one of the two forms, :mod:`device_protocol.aio` (trio) or :mod:`device_protocol.blocking`.

What may come in: types, states, errors, value checks, vocabularies of foreign systems (names and numbers as data), guards and test helpers that need
nothing but the contract. What may not: anything that runs a device, a process or a socket, and any other room of this project. Outside ``.aio`` and
``.testing`` the standard library is enough, so that a worker in a foreign interpreter starts fast.
"""

from device_protocol.capabilities import (
    RAW,
    Colour,
    DeviceCaps,
    EarlyEnd,
    FrameMode,
    Mode,
    OptionPolicy,
    ReportPoint,
    SourceCaps,
    SourceKind,
    find_mode,
)
from device_protocol.codes import FACTS, Code
from device_protocol.constraints import Choice, Flags, Pattern, Range
from device_protocol.control import ControlCaps, Fault, FaultKind, Recovery, When
from device_protocol.delivery import JPEG, NATIVE, PNG, Delivery, Encode
from device_protocol.devices import DeviceChange, DeviceInfo, DeviceKind, DeviceList, TransportFailure, split_id
from device_protocol.driver import ENTRY_POINT_GROUP, Driver, Form
from device_protocol.errors import DeviceError, NativeError, Phase
from device_protocol.options import Access, ApplyResult, Option, SetResult
from device_protocol.pages import ByteOrder, PageEnd, PageInfo, PageParams, Polarity, Side
from device_protocol.revision import CONTRACT_REVISION
from device_protocol.settings import ALL, Area, Settings
from device_protocol.states import JobState, SessionState
from device_protocol.status import Event, EventKind, FeederState, JobStatus, Status
from device_protocol.values import AUTO, Auto, Unit, Value, ValueType

__all__ = [
    "ALL",
    "AUTO",
    "CONTRACT_REVISION",
    "ENTRY_POINT_GROUP",
    "FACTS",
    "JPEG",
    "NATIVE",
    "PNG",
    "RAW",
    "Access",
    "ApplyResult",
    "Area",
    "Auto",
    "ByteOrder",
    "Choice",
    "Code",
    "Colour",
    "ControlCaps",
    "Delivery",
    "DeviceCaps",
    "DeviceChange",
    "DeviceError",
    "DeviceInfo",
    "DeviceKind",
    "DeviceList",
    "Driver",
    "EarlyEnd",
    "Encode",
    "Event",
    "EventKind",
    "Fault",
    "FaultKind",
    "FeederState",
    "Flags",
    "Form",
    "FrameMode",
    "JobState",
    "JobStatus",
    "Mode",
    "NativeError",
    "Option",
    "OptionPolicy",
    "PageEnd",
    "PageInfo",
    "PageParams",
    "Pattern",
    "Phase",
    "Polarity",
    "Range",
    "Recovery",
    "ReportPoint",
    "SessionState",
    "SetResult",
    "Settings",
    "Side",
    "SourceCaps",
    "SourceKind",
    "Status",
    "TransportFailure",
    "Unit",
    "Value",
    "ValueType",
    "When",
    "find_mode",
    "split_id",
]
