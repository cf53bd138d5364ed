"""Which device names may reach sane_open.

libsane's dll layer (1.2.1, read) takes the part before the first colon as a back end's name and acts on it: an unknown
one is loaded as a shared library from a path made of it, `fakeusb...` replays a file and `fakeusbout` writes one, an
empty one and a name without a device part open *the first device there is*, and names of network back ends carry the
address to connect to. Ids come from clients of a service, so a name that libsane has not listed itself is held to more.
"""

from __future__ import annotations

import re
from typing import Final

_LOCAL_NAME: Final = re.compile(r"(?P<backend>[a-z][a-z0-9_-]*):(?P<device>.+)", re.DOTALL)
_TESTING: Final = frozenset({"fakeusb", "fakeusbdev", "fakeusbout"})
NETWORK_BACKENDS: Final = frozenset(
    {"net", "airscan", "escl", "dell1600n_net", "kodakaio", "bjnp", "saned", "pixma", "epson2", "epsonds", "magicolor"}
)
"""Their names can carry a host; so they are opened only as listed."""


def backend_of(name: str) -> str:
    """The back end's part of a device name; the whole name if there is no colon."""
    return name.partition(":")[0]


def openable_unlisted(name: str) -> bool:
    """Whether a name that libsane has not listed in this process may be opened: harmless, local, and of one device."""
    match = _LOCAL_NAME.fullmatch(name)
    if match is None or "\0" in name:
        return False
    backend, device = match["backend"], match["device"]
    return backend not in _TESTING and backend not in NETWORK_BACKENDS and "://" not in device


def transport_of(name: str) -> str:
    """How the device is reached, as far as its name tells: `virtual`, `usb`, `net`, or nothing."""
    backend = backend_of(name)
    if backend == "test":
        return "virtual"
    if "libusb:" in name or ":usb" in name.lower():
        return "usb"
    return "net" if backend in {"net", "airscan", "escl", "dell1600n_net"} or "://" in name else ""
