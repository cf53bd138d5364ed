"""``flatbed serve``: the scanning service with virtual devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import fail, note
from flatbed.setting_flags import by_key, with_setting_flags
from reference_server.settings import SettingsError, Sources

app = typer.Typer(add_completion=False)


@app.command()
@with_setting_flags
def serve(
    *,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file with settings; yours by default, if it is there.")
    ] = None,
    **flags: object,
) -> int:
    """Run the scanning service. It answers on 127.0.0.1 and lists virtual devices and SANE's test device."""
    if flags["fault"] == ["list"]:
        from reference_server.faults.profiles import describe  # noqa: PLC0415  # only when somebody asks

        typer.echo("\n".join(describe()))
        return Exit.OK
    try:
        settings = Sources(config, by_key(flags)).load()
        chosen = settings.config()
    except SettingsError as error:
        fail(
            Exit.USAGE,
            str(error),
            "`flatbed config` shows what is set where, `flatbed serve --help` lists the options.",
        )
    for notice in settings.notices:
        note(f"flatbed: {notice}")
    from reference_server.supervision.start import supervise  # noqa: PLC0415  # what it starts is the service

    return supervise(chosen, announce=note)
