"""A legal scanner behind a proxy that lies: at one verb, from one call on, it gives or raises something that no driver may."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import trio
from hypothesis import strategies as st

from conformance.selftest import LEGAL
from device_protocol import Code, DeviceError

VERBS = (
    *("devices", "open", "control", "perform", "caps", "options", "get", "set", "apply", "reset", "params", "status"),
    *("start", "cancel", "close", "events", "next_page", "settled", "info", "read", "end"),
)

Twist = Callable[[Any], Any]
"""Makes the lie from the true answer; what it raises is raised."""


class Evil:
    """Nothing can be done with it but hold it."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class EvilText(str):
    """A text that compares as it likes."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = str.__hash__


class EvilError(Exception):
    """An exception that cannot be told."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


class Abyss(BaseException):
    """No Exception at all."""


@dataclasses.dataclass
class Lie:
    """Where the lie is told.

    Attributes:
        verb: of whatever handle.
        nth: call from which on it is told, from 1.
        twist: the lie.
    """

    verb: str
    nth: int
    twist: Twist
    calls: Counter[str] = dataclasses.field(default_factory=Counter)

    def due(self, verb: str) -> bool:
        """Whether this call is one of them."""
        self.calls[verb] += 1
        return verb == self.verb and self.calls[verb] >= self.nth


class Liar:
    """Any handle of the scanner."""

    def __init__(self, inner: Any, lie: Lie) -> None:
        self._inner = inner
        self._lie = lie

    def __getattr__(self, name: str) -> Any:
        inner, lie = self._inner, self._lie
        if name == "info":
            return lie.twist(inner.info) if lie.due(name) else inner.info
        if name == "events":
            return lambda: lie.twist(inner.events()) if lie.due(name) else inner.events()
        if name == "caps" and not hasattr(inner, "options"):
            return inner.caps  # of a control
        if name not in VERBS:
            return getattr(inner, name)

        async def call(*arguments: Any, **more: Any) -> Any:
            true = await getattr(inner, name)(*arguments, **more)
            if lie.due(name):
                return lie.twist(true)
            return Liar(true, lie) if name in {"open", "start", "control"} or hasattr(true, "info") else true

        return call


def lying(lie: Lie) -> Callable[[], AbstractAsyncContextManager[Any]]:
    """The scanner with that lie."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        async with LEGAL() as backend:
            yield Liar(backend, lie)

    return opened


JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, -(2**70), 2**62, "", "x" * 5000, "\ud800", "\0"),
    *(b"", b"\xff", (), [], {}, frozenset(), (None,), ("a", 1), object, object(), Evil(), EvilText("idle"), print),
)


def forged(true: Any, path: list[int], junk: Any) -> Any:
    """The true answer with *junk* somewhere inside."""
    if not path:
        return junk
    if isinstance(true, tuple) and true:
        index = path[0] % len(true)
        return (*true[:index], forged(true[index], path[1:], junk), *true[index + 1 :])
    if dataclasses.is_dataclass(true) and not isinstance(true, type):
        names = [item.name for item in dataclasses.fields(true)]
        name = names[path[0] % len(names)]
        return dataclasses.replace(true, **{name: forged(getattr(true, name), path[1:], junk)})
    return junk


def raising(error: BaseException) -> Twist:
    """A lie that raises."""

    def twist(_: Any) -> Any:
        raise error

    return twist


def odd_error(name: str, junk: Any) -> Twist:
    """A lie that raises an error of the contract with *junk* in it."""

    def twist(_: Any) -> Any:
        error = DeviceError(Code.OTHER, "odd")
        setattr(error, name, junk)
        raise error

    return twist


junk = st.integers(0, len(JUNK) - 1).map(JUNK.__getitem__)  # hypothesis hashes what it samples from
paths = st.lists(st.integers(0, 30), max_size=4)
foreign = st.sampled_from(
    (
        RuntimeError("so"),
        RuntimeError("\ud800"),
        EvilError(),
        ExceptionGroup("two", [DeviceError(Code.OTHER), ValueError("x")]),
        BaseExceptionGroup("deep", [Abyss()]),
        Abyss("deep"),
        SystemExit(3),
        StopAsyncIteration(),
        TimeoutError(),
        trio.ClosedResourceError(),
        trio.TooSlowError(),
        AssertionError(),
        MemoryError(),
        RecursionError(),
    )
)
fields = st.sampled_from(("code", "message", "retryable", "survives", "page", "option", "value", "native", "phase"))
twists: st.SearchStrategy[Twist] = st.one_of(
    st.builds(lambda path, value: lambda true: forged(true, path, value), paths, junk),
    st.builds(raising, foreign),
    st.builds(odd_error, fields, junk),
    st.builds(lambda code: raising(DeviceError(code)), st.sampled_from(Code)),
)
lies = st.builds(Lie, st.sampled_from(VERBS), st.integers(1, 4), twists)
