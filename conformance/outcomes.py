"""How a check ends other than by passing: typed exceptions, one for each verdict that a check can cause."""

from __future__ import annotations

from device_protocol import DeviceError


class Outcome(Exception):  # noqa: N818  # most of them are not errors of anybody
    """A check has come to a verdict other than a pass."""

    def __init__(self, evidence: str) -> None:
        self.evidence = evidence
        super().__init__(evidence)


class Broken(Outcome):
    """The device breaks a requirement.

    Attributes:
        requirement: its id.
        evidence: what was seen, in a sentence.
        point: a few stable words that say where; part of the signature, so that a replay can tell whether it failed the same way.
    """

    def __init__(self, requirement: str, evidence: str, point: str = "") -> None:
        super().__init__(evidence)
        self.requirement = requirement
        self.point = point


class NotApplicable(Outcome):
    """The device declares something that excludes the requirement; the evidence quotes it."""


class Untestable(Outcome):
    """A prerequisite that the device promised did not hold."""


class EndlessPage(Untestable):
    """More bytes or pages came than any device has."""


class NeedsOperator(Outcome):
    """A person or a robot would have to do what the evidence says."""


class OverBudget(Outcome):
    """Sheets or time do not reach for this check."""


class DeviceHung(Outcome):
    """A verb did not return in time.

    Attributes:
        command: the call.
        seconds: the limit.
        stack: where it stood then, outermost frame first; empty if nobody knows.
    """

    def __init__(self, command: str, seconds: float, stack: tuple[str, ...] = ()) -> None:
        where = "; it waits in " + " < ".join(reversed(stack)) if stack else ""
        super().__init__(f"{command} did not return within {seconds:g} s{where}")
        self.command = command
        self.seconds = seconds
        self.stack = stack


class DeviceCrashed(Outcome):
    """A verb ended with something that the contract does not know: a foreign exception, or a value of the wrong type."""

    def __init__(self, command: str, what: str) -> None:
        super().__init__(f"{command} {what}")
        self.command = command


class HarnessError(Exception):
    """The tester itself broke: a report, the runner, the plan. Exit status 3, and nobody's failure but ours."""


def leaf(error: BaseException) -> BaseException:
    """The exception that matters of a group: an outcome before an error of the device before anything else."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    found = [leaf(item) for item in error.exceptions]
    for kind in (Broken, Outcome, DeviceError):
        for item in found:
            if isinstance(item, kind):
                return item
    return found[0]
