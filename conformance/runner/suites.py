"""Which suite judges which subject, by the name of what makes it; a suite is imported when it is needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from conformance.requirements import Subject
from conformance.runner.suite import Suite
from conformance.runner.targets import UsageError

FROM_DATA: Mapping[Subject, str] = {
    Subject.SERVICE: "conformance.service.suite:from_data",
    Subject.ESCL: "conformance.escl.suite:from_data",
    Subject.SANE: "conformance.sane.suite:from_data",
}
"""What makes the suite of a replay file's target again: ``module:function`` of its ``as_data()``."""


def suite_from_data(data: Mapping[str, Any]) -> Suite[Any, Any]:
    """The suite that a replay file's target names.

    Raises:
        UsageError: it names none.
    """
    try:
        module, _, name = FROM_DATA[Subject(data.get("subject", ""))].partition(":")
    except (KeyError, ValueError):
        raise UsageError(f"the replay file's target: there is no subject {data.get('subject')!r}") from None
    make: Callable[[Mapping[str, Any]], Suite[Any, Any]] = getattr(importlib.import_module(module), name)
    return make({key: value for key, value in data.items() if key != "subject"})
