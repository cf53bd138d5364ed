"""What every test can rely on: async tests run on trio with reproducible scheduling."""

from __future__ import annotations

import functools
import inspect

import pytest
from hypothesis import settings

from device_protocol.testing import run

# A busy machine is no failure: examples have no deadline of their own. A failing example prints how to run it again.
settings.register_profile("flatbed", deadline=None, print_blob=True)
settings.load_profile("flatbed")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run ``async def test_...`` through :func:`device_protocol.testing.run`."""
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(inspect.unwrap(function)):
        return None
    names = pyfuncitem._fixtureinfo.argnames  # pytest's own hook implementation takes the arguments from here
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    run(functools.partial(function, **arguments))
    return True
