"""What the door says of its scanners by mDNS; that real programs find it and lose it is in tests/real/escl/test_discovery.py."""

from __future__ import annotations

from dataclasses import replace

from simulators.escl.announcer import LONGEST_LABEL, PLAIN, SECURE, Announcement, announcements, interfaces_of
from simulators.escl.identity import Identity, identity_of
from simulators.fixture_files import fixture
from simulators.profile import load_profile
from simulators.spec import DeviceSpec


def _of(*profiles: str, secure: bool = False) -> list[Announcement]:
    specs = [
        DeviceSpec(f"id-{number}", load_profile(fixture(f"profiles/{name}.toml")))
        for number, name in enumerate(profiles)
    ]
    return announcements(
        [(identity_of(spec), spec.profile.caps()) for spec in specs], port=8290, root="eSCL", secure=secure
    )


def test_keys_that_clients_read() -> None:
    """Rs and ty for sane-airscan, duplex and UUID for others (sane-escl 3.7), is, cs and pdl as the standard has them."""
    (feeder,), (flatbed,) = _of("office-duplex-feeder"), _of("flatbed")
    assert (feeder.kind, feeder.port) == (PLAIN, 8290)
    text = feeder.text
    assert (text["txtvers"], text["rs"], text["ty"]) == ("1", "id-0/eSCL", feeder.instance)
    assert (text["is"], text["duplex"], text["pdl"]) == ("adf", "T", "image/jpeg,application/pdf")
    assert text["uuid"] == text["UUID"]
    assert text["cs"] == "binary,grayscale,color"
    assert (flatbed.text["is"], flatbed.text["duplex"]) == ("platen", "F")
    assert all(len(f"{key}={value}".encode()) < 256 for key, value in text.items())  # RFC 6763 6.1


def test_https_is_a_service_of_its_own() -> None:
    """What speaks TLS is a _uscans, so that no client tries it without."""
    assert _of("flatbed", secure=True)[0].kind == SECURE


def test_names_are_unique_and_short() -> None:
    """Scanners of one model have their serial number in their names; a name is a label of at most 63 bytes without dots."""
    one, other, third = _of("flatbed", "flatbed", "office-duplex-feeder")
    assert one.instance != other.instance
    assert one.text["ty"] == other.text["ty"]
    assert third.instance == third.text["ty"]
    long = Identity("x", "Scanner v1.2 " + "ä" * 100, "flatbed", "FB1", "u")
    caps = load_profile(fixture("profiles/flatbed.toml")).caps()
    for item in announcements(
        [(long, caps), (replace(long, name="y", serial="FB2"), caps)], port=1, root="eSCL", secure=False
    ):
        assert len(item.instance.encode()) <= LONGEST_LABEL
        assert "." not in item.instance


def test_where_it_is_announced() -> None:
    """Where the door is bound; of the wildcard on all addresses of this machine, never as 0.0.0.0."""
    assert interfaces_of("127.0.0.1") == ("127.0.0.1",)
    everywhere = interfaces_of("0.0.0.0")  # no socket is bound
    assert "127.0.0.1" in everywhere
    assert "0.0.0.0" not in everywhere  # the same
