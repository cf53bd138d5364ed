"""Consent: an origin is asked for before a scanner is touched, and the answer holds for the run (service-behaviour.md S-041)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.access.consent_rules import ConsentRule, parse_overrides, parse_rule
from reference_server.config import Limits, ServerConfig
from tests.reference_server.client import JOBS, Lab, Reply, lab

PAGE = "http://localhost:3000"
OTHER = "http://localhost:4000"


async def post(it: Lab, origin: str | None = PAGE) -> Reply:
    """A job for a page of *origin*."""
    return await it.client.request("POST", JOBS, {}, {} if origin is None else {"Origin": origin})


def consent(tmp_path: Path, main: Any, **changes: Any) -> None:
    """Run *main* with a laboratory, in virtual time."""

    async def inside() -> None:
        async with lab(tmp_path, **changes) as it:
            await main(it)

    run(inside, clock=Jumper())


def test_denied_before_the_device_is_touched(tmp_path: Path) -> None:
    """A denied origin gets 403 with the code of a person who says no and words; no device was opened, and no job was made."""

    async def main(it: Lab) -> None:
        reply = await post(it)
        assert (reply.status, reply.json()["code"]) == (403, -1032)
        assert "does not allow" in reply.json()["message"]
        assert reply.headers["Access-Control-Allow-Origin"] == PAGE
        assert it.host.sessions == []
        assert len(it.registry) == 0
        assert (await it.client.get("/api/device/scanners")).status == 200, "only the scanner itself needs consent"

    consent(tmp_path, main, consent="deny")


def test_each_origin_has_its_rule(tmp_path: Path) -> None:
    """An override holds for its very origin; `none` is the rule of clients without one."""

    async def main(it: Lab) -> None:
        assert (await post(it, PAGE)).status == 201
        assert (await post(it, OTHER)).status == 403
        assert (await post(it, None)).status == 403

    consent(tmp_path, main, consent="deny", consent_for=(f"{PAGE}=allow", "none=deny"))


@pytest.mark.parametrize(("rule", "status"), [("ask:3", 201), ("ask:3:deny", 403)])
def test_a_simulated_person_takes_time_and_is_asked_once(rule: str, status: int, tmp_path: Path) -> None:
    """The request waits three seconds for the answer, the next one of the same origin does not wait, and another origin is asked for anew."""

    async def main(it: Lab) -> None:
        times = []
        for origin in (PAGE, PAGE, OTHER):
            begun = trio.current_time()
            reply = await post(it, origin)
            assert reply.status == status
            if status == 201:
                await it.client.request("DELETE", f"{JOBS}/{reply.json()['jobuid']}", headers={"Origin": origin})
            times.append(round(trio.current_time() - begun))
        assert times == [3, 0, 3]

    consent(tmp_path, main, consent=rule)


@pytest.mark.parametrize("allow", [True, False])
def test_somebody_decides(allow: bool, tmp_path: Path) -> None:
    """Two requests of an origin wait for one question; its decision answers both, and is remembered until it is forgotten."""

    async def main(it: Lab) -> None:
        replies: list[Reply] = []

        async def ask() -> None:
            replies.append(await post(it))

        desk = it.service.consent
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(ask)
            await trio.sleep(1)
            (question,) = desk.pending
            assert (question.origin, question.waiting) == (PAGE.encode(), 2)
            assert it.host.sessions == []
            assert not desk.decide(question.number + 1, True), "an unknown question changes nothing"
            assert [item.origin for item in desk.pending] == [PAGE.encode()]
            assert desk.decide(question.number, allow)
            assert not desk.decide(question.number, not allow), "what is decided is decided"
        assert sorted(reply.status for reply in replies) == ([201, 423] if allow else [403, 403])
        assert list(desk.pending) == []
        assert dict(desk.decided) == {PAGE.encode(): allow}
        assert (await post(it)).status == (423 if allow else 403)
        desk.forget()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            await trio.sleep(1)
            assert [item.origin for item in desk.pending] == [PAGE.encode()]
            nursery.cancel_scope.cancel()

    consent(tmp_path, main, consent="ask")


def test_nobody_decides(tmp_path: Path) -> None:
    """The wait is bounded: after a minute the request is refused, nothing is remembered, and the question is gone."""

    async def main(it: Lab) -> None:
        begun = trio.current_time()
        reply = await post(it)
        assert (reply.status, reply.json()["code"]) == (403, -1032)
        assert round(trio.current_time() - begun) == 60
        assert list(it.service.consent.pending) == []
        assert dict(it.service.consent.decided) == {}

    consent(tmp_path, main, consent="ask")


def test_a_client_that_leaves_takes_its_question_along(tmp_path: Path) -> None:
    """When the client goes while the question is pending, no job comes of it and nobody is asked any longer."""

    async def main(it: Lab) -> None:
        gone = trio.Event()
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                await it.client.request("POST", JOBS, {}, {"Origin": PAGE}, gone=gone)

            nursery.start_soon(ask)
            await trio.sleep(1)
            assert [item.origin for item in it.service.consent.pending] == [PAGE.encode()]
            gone.set()
        assert list(it.service.consent.pending) == []
        assert len(it.registry) == 0

    consent(tmp_path, main, consent="ask")


def test_waiting_is_limited(tmp_path: Path) -> None:
    """Beyond the limit of waiting requests the answer is 503 with Retry-After at once."""

    async def main(it: Lab) -> None:
        async with trio.open_nursery() as nursery:
            for origin in (PAGE, OTHER):
                nursery.start_soon(post, it, origin)
            await trio.sleep(1)
            begun = trio.current_time()
            reply = await post(it, "http://localhost:5000")
            assert (reply.status, "Retry-After" in reply.headers) == (503, True)
            assert trio.current_time() == begun
            nursery.cancel_scope.cancel()

    consent(tmp_path, main, consent="ask", limits=Limits(consents=2))


def test_rules() -> None:
    """The texts of the configuration are read as they are meant, and nonsense is refused with words."""
    assert parse_rule("allow") == ConsentRule(True)
    assert parse_rule("deny") == ConsentRule(False)
    assert parse_rule("ask") == ConsentRule(None)
    assert parse_rule("ask:0.5:deny") == ConsentRule(None, 0.5, False)
    assert parse_overrides(["dynamic-web-twain.net://QUI==ask:2", "none=deny"]) == {
        b"dynamic-web-twain.net://QUI=": ConsentRule(None, 2.0, True),
        None: ConsentRule(False),
    }
    for text in ("", "yes", "ask:", "ask:x", "ask:1:maybe", "allow:3", "ask:3601", "ALLOW"):
        with pytest.raises(ValueError, match="consent"):
            parse_rule(text)
    for text in ("allow", "=allow", "https://x", "https://x=maybe"):
        with pytest.raises(ValueError, match="consent"):
            parse_overrides([text])


def test_nobody_is_simulated_when_locked(tmp_path: Path) -> None:
    """In locked mode consent is allow or deny; by default a listed origin needs no more."""
    for changes in ({"consent": "ask:1"}, {"consent_for": ("https://x=ask",)}):
        with pytest.raises(ValueError, match="lab mode only"):
            ServerConfig(tmp_path, access="locked", **changes)  # type: ignore[arg-type]  # as from a command line
    assert ServerConfig(tmp_path, access="locked").consent == "allow"  # type: ignore[arg-type]  # the same
    ServerConfig(tmp_path, access="locked", consent="deny", consent_for=("https://x=allow",))  # type: ignore[arg-type]  # the same
