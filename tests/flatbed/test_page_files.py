"""Files that ``flatbed scan`` writes: right size, right resolution, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from device_protocol import Colour, PageParams
from device_protocol.delivery import JPEG, PNG
from flatbed.page_files import PageFile, write_pages


def page(mode: str = "RGB", kind: str = "PNG", dpi: int = 100, shade: int = 200) -> PageFile:
    """A page of one inch by two inches."""
    image = Image.new(mode, (dpi, 2 * dpi), 1 if mode == "1" else (shade, 10, 20) if mode == "RGB" else shade)
    buffer = io.BytesIO()
    image.save(buffer, kind, dpi=(dpi, dpi))
    params = PageParams(
        dpi, 2 * dpi, 0, colour=Colour.COLOR, format=PNG if kind == "PNG" else JPEG, dpi_x=dpi, dpi_y=dpi
    )
    return PageFile(buffer.getvalue(), params.format, params)


def test_a_pdf_has_pages_in_their_physical_size(tmp_path: Path) -> None:
    """Each page of the PDF is as large as the paper was, whatever its resolution, and JPEG data goes in as it came."""
    pages = [page(kind="JPEG"), page(dpi=200), page("1")]
    (path,) = write_pages(tmp_path / "out.pdf", pages)
    with pikepdf.open(path) as pdf:
        sizes = [[float(value) for value in leaf.mediabox[2:]] for leaf in pdf.pages]
        first = next(iter(pdf.pages[0].get_images().values()))
        assert first.read_raw_bytes() == pages[0].data
    assert sizes == [pytest.approx([72, 144])] * 3


def test_the_same_pages_give_the_same_pdf(tmp_path: Path) -> None:
    """No clock in the file: no date, and no id, which would be made of the second and differ when a second begins between the two."""
    one = write_pages(tmp_path / "one.pdf", [page()])[0].read_bytes()
    two = write_pages(tmp_path / "two.pdf", [page()])[0].read_bytes()
    assert one == two
    with pikepdf.open(io.BytesIO(one)) as pdf:
        assert "/ID" not in pdf.trailer
        assert not {"/CreationDate", "/ModDate"} & set(pdf.docinfo.keys())


def test_a_tiff_has_all_pages_losslessly(tmp_path: Path) -> None:
    """Colour and black-and-white pages share a TIFF, each with its pixels and its resolution."""
    pages = [page(), page("1", dpi=200), page("L")]
    (path,) = write_pages(tmp_path / "out.tiff", pages)
    with Image.open(path) as tiff:
        assert isinstance(tiff, TiffImageFile)
        assert tiff.n_frames == 3
        seen = []
        for number in range(3):
            tiff.seek(number)
            seen.append((tiff.mode, tiff.info["compression"], round(tiff.info["dpi"][0])))
            with Image.open(io.BytesIO(pages[number].data)) as original:
                assert tiff.convert("RGB").tobytes() == original.convert("RGB").tobytes()
    assert seen == [("RGB", "tiff_adobe_deflate", 100), ("1", "group4", 200), ("L", "tiff_adobe_deflate", 100)]


def test_several_images_are_numbered(tmp_path: Path) -> None:
    """One page keeps the name; several are numbered from 1; the bytes are the device's own."""
    pages = [page(), page(shade=10)]
    assert [path.name for path in write_pages(tmp_path / "out.png", pages)] == ["out-1.png", "out-2.png"]
    (single,) = write_pages(tmp_path / "one.png", pages[:1])
    assert single.read_bytes() == pages[0].data


def test_a_page_that_cannot_be_jpeg_says_so_in_its_name(tmp_path: Path) -> None:
    """A black-and-white page asked for as JPEG comes as PNG; its name tells the truth."""
    names = [path.name for path in write_pages(tmp_path / "out.jpg", [page(kind="JPEG"), page("1")])]
    assert names == ["out-1.jpg", "out-2.png"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """If the target cannot be written the folder is as it was."""
    target = tmp_path / "out.png"
    target.mkdir()
    with pytest.raises(OSError):  # noqa: PT011  # IsADirectoryError or its like on other systems
        write_pages(target, [page()])
    assert list(tmp_path.iterdir()) == [target]
