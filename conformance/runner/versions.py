"""Versions: of everything that a failure may depend on, for replay files."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping

from conformance.requirements import REVISION
from device_protocol.driver import ENTRY_POINT_GROUP
from device_protocol.revision import CONTRACT_REVISION


def versions_of(driver: str) -> dict[str, str]:
    """Names and versions: ours, the interpreter's, trio's, and of the distribution that *driver* comes from, if one does."""
    found = {
        "flatbed": _version("flatbed"),
        "revision": str(REVISION),
        "contract": str(CONTRACT_REVISION),
        "python": platform.python_version(),
        "trio": _version("trio"),
    }
    distribution = _distribution(driver)
    return found | ({f"driver {distribution}": _version(distribution)} if distribution else {})


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What has another version now, with both."""
    names = [name for name in then if name in now and then[name] != now[name]]
    return {name: (then[name], now[name]) for name in names}


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _distribution(driver: str) -> str:
    """The distribution that has registered the entry point *driver*; empty for a module that nobody installed."""
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        if point.name == driver and point.dist is not None:
            return point.dist.name
    return ""
