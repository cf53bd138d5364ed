"""The checks: for each requirement one function that judges it on a bench.

For whom: the runner. What may come in: checks, and helpers that several of them share. What may not: drivers, simulators, the guard, reports. A check is
deterministic, leaves the device as it found it, and says "broken" only about its own requirement; whatever else goes wrong surfaces as what it is.
"""

from conformance.checks import (
    at_the_machine,
    caller_cancelled,
    camera,
    cancelling,
    caps_static,
    caps_values,
    data_layout,
    data_reads,
    discovery,
    errors,
    errors_device,
    life_open,
    life_states,
    page_faults,
    page_order,
    scan_params,
    scan_start,
    setting_effects,
    setting_values,
    status,
)
from conformance.checks.registry import CHECKS, Check, check

MODULES = (
    at_the_machine,
    caller_cancelled,
    camera,
    cancelling,
    caps_static,
    caps_values,
    data_layout,
    data_reads,
    discovery,
    errors,
    errors_device,
    life_open,
    life_states,
    page_faults,
    page_order,
    scan_params,
    scan_start,
    setting_effects,
    setting_values,
    status,
)

__all__ = ["CHECKS", "Check", "check"]
