"""What a machine says of itself on the network (eSCL): the identity by which drivers recognise models and switch their quirks on.

Sources: sane-escl 3.3, "Model-name triggers"; sane-escl 3.6 and 3.7 for what a door announces.
"""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol.vocabularies.escl import FORMATS
from simulators.profiles.keys import Key, Some, Text
from simulators.profiles.quirks import NAMES

_HEADER = r"[\x20-\x7e]*"
"""A header field of HTTP: printable ASCII (RFC 9110 5.5)."""


@dataclass(frozen=True, slots=True)
class EsclIdentity:
    """How an eSCL door introduces the machine; :data:`KEYS` says what each means. Empty: the door's own."""

    make_and_model: str = ""
    manufacturer: str = ""
    server_header: str = ""
    note: str = ""
    formats: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()


KEYS: tuple[Key, ...] = (
    Key(
        "make_and_model",
        Text(120),
        "`MakeAndModel` in the capabilities, and `ty` in the announcement; empty: maker and model of the profile",
        "sane-escl 3.3",
    ),
    Key(
        "manufacturer",
        Text(120),
        "`Manufacturer` in the capabilities; empty: the maker of the profile",
        "sane-escl 3.3",
    ),
    Key(
        "server_header",
        Text(120, _HEADER),
        "the `Server` header of each answer; empty: the door's own",
        "sane-escl 3.3",
    ),
    Key("note", Text(120), "where it stands: `note` in the announcement", "sane-escl 3.7"),
    Key("formats", Some(FORMATS), "document formats, the preferred one first; empty: JPEG and PDF", "sane-escl 2, 3.3"),
    Key("quirks", Some(NAMES), "what it does differently ([the list](quirks.md))", "sane-escl 3.3"),
)
"""Every key of ``[escl]``."""
