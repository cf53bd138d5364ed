"""``python -m conformance.selftest.mutants``: judge the suite by the blind set, and write ``docs/reference/blind-set.md``.

Takes up what an interrupted run has left. The exit status is 1 if fewer mutants die than did before (``FLOORS``), or (with ``--sample``) if one that
died lives; 2 for arguments that name nothing, and for survivors without a judgement or judgements without a survivor; 3 if the suite has something
against what was not mutated.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.selftest.mutants import blind_set
from conformance.selftest.mutants.blind_set import GROUNDS, BlindSet, NotCleanError, StaleError
from conformance.selftest.mutants.results import FOLDER, Results, load
from conformance.selftest.mutants.survivors import FILE, Judgement, SurvivorError
from conformance.selftest.mutants.survivors import load as load_judgements
from conformance.selftest.mutants.table import FLOORS, PAGE, figures, page, share


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say."""
    options = _options(arguments)
    say = _quiet if options.json else _say
    try:
        if options.sample is not None:
            return _sample(options, say)
        if not options.table:
            for name in options.subjects:
                _run(BlindSet(GROUNDS[name](), cache=options.cache, progress=say), options)
        return _report(options) if not options.only else 0
    except (StaleError, SurvivorError) as error:
        print(error, file=sys.stderr)
        return 2
    except NotCleanError as error:
        print(error, file=sys.stderr)
        return 3


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.selftest.mutants", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("subjects", nargs="*", choices=[*GROUNDS, []], help="device, service; none: both")
    parser.add_argument(
        "--only", nargs="+", metavar="X", default=(), help="only mutants with this id, or of this module"
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="judge N of the dead again, by what killed them; write nothing"
    )
    parser.add_argument("--again", choices=["survivors", "all"], help="judge again what has been judged")
    parser.add_argument(
        "--by", nargs="+", metavar="ID", default=(), help="judge by these checks only; who lives keeps its result"
    )
    parser.add_argument("--table", action="store_true", help="judge nothing, write the page from the results")
    parser.add_argument("--json", action="store_true", help="print figures as JSON, and no progress")
    parser.add_argument("--cache", type=Path, default=Path(".mutants"), help="folder for the lines that checks run")
    options = parser.parse_args(arguments)
    options.subjects = options.subjects or list(GROUNDS)
    if options.sample is not None and options.sample < 1:
        parser.error("a sample has at least 1 mutant")
    return options


def _run(blind: BlindSet, options: argparse.Namespace) -> None:
    blind.run(only=options.only, again=options.again, by=options.by)


def _sample(options: argparse.Namespace, say: blind_set.Progress) -> int:
    alive = []
    for name in options.subjects:
        alive += BlindSet(GROUNDS[name](), cache=options.cache, progress=say).sample(options.sample)
    for item in alive:
        print(
            f"{item.mutant.place}: {item.mutant.diff}: {item.fate.by} on {item.fate.on} does not kill it any more",
            file=sys.stderr,
        )
    return 1 if alive else 0


def _report(options: argparse.Namespace) -> int:
    everything = [load(name, FOLDER) for name in GROUNDS]
    judged = load_judgements((item.mutant for results in everything for item in results.survivors), FILE)
    PAGE.write_text(page(everything, judged))
    print(_figures(everything, judged, as_json=options.json))
    return 0 if all(share(results.results.values()) >= FLOORS[results.ground] for results in everything) else 1


def _figures(everything: Sequence[Results], judged: dict[str, Judgement], *, as_json: bool) -> str:
    found = [figures(results, judged) for results in everything]
    if as_json:
        return json.dumps({"schema": 1, "subjects": found}, indent=1)
    return "\n".join(", ".join(f"{key}: {value}" for key, value in item.items()) for item in found)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _quiet(_text: str) -> None:
    return


if __name__ == "__main__":
    sys.exit(main())
