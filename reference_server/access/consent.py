"""Asking a person before a page touches a scanner (service-behaviour.md S-041): each origin is asked for once in the run of a service.

There is no person in a laboratory, so the answer comes from the configuration at once, from a simulated person after some seconds, or from the control API.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

import structlog
import trio

from device_protocol.aio import DeviceClock
from device_protocol.vocabularies.rest import RestCode
from reference_server.access.consent_rules import ConsentRule, parse_overrides, parse_rule
from reference_server.config import Limits, ServerConfig
from reference_server.errors import RestError, overloaded
from reference_server.jobs.steps import within

log = structlog.get_logger("consent")

REMEMBERED = 1000
"""Origins whose answer is remembered; the oldest are asked again."""


@dataclass(eq=False)
class Question:
    """A decision that is pending.

    Attributes:
        number: names it.
        origin: who asks; None for a client without an origin.
        asked_at: time of the service clock.
        waiting: how many requests wait for it.
        answer: None while it is pending.
    """

    number: int
    origin: bytes | None
    asked_at: float
    waiting: int = 0
    answer: bool | None = None
    settled: trio.Event = field(default_factory=trio.Event)


class ConsentDesk:
    """Where requests for a scanner ask.

    Args:
        default: the rule of origins that have none of their own.
        rules: of single origins.
        clock: service clock.
        limits: see there.
    """

    def __init__(
        self, default: ConsentRule, rules: Mapping[bytes | None, ConsentRule], clock: DeviceClock, limits: Limits
    ) -> None:
        self._default = default
        self._rules = rules
        self._clock = clock
        self._limits = limits
        self._numbers = count(1)
        self._pending: dict[bytes | None, Question] = {}
        self._decided: OrderedDict[bytes | None, bool] = OrderedDict()

    @classmethod
    def of(cls, config: ServerConfig, clock: DeviceClock) -> ConsentDesk:
        """The desk that *config* describes."""
        return cls(parse_rule(config.consent), parse_overrides(config.consent_for), clock, config.limits)

    @property
    def pending(self) -> tuple[Question, ...]:
        """What nobody has decided yet, oldest first."""
        return tuple(self._pending.values())

    @property
    def decided(self) -> Mapping[bytes | None, bool]:
        """What was decided in this run, by origin."""
        return self._decided

    def age(self, question: Question) -> float:
        """Seconds since *question* was asked."""
        return self._clock.now() - question.asked_at

    async def ask(self, origin: bytes | None) -> None:
        """Wait for the decision about *origin*.

        Raises:
            RestError: 403 -1032 when the answer is no, or does not come in time; 503 when too many wait already.
        """
        rule = self._rules.get(origin, self._default)
        answer = self._decided.get(origin, rule.answer)
        if answer is None:
            answer = await self._wait(origin, rule)
        if not answer:
            log.warning("consent denied", origin=_shown(origin))
            raise denied()

    def decide(self, number: int, allow: bool) -> bool:
        """Answer the question *number*, and remember the answer for its origin; False when it is not pending."""
        question = next((item for item in self._pending.values() if item.number == number), None)
        if question is None:
            return False
        self._settle(question, allow)
        return True

    def forget(self) -> None:
        """Ask everybody anew; what is pending stays so."""
        self._decided.clear()

    async def _wait(self, origin: bytes | None, rule: ConsentRule) -> bool:
        question = self._pending.get(origin)
        if sum(item.waiting for item in self._pending.values()) >= self._limits.consents:
            raise overloaded("Too many requests are waiting for somebody's consent.")
        if question is None:
            question = self._pending[origin] = Question(next(self._numbers), origin, self._clock.now())
            log.info("consent asked", question=question.number, origin=_shown(origin))
        question.waiting += 1
        limit = self._limits.consent_seconds
        person = rule.seconds is not None and rule.seconds < limit
        seconds = rule.seconds if person and rule.seconds is not None else limit
        try:
            await within(self._clock, max(0.0, seconds - self.age(question)), question.settled.wait)
        except TimeoutError:
            if not person:
                raise refused(f"Nobody has allowed this page to use a scanner within {limit:g} seconds.") from None
            self._settle(question, rule.then)
        finally:
            question.waiting -= 1
            if not question.waiting and self._pending.get(origin) is question:
                del self._pending[origin]
        assert question.answer is not None, "a question is settled with its answer"
        return question.answer

    def _settle(self, question: Question, allow: bool) -> None:
        if question.answer is not None:
            return
        question.answer = self._decided[question.origin] = allow
        while len(self._decided) > REMEMBERED:
            self._decided.popitem(last=False)
        self._pending.pop(question.origin, None)
        question.settled.set()
        log.info("consent decided", question=question.number, origin=_shown(question.origin), allow=allow)


def denied() -> RestError:
    """A person has said no."""
    return refused("The person at this machine does not allow this page to use a scanner.")


def refused(message: str) -> RestError:
    """403 with the code of a person who says no, so that an application can tell it from a refused origin (-2137)."""
    return RestError(403, RestCode.CANCELLED, message)


def _shown(origin: bytes | None) -> str | None:
    return None if origin is None else origin.decode("latin-1")[:200]
