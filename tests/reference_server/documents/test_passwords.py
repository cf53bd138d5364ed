"""Passwords of documents: who is let in, and how slow guessing is (rest-api.md 1.3, 6)."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.documents import passwords
from reference_server.documents.passwords import FREE_GUESSES, LONGEST_WAIT, WAITING_GUESSES, Derivation, header_text
from reference_server.documents.unlocking import KNOWN
from reference_server.errors import RestError
from reference_server.modes import Compat
from tests.reference_server.documents.desk import Desk, desk, refused

NEW, OLD = "DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD"


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that a key was derived from; deriving is quick."""
    seen: list[str] = []

    def derive(self: Derivation, password: str) -> bytes:
        seen.append(password)
        return hashlib.sha256(self.salt + password.encode()).digest()

    monkeypatch.setattr(Derivation, "derive", derive)
    return seen


async def everything(it: Desk, path: str, headers: dict[str, str]) -> list[tuple[int, int]]:
    """What each endpoint of a document says to a client with *headers*."""
    asked = (
        ("GET", path, None),
        ("PATCH", path, {"metadata": "changed"}),
        ("POST", f"{path}/pages", {"source": it.sources[0]}),
        ("DELETE", f"{path}/pages/0", None),
        ("GET", f"{path}/content?type=image/png", None),
        ("DELETE", path, None),
        ("DELETE", "", {"documentuid": path[1:]}),
        ("GET", f"?documentuid={path[1:]}", None),
    )
    return [refused(await it.ask(method, where, body, headers)) for method, where, body in asked]


async def test_without_the_password_nobody_gets_in(tmp_path: Path, derived: list[str]) -> None:
    """A missing, empty or wrong password is 403 -1043 on every endpoint and changes nothing; the right one opens it."""
    right = {NEW: "s3cret"}
    async with desk(tmp_path) as it:
        path = await it.create(password="s3cret")
        await it.ask("POST", f"{path}/pages", {"source": it.sources[0]}, right)
        before = (await it.ask("GET", path, None, right)).json()
        assert len(before["pages"]) == 1
        for headers in ({}, {NEW: ""}):
            assert await everything(it, path, headers) == [(403, -1043)] * 8
        for number in range(FREE_GUESSES - 1):
            assert refused(await it.ask("GET", path, None, {NEW: f"S3CRET{number}"})) == (403, -1043)
        assert (await it.ask("GET", path, None, right)).json() == before
        assert (await it.ask("DELETE", path, None, right)).status == 204
        assert refused(await it.ask("GET", path, None, right)) == (404, -1040)


async def test_a_document_without_a_password_needs_none(tmp_path: Path, derived: list[str]) -> None:
    """J2, P2b and F2 always send the header, with an empty value; what is sent to a document without a password is ignored, but not 33 characters."""
    async with desk(tmp_path) as it:
        path = await it.create()
        for value in ("", "anything", "x" * 32):
            assert (await it.ask("GET", path, None, {NEW: value})).status == 200
        assert refused(await it.ask("GET", path, None, {NEW: "x" * 33})) == (400, -2113)
        assert derived == []


@pytest.mark.parametrize("compat", Compat)
async def test_both_names_of_the_header(compat: Compat, tmp_path: Path, derived: list[str]) -> None:
    """The old name counts when lenient, and the new one wins (D-09)."""
    async with desk(tmp_path, compat=compat) as it:
        path = await it.create(password="right")
        old = await it.ask("GET", path, None, {OLD: "right"})
        assert old.status == (403 if compat is Compat.STRICT else 200)
        assert (await it.ask("GET", path, None, {NEW: "right", OLD: "wrong"})).status == 200
        assert (await it.ask("GET", path, None, {NEW: "wrong", OLD: "right"})).status == 403


async def test_passwords_in_any_script(tmp_path: Path, derived: list[str]) -> None:
    """Clients put UTF-8 or Latin-1 into a header; both open what a JSON body has made."""
    async with desk(tmp_path) as it:
        path = await it.create(password="größe")
        for raw in ("größe".encode(), "größe".encode("latin-1")):
            reply = await it.there.client.request(
                "GET", f"/api/storage/documents{path}", raw_headers=[(NEW.lower().encode(), raw)]
            )
            assert reply.status == 200
        assert header_text("пароль".encode().decode("latin-1")) == "пароль"
        longest = await it.create(password="ö" * 32)
        reply = await it.there.client.request(
            "GET", f"/api/storage/documents{longest}", raw_headers=[(NEW.lower().encode(), ("ö" * 32).encode())]
        )
        assert reply.status == 200


def test_a_key_costs_time_and_memory() -> None:
    """The derivation is scrypt with parameters that are stored, each document with a salt of its own."""
    one, other = Derivation(), Derivation()
    assert one.salt != other.salt
    assert one.n * one.r * 128 >= 32 << 20, "32 MB for each guess"
    assert len(one.derive("x")) == 32
    assert Derivation(one.salt, n=1 << 10).derive("x") != one.derive("x")


async def test_a_known_password_costs_nothing(tmp_path: Path, derived: list[str]) -> None:
    """Who made a document or has opened it derives no key again, until 64 others have come since or the document is deleted."""
    right = {NEW: "right"}
    async with desk(tmp_path) as it:
        store = it.there.service.documents
        path = await it.create(password="right")
        for _ in range(3):
            assert (await it.ask("GET", path, None, right)).status == 200
        assert derived == ["right"]
        for _ in range(KNOWN):
            await it.create(password="other")
        assert len(store.unlocker.known) == KNOWN
        derived.clear()
        for _ in range(3):
            assert (await it.ask("GET", path, None, right)).status == 200
        assert derived == ["right"]
        assert (await it.ask("DELETE", path, None, right)).status == 204
        assert path[1:] not in store.unlocker.known, "the key is forgotten with the document"


def test_guessing_is_slow(tmp_path: Path, derived: list[str]) -> None:
    """After five wrong passwords a document takes the next one after 1 s, 2 s, 4 s ... 60 s, each time with 429, the time to wait, and no derivation."""

    async def main() -> None:
        async with desk(tmp_path) as it:
            path = await it.create(password="right")
            other = await it.create(password="right")
            it.there.service.documents.unlocker.known.clear()
            derived.clear()
            for number in range(FREE_GUESSES):
                assert refused(await it.ask("GET", path, None, {NEW: f"w{number}"})) == (403, -1043)
            waits = []
            for number in range(8):
                assert len(derived) == FREE_GUESSES + number
                reply = await it.ask("GET", path, None, {NEW: "right"})
                assert refused(reply) == (429, -1043)
                assert len(derived) == FREE_GUESSES + number
                waits.append(int(reply.headers["Retry-After"]))
                await trio.sleep(waits[-1])
                assert refused(await it.ask("GET", path, None, {NEW: "wrong"})) == (403, -1043)
            assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT]
            assert (await it.ask("GET", other, None, {NEW: "right"})).status == 200, "other documents do not wait"
            await trio.sleep(LONGEST_WAIT)
            assert (await it.ask("GET", path, None, {NEW: "right"})).status == 200
            for _ in range(FREE_GUESSES):
                assert refused(await it.ask("GET", path, None, {NEW: "wrong"})) == (403, -1043)
            assert (await it.ask("GET", path, None, {NEW: "right"})).status == 200, "its owner is known meanwhile"

    run(main, clock=Jumper())


async def test_many_guesses_at_once_do_not_eat_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred guesses at once five are tried, never two at a time, over all documents; the others are told at once to come back."""
    running: list[int] = []
    busiest: list[int] = []
    lock = threading.Lock()
    go = threading.Event()

    def derive(self: Derivation, password: str) -> bytes:
        with lock:
            running.append(1)
            busiest.append(len(running))
        go.wait()
        with lock:
            running.pop()
        return hashlib.sha256(password.encode()).digest()

    monkeypatch.setattr(Derivation, "derive", derive)
    async with desk(tmp_path) as it:
        go.set()
        paths = [await it.create(password="right") for _ in range(2)]
        busiest.clear()
        go.clear()
        statuses: list[int] = []

        async def guess(path: str) -> None:
            statuses.append((await it.ask("GET", path, None, {NEW: "wrong"})).status)

        async with trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(guess, paths[number % 2])
            try:
                with trio.fail_after(20):
                    while statuses.count(503) < 100 - 2 * (
                        1 + WAITING_GUESSES
                    ):  # told at once, while the first is being tried
                        await trio.lowlevel.checkpoint()
            finally:
                go.set()
        assert set(busiest) == {1}
        assert statuses.count(403) == len(busiest) == 2 * FREE_GUESSES
        assert set(statuses) == {403, 429, 503}


def test_the_guard_keeps_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """It remembers a limited number of documents, and any number of wrong passwords."""
    monkeypatch.setattr(passwords, "REMEMBERED", 3)

    async def main() -> None:
        guard = passwords.Guard()
        for number in range(10):
            async with guard.attempt(f"{number}"):
                guard.wrong(f"{number}")
        assert len(guard) == 3
        for _ in range(3000):
            guard.wrong("9")
        with pytest.raises(RestError) as caught:
            async with guard.attempt("9"):
                pass
        assert caught.value.headers["Retry-After"] == "60", "weeks of guessing wait no longer than that"

    run(main)
