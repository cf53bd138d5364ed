"""The ``flatbed`` command: which verbs there are. Each verb's module is imported when it is called."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

from flatbed import __version__
from flatbed.exits import Exit
from flatbed.say import note, out


@dataclass(frozen=True)
class VerbInfo:
    """A verb: where it lives and what it is for."""

    module: str
    summary: str


VERBS: dict[str, VerbInfo] = {
    "serve": VerbInfo("flatbed.verbs.serve", "run the scanning service with virtual devices"),
    "config": VerbInfo("flatbed.verbs.config", "show what is set and where that comes from"),
    "cert": VerbInfo("flatbed.verbs.cert", "show, install and renew the certificates of https"),
    "devices": VerbInfo("flatbed.verbs.devices", "list the devices"),
    "scan": VerbInfo("flatbed.verbs.scan", "scan to a PDF, TIFF, PNG or JPEG file"),
    "sheets": VerbInfo("flatbed.verbs.sheets", "print the sheets that tell the truth as a PDF deck"),
    "record": VerbInfo("flatbed.verbs.record", "write down what a device does, as a file that is a device"),
    "simulate": VerbInfo("flatbed.verbs.simulate", "show virtual machines, and open doors to them"),
    "check": VerbInfo("flatbed.verbs.check", "judge a device, a service, an eSCL scanner or a SANE back end"),
    "explain": VerbInfo("flatbed.verbs.explain", "say all about one requirement"),
    "support-bundle": VerbInfo("flatbed.verbs.support_bundle", "put what a maintainer needs into one zip file"),
    "replay": VerbInfo("flatbed.verbs.replay", "run a saved failure again"),
}


def usage() -> str:
    """What ``flatbed --help`` prints."""
    width = max(map(len, VERBS))
    lines = [f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items()]
    return "\n".join(
        [
            "Usage: flatbed VERB [OPTIONS]",
            "",
            "A scanner lab without scanners.",
            "",
            *lines,
            "",
            "flatbed VERB --help tells the rest; flatbed --version the version.",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in {"-h", "--help", "help"}:
        out(usage())
        return Exit.OK if words else Exit.USAGE
    if words[0] == "--version":
        out(f"flatbed {__version__}")
        return Exit.OK
    verb = VERBS.get(words[0])
    if verb is None:
        note(f"flatbed: there is no verb {words[0]!r}.")
        note(f"  One of: {', '.join(VERBS)}.")
        return Exit.USAGE
    try:
        from flatbed.running import run_verb  # noqa: PLC0415  # typer is only needed once a verb is known

        module = importlib.import_module(verb.module)
    except KeyboardInterrupt:  # while things are imported; from here on run_verb deals with it
        note("flatbed: interrupted; nothing was done.")
        return Exit.INTERRUPTED
    return run_verb(module, words[0], words[1:])


if __name__ == "__main__":
    raise SystemExit(main())
