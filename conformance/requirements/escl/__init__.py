"""ESCL: what a scanner owes its clients by eSCL on the wire, one module for each part of it.

For whom: ``flatbed check escl`` and its zoo. What may come in: rows, the facts of a scanner and gates over them. What may not: code that talks to a scanner.
What known clients break without is a MUST, even where the standard is silent; what one of them alone relies on is a SHOULD (sane-escl 3.2 to 3.6).
"""

from conformance.requirements.escl import capabilities, feeder, http, jobs, pages, settings, status

REQUIREMENTS = (
    *http.REQUIREMENTS,
    *capabilities.REQUIREMENTS,
    *status.REQUIREMENTS,
    *settings.REQUIREMENTS,
    *pages.REQUIREMENTS,
    *jobs.REQUIREMENTS,
    *feeder.REQUIREMENTS,
)
"""All of them, in the order of their numbers."""
