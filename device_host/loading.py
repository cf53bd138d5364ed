"""In a worker: from ``module:name`` to a driver, with every way in which that fails as a typed error. Standard library only."""

from __future__ import annotations

import importlib
import sys

from device_host.messages import as_device_error, check_revision
from device_protocol.codes import Code
from device_protocol.driver import Driver, as_driver
from device_protocol.errors import DeviceError, Phase


def load_driver(target: str, name: str) -> Driver:
    """Import the driver and look whether it can work here.

    Args:
        target: ``module:name``.
        name: what to call it, for a factory that is no :class:`Driver`.

    Raises:
        DeviceError: INTERNAL with the traceback for a failing import, UNSUPPORTED for a driver that cannot work here or was written against a newer
            contract, NOT_FOUND for a name that the module does not have.
    """
    module_name, _, attribute = target.partition(":")
    try:
        thing: object = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a driver's import may fail in any way, and may even try to end the process
        failed = as_device_error(error, Phase.DISCOVER)
        message = f"The driver {name} cannot be imported: {type(error).__name__}: {error}"
        raise DeviceError(Code.INTERNAL, message, phase=Phase.DISCOVER, native=failed.native) from None
    for part in attribute.split("."):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            message = f"The module {module_name} has no {attribute!r}."
            raise DeviceError(Code.NOT_FOUND, message, phase=Phase.DISCOVER) from None
    try:
        driver = as_driver(thing, name)
    except (TypeError, ValueError) as error:
        raise DeviceError(Code.INTERNAL, str(error), phase=Phase.DISCOVER) from None
    check_usable(driver, name)
    return driver


def check_usable(driver: Driver, name: str) -> None:
    """Refuse a driver that cannot work here.

    Raises:
        DeviceError: UNSUPPORTED, and why.
    """
    check_revision(driver.revision, f"The driver {name}")
    if driver.platforms and sys.platform not in driver.platforms:
        where = ", ".join(driver.platforms)
        raise DeviceError(
            Code.UNSUPPORTED, f"The driver {name} works on {where}, not on {sys.platform}.", phase=Phase.DISCOVER
        )
    why = driver.unusable()
    if why is not None:
        raise DeviceError(Code.UNSUPPORTED, f"The driver {name} cannot be used here: {why}", phase=Phase.DISCOVER)
