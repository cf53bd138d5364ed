"""The bench: what a check has in its hands."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace

import trio

from conformance.bench.budget import Budget
from conformance.bench.limits import Limits
from conformance.bench.log import Log
from conformance.bench.media import Media
from conformance.bench.proxies import BenchBackend, BenchSession, Wire
from conformance.bench.scans import Scan, ScannedPage, ScanSpec, run_scan
from conformance.outcomes import Broken, DeviceCrashed, EndlessPage, NotApplicable, Untestable
from conformance.requirements.model import Facts, Requirement
from device_protocol import (
    Code,
    Colour,
    ControlCaps,
    DeviceCaps,
    DeviceError,
    OptionPolicy,
    Settings,
    SourceCaps,
    SourceKind,
    Value,
    find_mode,
)
from device_protocol.aio import Backend
from device_protocol.options import AREA_NAMES
from device_protocol.settings import Area

OpenBackend = Callable[[], AbstractAsyncContextManager[Backend]]

LOW_DPI = 75
SMALL_MM = (60.0, 60.0)
"""A corner that is quick to scan and holds one whole mark of a virtual sheet, which can be read at LOW_DPI."""

PICTURE = ("test-picture", "Color pattern")
"""SANE's test back end draws solid black unless it is asked for something in which errors can be seen."""


SLOWLY = (("read-delay", True), ("read-delay-duration", 20_000))
"""SANE's test back end gives its bytes slowly when it is told so (in us for each of its buffers of 8 KiB or so)."""


class Bench:
    """One check's view of the device under test.

    Attributes:
        backend: every verb logged and limited.
        device_id: native id.
        facts: what the device declares: info, caps, options as they were right after open, control.
        media: paper and faults.
        requirement: the one under check.
        random: seeded by the run's seed and the requirement's id.
    """

    def __init__(
        self,
        open_backend: OpenBackend,
        backend: Backend,
        device_id: str,
        facts: Facts,
        requirement: Requirement,
        *,
        log: Log,
        budget: Budget,
        limits: Limits,
        shared: dict[ScanSpec, Scan] | None = None,
        seed: int = 0,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._open_backend = open_backend
        self._wire = Wire(log, limits)
        self._raw = backend
        self._shared: dict[ScanSpec, Scan] = {} if shared is None else shared
        self.backend = BenchBackend(self._wire, backend)
        self.device_id = device_id
        self.facts = facts
        self.media = Media(self.backend, device_id, facts, budget)
        self.requirement = requirement
        self.random = random.Random(f"{seed}/{requirement.id}")  # noqa: S311  # reproducible choices, no secrets
        self.budget = budget
        self.limits = limits
        self.note = note
        self._companions: list[Bench] = []

    # -- what the device says of itself ---------------------------------------------------------------------------

    @property
    def caps(self) -> DeviceCaps:
        """The capabilities that the device declares."""
        return self.facts.caps

    @property
    def hung(self) -> bool:
        """Whether a verb did not come back; the backend is of no more use then."""
        return self._wire.hung

    def source(self, *kinds: SourceKind) -> SourceCaps:
        """The first source of the first of *kinds*; without kinds the one that costs least paper.

        Raises:
            NotApplicable: there is none.
        """
        wanted = kinds or (SourceKind.FLATBED, SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX, SourceKind.VENDOR)
        source = self.caps.first(*wanted)
        if source is None:
            raise NotApplicable("caps.sources: none is " + " or ".join(kind.value for kind in wanted))
        return source

    def feeder(self) -> SourceCaps:
        """A source that feeds, simplex if there is a choice."""
        return self.source(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)

    def settings(
        self,
        source: SourceCaps | None = None,
        *,
        colour: Colour | None = None,
        mode: str | None = None,
        depth: int | None = None,
        dpi: float = LOW_DPI,
        area: Area | None = None,
        full: bool = False,
    ) -> Settings:
        """Settings of a small, quick scan; what is named is as named.

        Args:
            source: default: see :meth:`source`.
            colour: default: grey.
            mode: instead of *colour*.
            depth: default: 8 bits, or what is nearest.
            dpi: the nearest that the source has.
            area: default: a corner of SMALL_MM, if the area can be set at all.
            full: the whole area instead.
        """
        source = source or self.source()
        if not source.modes:
            raise Untestable(f"source {source.name} declares no mode (CAPS-06)")
        if mode is None:
            found = find_mode(source, colour, depth) if colour else find_mode(source, Colour.GRAY, depth)
            if found is None:
                first = source.modes[0]
                found = first, depth or min(first.depths, key=lambda bits: abs(bits - 8))
            mode, depth = found[0].value, found[1]
        if area is None:
            width, height = SMALL_MM
            area = Area(0, 0, min(width, source.width_mm), min(height, source.height_mm))
            if full:
                area = Area(0, 0, source.width_mm, source.height_mm)
        names = {option.name for option in self.facts.options}
        return Settings(
            source=source.name if "source" in names or len(self.caps.sources) > 1 else None,
            mode=mode if "mode" in names else None,
            depth=depth if "depth" in names else None,
            resolution=source.resolutions.nearest(dpi),
            area=area if set(AREA_NAMES) <= names else None,
            extra=(PICTURE,) if self._has_picture() else (),
        )

    def _has_picture(self) -> bool:
        name, value = PICTURE
        return any(option.name == name and option.accepts(value) for option in self.facts.options)

    def slowed(self, settings: Settings) -> Settings | None:
        """The same scan, but such that it takes a while by itself; None if the device has no option for that."""
        names = {option.name for option in self.facts.options}
        if not {name for name, _ in SLOWLY} <= names:
            return None
        return replace(settings, extra=(*settings.extra, *SLOWLY))

    # -- sessions and scans ----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def session(self) -> AsyncIterator[BenchSession]:
        """An open session; closed afterwards, with the values that it found where the device remembers them."""
        session = await self.backend.open(self.device_id)
        before: dict[str, Value] = {}
        if self.caps.option_policy is OptionPolicy.REMEMBERED:
            before = await self.values(session)
        try:
            yield session
        finally:
            with trio.CancelScope(shield=True):
                if before and not session.closed:
                    await self._restore(session, before)
                if not session.closed:
                    await self._close_quietly(session)

    @asynccontextmanager
    async def other_backend(self) -> AsyncIterator[BenchBackend]:
        """One more backend of the same driver, as another program would have it."""
        async with self._open_backend() as backend:
            yield BenchBackend(self._wire, backend)

    async def companion(self, device_id: str) -> Bench:
        """The same for another device of the backend.

        Raises:
            DeviceError: it does not open.
        """
        session = await self.backend.open(device_id)
        caps, options = await session.caps(), await session.options()
        await session.close()
        listed = (await self.backend.devices()).devices
        info = next((item for item in listed if item.id == device_id), self.facts.info)
        bench = Bench(
            self._open_backend,
            self._raw,
            device_id,
            Facts(info, caps, options, await self._control_of(device_id)),
            self.requirement,
            log=self._wire.log,
            budget=self.budget,
            limits=self.limits,
        )
        bench.backend = self.backend
        bench.media = Media(self.backend, device_id, bench.facts, self.budget)
        self._companions.append(bench)
        return bench

    async def _control_of(self, device_id: str) -> ControlCaps | None:
        try:
            return await (await self.backend.control(device_id)).caps()
        except DeviceError:
            return None

    async def scan(self, spec: ScanSpec | Settings, *, shared: bool = True) -> Scan:
        """Scan in a session of its own; equal specs are scanned once in a run and shared.

        Raises:
            OverBudget: sheets or time are spent.
            Untestable: the scan did not come to its end.
        """
        if isinstance(spec, Settings):
            spec = ScanSpec(spec)
        if shared and spec in self._shared:
            return self._shared[spec]
        assert not self.caps.exclusive or all(session.closed for session in self.backend.sessions), (
            "a shared scan needs the device for itself"
        )
        async with self.session() as session:
            scan = await self.scan_in(session, spec)
        if shared:
            self._shared[spec] = scan
        return scan

    async def scan_in(self, session: BenchSession, spec: ScanSpec | Settings) -> Scan:
        """Scan in *session*."""
        if isinstance(spec, Settings):
            spec = ScanSpec(spec)
        await self.supply(spec)
        try:
            scan = await run_scan(session, spec)
        except EndlessPage as endless:
            raise Untestable(str(endless)) from None
        if not scan.pages:
            raise Untestable(f"a scan with {spec.settings} gave no page")
        for page in scan.pages:
            self._wire.log.see(
                f"page {page.info.number} of {spec.settings.source or 'the default source'}", page, spec.settings.area
            )
        return scan

    async def supply(self, spec: ScanSpec | Settings, sheets: int | None = None) -> None:
        """Put paper where *spec* will look for it."""
        if isinstance(spec, Settings):
            spec = ScanSpec(spec, load=sheets)
        source = self.caps.source(spec.settings.source)
        if source is None or not source.fed:
            return
        wanted = spec.load or (spec.pages if isinstance(spec.pages, int) else 1)
        await self.media.load(wanted)

    async def page(self, settings: Settings | None = None) -> ScannedPage:
        """The first page of a shared scan."""
        return (await self.scan(settings or self.settings())).page

    @staticmethod
    async def values(session: BenchSession) -> dict[str, Value]:
        """The values of all options that can be read now."""
        return {option.name: await session.get(option.name) for option in await session.options() if option.readable}

    # -- judging ---------------------------------------------------------------------------------------------------

    def broken(self, evidence: str, point: str = "") -> Broken:
        """The exception that says that the requirement is broken."""
        return Broken(self.requirement.id, evidence, point)

    def require(self, holds: object, evidence: str, point: str = "") -> None:
        """Break the requirement unless *holds*."""
        if not holds:
            raise self.broken(evidence, point)

    @contextmanager
    def refuses(self, what: str, *codes: Code) -> Iterator[list[DeviceError]]:
        """The block makes one call that must fail, with one of *codes* if some are given; the list holds the error afterwards."""
        caught: list[DeviceError] = []
        words = " or ".join(code.value for code in codes) or "a typed error"
        try:
            yield caught
        except DeviceError as error:
            caught.append(error)
        except DeviceCrashed as crash:
            raise self.broken(f"{what}: {crash.evidence}; expected {words}", what) from crash
        if not caught:
            raise self.broken(f"{what} was accepted; expected {words}", what)
        if codes and caught[0].code not in codes:
            raise self.broken(f"{what} gave {caught[0].code}; expected {words}", what)

    @contextmanager
    def legal(self, what: str, point: str = "") -> Iterator[None]:
        """The block is legal by the requirement under check: an error in it breaks that requirement.

        *point* goes into the failure's signature in place of *what*, where that tells what another run may see otherwise.
        """
        point = point or what
        try:
            yield
        except DeviceError as error:
            raise self.broken(f"{what} failed with {error}", point) from error
        except DeviceCrashed as crash:
            raise self.broken(f"{what}: {crash.evidence}", point) from crash
        except EndlessPage as endless:
            raise self.broken(f"{what}: {endless}", point) from endless

    # -- leaving the device as it was -------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Close what the check left open and put paper and faults back."""
        for session in reversed(self.backend.sessions):
            if not session.closed:
                await self._close_quietly(session)
        self.backend.sessions.clear()
        if not self.hung:
            for bench in (self, *self._companions):
                await bench.media.restore()

    @staticmethod
    async def _close_quietly(session: BenchSession) -> None:
        """A session that cannot be closed is LIFE-04's matter, or was this check's own."""
        try:
            await session.close()
        except (DeviceError, DeviceCrashed):
            session.closed = True

    @staticmethod
    async def _restore(session: BenchSession, before: dict[str, Value]) -> None:
        try:
            now = await Bench.values(session)
            for name, value in before.items():
                if name in now and now[name] != value:
                    await session.set(name, value)
        except (DeviceError, DeviceCrashed):
            return
