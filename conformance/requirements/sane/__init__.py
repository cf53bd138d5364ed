"""SANE: what a back end owes its front ends at the C interface (SANE Standard 1.06; the groups of sane-escl 1.5, and what they leave out)."""

from conformance.requirements.sane import control, descriptors, ending, library, scanning

REQUIREMENTS = (
    *library.REQUIREMENTS,
    *descriptors.REQUIREMENTS,
    *control.REQUIREMENTS,
    *scanning.REQUIREMENTS,
    *ending.REQUIREMENTS,
)
"""In the order of their numbers."""
