"""``flatbed config``: what is set, where that comes from, and whether a file can be used."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out
from reference_server.settings import (
    BY_KEY,
    Given,
    Layer,
    Settings,
    SettingsError,
    Sources,
    check_file,
    default_file,
    plain_value,
    policy_file,
    shown,
)
from reference_server.settings.page import default_text

app = typer.Typer(add_completion=False)

_WIDE = 2000
"""Columns where there is no terminal: a line that goes to grep is one line."""

Json = Annotated[bool, typer.Option("--json", help="For machines.")]


@app.callback(invoke_without_command=True)
def config(
    context: typer.Context,
    file: Annotated[Path | None, typer.Option("--config", help="TOML file; yours by default, if it is there.")] = None,
    explain: Annotated[str | None, typer.Option(metavar="KEY", help="Say all about one setting.")] = None,
    as_json_: Json = False,
) -> int:
    """Show every setting of `flatbed serve`, its value and where that comes from; secrets are hidden."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    if explain is not None and explain not in BY_KEY:
        near = difflib.get_close_matches(explain[:200], BY_KEY, 1)
        hint = f"Did you mean {near[0]}?" if near else "`flatbed config` lists them."
        fail(Exit.USAGE, f"there is no setting {explain[:200]!r}.", hint)
    try:
        settings = Sources(file).load()
        settings.config()
    except SettingsError as error:
        fail(Exit.USAGE, str(error), "`flatbed config check FILE` lists everything that is wrong with a file.")
    for notice in settings.notices:
        note(f"flatbed: {notice}")
    if as_json_:
        keys = [explain] if explain is not None else list(BY_KEY)
        files = [{"file": str(path), "layer": layer.name.lower()} for path, layer in settings.files]
        as_json({"schema": 1, "files": files, "settings": [_plain(settings.effective[key]) for key in keys]})
    elif explain is not None:
        _explain(settings, explain)
    else:
        _table(settings)
        _files(settings)
    return Exit.OK


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="TOML file with settings.")],
    policy: Annotated[bool, typer.Option("--policy", help="Check it as an administrator's policy.")] = False,
    as_json_: Json = False,
) -> int:
    """Find every mistake in a file, with its line. Exit status: 0 it can be used, 1 it cannot."""
    problems = check_file(file, Layer.POLICY if policy else Layer.FILE)
    if as_json_:
        as_json({"schema": 1, "file": str(file), "problems": [_problem(item) for item in problems]})
    else:
        for item in problems:
            out(str(item))
        if not problems:
            out(f"{file} can be used.")
    return Exit.FAILED if problems else Exit.OK


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="INI", help="DSConfiguration.ini of the other service.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="TOML file to write; must not be there yet.")
    ] = None,
    as_json_: Json = False,
) -> int:
    """Make a file of ours from the INI file of the service that this one can stand in for.

    It never lets in whom the old file kept out, and nobody from other machines without a token. Exit status: 0 done, 2 something must be put right first.
    """
    from reference_server.settings.ini import import_ini  # noqa: PLC0415  # only here

    done = import_ini(file)
    if not as_json_:
        for warning in done.warnings:
            note(warning)
    for problem in done.problems:
        note(f"flatbed: {problem}")
    if not done.problems and output is not None:
        _write(output, done.toml)
        if not as_json_:
            note(f"{output} is written; start with: flatbed serve --config {output}")
    if as_json_:
        problems = [_problem(item) for item in done.problems]
        shown_ = {"toml": done.toml or None} if output is None else {"output": str(output)}
        as_json({"schema": 1, "file": str(file), "warnings": list(done.warnings), "problems": problems, **shown_})
    elif output is None and not done.problems:
        out(done.toml.rstrip("\n"))
    return Exit.USAGE if done.problems else Exit.OK


def _write(path: Path, text: str) -> None:
    """Write a file that holds a token: for its owner only, and over nothing."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        fail(Exit.USAGE, f"{path} is there already.", "Take another name, or move it away first.")
    except OSError as error:
        fail(Exit.USAGE, f"cannot write {path}: {error.strerror}.")


def _problem(item: SettingsError) -> dict[str, Any]:
    return {"file": item.where, "line": item.line, "key": item.key, "why": item.why}


def _plain(item: Given) -> dict[str, Any]:
    return {
        "key": item.setting.key,
        "value": plain_value(item),
        "layer": item.layer.name.lower(),
        "where": item.where or None,
        "default": None if item.setting.field == "data_dir" else item.setting.kind.plain(item.setting.default),
        "flag": item.setting.flag or None,
        "variable": item.setting.variable,
        "effect": item.setting.effect,
    }


def _table(settings: Settings) -> None:
    from rich.console import Console  # noqa: PLC0415  # for people only
    from rich.markup import escape  # noqa: PLC0415  # the same
    from rich.table import Table  # noqa: PLC0415  # the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("setting", "value", "from"):
        table.add_column(name, overflow="fold")
    for item in settings.effective.values():
        style = "dim" if item.layer is Layer.DEFAULT else ""
        table.add_row(item.setting.key, escape(shown(item)), escape(_origin(item)), style=style)
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def _files(settings: Settings) -> None:
    """Say which files count, and where they would stand."""
    for layer, words, place in (
        (Layer.FILE, "Your file", default_file()),
        (Layer.POLICY, "The administrator's policy", policy_file()),
    ):
        read = next((path for path, which in settings.files if which is layer), None)
        note(f"{words}: {read}" if read is not None else f"{words} would be {place}; it is not there.")


def _explain(settings: Settings, key: str) -> None:
    item = settings.effective[key]
    setting = item.setting
    out(f"{key} = {shown(item)}")
    out(f"  from         {_origin(item)}")
    out(f"  effect       {setting.effect}")
    out(f"  values       {setting.kind.words}")
    out(f"  default      {default_text(setting)}")
    out(f"  flag         {setting.flag or 'none'}")
    out(f"  environment  {setting.variable}")
    out(f"  policy       {'may fix it' if setting.policy else 'cannot fix it'}")
    if setting.source:
        out(f"  source       {setting.source}")


def _origin(item: Given) -> str:
    return f"policy {item.where}" if item.layer is Layer.POLICY else item.where or "default"
