"""mDNS: scanners announced by python-zeroconf, which has an event loop and a thread of its own.

TXT keys: sane-escl 3.7 (``rs`` and ``ty`` are what sane-airscan reads, ``duplex`` and ``UUID`` what others do), Mopria eSCL 2.97 (``is``, ``cs``, ``pdl``).
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trio

from device_protocol import Colour, DeviceCaps, SourceKind
from device_protocol.vocabularies.escl import VERSION
from simulators.escl.identity import Identity

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncZeroconf

PLAIN, SECURE = "_uscan._tcp.local.", "_uscans._tcp.local."
LONGEST_LABEL = 63
"""Bytes of an instance name (RFC 6763 4.1.1)."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One service.

    Attributes:
        instance: its name for people; unique.
        kind: PLAIN or SECURE.
        port: where it answers.
        text: TXT record.
    """

    instance: str
    kind: str
    port: int
    text: dict[str, str]


def announcement(
    identity: Identity, caps: DeviceCaps, *, port: int, root: str, secure: bool, taken: bool
) -> Announcement:
    """The announcement of a scanner.

    Args:
        identity: of the scanner.
        caps: what it declares.
        port: of the door.
        root: path of its resources, without slashes at the ends.
        secure: by TLS.
        taken: whether others have the same name, so that the serial number is needed too.
    """
    duplex = caps.first(SourceKind.FEEDER_DUPLEX) is not None
    feeds = duplex or caps.first(SourceKind.FEEDER) is not None
    sources = ["platen"] * (caps.first(SourceKind.FLATBED) is not None) + ["adf"] * feeds
    colours = {mode.colour for source in caps.sources for mode in source.modes}
    spoken = {Colour.LINEART: "binary", Colour.GRAY: "grayscale", Colour.COLOR: "color"}
    name = identity.make_and_model
    return Announcement(
        instance=_label(f"{name} {identity.serial}" if taken else name),
        kind=SECURE if secure else PLAIN,
        port=port,
        text={
            "txtvers": "1",
            "ty": name,
            "rs": root,
            "vers": VERSION,
            "uuid": identity.uuid,
            "UUID": identity.uuid,
            "is": ",".join(sources),
            "cs": ",".join(word for colour, word in spoken.items() if colour in colours),
            "pdl": ",".join(identity.formats),
            "duplex": "T" if duplex else "F",
            "note": identity.note,
            "mopria-certified-scan": "1.3",
        },
    )


def announcements(
    scanners: Iterable[tuple[Identity, DeviceCaps]], *, port: int, root: str, secure: bool
) -> list[Announcement]:
    """The announcements of all scanners of a door, whose resources are below ``NAME/root``."""
    known = list(scanners)
    names = Counter(identity.make_and_model for identity, _ in known)
    return [
        announcement(
            identity,
            caps,
            port=port,
            root=f"{identity.name}/{root}",
            secure=secure,
            taken=names[identity.make_and_model] > 1,
        )
        for identity, caps in known
    ]


def interfaces_of(bind: str) -> tuple[str, ...]:
    """The addresses on which a door that is bound to *bind* can be announced: that one, or of the wildcard all IPv4 addresses of this machine."""
    if bind != "0.0.0.0":  # noqa: S104  # compared, not bound
        return (bind,)
    import ifaddr  # noqa: PLC0415  # comes with zeroconf, and is needed only here

    return tuple(str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4)


@asynccontextmanager
async def announced(entries: Sequence[Announcement], interfaces: Iterable[str]) -> AsyncIterator[None]:
    """Announce *entries* on the interfaces with these addresses, for the length of the block.

    Raises:
        OSError: an interface cannot be used.
    """
    if not entries:
        yield
        return
    worker = _Loop(list(interfaces))
    await trio.to_thread.run_sync(worker.start)
    try:
        await trio.to_thread.run_sync(worker.register, entries)
        yield
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(worker.stop)


class _Loop:
    """zeroconf with its loop in a thread; every method is called from some other thread and waits."""

    def __init__(self, interfaces: list[str]) -> None:
        self._interfaces = interfaces
        self._zeroconf: AsyncZeroconf | None = None
        self._loop: Any = None
        self._thread: Any = None

    def start(self) -> None:
        import asyncio  # noqa: PLC0415  # asyncio and zeroconf only if something is announced
        import threading  # noqa: PLC0415  # the same

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mdns", daemon=True)
        self._thread.start()
        self._zeroconf = self._do(self._open())

    async def _open(self) -> AsyncZeroconf:
        from zeroconf import IPVersion  # noqa: PLC0415  # see start
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415  # the same

        return AsyncZeroconf(interfaces=self._interfaces, ip_version=IPVersion.V4Only)

    def register(self, entries: Sequence[Announcement]) -> None:
        self._do(self._register(entries))

    async def _register(self, entries: Sequence[Announcement]) -> None:
        import asyncio  # noqa: PLC0415  # see start

        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415  # the same

        assert self._zeroconf is not None
        host = f"flatbed-{socket.gethostname().partition('.')[0]}.local."
        infos = [
            AsyncServiceInfo(
                entry.kind,
                f"{entry.instance}.{entry.kind}",
                port=entry.port,
                properties=entry.text,
                server=host,
                addresses=[socket.inet_aton(address) for address in self._interfaces],
            )
            for entry in entries
        ]
        zeroconf = self._zeroconf  # all probe at once: each needs a second of waiting by the protocol
        said = await asyncio.gather(*(zeroconf.async_register_service(info, allow_name_change=True) for info in infos))
        await asyncio.gather(*said)

    def stop(self) -> None:
        if self._zeroconf is not None:
            self._do(self._zeroconf.async_unregister_all_services())
            self._do(self._zeroconf.async_close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        import asyncio  # noqa: PLC0415  # see start

        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _label(text: str) -> str:
    """*text* as an instance name: without dots, and not too long."""
    clean = text.replace(".", " ").strip() or "scanner"
    return clean.encode()[:LONGEST_LABEL].decode(errors="ignore").strip()
