"""Forms: as clients send them, and as nobody should."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import RestError
from reference_server.processing.multipart import MAX_PARTS, is_form, parse_form

TYPE = 'multipart/form-data; boundary="b-1"'


def part(name: str, data: bytes, extra: str = "") -> bytes:
    """One part with its delimiter."""
    return f'--b-1\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + data + b"\r\n"


END = b"--b-1--\r\n"


def test_as_dotnet_sends_it() -> None:
    """The .NET client quotes the boundary and not the names, gives each part a type, and names the file twice."""
    body = (
        b"--b-1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=settings\r\n\r\ncoverage\r\n"
        b"--b-1\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name=stream; filename=DynamicTWAIN.png; "
        b"filename*=utf-8''DynamicTWAIN.png\r\n\r\n\x89PNG\r\n--b-\r\n\r\n--b-1--\r\n"
    )
    parts = parse_form(TYPE, body)
    assert {name: part.data for name, part in parts.items()} == {
        "settings": b"coverage",
        "stream": b"\x89PNG\r\n--b-\r\n",
    }


def test_as_others_send_it() -> None:
    """A boundary without quotes, headers in lower case, escaped quotes in names, and something after the end."""
    body = b'--x\r\ncontent-disposition: form-data; filename="a\\"b;name=no.png"; name="str\\"eam"\r\n\r\n\r\n--x--\r\nepilogue'
    assert {name: part.data for name, part in parse_form("Multipart/Form-Data;boundary=x", body).items()} == {
        'str"eam': b""
    }


def test_is_form() -> None:
    """The type decides, whatever its parameters and case."""
    assert is_form(TYPE)
    assert is_form("MULTIPART/FORM-DATA")
    for other in (None, "", "multipart/mixed", "application/json", "x; multipart/form-data"):
        assert not is_form(other)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", part("a", b"") + END),
        ("multipart/form-data; boundary=", part("a", b"") + END),
        (f"multipart/form-data; boundary={'x' * 71}", part("a", b"") + END),
        ('multipart/form-data; boundary="a\nb"', part("a", b"") + END),
        (TYPE, b""),
        (TYPE, b"preamble\r\n" + part("a", b"") + END),
        (TYPE, part("a", b"1")),
        (TYPE, part("a", b"1")[:-1]),
        (TYPE, part("a", b"") + b"--b-1"),
        (TYPE, b"--b-1x\r\n" + END),
        (TYPE, b"--b-1\r\n\r\ndata\r\n" + END),
        (TYPE, b"--b-1\r\nContent-Type: text/plain\r\n\r\ndata\r\n" + END),
        (TYPE, b"--b-1\r\nContent-Disposition: attachment; name=a\r\n\r\ndata\r\n" + END),
        (TYPE, b'--b-1\r\nContent-Disposition: form-data; name=""\r\n\r\ndata\r\n' + END),
        (TYPE, b"--b-1\r\nX: " + b"y" * 5000 + b"\r\n\r\ndata\r\n" + END),
        (TYPE, part("a", b"1") + part("a", b"2") + END),
        (TYPE, b"".join(part(f"n{number}", b"") for number in range(MAX_PARTS + 1)) + END),
    ],
)
def test_bad_forms(content_type: str, body: bytes) -> None:
    """A form without boundary, beginning, end, names, or with too much of anything is 400 -2113."""
    with pytest.raises(RestError) as caught:
        parse_form(content_type, body)
    assert (caught.value.status, caught.value.code) == (400, -2113)


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.binary(max_size=200)), max_size=8, unique_by=lambda it: it[0])
)
def test_any_content(parts: list[tuple[str, bytes]]) -> None:
    """Whatever bytes the parts have, they come out as they went in."""
    if any(b"\r\n--b-1" in data for _, data in parts):
        return
    body = b"".join(part(name, data) for name, data in parts) + END
    assert [(name, found.data) for name, found in parse_form(TYPE, body).items()] == parts


@given(st.binary(max_size=400).map(lambda data: b"--b-1" + data))
def test_any_bytes(body: bytes) -> None:
    """Whatever comes, there are parts or a typed error."""
    with suppress(RestError):
        for part_ in parse_form(TYPE, body).values():
            assert part_.name
            assert part_.data in body
