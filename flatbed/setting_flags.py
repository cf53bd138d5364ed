"""The flags of ``flatbed serve``, made from the table of settings, so that no flag can be forgotten and none can say something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature

import typer

from reference_server.settings import SETTINGS, Setting
from reference_server.settings.kinds import Switch, Texts


def with_setting_flags(verb: Callable[..., int]) -> Callable[..., int]:
    """*verb* with a parameter for each flag of the table behind its own; they come as ``**flags``, by the name of :func:`parameter_name`."""
    own = [
        item for item in signature(verb, eval_str=True).parameters.values() if item.kind is not Parameter.VAR_KEYWORD
    ]
    made = [_parameter(setting) for setting in SETTINGS if setting.flag]
    verb.__signature__ = Signature([*own, *made], return_annotation=int)  # type: ignore[attr-defined]  # documented by inspect
    return verb


def by_key(flags: Mapping[str, object]) -> dict[str, object]:
    """What :func:`with_setting_flags` passed, by key; None for flags that were not written."""
    return {setting.key: flags[parameter_name(setting)] for setting in SETTINGS if setting.flag}


def parameter_name(setting: Setting) -> str:
    """The flag as a name in Python."""
    return setting.flag.removeprefix("--").replace("-", "_")


def _parameter(setting: Setting) -> Parameter:
    switch = isinstance(setting.kind, Switch)
    words = f"{setting.flag}/--no-{setting.flag.removeprefix('--')}" if switch else setting.flag
    default = setting.kind.plain(setting.default)
    shown = f" Default: {default}." if default and not switch else ""
    option = typer.Option(
        None, words, metavar=None if switch else setting.kind.metavar, help=f"{setting.effect}{shown}"
    )
    kind: object = bool if switch else list[str] if isinstance(setting.kind, Texts) else str
    return Parameter(parameter_name(setting), Parameter.KEYWORD_ONLY, default=option, annotation=kind | None)  # type: ignore[operator]  # a type
