"""TIFF, PNG and JPEG of documents, and what content refuses (rest-api.md 6.1)."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import trio
from PIL import Image, ImageSequence

from device_protocol.vocabularies.rest_documents import TIFF_CODINGS, Coding
from reference_server.documents.output.plan import Image as Coded
from reference_server.documents.output.plan import size_of
from reference_server.documents.output.tiff import plan_tiff
from reference_server.errors import RestError
from tests.reference_server.client import Reply
from tests.reference_server.documents.desk import Desk, desk, put, refused
from tests.reference_server.documents.pictures import DPI, distance, opened, page, picture
from tests.reference_server.fakes import FakeHost


async def content(it: Desk, path: str, **query: object) -> Reply:
    """The content of a document."""
    return await it.ask("GET", f"{path}/content?{urlencode(query)}")


def tiff_pages(reply: Reply) -> list[Image.Image]:
    """The pages of a TIFF as libtiff reads them, with their tags."""
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/tiff"), reply.body
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    with Image.open(io.BytesIO(reply.body)) as file:
        pages = []
        for frame in ImageSequence.Iterator(file):
            copy = frame.copy()
            copy.info["tags"] = dict(frame.tag_v2)  # type: ignore[attr-defined]  # it is a TIFF
            pages.append(copy)
        return pages


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("compression", [0, *TIFF_CODINGS])
async def test_every_compression_of_tiff(compression: int, mode: str, tmp_path: Path) -> None:
    """Each compression is the number in the file's tag, and libtiff reads the page as it was; those for black and white cut at half brightness."""
    expected_tag = compression or (4 if mode == "1" else 7)
    bilevel = compression in {2, 3, 4} or mode == "1"
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page(mode), page(mode, number=9))
        pages = tiff_pages(await content(it, path, type="image/tiff", compression=compression))
        assert len(pages) == 2
        for number, (shown, file) in enumerate(zip(pages, (page(mode), page(mode, number=9)), strict=True)):
            image = opened(file)
            if bilevel:
                image = image.convert("L").convert("1", dither=0)  # type: ignore[arg-type]  # Pillow's NONE
            tags = shown.info["tags"]
            assert tags[259] == expected_tag
            assert (tags[282], tags[283], tags[296], tags[297]) == (DPI, DPI, 2, (number, 2))
            assert distance(shown, image) <= (8 if expected_tag == 7 else 0)


@pytest.mark.parametrize(
    "how", [{}, {"subsampling": 0}, {"subsampling": 1}, {"keep_rgb": True}, {"keep_rgb": True, "dpi": (0, 0)}]
)
async def test_jpeg_pages_go_into_a_tiff_as_they_are(how: dict[str, object], tmp_path: Path) -> None:
    """The very bytes of a JPEG page are its strip, and libtiff shows the colours of the page, however its chrominance was sampled."""
    file = page("RGB", "JPEG", **how)
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, file, page("L", "JPEG"))
        reply = await content(it, path, type="image/tiff", quality=5)
        assert file in reply.body
        assert page("L", "JPEG") in reply.body
        colour, grey = tiff_pages(reply)
        assert distance(colour, opened(file)) < 1.5
        assert distance(grey, opened(page("L", "JPEG"))) < 1.5


async def test_a_page_without_resolution_in_a_tiff(tmp_path: Path) -> None:
    """The unit says that there is none."""
    file = io.BytesIO()
    picture("L").save(file, "PNG")
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, file.getvalue())
        (shown,) = tiff_pages(await content(it, path, type="image/tiff"))
        assert shown.info["tags"][296] == 1


@pytest.mark.parametrize(("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("RGB", "PNG"), ("L", "JPEG"), ("RGB", "JPEG")])
async def test_png_and_jpeg_of_one_page(mode: str, kind: str, tmp_path: Path) -> None:
    """A page of the type that is wanted is given as it is; of the other type it is made, a black-and-white one as a grey JPEG."""
    file = page(mode, kind)
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        uids = await put(it, path, page("L", "PNG", 7), file)
        for wanted in ("PNG", "JPEG"):
            media_type = f"image/{wanted.lower()}"
            reply = await content(it, path, type=media_type.upper(), pages=uids[1])
            assert (reply.status, reply.headers["Content-Type"]) == (200, media_type)
            assert (reply.body == file) == (wanted == kind)
            shown = opened(reply.body)
            assert shown.format == wanted
            assert distance(shown, opened(file)) < 8
            assert round(shown.info["dpi"][0]) == DPI
        first = await content(it, path, type="image/png")
        assert first.body == page("L", "PNG", 7), "the first page where one is wanted and none is named"


def test_a_tiff_has_at_most_4_gb() -> None:
    """Its offsets have 32 bits: what does not fit is refused, with words that say what to do, instead of becoming a broken file."""

    def image(size: int) -> Coded:
        return Coded(Coding.NONE, 10, 10, 1, 8, (100, 100), size, chunks=nothing)

    async def nothing() -> AsyncGenerator[bytes, None]:
        yield b""

    assert size_of(plan_tiff([image(2 << 30), image((2 << 30) - 4000)])) < 1 << 32
    with pytest.raises(RestError, match="ask for fewer") as caught:
        plan_tiff([image(2 << 30), image(2 << 30)])
    assert (caught.value.status, int(caught.value.code)) == (400, -2113)


async def test_quality_of_a_jpeg(tmp_path: Path) -> None:
    """A JPEG that is made has the quality that was asked for (D-12)."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("RGB"))
        made = [(await content(it, path, type="image/jpeg", quality=quality)).body for quality in (0, 50, 80, 100)]
        assert [len(data) for data in made] == sorted({len(data) for data in made})
        assert (await content(it, path, type="image/jpeg")).body == made[2], "the default is 80"


async def test_odd_pages(tmp_path: Path) -> None:
    """Pages of 16 bits, with a palette or with transparency go into each type; what is transparent is white."""
    grey = picture("L")
    deep = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    clear = picture("RGB").convert("RGBA")
    clear.putalpha(0)
    async with desk(tmp_path, pages=0) as it:
        for image, seen in (
            (deep, grey),
            (picture("RGB").quantize(256), picture("RGB")),
            (clear, Image.new("RGB", clear.size, "white")),
            (grey.convert("LA"), grey),
        ):
            file = io.BytesIO()
            image.save(file, "PNG", dpi=(DPI, DPI))
            path = await it.create()
            await put(it, path, file.getvalue())
            for query in ({"type": "image/jpeg"}, {"type": "image/tiff"}, {"type": "image/tiff", "compression": 5}):
                reply = await content(it, path, **query)
                assert reply.status == 200
                assert distance(opened(reply.body), seen) < 8
            assert (await content(it, path)).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "type=image/gif",
        "type=text/html",
        "type=application/pdf,image/png",
        "pages=0,1&type=image/png",
        "pages=0,0&type=image/jpeg",
        "pages=2",
        "pages=-1",
        "pages=0,,1",
        "pages=0,",
        "pages=x",
        "pages=0123456789ab",
        "compression=1",
        "compression=4",
        "compression=32773",
        "compression=x",
        "compression=-1",
        "compression=6&type=image/tiff",
        "compression=8&type=image/tiff",
        "compression=99&type=image/png",
        "quality=101",
        "quality=-1",
        "quality=8.5",
        "quality=high",
        "pageType=10",
        "pageType=A4",
        "version=1.8",
        "version=x",
        "creationDate=yesterday",
        "creationDate=D:20251301",
        "modifiedDate=D:2025%0A",
        f"title={'x' * 2001}",
        f"password={'x' * 33}",
    ],
)
async def test_what_content_refuses(query: str, tmp_path: Path) -> None:
    """Two pages in a PNG or JPEG, unknown pages, types, compressions and whatever else is no value of a key: 400 -2113 (rest-api.md 6.1)."""
    async with desk(tmp_path, pages=2) as it:
        path = await it.create(pages=2)
        assert refused(await it.ask("GET", f"{path}/content?{query}")) == (400, -2113)


async def test_an_empty_document_has_no_content(tmp_path: Path) -> None:
    """400 -1035 (rest-api.md 6.1), whatever the type, and once it has a page again it has content."""
    async with desk(tmp_path, pages=1) as it:
        path = await it.create()
        for media_type in ("application/pdf", "image/tiff", "image/png", "image/jpeg"):
            assert refused(await content(it, path, type=media_type)) == (400, -1035)
        await it.insert(path, 0)
        assert (await content(it, path, type="image/png")).status == 200


async def test_a_client_that_leaves_while_its_file_is_made(tmp_path: Path) -> None:
    """The work is given up, its spool is removed, its place is free, and nobody holds the document."""
    host = FakeHost()
    async with desk(tmp_path, host, pages=0) as it:
        path = await it.create()
        await put(it, path, page("RGB"), page("1"))
        store, compute, gone = it.there.service.documents, host.compute, trio.Event()

        async def slow(target: str, data: bytes, *arguments: object) -> tuple[object, bytes]:
            if (tmp_path / "storage" / "spool").exists() and list((tmp_path / "storage" / "spool").iterdir()):
                assert store.converting.borrowed_tokens == 1
                gone.set()  # one page is in the spool
                await trio.sleep_forever()
            return await compute(target, data, *arguments)

        host.compute = slow  # type: ignore[method-assign]  # a slow codec process
        with trio.fail_after(20):
            reply = await it.ask("GET", f"{path}/content", gone=gone)
        assert reply.messages == []
        assert list((tmp_path / "storage" / "spool").iterdir()) == []
        assert (len(store.holds), store.converting.borrowed_tokens) == (0, 0)
        host.compute = compute  # type: ignore[method-assign]  # as it was
        assert (await content(it, path)).status == 200


async def test_nothing_is_left_of_an_answer(tmp_path: Path) -> None:
    """Whether a file was taken whole, refused, or left in the middle: its spool is gone afterwards, and nobody holds the document."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("RGB"), page("1"))
        await content(it, path)
        await content(it, path, pages="9")
        store = it.there.service.documents

        def leave(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body":
                raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await it.ask("GET", f"{path}/content", on_message=leave)
        assert list((tmp_path / "storage" / "spool").iterdir()) == []
        assert len(store.holds) == 0
