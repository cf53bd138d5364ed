"""The system's Chromium, driven by tests: one helper for whoever needs a page to run in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.parts import need

NAMES = ("chromium", "chromium-browser", "google-chrome")
ON_DEBIAN = Path("/etc/debian_version").exists() and "ID=debian" in Path("/etc/os-release").read_text()
"""Where `installers/system-packages.sh` installs it; elsewhere it may be a snap, which a container cannot have."""
LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
PLAIN_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
"""Tests run as root in containers, too; what is loaded is our own."""


def executable() -> str:
    """The path of the browser. On Debian a test fails without it, elsewhere it says that it has proved nothing."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and not ON_DEBIAN:
        pytest.skip("NOT PROVED in a browser: there is no Chromium")
    return found or need("chromium", "chromium")


@contextmanager
def browser(*arguments: str) -> Iterator[Browser]:
    """Chromium without a window.

    Args:
        arguments: further ones of its command line.
    """
    path = executable()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*PLAIN_ARGUMENTS, *arguments])
        try:
            yield started
        finally:
            started.close()


@dataclass
class Seen:
    """What a page did behind its pictures.

    Attributes:
        complaints: errors and warnings of its console, and exceptions that nobody caught.
        strangers: requests to any other machine.
        expected: parts of complaints that a test provokes.
    """

    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    expected: Sequence[str] = ()

    def check(self) -> None:
        """Fail if there is anything that no test expects."""
        rest = [line for line in self.complaints if not any(part in line for part in self.expected)]
        if rest or self.strangers:
            pytest.fail(f"the page complained: {rest}; it asked other machines: {self.strangers}")


@contextmanager
def page(chromium: Browser, *, expected: Sequence[str] = (), **options: Any) -> Iterator[tuple[Page, Seen]]:
    """A page in a context of its own; at the end it must not have complained, nor have asked another machine for anything.

    Args:
        chromium: see :func:`browser`.
        expected: see :class:`Seen`.
        options: of the context, as Playwright names them.
    """
    context = chromium.new_context(**options)
    seen = Seen(expected=expected)
    opened = context.new_page()
    opened.on("console", lambda said: seen.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: seen.complaints.append(str(error)))
    opened.on("request", lambda request: _note_stranger(seen, request.url))
    try:
        yield opened, seen
        seen.check()
    finally:
        with suppress(Exception):  # the browser may have gone already
            context.close()


def _note_stranger(seen: Seen, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOCAL:
        seen.strangers.append(url)
