"""PDF files of documents, as other software reads them: pdfium, and qpdf through pikepdf (rest-api.md 6.1)."""

from __future__ import annotations

import io
import itertools
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pikepdf
import pypdfium2
import pytest

from device_protocol.vocabularies.rest_documents import PAGE_TYPES, PDF_CODINGS
from reference_server.documents.output import content as output_content
from reference_server.documents.reading import CHUNK, Reading
from reference_server.documents.records import PageEntry
from tests.reference_server.client import Reply
from tests.reference_server.documents.desk import Desk, desk, put, refused
from tests.reference_server.documents.pictures import DPI, HEIGHT, WIDTH, distance, opened, page, picture, rendered
from tests.reference_server.fakes import FakeHost

MM = 72 / 25.4
NATURAL = (WIDTH / DPI * 72, HEIGHT / DPI * 72)


async def content(it: Desk, path: str, **query: object) -> Reply:
    """The content of a document."""
    return await it.ask("GET", f"{path}/content?{urlencode(query)}")


async def pdf(it: Desk, path: str, **query: object) -> tuple[bytes, pikepdf.Pdf]:
    """A PDF of a document, whole for qpdf."""
    reply = await content(it, path, **query)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/pdf"), reply.body
    assert int(reply.headers["Content-Length"]) == len(reply.body), "the length in front is the true one"
    document = pikepdf.open(io.BytesIO(reply.body), password=str(query.get("password", "")))
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # qpdf itself cannot look into JBIG2; pdfium does
        assert document.check_pdf_syntax() == []
    return reply.body, document


def image_of(document: pikepdf.Pdf, index: int) -> Any:
    """The image of a page."""
    return document.pages[index].Resources.XObject["/I"]


@pytest.mark.parametrize("query", [{}, {"quality": 10}, {"compression": 5}, {"password": "open"}])
async def test_jpeg_pages_go_in_as_they_are(query: dict[str, object], tmp_path: Path) -> None:
    """The very bytes of a JPEG page are in the PDF, whatever the quality says, and no codec sees them; progressive ones too."""
    files = [page("RGB", "JPEG"), page("L", "JPEG", 3), page("RGB", "JPEG", 5, progressive=True)]
    host = FakeHost()
    async with desk(tmp_path, host, pages=0) as it:
        path = await it.create()
        await put(it, path, *files)
        host.compute = None  # type: ignore[method-assign, assignment]  # whoever calls it fails
        data, document = await pdf(it, path, **query)
        assert [image_of(document, index).read_raw_bytes() for index in range(3)] == files
        assert [str(image_of(document, index).Filter) for index in range(3)] == ["/DCTDecode"] * 3
        assert all((file in data) == ("password" not in query) for file in files)
        for shown, file in zip(rendered(data, str(query.get("password", ""))), files, strict=True):
            assert shown.size == pytest.approx(NATURAL, abs=0.01)
            assert distance(shown.image, opened(file)) < 2


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("compression", [0, *PDF_CODINGS])
async def test_every_compression_shows_the_page(compression: int, mode: str, tmp_path: Path) -> None:
    """Each compression gives the filter that it is called after and a page that pdfium shows as it is; for black and white only: cut at half brightness."""
    filters = {2: "CCITTFax", 3: "LZW", 5: "DCT", 6: "JPX", 7: "JBIG2"} | {0: "JBIG2" if mode == "1" else "DCT"}
    bilevel = compression in {2, 7} or mode == "1"
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page(mode), page(mode, number=9))
        data, document = await pdf(it, path, compression=compression)
        assert str(image_of(document, 0).Filter) == f"/{filters[compression]}Decode"
        expected = [opened(page(mode)), opened(page(mode, number=9))]
        if bilevel:
            expected = [image.convert("L").convert("1", dither=0) for image in expected]  # type: ignore[arg-type]  # Pillow's NONE
        exact = compression in {2, 3, 7} or (bilevel and compression == 0)
        for shown, image in zip(rendered(data), expected, strict=True):
            assert distance(shown.image, image) <= (0 if exact else 8)


async def test_every_compression_of_a_jpeg_page(tmp_path: Path) -> None:
    """A JPEG page can be made into anything else, too."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("RGB", "JPEG"))
        for compression in PDF_CODINGS:
            data, _ = await pdf(it, path, compression=compression)
            image = picture("RGB").convert("1", dither=0) if compression in {2, 7} else picture("RGB")  # type: ignore[arg-type]  # see above
            assert distance(rendered(data)[0].image, image) < 8


async def test_a_jpeg_in_printing_colours(tmp_path: Path) -> None:
    """A CMYK JPEG, which few readers show well, becomes a colour JPEG; so does its TIFF."""
    file = io.BytesIO()
    picture("RGB").convert("CMYK").save(file, "JPEG", dpi=(DPI, DPI))
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, file.getvalue())
        data, document = await pdf(it, path)
        assert str(image_of(document, 0).ColorSpace) == "/DeviceRGB"
        assert distance(rendered(data)[0].image, picture("RGB")) < 8
        reply = await content(it, path, type="image/tiff")
        assert distance(opened(reply.body), picture("RGB")) < 8


async def test_quality_is_higher_for_better(tmp_path: Path) -> None:
    """Quality 0 to 100, higher is better and larger (D-12), for JPEG and JPEG2000; where nothing is lost it says nothing."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("RGB"))
        for compression, grows in ((5, True), (6, True), (3, False)):
            made = [(await pdf(it, path, compression=compression, quality=quality))[0] for quality in (0, 40, 100)]
            sizes = [len(data) for data in made]
            assert (sizes == sorted(set(sizes))) == grows
            losses = [distance(rendered(data)[0].image, picture("RGB")) for data in made]
            assert losses == sorted(losses, reverse=True)
            assert losses[-1] < 3


@pytest.mark.parametrize("number", PAGE_TYPES)
async def test_every_page_type(number: int, tmp_path: Path) -> None:
    """Page types are papers (D-18): the page has that size and the picture stands on it in the middle, in its own size; 0 and 1 are as scanned."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("L", "JPEG"))
        (shown,) = rendered((await pdf(it, path, pageType=number))[0])
        paper = PAGE_TYPES[number]
        size = NATURAL if paper is None else (paper[0] * MM, paper[1] * MM)
        assert shown.size == pytest.approx(size, abs=0.01)
        left, top = ((shown.image.width - WIDTH) / 2, (shown.image.height - HEIGHT) / 2)
        assert (
            distance(
                shown.image.crop((round(left), round(top), round(left) + WIDTH, round(top) + HEIGHT)), picture("L")
            )
            < 12
        )


async def test_a_page_that_is_larger_than_its_paper_is_made_smaller(tmp_path: Path) -> None:
    """Nothing is cut off: an A3 scan on Letter paper shrinks until it fits, with its proportions."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        image = picture("L").resize((1169, 1654))
        file = io.BytesIO()
        image.save(file, "JPEG", dpi=(100, 100))
        await put(it, path, file.getvalue())
        (shown,) = rendered((await pdf(it, path, pageType=6))[0])
        assert shown.size == pytest.approx((612, 792), abs=0.01)
        height = shown.image.height
        width = round(height * 1169 / 1654)
        left = (shown.image.width - width) // 2
        assert distance(shown.image.crop((left, 0, left + width, height)), image.resize((width, height))) < 8
        assert shown.image.crop((0, 0, left - 2, height)).convert("L").getextrema() == (255, 255)


async def test_a_page_without_resolution_has_a_size(tmp_path: Path) -> None:
    """A camera tells no resolution: its pages count as 96 dpi, and one dpi for each axis is kept."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        plain, uneven = io.BytesIO(), io.BytesIO()
        picture("L").save(plain, "PNG")
        picture("L").save(uneven, "PNG", dpi=(100, 200))
        await put(it, path, plain.getvalue(), uneven.getvalue())
        first, second = rendered((await pdf(it, path))[0])
        assert first.size == pytest.approx((WIDTH * 0.75, HEIGHT * 0.75), abs=0.01)
        assert second.size == pytest.approx((WIDTH * 0.72, HEIGHT * 0.36), abs=0.05)


@pytest.mark.parametrize("password", ["", "offen"])
async def test_what_a_pdf_says_of_itself(password: str, tmp_path: Path) -> None:
    """Author, creator, producer, subject, title, keywords and dates come back as they were given, in any script, in plain files and in encrypted ones."""
    texts = {
        "author": "A (1)\\",
        "creator": "C",
        "producer": "P",
        "subject": "Größe",
        "title": "標題 😀",
        "keyWords": "a,b",
    }
    dates = {"creationDate": "D:20250101", "modifiedDate": "20250102030405+01'00'"}
    names = {"keyWords": "/Keywords", "creationDate": "/CreationDate", "modifiedDate": "/ModDate"}
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("L", "JPEG"))
        data, document = await pdf(it, path, password=password, **texts, **dates)
        for key, text in (texts | dates | {"modifiedDate": "D:20250102030405+01'00'"}).items():
            assert str(document.docinfo[names.get(key, f"/{key.title()}")]) == text
        shown = pypdfium2.PdfDocument(data, password=password or None)
        assert shown.get_metadata_value("Title") == texts["title"]
        shown.close()
        _, plain = await pdf(it, path)
        assert not list(plain.docinfo), "what nobody asked for is not there"


async def test_versions(tmp_path: Path) -> None:
    """The version is the one that was asked for, 1.5 by default, or the one that what is inside needs."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("1"))
        for query, version in (
            ({}, "1.5"),
            ({"version": "1.7"}, "1.7"),
            ({"version": "2.0"}, "2.0"),
            ({"version": "1.1", "compression": 2}, "1.1"),
            ({"version": "1.1", "compression": 7}, "1.4"),
            ({"version": "1.1", "compression": 6}, "1.5"),
            ({"password": "x"}, "1.7"),
        ):
            data, _ = await pdf(it, path, **query)
            assert data.startswith(f"%PDF-{version}\n".encode())


@pytest.mark.parametrize("password", ["x", "offen und lang" * 2, "пароль", "p (%)"])
async def test_a_password_opens_the_pdf(password: str, tmp_path: Path) -> None:
    """AES-256 in its revision 6: pdfium and qpdf open the file with the password and not without, and nothing of a page is readable in it."""
    files = [page("RGB", "JPEG"), page("1")]
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, *files)
        data, document = await pdf(it, path, password=password, title="secret title")
        assert document.encryption.R == 6
        assert document.encryption.bits == 256
        assert document.encryption.stream_method.name == "aesv3"
        assert document.allow.print_highres
        shown = rendered(data, password)
        assert distance(shown[0].image, opened(files[0])) < 2
        assert distance(shown[1].image, picture("1")) == 0
        assert b"secret title" not in data
        assert all(file[20:60] not in data for file in files)
        for wrong in ("", password + "x"):
            with pytest.raises(pikepdf.PasswordError):
                pikepdf.open(io.BytesIO(data), password=wrong)
            with pytest.raises(pypdfium2.PdfiumError):
                pypdfium2.PdfDocument(data, password=wrong)


async def test_the_password_of_the_pdf_is_not_that_of_the_document(tmp_path: Path) -> None:
    """The two passwords are separate things (rest-api.md 6.1)."""
    async with desk(tmp_path, pages=1) as it:
        path = await it.create(password="doc")
        assert refused(await content(it, path, password="doc")) == (403, -1043)
        reply = await it.ask("POST", f"{path}/pages", {"source": it.sources[0]}, {"DWT-DOC-PASSWORD": "doc"})
        assert reply.status == 200
        reply = await it.ask("GET", f"{path}/content?type=image/png", None, {"DWT-DOC-PASSWORD": "doc"})
        assert reply.status == 200


async def test_pages_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    """Indices from 0 and UIDs, mixed, in output order, also twice; all pages without it (rest-api.md 6.1)."""
    files = [page("L", "JPEG", number) for number in range(4)]
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        uids = await put(it, path, *files)
        for asked, expected in (
            ("", [0, 1, 2, 3]),
            ("2", [2]),
            ("3,0", [3, 0]),
            (f"{uids[1]},0, {uids[3].upper()},1", [1, 0, 3, 1]),
        ):
            _, document = await pdf(it, path, pages=asked)
            assert [image_of(document, index).read_raw_bytes() for index in range(len(expected))] == [
                files[index] for index in expected
            ]
            assert len(document.pages) == len(expected)


async def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    """Without a password nothing in a PDF is random or depends on the clock."""
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, page("L"), page("1"))
        assert (await pdf(it, path))[0] == (await pdf(it, path))[0]


async def test_a_large_pdf_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 40 pages the first has been read when the first bytes go out, and none before its turn: the file never lies in memory as a whole."""
    monkeypatch.setattr(output_content, "VERIFIED_BYTES", 1000)
    read: list[int] = []
    frame = Reading._frame

    def counted(self: Reading, page: PageEntry, index: int) -> bytes:
        read.append(index)
        return frame(self, page, index)

    monkeypatch.setattr(Reading, "_frame", counted)
    files = [page("RGB", "JPEG", number) for number in range(40)]
    async with desk(tmp_path, pages=0) as it:
        path = await it.create()
        await put(it, path, *files)
        reads: list[int] = []
        pieces: list[int] = []

        def note(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body" and message["body"]:
                reads.append(len(read))
                pieces.append(len(message["body"]))

        reply = await it.ask("GET", f"{path}/content", on_message=note)
        assert reply.status == 200
        assert reads[0] <= 2, "one is on its way and one is ready"
        assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(reads))
        assert len(read) == 40
        assert max(pieces) < CHUNK + 20_000
