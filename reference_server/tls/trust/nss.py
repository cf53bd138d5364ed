"""Stores of NSS: every profile of Firefox has one, Chromium and Chrome on Linux share one for each user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reference_server.tls.trust.authority_file import AuthorityFile
from reference_server.tls.trust.steps import Outcome, Step, ToolError, run_tool

CERTUTIL = "certutil"
DATABASE = "cert9.db"
TRUST = "C,,"
"""An authority for servers, not for mail or code."""

PLACES = (
    (".pki/nssdb", "Chromium"),
    ("snap/chromium/current/.pki/nssdb", "Chromium (snap)"),
    (".mozilla/firefox/*", "Firefox"),
    (".config/mozilla/firefox/*", "Firefox"),
    ("snap/firefox/common/.mozilla/firefox/*", "Firefox (snap)"),
    (".var/app/org.mozilla.firefox/.mozilla/firefox/*", "Firefox (Flatpak)"),
)
"""Below the home folder; a place counts when there is a database in it."""


@dataclass(frozen=True, slots=True)
class NssStore:
    """One database.

    Attributes:
        folder: of it.
        browser: whose it is.
    """

    folder: Path
    browser: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.browser} {self.folder}"

    def has(self, authority: AuthorityFile) -> bool:
        """Whether *authority* is in it, and trusted for servers.

        Raises:
            ToolError: certutil is missing, or cannot read the store.
        """
        lines = self._run("-L").splitlines()
        trusted = any(
            words[0].strip() == authority.nickname and "C" in words[1].partition(",")[0]
            for line in lines
            if len(words := line.rsplit(None, 1)) == 2
        )
        return trusted and self._holds(authority)

    def add(self, authority: AuthorityFile) -> Step:
        """Have *authority* trusted for servers."""
        try:
            if self.has(authority):
                return Step(self.name, Outcome.ALREADY, f"it is there as {authority.nickname!r}")
            there_before = self._holds(authority)
            try:
                self._run("-A", "-n", authority.nickname, "-t", TRUST, "-i", str(authority.path))
            except ToolError:
                if not there_before and self._holds(authority):  # a store with a password takes it, but not the trust
                    self._run("-D", "-n", authority.nickname)
                raise
        except ToolError as error:
            return Step(self.name, Outcome.FAILED, str(error), self._by_hand(authority, error))
        return Step(self.name, Outcome.DONE, f"added as {authority.nickname!r}; restart the browser")

    def remove(self, authority: AuthorityFile) -> Step:
        """Take *authority* out, if what has its nickname is this very certificate."""
        try:
            self._run("-L")  # a tool that is missing is not a certificate that is missing
            if not self._holds(authority):
                return Step(self.name, Outcome.ALREADY, "it is not there")
            self._run("-D", "-n", authority.nickname)
        except ToolError as error:
            return Step(self.name, Outcome.FAILED, str(error), self._by_hand(authority, error))
        return Step(self.name, Outcome.DONE, "removed; restart the browser")

    def _holds(self, authority: AuthorityFile) -> bool:
        """Whether what has its nickname is *authority* itself."""
        try:
            return authority.same_as(self._run("-L", "-n", authority.nickname, "-a"))
        except ToolError:
            return False  # there is nothing of that name

    def _run(self, *words: str) -> str:
        return run_tool([CERTUTIL, "-d", f"sql:{self.folder}", *words])

    def _by_hand(self, authority: AuthorityFile, error: ToolError) -> str:
        if "not installed" in str(error):
            return f"Install it (Debian: apt install libnss3-tools) and try again, or {self._in_settings(authority)}"
        return f"Perhaps the store has a password. {self._in_settings(authority).capitalize()}"

    def _in_settings(self, authority: AuthorityFile) -> str:
        return f"in the settings of {self.browser}, search for certificates, Authorities, Import: {authority.path}"


def nss_stores(home: Path) -> Iterator[NssStore]:
    """The databases below *home*."""
    for pattern, browser in PLACES:
        for folder in sorted(home.glob(pattern)):
            if (folder / DATABASE).is_file():
                yield NssStore(folder, browser)
