"""The checks of eSCL scanners: for each requirement one function that judges it on a desk.

For whom: the suite. What may come in: checks, and helpers that several of them share. What may not: other sockets than the desk's, a real clock, redirects. A
check says "broken" only about its own requirement, ends the jobs that it began, and asks the operator for whatever a person would have to do.
"""

from conformance.escl.checks import (
    capabilities,
    feeder,
    history,
    http,
    jobs,
    offers,
    pages,
    pictures,
    settings,
    status,
    traffic,
    wire,
)
from conformance.escl.registry import CHECKS

MODULES = (capabilities, feeder, history, http, jobs, offers, pages, pictures, settings, status, traffic, wire)

__all__ = ["CHECKS", "MODULES"]
