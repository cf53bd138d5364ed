"""``flatbed cert``: the certificates of the https doors, and who trusts them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.installation import Installation, quiet, stores, where_trusted
from flatbed.say import as_json, fail, note, out

if TYPE_CHECKING:
    from reference_server.tls.trust.authority_file import AuthorityFile
    from reference_server.tls.trust.steps import Step

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The certificates of the https doors.")

DataDir = Annotated[Path | None, typer.Option(help="Folder of the service; as `flatbed config` says by default.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file; yours by default, if it is there.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
System = Annotated[bool, typer.Option("--system/--no-system", help="The system's store (curl, Python, ...).")]
Browsers = Annotated[bool, typer.Option("--browsers/--no-browsers", help="The stores of Firefox and Chromium.")]
Root = Annotated[Path, typer.Option(help="Of the file system with the system's store, when building an image.")]
Home = Annotated[Path | None, typer.Option(help="Folder with the browsers' profiles; yours by default.")]


@app.command()
def show(
    data_dir: DataDir = None,
    config: ConfigFile = None,
    root: Root = Path("/"),
    home: Home = None,
    as_json_: Json = False,
) -> int:
    """Show the authority and the certificates: names, validity, fingerprints, and where they are trusted."""
    from reference_server.tls.describe import Description  # noqa: PLC0415
    from reference_server.tls.keeper import utc_now  # noqa: PLC0415
    from reference_server.tls.pair import PairError  # noqa: PLC0415

    installation = Installation(data_dir, config)
    found: dict[str, Any] = {}
    problems: list[str] = []
    notices: list[str] = []
    now = utc_now()
    for name, read in installation.readers(now).items():
        try:
            with quiet() as lines:
                pair = read()
            notices += [f"{line['path']}: {line['event']} ({line['remedy']})" for line in lines if "remedy" in line]
        except (PairError, OSError) as error:
            problems.append(str(error))
        else:
            if pair is not None:
                found[name] = asdict(Description.of(pair.certificate, now))
    authority = installation.authority_file()
    trusted = where_trusted(authority, root, home, notices) if authority is not None else []
    if as_json_:
        ca = None if authority is None else str(authority.path)
        rest = {"trusted_by": trusted, "problems": problems, "notices": notices}
        as_json({"schema": 1, "ca": ca, "certificates": found, **rest})
    else:
        for name, description in found.items():
            _print(name, description)
        if authority is not None:
            out(f"trusted by: {', '.join(trusted) if trusted else 'nobody yet; `flatbed cert install` changes that'}")
        for problem in [*problems, *notices]:
            note(f"flatbed: {problem}")
        if not found:
            note("There are no certificates yet; `flatbed serve` or `flatbed cert install` makes them.")
    return Exit.FAILED if problems or not found else Exit.OK


@app.command()
def path(data_dir: DataDir = None, config: ConfigFile = None) -> int:
    """Print where the authority's certificate is, for --cacert and the like."""
    authority = Installation(data_dir, config).authority_file()
    if authority is None:
        fail(Exit.FAILED, "there is no authority yet.", "`flatbed serve` or `flatbed cert install` makes one.")
    out(str(authority.path))
    return Exit.OK


@app.command()
def install(
    data_dir: DataDir = None,
    config: ConfigFile = None,
    system: System = True,
    browsers: Browsers = True,
    root: Root = Path("/"),
    home: Home = None,
    as_json_: Json = False,
) -> int:
    """Have this machine's programs and browsers trust the authority. Can be repeated; touches no other certificate."""
    installation = Installation(data_dir, config)
    authority = installation.authority_file()
    if authority is None:
        installation.ensure()
        authority = installation.authority_file()
    assert authority is not None
    return _report([store.add(authority) for store in stores(root, home, system, browsers)], as_json_)


@app.command()
def remove(
    data_dir: DataDir = None,
    config: ConfigFile = None,
    system: System = True,
    browsers: Browsers = True,
    root: Root = Path("/"),
    home: Home = None,
    as_json_: Json = False,
) -> int:
    """Undo `flatbed cert install`: nobody trusts the authority any more. The service goes on with it."""
    authority = Installation(data_dir, config).authority_file()
    if authority is None:
        fail(Exit.FAILED, "there is no authority, so nobody can be told which one to forget.")
    return _report([store.remove(authority) for store in stores(root, home, system, browsers)], as_json_)


@app.command()
def renew(
    data_dir: DataDir = None,
    config: ConfigFile = None,
    authority: Annotated[
        bool, typer.Option("--authority", help="Make a new authority too; its trust must be installed again.")
    ] = False,
    root: Root = Path("/"),
    home: Home = None,
) -> int:
    """Make a new certificate for the configured names now. A service that runs takes it within seconds."""
    installation = Installation(data_dir, config)
    old = installation.authority_file()
    if authority and old is not None:
        _forget(old, root, home)
    stored = installation.ensure(fresh=True, fresh_authority=authority)
    out(f"New certificate for {', '.join(stored.server.names.words())}.")
    if stored.new_authority:
        note("The authority is new: `flatbed cert install` has it trusted.")
    if stored.uncovered:
        note(f"The authority may not vouch for {', '.join(stored.uncovered.words())}; --authority makes one that may.")
    return Exit.OK


def _forget(old: AuthorityFile, root: Path, home: Path | None) -> None:
    """Take an authority that is about to be replaced out of every store in which it is."""
    from reference_server.tls.trust.steps import Outcome  # noqa: PLC0415

    for step in (store.remove(old) for store in stores(root, home, system=True, browsers=True)):
        if step.outcome is not Outcome.ALREADY:
            _say(step)


def _report(steps: list[Step], as_json_: bool) -> int:
    from reference_server.tls.trust.steps import Outcome  # noqa: PLC0415

    if as_json_:
        as_json({"schema": 1, "steps": [asdict(step) for step in steps]})
    else:
        for step in steps:
            _say(step)
        if not steps:
            note("There was nothing to do: no browser has a store here.")
    return Exit.FAILED if any(step.outcome is Outcome.FAILED for step in steps) else Exit.OK


def _say(step: Step) -> None:
    out(f"{step.store}: {step.outcome}; {step.message}")
    if step.remedy:
        note(f"  {step.remedy}")


def _print(name: str, description: dict[str, Any]) -> None:
    out(name)
    days = description["days_left"]
    left = f"{days} days left" if days >= 0 else "EXPIRED"
    rows = {
        "subject": description["subject"],
        "issuer": description["issuer"],
        "names": ", ".join(description["names"]),
        "valid": f"{description['begin'][:10]} to {description['end'][:10]} ({left})",
        "SHA-256": description["sha256"],
        "SHA-1": description["sha1"],
    }
    for key, value in rows.items():
        out(f"  {key:<8} {value}")
