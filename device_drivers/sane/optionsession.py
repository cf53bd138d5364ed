"""What of an open SANE device does not depend on how libsane is reached: options, settings, status, events.

The driver `sane` reaches it by our own binding, `pysane` by python-sane; both sessions are made of this one.
"""

from __future__ import annotations

from typing import Final, Protocol

from device_drivers.sane.applying import pairs_of
from device_drivers.sane.capsmap import source_kind
from device_drivers.sane.keeper import StateKeeper
from device_drivers.sane.optiontable import OptionTable
from device_protocol.capabilities import DeviceCaps, SourceKind
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import BR_X, BR_Y, SOURCE, TL_X, TL_Y, ApplyResult, Option, SetResult
from device_protocol.settings import Settings
from device_protocol.states import JobState, Verb, refusal
from device_protocol.status import Event, EventKind, FeederState, JobStatus, Status
from device_protocol.values import Auto, Value

PHASES: Final = {Verb.START: Phase.START, Verb.CLOSE: Phase.CLOSE, Verb.CANCEL: Phase.CANCEL}


class Progressing(Protocol):
    """What tells how far a page has come."""

    @property
    def progress(self) -> float | None:
        """0 to 1; None if nobody knows."""
        ...


class Reported(Protocol):
    """What `status` tells of a job."""

    pages: int
    error: DeviceError | None

    @property
    def page(self) -> Progressing | None:
        """The page that was given last."""
        ...

    @property
    def job_state(self) -> JobState:
        """Where it stands."""
        ...

    @property
    def buffered(self) -> int:
        """Pages that have been taken in and not asked for."""
        ...


class OptionSession:
    """The part of a session that is about options; the rest of the verbs are its heirs'.

    Args:
        table: The options of the open device.
        caps: What the device can do.
    """

    def __init__(self, table: OptionTable, caps: DeviceCaps) -> None:
        self.keeper = StateKeeper()
        self._table = table
        self._caps = caps

    # -- reading ------------------------------------------------------------------------------------------------------

    def caps(self) -> DeviceCaps:
        """What the device can do."""
        self._enter(Verb.CAPS)
        return self._caps

    def options(self) -> tuple[Option, ...]:
        """All options as they are now."""
        self._enter(Verb.OPTIONS)
        return self._table.options()

    def get(self, name: str) -> Value:
        """The value of an option."""
        self._enter(Verb.GET)
        return self._table.get(name)

    def status(self) -> Status:
        """A snapshot; no native call."""
        self._enter(Verb.STATUS)
        job = self._reported()
        feeds = any(source.kind.feeds for source in self._caps.sources)
        return Status(
            state=self.keeper.state,
            feeder=FeederState.UNKNOWN if feeds else FeederState.NONE,
            job=None
            if job is None
            else JobStatus(
                state=job.job_state,
                pages=job.pages,
                progress=None if job.page is None else job.page.progress,
                error=None if job.error is None else job.error.code,
            ),
            revision=self.keeper.revision,
            scan_ahead=self._caps.scan_ahead,
            buffered=0 if job is None else job.buffered,
        )

    def poll_events(self) -> tuple[Event, ...]:
        """The events since the last call, in order."""
        self._enter(Verb.EVENTS)
        return self.keeper.poll()

    # -- setting ------------------------------------------------------------------------------------------------------

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option."""
        self._enter(Verb.SET)
        result = self._table.set(name, value)
        self._tell([result])
        return result

    def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing at all (SET-11)."""
        self._enter(Verb.APPLY)
        applied = self._table.set_all(pairs_of(settings, self._table, self._caps))
        self._tell(applied.results)
        return applied

    def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """Restore the defaults of *names*, or of all options (SET-08)."""
        self._enter(Verb.RESET)
        applied = self._table.reset(names)
        self._tell(applied.results)
        return applied

    # -- for heirs ----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring a requested cancellation to its end; before each verb."""

    def _reported(self) -> Reported | None:
        """The job of this session, for `status`."""
        raise NotImplementedError

    def _enter(self, verb: Verb) -> None:
        self.settle()
        code = refusal(verb, self.keeper.state)
        if code is not None:
            raise DeviceError(code, phase=PHASES.get(verb, Phase.OPTIONS))

    def _tell(self, results: list[SetResult] | tuple[SetResult, ...]) -> None:
        changed = dict.fromkeys(name for result in results for name in result.changed)
        if changed:
            self.keeper.tell(EventKind.OPTIONS_CHANGED, " ".join(changed))

    def _source_kind(self) -> SourceKind:
        """What the selected source is."""
        source = self._table.value(SOURCE)
        return source_kind(source if isinstance(source, str) else self._caps.default_source)

    def _refuse_empty_area(self) -> None:
        """Back ends swap or stretch an inverted area without a word (measured: `test`), so it is refused (SET-12)."""
        for low, high in ((TL_X, BR_X), (TL_Y, BR_Y)):
            first, last = self._table.number(low), self._table.number(high)
            if first is not None and last is not None and last <= first:
                raise DeviceError(
                    Code.INVALID_VALUE,
                    f"{high} must be greater than {low}, which is {first}.",
                    phase=Phase.START,
                    option=high,
                    value=last,
                )
