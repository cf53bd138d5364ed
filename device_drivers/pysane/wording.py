"""What python-sane raises, as the errors of the layers above. Only texts are left of SANE's statuses (sane-escl 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from device_drivers.sane.errors import SaneTextError, SaneValueError

SYSTEM: Final = "python-sane"


@contextmanager
def translated(sane: ModuleType) -> Iterator[None]:
    """Around calls of python-sane.

    Its `_sane.error` has libsane's words; AttributeError, KeyError and TypeError are what it says of a name or a value it does not
    take; RuntimeError is what it says of a page without a byte. Anything else that comes out of it is not documented, and goes on as it is.

    Raises:
        SaneTextError: libsane refused, or no byte came.
        SaneValueError: python-sane took no such option or value.
    """
    try:
        yield
    except sane._sane.error as error:  # noqa: SLF001  # the only name under which the exception can be had
        raise SaneTextError(str(error), SYSTEM) from error
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise SaneValueError(f"{type(error).__name__}: {error}") from error
    except RuntimeError as error:
        raise SaneTextError(str(error), SYSTEM) from error
