"""Documents over HTTP: each cell of rest-api.md 6."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import trio

from reference_server.config import Limits
from reference_server.modes import Compat
from tests.reference_server.documents.desk import DOCUMENTS, desk, refused
from tests.reference_server.fakes import content

UNKNOWN = "/0123456789ab"
UID = re.compile(r"[0-9a-f]{12}")


async def test_a_document_from_creation_to_deletion(tmp_path: Path) -> None:
    """The round trip of rest-api.md 11: create, insert, note, look, delete; a second delete is 404."""
    async with desk(tmp_path) as it:
        reply = await it.ask("POST", "", {"name": "n", "description": "d", "scope": "private"})
        made = reply.json()
        assert (reply.status, set(made), made["pages"]) == (201, {"uid", "pages"}, [])
        assert UID.fullmatch(made["uid"])
        path = f"/{made['uid']}"
        assert reply.headers["Location"] == f"http://127.0.0.1:18622{DOCUMENTS}{path}"
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0], "insertPos": 1, "password": "x"})
        assert (reply.status, set(reply.json())) == (200, {"uid", "pages"})
        (page,) = reply.json()["pages"]
        assert set(page) == {"uid"}
        assert UID.fullmatch(page["uid"])
        values: tuple[object, ...] = ({"case": "42", "ü": [1, 2.5, None, {}]}, "a string", {})
        for metadata in values:
            reply = await it.ask("PATCH", path, {"metadata": metadata})
            assert (reply.status, reply.json()) == (200, {**made, "pages": [page], "metadata": metadata})
        assert (await it.ask("GET", path.upper())).json() == {**made, "pages": [page], "metadata": {}}
        reply = await it.ask("DELETE", f"{path}/pages/0")
        assert (reply.status, reply.body, reply.headers.get("Content-Type")) == (204, b"", None)
        assert await it.pages(path) == []
        assert (await it.ask("DELETE", path)).status == 204
        for method in ("DELETE", "GET"):
            assert refused(await it.ask(method, path)) == (404, -1040)


async def test_an_empty_body_creates_a_document(tmp_path: Path) -> None:
    """Browser samples post an empty body (rest-api.md 1.2); the body's password may be empty or null, which means none."""
    async with desk(tmp_path) as it:
        for body in (b"", b"{}", {"password": ""}, {"password": None}):
            reply = await it.ask("POST", "", body)
            assert reply.status == 201
            assert (await it.ask("GET", f"/{reply.json()['uid']}")).status == 200


@pytest.mark.parametrize(
    "body", [b"[]", b"{", {"password": "x" * 33}, {"password": 5}, {"password": ["x"]}, b'{"password": "\\ud800"}']
)
async def test_a_bad_creation_makes_nothing(body: object, tmp_path: Path) -> None:
    """An over-long password and whatever is no password: 400 -2113, and no document."""
    async with desk(tmp_path) as it:
        assert refused(await it.ask("POST", "", body)) == (400, -2113)
        assert not [path for path in (tmp_path / "storage").glob("*") if UID.fullmatch(path.name)]


async def test_where_pages_are_inserted(tmp_path: Path) -> None:
    """The insertPos is 1-based, in front of that page; absent, 0, negative and beyond append (rest-api.md 6); numbers may come as strings."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=2)
        first, second = await it.pages(path)
        for position, index in ((1, 0), (3, 2), ("2", 1), (0, 5), (-4, 6), (9, 7), (None, 8), (9, 8)):
            before = await it.pages(path)
            after = await it.insert(path, 2, insertPos=position)
            assert [uid for uid in after if uid in before] == before
            assert UID.fullmatch(after[index])
            assert after[index] not in before
        assert {first, second} < set(after)
        assert len(set(after)) == len(after)


@pytest.mark.parametrize("body", [{}, {"source": 1}, {"source": "x"}, {"source": "ftp://x/"}, {"insertPos": 1}, b"x"])
async def test_a_bad_insertion_changes_nothing(body: object, tmp_path: Path) -> None:
    """A source that is missing, or names no page of a job here: 400 -2113."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=1)
        before = await it.pages(path)
        assert refused(await it.ask("POST", f"{path}/pages", body)) == (400, -2113)
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0], "insertPos": "first"})
        assert refused(reply) == (400, -2113)
        assert await it.pages(path) == before


async def test_a_source_is_a_name_and_not_an_address(tmp_path: Path) -> None:
    """Scheme and host of a source are ignored, and nobody is asked there: a server that listens at the address sees no connection."""
    async with desk(tmp_path) as it, trio.open_nursery() as nursery:
        seen: list[trio.SocketStream] = []
        listeners = await nursery.start(trio.serve_tcp, lambda stream: _note(seen, stream), 0)
        port = listeners[0].socket.getsockname()[1]
        path = await it.create()
        tail = it.sources[0].partition("/api/")[2]
        for base in (f"http://127.0.0.1:{port}", f"https://localhost:{port}", "http://scanner.invalid", ""):
            reply = await it.ask("POST", f"{path}/pages", {"source": f"{base}/api/{tail}"})
            assert reply.status == 200
        assert seen == []
        nursery.cancel_scope.cancel()


async def _note(seen: list[trio.SocketStream], stream: trio.SocketStream) -> None:
    seen.append(stream)


async def test_pages_are_kept_when_their_job_is_deleted(tmp_path: Path) -> None:
    """A document has copies of its pages (rest-api.md 5.5)."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=3)
        job = it.sources[0].partition("/next-page")[0].partition("18622")[2]
        assert (await it.there.client.request("DELETE", job)).status == 204
        for number in range(3):
            assert await it.page(path, number) == content(number + 1, 1000)
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0]})
        assert refused(reply) == (400, -2113)


async def test_a_page_is_removed_by_uid_before_index(tmp_path: Path) -> None:
    """A UID can be all digits, so an existing UID is looked for first, then an index (rest-api.md 1.7)."""
    async with desk(tmp_path) as it:
        path = await it.create(pages=3)
        one, two, three = await it.pages(path)
        assert (await it.ask("DELETE", f"{path}/pages/{two.upper()}")).status == 204
        assert (await it.ask("DELETE", f"{path}/pages/1")).status == 204
        assert await it.pages(path) == [one]
        for name in (two, three, "1", "-1", "x", "%2e%2e", "99999999999999999999"):
            assert refused(await it.ask("DELETE", f"{path}/pages/{name}")) == (404, -1040)
        assert await it.pages(path) == [one]


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"metadata": 4}, {"metadata": [1]}, {"metadata": True}, b"["])
async def test_metadata_is_an_object_or_a_string(body: object, tmp_path: Path) -> None:
    """Anything else is 400 -2113 and leaves what was there."""
    async with desk(tmp_path) as it:
        path = await it.create()
        await it.ask("PATCH", path, {"metadata": "before"})
        assert refused(await it.ask("PATCH", path, body)) == (400, -2113)
        assert (await it.ask("GET", path)).json()["metadata"] == "before"


async def test_metadata_has_limits(tmp_path: Path) -> None:
    """Too long, too deep, numbers that JSON has no word for, half characters: 400, and the old value stays."""
    async with desk(tmp_path, limits=Limits(metadata_bytes=100)) as it:
        path = await it.create()
        await it.ask("PATCH", path, {"metadata": "x" * 98})
        deep = b'{"metadata": ' + b'{"a":' * 33 + b"1" + b"}" * 34
        for body in ({"metadata": "x" * 99}, deep, b'{"metadata": {"a": 1e999}}', b'{"metadata": "\\ud800"}'):
            assert refused(await it.ask("PATCH", path, body)) == (400, -2113)
        assert (await it.ask("GET", path)).json()["metadata"] == "x" * 98


@pytest.mark.parametrize("path", [UNKNOWN, "/x", "/..", "/%2e%2e%2fstorage.key", "/0123456789abc", "/storage.key"])
async def test_unknown_documents_are_404(path: str, tmp_path: Path) -> None:
    """Every endpoint of a document that is not there answers 404 -1040, whatever else is wrong, and a UID is never a path."""
    async with desk(tmp_path) as it:
        await it.create()
        asked = (("GET", path), ("PATCH", path), ("DELETE", path), ("POST", f"{path}/pages"))
        for method, where in (*asked, ("DELETE", f"{path}/pages/0"), ("GET", f"{path}/content?type=x")):
            status, code = refused(await it.ask(method, where, b"{" if method in {"PATCH", "POST"} else None))
            assert (status, code) in {(404, -1040), (404, -2113)}
            assert code == -1040 or path == "/.."


async def test_methods_that_there_are_not(tmp_path: Path) -> None:
    """405 -2112 with the methods that there are, on every path."""
    async with desk(tmp_path, compat=Compat.STRICT) as it:
        for path, allowed in (
            ("", "POST"),
            (UNKNOWN, "GET, PATCH, DELETE"),
            (f"{UNKNOWN}/content", "GET"),
            (f"{UNKNOWN}/pages", "POST"),
            (f"{UNKNOWN}/pages/0", "DELETE"),
        ):
            reply = await it.ask("PUT", path)
            assert refused(reply) == (405, -2112)
            assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize("compat", Compat)
async def test_where_the_uid_may_stand(compat: Compat, tmp_path: Path) -> None:
    """The .NET client gives the UID in the query or the body (D-07): understood when lenient, 405 when strict, and nothing happens then."""
    async with desk(tmp_path, compat=compat) as it:
        path = await it.create(pages=0)
        uid = path[1:]
        strict = compat is Compat.STRICT
        for method, where, body in (
            ("GET", f"?documentuid={uid}", None),
            ("GET", "", {"documentuid": uid}),
            ("DELETE", "", {"documentuid": uid}),
        ):
            reply = await it.ask(method, where, body)
            if strict:
                assert refused(reply) == (405, -2112)
                assert reply.headers["Allow"] == "POST"
            else:
                assert reply.status == (200 if method == "GET" else 204)
        assert (await it.ask("GET", path)).status == (200 if strict else 404)
        if not strict:
            other = (await it.create())[1:]
            assert (await it.ask("DELETE", f"?documentuid={other}")).status == 204
            assert refused(await it.ask("GET")) == (400, -2113)
            assert refused(await it.ask("DELETE", "", {"documentuid": "x"})) == (404, -1040)


async def test_a_document_belongs_to_the_origin_that_made_it(tmp_path: Path) -> None:
    """Another origin gets 403 -2137 on every endpoint and changes nothing; a client without one is let through, as with jobs (S-064)."""
    mine, other = {"Origin": "http://localhost:1"}, {"Origin": "http://localhost:2"}
    async with desk(tmp_path) as it:
        path = await it.create(headers=mine)
        await it.insert(path, 0)
        asked = (
            ("GET", path, None),
            ("PATCH", path, {"metadata": "x"}),
            ("POST", f"{path}/pages", {"source": it.sources[0]}),
            ("DELETE", f"{path}/pages/0", None),
            ("GET", f"{path}/content?type=image/png", None),
            ("DELETE", path, None),
            ("DELETE", "", {"documentuid": path[1:]}),
        )
        before = (await it.ask("GET", path)).json()
        for method, where, body in asked:
            assert refused(await it.ask(method, where, body, other)) == (403, -2137)
        assert (await it.ask("GET", path)).json() == before
        assert (await it.ask("GET", path, None, mine)).json() == before
        unbound = await it.create()
        assert (await it.ask("GET", unbound, None, other)).status == 200


async def test_the_job_of_another_origin_gives_no_page(tmp_path: Path) -> None:
    """The origin of the job is asked for a page by URL too (rest-api.md 6)."""
    async with desk(tmp_path) as it:
        reply = await it.there.client.request(
            "POST", "/api/device/scanners/jobs", {"device": "virtual:flatbed"}, {"Origin": "http://localhost:2"}
        )
        url = f"/api/device/scanners/jobs/{reply.json()['jobuid']}"
        source = (await it.there.client.get(f"{url}/next-page-info")).json()["url"]
        path = await it.create()
        reply = await it.ask("POST", f"{path}/pages", {"source": source}, {"Origin": "http://localhost:1"})
        assert refused(reply) == (403, -2137)
        assert await it.pages(path) == []


async def test_two_clients_on_one_document_come_one_after_the_other(tmp_path: Path) -> None:
    """Each answer is true when it is given: of ten insertions at once each adds one page to what another one left."""
    async with desk(tmp_path) as it:
        path = await it.create()
        counts: list[int] = []

        async def insert() -> None:
            counts.append(len(await it.insert(path, 0, insertPos=1)))

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(insert)
        assert sorted(counts) == list(range(1, 11))
        statuses: list[int] = []

        async def remove() -> None:
            statuses.append((await it.ask("DELETE", path)).status)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(remove)
        assert sorted(statuses) == [204, 404, 404]


async def test_limits_are_507_and_change_nothing(tmp_path: Path) -> None:
    """Too many documents, pages or bytes: 507 -1002, told apart by their words."""
    limits = Limits(documents=2, document_pages=2, document_bytes=2500)
    async with desk(tmp_path, limits=limits) as it:
        path = await it.create(pages=2)
        await it.create()
        assert refused(await it.ask("POST")) == (507, -1002)
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0]})
        assert refused(reply) == (507, -1002)
        assert "2 pages" in reply.json()["message"]
        assert len(await it.pages(path)) == 2
        assert (await it.ask("DELETE", f"{path}/pages/0")).status == 204
        await it.insert(path, 0)
        assert (await it.ask("DELETE", path)).status == 204
        await it.create()


async def test_a_document_cannot_grow_beyond_its_bytes(tmp_path: Path) -> None:
    """The pages of one document have a limit together."""
    async with desk(tmp_path, limits=Limits(document_bytes=2500)) as it:
        path = await it.create(pages=2)
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0]})
        assert refused(reply) == (507, -1002)
        assert "MB" in reply.json()["message"]
        assert json.loads((await it.ask("GET", path)).body)["pages"] == [{"uid": uid} for uid in await it.pages(path)]
