"""The page of the documentation about events, made from their models."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

from pydantic import BaseModel

from reference_server.events.models import AnyEvent, Buffer, Device, Event, JobEvent, JobState, event_schema
from reference_server.models import Scanner
from reference_server.protocol_block import EVENTS_PATH, METHOD
from reference_server.protocol_block import PATH as JOB_PATH
from reference_server.protocol_block import SUBPROTOCOL as JOB_SUBPROTOCOL
from reference_server.web_sockets import closing
from reference_server.web_sockets.event_stream import SUBPROTOCOL
from reference_server.web_sockets.job_notices import ALL_PAGES, PAGE
from reference_server.web_sockets.keep_alive import SUBPROTOCOL as KEEP_ALIVE
from reference_server.web_sockets.stream import NO_PONG

_INTRODUCTION = f"""# Events

<!-- Made from reference_server/events/models.py by `make docs`; changes here are lost. -->

`{EVENTS_PATH}` on the API port is a WebSocket that tells what happens in the service; its subprotocol is `{SUBPROTOCOL}`, or none.
Each message is one JSON object with `seq`, `time` (Unix seconds) and `type`. Numbers grow; a gap in them is somebody else's event.
Each origin sees the jobs that it made, and a client without an origin those of clients without one; devices and the buffer are seen by all.

* Without a query the first message is a `snapshot`; then come the events as they happen.
* With `?since=SEQ` come exactly the events after that number. Where that is not possible any more, or the number is of an earlier run of the
  service, a `gap` and a `snapshot` come first.
* The service pings every 20 seconds and wants an answer. What a client says is not looked at; binary ends the connection.
* A client on another machine shows its token as `Authorization: Bearer TOKEN`, or as the subprotocol `flatbed.bearer.TOKEN` beside the other
  one, since a script in a browser can send no headers.
* The JSON Schema is at `{EVENTS_PATH}/schema.json`. [The Python client](../client.md) resumes by itself.

```json
{{"seq": 1790000000042, "time": 1790000061.204, "type": "page.taken", "jobuid": "7d0c2f0e-5a5e-4d0b-9f0a-3f1f5f6b2a11",
 "origin": "https://app.example", "imageuid": "19c0a4be1d20", "index": 0}}
```
"""

_NOTICES = f"""## Notices of one job

`{JOB_PATH}` with the subprotocol `{JOB_SUBPROTOCOL}` tells the pages of one job, in the way of the .NET client.
A job that is made with `requireWebsocket: true` says in its `protocol` block where,
and what to send first: `{{"jobuid": UID, "method": "{METHOD}"}}`. Then comes one message a page, from the first one on,
and one at the end, which also comes when the scan ended badly:

```json
{{"evt": {{"name": "{PAGE}", "info": {{"imageuid": "19c0a4be1d20", "url": "http://127.0.0.1:18622/api/device/..."}}}}}}
{{"evt": {{"name": "{ALL_PAGES}"}}}}
```

A mistake is closed with 4000 and the HTTP status that it has elsewhere: 4400 for a wrong first message, 4403 for somebody else's job, 4404 and 4410 for
one that never was or was deleted, 4408 for a first message that does not come in time. A WebSocket with the
subprotocol `{KEEP_ALIVE}`, on any path, says nothing and keeps a service that ends when idle from ending.
"""

_CLOSES = (closing.GOING_AWAY, closing.BINARY, closing.TOO_BIG, closing.FAILED, NO_PONG, closing.TOO_SLOW)


PARTS: tuple[type[BaseModel], ...] = (Device, Scanner, JobState, Buffer)
"""Models that stand in messages."""


def events_markdown() -> str:
    """The whole page."""
    definitions = event_schema()["$defs"]
    parts = [_INTRODUCTION, "## Messages", ""]
    for model in get_args(get_args(AnyEvent)[0]):
        parts += [f"### `{model.model_fields['type'].default}`", "", _summary(model), ""]
        parts += ["Told to the origin that made the job.", ""] if issubclass(model, JobEvent) else []
        parts += _table(model, definitions[model.__name__], frozenset(Event.model_fields))
    parts += ["## Parts of messages", ""]
    for part in PARTS:
        parts += [f"### {part.__name__}", "", _summary(part), ""]
        parts += _table(part, definitions[part.__name__], frozenset())
    parts += ["## Close codes", "", "| code | reason |", "|---|---|"]
    parts += [f"| {close.code} | {close.reason} |" for close in _CLOSES]
    parts += ["", _NOTICES.rstrip()]
    return "\n".join(parts) + "\n"


def _table(model: type[BaseModel], definition: dict[str, Any], without: frozenset[str]) -> list[str]:
    """The fields of a model."""
    meanings = _meanings(model)
    rows = [
        f"| `{name}` | {_kind(value)} | {meanings.get(name, '')} |"
        for name, value in definition["properties"].items()
        if name not in without
    ]
    return ["| field | type | |", "|---|---|---|", *rows, ""] if rows else []


def _kind(value: dict[str, Any]) -> str:
    """A field's type in words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind(item) for item in value["anyOf"])
    if "enum" in value:
        return ", ".join(f"`{item}`" for item in value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    return str(value["type"])


def _summary(model: type[BaseModel]) -> str:
    """What a model's docstring says before its attributes, as one paragraph."""
    return " ".join((inspect.getdoc(model) or "").partition("Attributes:")[0].split())


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """What the docstrings of a model and of its bases say of each attribute."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "").partition("Attributes:\n")[2]
        for names, meaning in re.findall(r"^ {4}(\w[\w, ]*): (.*)$", text, re.MULTILINE):
            found |= dict.fromkeys((name.strip() for name in names.split(",")), meaning)
    return found
