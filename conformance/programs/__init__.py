"""Programs: sequences of commands as plain data, their generator, the model that judges them, the shrinker and the replay.

``find_failure`` runs random programs guided by the model against a device and makes the first that disagrees short; ``run_saved`` runs it again. Expectations
are made while a program runs, from the state table and from what the device itself declared, so any sub-list of a program is a program.

May come in: what makes, runs, judges and stores programs. May not: checks, reports, knowledge of particular devices.
"""

from conformance.programs.commands import Command, Do, Program, ProgramError
from conformance.programs.execute import Failure, Rules, Traced, execute, observe, trace
from conformance.programs.find import Found, Searched, find_failure, search
from conformance.programs.generate import Style
from conformance.programs.replay import Replayed, Saved, load, run_saved, save, saved_from
from conformance.programs.shrink import shrink

__all__ = [
    "Command",
    "Do",
    "Failure",
    "Found",
    "Program",
    "ProgramError",
    "Replayed",
    "Rules",
    "Saved",
    "Searched",
    "Style",
    "Traced",
    "execute",
    "find_failure",
    "load",
    "observe",
    "run_saved",
    "save",
    "saved_from",
    "search",
    "shrink",
    "trace",
]
