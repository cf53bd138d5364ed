"""Runs one verb with typer, and turns every way in which it can end into an exit code."""

from __future__ import annotations

from types import ModuleType

import typer

from device_protocol import Code, DeviceError
from flatbed.exits import Exit
from flatbed.say import note

HINTS: dict[Code, str] = {
    Code.NOT_FOUND: "`flatbed devices` lists what is there.",
    Code.BUSY: "Somebody else uses it; try again when they are done.",
    Code.NO_MEDIA: "Load paper and try again.",
    Code.JAM: "Clear the jam and try again.",
    Code.COVER_OPEN: "Close the cover and try again.",
    Code.ACCESS_DENIED: "Check the permissions of the device.",
}


def run_verb(module: ModuleType, name: str, words: list[str]) -> int:
    """Run the typer application ``module.app`` with *words*; gives the exit code."""
    app: typer.Typer = module.app
    command = typer.main.get_command(app)
    try:
        result = command.main(args=words, prog_name=f"flatbed {name}", standalone_mode=False)
    except typer.TyperException as error:
        note(f"flatbed {name}: {error.format_message()}")
        note(f"  `flatbed {name} --help` lists the options.")
        return Exit.USAGE
    except (KeyboardInterrupt, typer.Abort):
        result = Exit.INTERRUPTED
    except BaseException as error:
        failure = find_device_error(error)
        if failure is None:
            raise
        note(f"flatbed: {failure.message} ({failure.code})")
        if hint := HINTS.get(failure.code):
            note(f"  {hint}")
        return Exit.UNREACHABLE if failure.code in {Code.NOT_FOUND, Code.DEVICE_LOST} else Exit.FAILED
    if result == Exit.INTERRUPTED:  # typer turns Ctrl-C into this code by itself, depending on its version
        note("flatbed: interrupted; the device was given back.")
    return result if isinstance(result, int) else Exit.OK


def find_device_error(error: BaseException) -> DeviceError | None:
    """The device error in *error*, which may be a group of one (nurseries wrap)."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error if isinstance(error, DeviceError) else None
