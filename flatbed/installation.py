"""The certificates of an installation, as the command line finds them, and the stores that may trust them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flatbed.exits import Exit
from flatbed.say import fail

if TYPE_CHECKING:
    from reference_server.tls.pair import Pair
    from reference_server.tls.store import Stored
    from reference_server.tls.trust.authority_file import AuthorityFile
    from reference_server.tls.trust.nss import NssStore
    from reference_server.tls.trust.system_store import SystemStore


class Installation:
    """The folder of certificates that the configuration means.

    Raises:
        SystemExit: the configuration cannot be used.
    """

    def __init__(self, data_dir: Path | None, config: Path | None) -> None:
        from reference_server.settings import SettingsError, Sources  # noqa: PLC0415
        from reference_server.tls.store import CertStore  # noqa: PLC0415

        flags = {} if data_dir is None else {"run.data_dir": str(data_dir)}
        try:
            self.config = Sources(config, flags).load().config()
        except SettingsError as error:
            fail(Exit.USAGE, str(error), "`flatbed config` shows what is set where.")
        self.store = CertStore(self.config.data_dir)

    def ensure(self, *, fresh: bool = False, fresh_authority: bool = False) -> Stored:
        """See :meth:`CertStore.ensure`.

        Raises:
            SystemExit: the folder cannot be used.
        """
        from reference_server.tls.keeper import utc_now  # noqa: PLC0415
        from reference_server.tls.names import Names  # noqa: PLC0415

        names = Names.of([self.config.host, *self.config.allow_host])
        try:
            self.config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with quiet():
                return self.store.ensure(names, utc_now(), fresh=fresh, fresh_authority=fresh_authority)
        except OSError as error:
            fail(Exit.FAILED, f"cannot use {self.store.folder}: {error.strerror or error}.")

    def authority_file(self) -> AuthorityFile | None:
        """What is to be trusted; None while there is no authority.

        Raises:
            SystemExit: it cannot be read.
        """
        from reference_server.tls.trust.authority_file import AuthorityFile  # noqa: PLC0415

        try:
            return AuthorityFile.read(self.store.ca_path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            hint = "`flatbed serve` puts it right at its next start."
            fail(Exit.FAILED, f"{self.store.ca_path} cannot be used: {error}.", hint)

    def readers(self, now: datetime) -> dict[str, Callable[[], Pair | None]]:
        """What reads each certificate, by name; they raise :class:`PairError` and OSError."""
        from reference_server.tls.user_pair import PairFiles, parse_host_certs  # noqa: PLC0415

        found: dict[str, Callable[[], Pair | None]] = {"authority": self.store.authority, "server": self.store.server}
        if self.config.cert is not None:
            found = {"server (yours)": partial(PairFiles(self.config.cert, self.config.key).read, now)}
        for host, files in parse_host_certs(self.config.host_cert).items():
            found[f"server for {host}"] = partial(files.read, now)
        return found


@contextmanager
def quiet() -> Iterator[list[MutableMapping[str, Any]]]:
    """Keeps the log lines of the service, which would stand among the results, and gives them; the verb has its own words."""
    import structlog.testing  # noqa: PLC0415  # as everything of the service

    with structlog.testing.capture_logs() as lines:
        yield lines


def stores(root: Path, home: Path | None, system: bool, browsers: bool) -> list[SystemStore | NssStore]:
    """The stores that can be made to trust an authority: the system's below *root*, and the browsers' below *home* (None: ours)."""
    from reference_server.tls.trust.nss import nss_stores  # noqa: PLC0415
    from reference_server.tls.trust.system_store import SystemStore  # noqa: PLC0415

    found: list[SystemStore | NssStore] = [SystemStore(root)] if system else []
    return [*found, *nss_stores(home or Path.home())] if browsers else found


def where_trusted(authority: AuthorityFile, root: Path, home: Path | None, notices: list[str]) -> list[str]:
    """The stores that trust *authority*; what cannot be told is added to *notices*."""
    from reference_server.tls.trust.steps import ToolError  # noqa: PLC0415

    trusted = []
    for store in stores(root, home, system=True, browsers=True):
        try:
            if store.has(authority):
                trusted.append(store.name)
        except ToolError as error:
            notices.append(f"whether {store.name} trusts it cannot be told: {error}")
    return trusted
