"""Documents as artwork: found with limits, drawn the same way each time, and still read by their marks."""

import io
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw

from sheets import (
    A4,
    A5,
    A6,
    BUSINESS_CARD,
    LETTER,
    ColourMode,
    Defects,
    Expectation,
    Marks,
    PaperSize,
    RenderSettings,
    Sheet,
    SheetError,
    Side,
    load_document,
    read_page,
    render,
    render_rows,
)
from sheets.documents import files
from sheets.documents.pdf import draw_page
from sheets.documents.scans import pages_of
from tests.sheets.pages import Pixels, encode, mirror, page, turn


def letter(seed: int = 1) -> Image.Image:
    """Something like a page of a letter: coloured blocks at random places."""
    places = np.random.default_rng(seed)
    image = Image.new("RGB", (600, 840), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(50):
        x, y, wide, high = places.integers((20, 20, 10, 4), (500, 780, 90, 30)).tolist()
        pen.rectangle((x, y, x + wide, y + high), fill=tuple(places.integers(0, 200, 3).tolist()))
    return image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a PDF of two pages, two images and a file of another kind."""
    letter(1).save(tmp_path / "b.png")
    letter(2).save(tmp_path / "c.JPG")
    (tmp_path / "notes.txt").write_text("no page")
    pages = [encode(np.asarray(letter(number)), "PNG", dpi=(100, 100)) for number in (3, 4)]
    (tmp_path / "a.pdf").write_bytes(img2pdf.convert(pages))
    return tmp_path


def test_a_folder_is_pages_in_the_order_of_names(folder: Path) -> None:
    """PDFs page by page and images, by name; what is no page is left out."""
    assert [(Path(page.path).name, page.index) for page in load_document(folder)] == [
        ("a.pdf", 0),
        ("a.pdf", 1),
        ("b.png", 0),
        ("c.JPG", 0),
    ]


@pytest.mark.parametrize("size", [A4, LETTER, A5, A6, BUSINESS_CARD, PaperSize("long", 90.0, 800.0)], ids=str)
@pytest.mark.parametrize(("dpi", "mode"), [(75, ColourMode.GRAY), (150, ColourMode.COLOR)])
def test_marks_in_the_margin_are_read(folder: Path, size: PaperSize, dpi: int, mode: ColourMode) -> None:
    """A sheet with a document between its marks is named like any other, with nothing to complain about."""
    if size is BUSINESS_CARD:
        dpi *= 2  # its marks are 14 mm
    front, back, *_ = load_document(folder)
    sheet = Sheet(77, size, seed=9, marks=Marks.MARGIN, front=front, back=back)
    for side in Side:
        reading = read_page(encode(page(sheet, side, dpi, mode), "JPEG", quality=75))
        assert (reading.number, reading.side, reading.seed) == (77, side, 9)
        assert reading.size
        assert reading.size.tenths == size.tenths
        assert (reading.marks_read, reading.problems()) == (reading.marks_total, [])


def test_defects_are_measured_around_a_document(folder: Path) -> None:
    """Skew, cast and a double feed are known from the margin alone."""
    front = load_document(folder)[0]
    sheet = Sheet(3, A5, marks=Marks.MARGIN, front=front, defects=Defects(skew=2, cast=(1, 0.9, 0.8)))
    reading = read_page(page(sheet, dpi=150))
    assert reading.skew == pytest.approx(2, abs=0.1)
    assert reading.measures.cast == pytest.approx((1, 0.9, 0.8), abs=0.03)


def test_a_document_is_fitted_with_its_proportions(folder: Path) -> None:
    """Nothing is stretched: the page is centred in the room that the marks leave, or on the sheet."""
    document = load_document(folder / "b.png")[0]
    drawn = page(Sheet(1, A4, marks=Marks.NONE, front=document), dpi=72)
    inked = np.argwhere(drawn.min(axis=2) < 200)
    original = np.argwhere(np.asarray(letter(1)).min(axis=2) < 200)
    assert np.ptp(inked[:, 0]) / np.ptp(inked[:, 1]) == pytest.approx(
        np.ptp(original[:, 0]) / np.ptp(original[:, 1]), rel=0.02
    )


@pytest.mark.parametrize("name", ["a.pdf", "b.png"])
def test_drawing_a_document_is_pure(folder: Path, name: str) -> None:
    """The same page gives the same bytes, whole or in strips, skewed or not, in 16 bits too."""
    document = load_document(folder / name)[0]
    for defects in (Defects(), Defects(skew=1.5, bleed=0.1)):
        sheet = Sheet(2, A6, marks=Marks.MARGIN, front=document, defects=defects)
        for depth in (8, 16):
            settings = RenderSettings(110, 110, ColourMode.GRAY, depth)
            whole = render(sheet, Side.FRONT, settings)
            assert np.array_equal(whole, render(sheet, Side.FRONT, settings))
            assert np.array_equal(render_rows(sheet, Side.FRONT, settings, 100, 77), whole[100:177])


@pytest.mark.parametrize(
    ("change", "found"), [(turn(0), (0, False)), (turn(1), (90, False)), (turn(2), (180, False)), (mirror, (0, True))]
)
def test_a_document_without_marks_is_compared_with_what_is_known(
    folder: Path, change: object, found: tuple[int, bool]
) -> None:
    """Asked for, the oracle says how like the page is and how it lies; not asked, that there is no mark."""
    assert callable(change)
    first, second = load_document(folder / "a.pdf")
    expected = Expectation.of(Sheet(1, A5, marks=Marks.NONE, front=first), Side.FRONT)
    pixels = change(page(Sheet(1, A5, marks=Marks.NONE, front=first), dpi=100))
    assert read_page(pixels).problems() == ["no mark of a sheet was found"]
    reading = read_page(pixels, expected=expected)
    assert reading.likeness
    assert reading.likeness > 0.9
    assert (reading.turned, reading.mirrored) == found
    assert bool(reading.differences(expected)) is (found != (0, False))
    other = read_page(page(Sheet(1, A5, marks=Marks.NONE, front=second), dpi=100), expected=expected)
    assert any("not the expected document" in words for words in other.differences(expected))


def test_a_file_that_has_changed_is_refused(folder: Path) -> None:
    """What is drawn is what was loaded, or nothing."""
    letter(99).save(folder / "b.png")  # no other test has drawn this one, so it is in no cache
    document = load_document(folder / "b.png")[0]
    letter(9).save(folder / "b.png")
    with pytest.raises(SheetError, match=r"b\.png: has changed since it was loaded"):
        render(Sheet(1, A6, marks=Marks.MARGIN, front=document), Side.FRONT, RenderSettings(75, 75))
    (folder / "b.png").unlink()
    with pytest.raises(SheetError, match="there is no such file"):
        render(Sheet(1, A6, marks=Marks.MARGIN, front=document), Side.FRONT, RenderSettings(75, 75))


def _locked() -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(buffer, encryption=pikepdf.Encryption(owner="a", user="b"))
    return buffer.getvalue()


def _pdf(width: float = 100.0, pages: int = 1) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(100, 100))
            document.pages[-1].MediaBox = pikepdf.Array([0, 0, width, 100])
        document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("x.png", b"no image", "no PNG, JPEG or TIFF"),
        ("x.png", encode(np.zeros((50, 50), np.uint8), "PNG")[:60], "cannot be decoded"),
        ("x.pdf", b"", "cannot be read as a PDF"),
        ("x.pdf", b"%PDF-1.7\nbroken", "cannot be read as a PDF"),
        ("x.pdf", _locked(), "cannot be read as a PDF"),
        ("x.pdf", _pdf(14_401), "14400"),
        ("x.pdf", _pdf(pages=2001), "pages are outside"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    """The error names the file and what is wrong with it, when it is loaded and not when it is scanned."""
    (tmp_path / name).write_bytes(data)
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(SheetError, match=says) as caught:
            load_document(path)
        assert name in str(caught.value)


def test_limits_of_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files, pages or bytes are refused, and so is a folder with none."""
    with pytest.raises(SheetError, match="no PDF and no image"):
        load_document(tmp_path)
    with pytest.raises(SheetError, match="no such file"):
        load_document(tmp_path / "missing.pdf")
    for name in ("a.png", "b.png"):
        letter().save(tmp_path / name)
    for limit, says in (
        ("MAX_FILES", "2 files exceed"),
        ("MAX_PAGES", "more than 1 pages"),
        ("MAX_TOTAL_BYTES", "in all"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(files, limit, 1)
            with pytest.raises(SheetError, match=says):
                load_document(tmp_path)


def test_a_sheet_full_of_marks_has_no_room_for_a_document(folder: Path) -> None:
    """A document over the marks would only break them."""
    with pytest.raises(SheetError, match="marks in the margin"):
        Sheet(1, front=load_document(folder)[0])


def _numbered(kind: str, path: Path) -> None:
    pages: list[Pixels] = [page(Sheet(number, A6), dpi=120) for number in (4, 5)]
    if kind == "pdf":
        path.write_bytes(img2pdf.convert([encode(pixels, "PNG", dpi=(120, 120)) for pixels in pages]))
        return
    first, second = (Image.fromarray(pixels) for pixels in pages)
    first.save(path, "TIFF", save_all=True, append_images=[second], dpi=(120, 120))


def test_a_picture_of_absurd_resolution_costs_no_memory(tmp_path: Path) -> None:
    """A picture of 4000 x 2 pixels on a hundredth of a point must not make a page of millions of dots an inch."""
    path = tmp_path / "hair.pdf"
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 100))
        picture = pikepdf.Stream(document, bytes(8000))
        for name, value in {"Width": 4000, "Height": 2, "BitsPerComponent": 8}.items():
            picture[f"/{name}"] = value
        picture["/Type"], picture["/Subtype"] = pikepdf.Name("/XObject"), pikepdf.Name("/Image")
        picture["/ColorSpace"] = pikepdf.Name("/DeviceGray")
        document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
        document.pages[0].Contents = pikepdf.Stream(document, b"q 0.01 0 0 50 10 10 cm /Im Do Q")
        document.save(path)
    (scanned,) = pages_of(path)
    assert scanned.pixels.shape == (round(100 / 72 * 50), round(200 / 72 * 1200), 3)
    assert draw_page(path.read_bytes(), 0, 1_000_000, 2).shape == (2, 1_000_000, 3)


@pytest.mark.parametrize("kind", ["pdf", "tiff"])
def test_all_pages_of_a_scan_are_read(tmp_path: Path, kind: str) -> None:
    """A PDF is drawn at the resolution of its pictures, a TIFF has its frames one after the other."""
    path = tmp_path / f"scan.{kind}"
    _numbered(kind, path)
    for number, scanned in zip((4, 5), pages_of(path), strict=True):
        reading = read_page(scanned.pixels, dpi=scanned.dpi)
        assert (reading.number, reading.problems()) == (number, [])
        assert scanned.dpi == pytest.approx((120, 120), rel=0.005)
