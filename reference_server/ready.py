"""The ready file: how whoever started the service learns where it answers (design 6)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ready:
    """What stands in the file. URLs have no slash at the end; None for ports that are not there.

    Attributes:
        token: that other machines must show on the API.
        control: where the control API is, with its own token behind ``#``; in lab mode only.
    """

    http: str | None
    token: str | None
    pid: int
    https: str | None = None
    status: str | None = None
    control: str | None = None
    ca: str | None = None
    schema: int = 1

    @property
    def api(self) -> str | None:
        """Where the API answers; without TLS if possible, for whoever has not installed our authority."""
        return self.http or self.https

    @property
    def panel(self) -> str | None:
        """Where people find the front panel, with the token of the control API behind ``#``; in lab mode only."""
        if self.status is None or self.control is None:
            return None
        return f"{self.status}/#{self.control.partition('#')[2]}"

    def without_secrets(self) -> Ready:
        """The same for everybody who may look into the data folder."""
        return replace(self, token=None, control=None)

    def urls(self) -> dict[str, str]:
        """The URLs that there are, by name, without secrets."""
        control = None if self.control is None else self.control.partition("#")[0]
        names = {"http": self.http, "https": self.https, "status": self.status, "control": control}
        return {name: url for name, url in names.items() if url is not None}


@contextmanager
def ready_file(path: Path | None, ready: Ready) -> Iterator[None]:
    """Have the file there for the length of the block: whole from its first moment on, and readable by its owner only.

    Raises:
        OSError: it cannot be written.
    """
    if path is None:
        yield
        return
    text = json.dumps(asdict(ready), indent=2) + "\n"
    draft = path.with_name(f".{path.name}.{ready.pid}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    try:
        yield
    finally:
        if _is_ours(path, text):
            path.unlink(missing_ok=True)


def _is_ours(path: Path, text: str) -> bool:
    """Whether nobody else has put a file of theirs there meanwhile."""
    try:
        return path.read_text() == text
    except OSError:
        return False
