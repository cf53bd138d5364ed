"""The client of services: JSON as it is, header fields as they are wanted, and the one courtesy that it has."""

from __future__ import annotations

import pytest
import trio

from conformance.service.rest_client import MISSING
from device_protocol.testing import Jumper, run
from tests.conformance_service.scripted import Asked, Said, scripted


def ask(body: object, status: int = 200) -> object:
    """What the client makes of a body."""

    async def main() -> object:
        async with scripted(lambda _asked: Said(status, body)) as service:
            return (await service.rest().ask("GET", "/api/x")).json

    return run(main)


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b"[1", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_missing(body: bytes) -> None:
    """Nothing, half of it, NaN, no UTF-8 and endless depth are all no JSON, and none of them raises."""
    assert ask(body) is MISSING


def test_json_is_given_as_it_is() -> None:
    """A null is a null, and not a missing body."""
    assert ask(b"null") is None
    assert ask({"a": 1}) == {"a": 1}


async def test_common_fields_and_others() -> None:
    """A product key goes with each request, unless the request has one of its own; a body has its type, an empty one has none."""
    async with scripted(lambda _asked: Said(200, {})) as service:
        rest = service.rest(root="/base", fields=(("DWT-PRODUCT-KEY", "mine"),))
        await rest.ask("POST", "/api/x", {"a": 1})
        await rest.ask("POST", "/api/x", b"raw", {"dwt-product-key": "yours"}, content_type=None)
        await rest.ask("GET", "/api/x")
    first, second, third = service.asked
    assert first.target == "/base/api/x"
    assert first.json == {"a": 1}
    assert first.fields["content-type"] == "application/json"
    assert first.fields["dwt-product-key"] == "mine"
    assert (second.body, second.fields["dwt-product-key"]) == (b"raw", "yours")
    assert "content-type" not in second.fields
    assert "content-type" not in third.fields


def test_too_many_requests_are_waited_for() -> None:
    """A service that asks for time gets it, once; one that names no time is taken at its word."""

    async def main() -> tuple[int, int, float]:
        replies = [Said(429, {}, {"Retry-After": "3"}), Said(200, {}), Said(429, {})]

        def answer(_asked: Asked) -> Said:
            return replies.pop(0)

        async with scripted(answer) as service:
            began = trio.current_time()
            first = await service.rest().ask("GET", "/api/x")
            waited = trio.current_time() - began
            second = await service.rest().ask("GET", "/api/x")
            return first.status, second.status, waited

    first, second, waited = run(main, clock=Jumper())
    assert (first, second) == (200, 429)
    assert waited == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("body", "code"), [({"code": -1034}, -1034), ({"code": "0"}, None), ({"code": True}, None), ([], None)]
)
def test_the_code_of_an_error(body: object, code: int | None) -> None:
    """Only an integer is a code."""

    async def main() -> int | None:
        async with scripted(lambda _asked: Said(404, body)) as service:
            return (await service.rest().ask("GET", "/api/x")).code

    assert run(main) == code
