"""By which names a client may call the eSCL door."""

from __future__ import annotations

import pytest

from simulators.escl.hosts import Hosts


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:80",
        "localhost.:1",
        "127.0.0.1:65535",
        "127.9.9.9",
        "[::1]",
        "[::1]:8290",
        "printer.local:80",
    ],
)
def test_our_names(host: str) -> None:
    """Loopback and .local names, any case, any port, with or without the final dot."""
    assert Hosts().accepts(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "localhost:99999",
        "localhost:x",
        "localhost:1:2",
        "a@localhost",
        "[::1]x",
        "[::1",
        "192.0.2.1",
    ],
)
def test_names_of_others(host: str) -> None:
    """A foreign name, and what is no host at all, is refused: an address is made of it for the Location of a job."""
    assert not Hosts().accepts(host)


def test_what_was_allowed() -> None:
    """Further names are allowed one by one; a door on a wildcard has every literal address; only HTTP/1.0 may say nothing."""
    assert Hosts(allowed=["Scanner.Example"]).accepts("scanner.example:80")
    assert Hosts("0.0.0.0").accepts("192.0.2.1")  # compared, not bound
    assert not Hosts().accepts(None)
    assert Hosts().accepts(None, required=False)
