"""A SANE library by ctypes: libsane, or one back end with the symbols ``sane_NAME_...`` (SANE 1.06, 4.3). Knows no rule and checks nothing.

A binding of the suite's own, beside the driver's: what judges a library must not share the layer that shields drivers from it. The structures are data
(``device_protocol.vocabularies.sane_abi``).
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.sane.worker.ring import Ring
from device_protocol.vocabularies.sane_abi import PROTOTYPES, status_name

NO_RESULT = frozenset({"sane_exit", "sane_close", "sane_cancel"})
_BACKEND = re.compile(r"libsane-([A-Za-z0-9_]+)\.so")


class LibraryError(Exception):
    """The library cannot be loaded, or is no SANE."""


class Binding:
    """The fourteen functions; each call is written to the ring before and after.

    Args:
        path: file or name for the loader.
        ring: the last calls.

    Raises:
        LibraryError: it cannot be loaded, or lacks a function.
    """

    def __init__(self, path: str, ring: Ring) -> None:
        self._ring = ring
        self.prefix = "sane_"
        """What the names of its functions begin with."""
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            raise LibraryError(f"{path} cannot be loaded: {error}") from None
        named = _BACKEND.match(Path(path).name)
        if named is not None and hasattr(library, f"sane_{named[1]}_init"):
            self.prefix = f"sane_{named[1]}_"
        self._functions: dict[str, Callable[..., Any]] = {}
        for name, (result, arguments) in PROTOTYPES.items():
            symbol = self.prefix + name.removeprefix("sane_")
            if name == "sane_strstatus" and not hasattr(library, symbol):
                symbol = name  # a back end has it from the common code, without its own name
            function = getattr(library, symbol, None)
            if function is None:
                raise LibraryError(f"{path} is no SANE library: it has no {symbol}")
            function.restype = result
            function.argtypes = arguments
            self._functions[name] = function
        _load_unwinder()

    def call(self, name: str, said: str, *arguments: Any, told: Callable[[], str] = str) -> Any:
        """Call a function.

        Args:
            name: ``sane_...``.
            said: the arguments for the ring.
            arguments: for C.
            told: makes words of what came back through pointers, for the ring.
        """
        begun = self._ring.begin(f"{name}({said})", merge=name == "sane_get_option_descriptor")
        result = self._functions[name](*arguments)
        if name in NO_RESULT:
            words = "returned"
        elif isinstance(result, int):
            words = status_name(result)
        else:
            words = "a pointer" if result else "NULL"
        more = told()
        self._ring.end(begun, f"{words} {more}" if more else words)
        return result


def _load_unwinder() -> None:
    """Load what ends threads now: a reader thread that is killed while the loader works leaves its lock held (measured, libsane 1.2.1)."""
    try:
        ctypes.CDLL(None).backtrace((ctypes.c_void_p * 1)(), 1)
    except AttributeError:  # no glibc
        return
