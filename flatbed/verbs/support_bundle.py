"""``flatbed support-bundle``: one zip file with what a maintainer needs (service-behaviour.md S-117)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, note, out

app = typer.Typer(add_completion=False)

DEFAULT_NAME = Path("flatbed-support.zip")


@app.command()
def support_bundle(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Zip file to write; must not be there yet.")
    ] = DEFAULT_NAME,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Data folder of the service.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file with settings; yours by default, if it is there.")
    ] = None,
    with_audit: Annotated[
        bool, typer.Option("--with-audit", help="Put the audit log in too: who scanned what.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Put versions, settings, logs and the figures of a running service into one zip file; no page, document, licence, password or token."""
    from flatbed.support.archive import Entry, readme, scrubbed, sizes, write_private, zipped  # noqa: PLC0415
    from flatbed.support.facts import effective, versions  # noqa: PLC0415
    from flatbed.support.live_service import service_entries  # noqa: PLC0415
    from flatbed.support.logs import contents, dump_entries, log_entries  # noqa: PLC0415

    if data_dir is not None and not data_dir.is_dir():
        fail(
            Exit.USAGE,
            f"there is no data folder {data_dir}.",
            "`flatbed config --explain run.data_dir` says which one is used.",
        )
    if output.exists():
        fail(Exit.USAGE, f"{output} is there already.", "Take another name with -o, or move it away first.")
    notices: list[str] = []
    settings = effective(config, data_dir, notices)
    folder = settings.data_dir
    entries = [
        Entry.of_json("versions.json", "flatbed, Python, the system, and what flatbed depends on.", versions()),
        Entry.of_json(
            "settings.json",
            "every setting, its value and where that comes from, as this command finds them; flags of a running service are not known here.",
            settings.plain,
        ),
        Entry.of_json(
            "data-folder.json", "how many files of how many bytes there are; none was opened.", contents(folder)
        ),
        *log_entries(folder, notices, with_audit=with_audit),
        *dump_entries(folder, notices),
        *service_entries(folder, notices),
    ]
    entries = scrubbed([*entries, readme(entries, notices, folder)], settings.secrets)
    try:
        write_private(output, zipped(entries))
    except FileExistsError:
        fail(Exit.USAGE, f"{output} is there already.", "Take another name with -o, or move it away first.")
    except OSError as error:
        fail(Exit.USAGE, f"cannot write {output}: {error.strerror}.")
    if as_json_:
        as_json({"schema": 1, "file": str(output), "entries": sizes(entries), "notices": notices})
    else:
        for notice in notices:
            note(notice)
        out(f"{output}: {', '.join(entry.name for entry in sorted(entries, key=lambda item: item.name))}")
    return Exit.OK
