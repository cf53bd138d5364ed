"""What a driver's entry point gives: a :class:`Driver`.

An entry point of the group ``flatbed.drivers`` is called by its driver id and points to ``module:name``, where *name* is a :class:`Driver`, or a class or
function that makes a backend and has an attribute ``form``. Its module is imported only where the driver runs (a worker, as a rule), so importing it may
be slow, but must not open devices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from device_protocol.revision import CONTRACT_REVISION

ENTRY_POINT_GROUP = "flatbed.drivers"


class Form(StrEnum):
    """The two forms of the contract: async and structured, or blocking with a main loop of its own."""

    TRIO = "trio"
    BLOCKING = "blocking"


def always_usable() -> str | None:
    """The answer of a driver that works wherever it can be imported."""
    return None


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver as the host sees it.

    Attributes:
        name: for people; the id under which it is reached is the entry point's.
        form: which interface the factory's product has.
        factory: takes the configuration (plain data). TRIO: gives an async context manager whose value is a ``device_protocol.aio.Backend``.
            BLOCKING: gives a ``device_protocol.blocking.BlockingBackend``.
        version: of the driver.
        revision: of the contract it was written against.
        resident: its devices outlive sessions and workers (a lab of virtual machines). The host keeps one resident process of the driver, for
            discovery and control, made with ``config["resident"] = {"listen": PATH}`` (a Unix socket to be served by the driver); the factory
            in each worker that runs a session gets ``config["resident"] = {"connect": PATH}``. In-process and single-worker use has no such key.
        platforms: values of ``sys.platform`` on which it can work; empty: all.
        unusable: says why the driver cannot work here, or gives None.
    """

    name: str
    form: Form
    factory: Callable[[Mapping[str, Any]], Any]
    version: str = "0"
    revision: int = CONTRACT_REVISION
    resident: bool = False
    platforms: tuple[str, ...] = ()
    unusable: Callable[[], str | None] = always_usable


def as_driver(thing: object, name: str) -> Driver:
    """Take what ``module:name`` pointed to: a Driver, or a factory with an attribute ``form`` (a class that nobody installed).

    Raises:
        TypeError: it is neither.
    """
    if isinstance(thing, Driver):
        return thing
    form = getattr(thing, "form", None)
    if callable(thing) and form is not None:
        return Driver(name=name, form=Form(form), factory=thing, version=str(getattr(thing, "version", "0")))
    raise TypeError(
        f"{name}: neither a device_protocol.Driver nor a factory with form = 'trio' or 'blocking', but {type(thing).__name__}"
    )
