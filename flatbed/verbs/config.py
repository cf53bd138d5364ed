"""``flatbed config``: what is set, where that comes from, and whether a file can be used."""

from __future__ import annotations

import difflib
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
    plain_value,
    shown,
)
from reference_server.settings.page import default_text

app = typer.Typer(add_completion=False)

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
    return Exit.OK


@app.command()
def check(file: Annotated[Path, typer.Argument(help="TOML file with settings.")], as_json_: Json = False) -> int:
    """Find every mistake in a file, with its line. Exit status: 0 it can be used, 1 it cannot."""
    problems = check_file(file)
    if as_json_:
        found = [{"file": item.where, "line": item.line, "key": item.key, "why": item.why} for item in problems]
        as_json({"schema": 1, "file": str(file), "problems": found})
    else:
        for item in problems:
            out(str(item))
        if not problems:
            out(f"{file} can be used.")
    return Exit.FAILED if problems else Exit.OK


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
    Console(soft_wrap=False).print(table)


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
