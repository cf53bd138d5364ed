"""PDF files of scanned pages: one image a page, planned so that they stream (ISO 32000-2 7.5).

Objects 1 to 3 are catalog, page tree and information, 4 the encryption dictionary; each page has three more: page, content, image. JPEG pictures go in as they
are, whatever coded them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from device_protocol.vocabularies.rest_documents import DEFAULT_PDF_VERSION, Coding
from reference_server.documents.output.pdf_encryption import Encryption
from reference_server.documents.output.plan import Image, Plan, Stream, size_of

POINTS = 72
"""An inch."""

MM = POINTS / 25.4
FALLBACK_DPI = 96.0
"""Of a page whose device tells none, such as a camera's."""

LONGEST, SHORTEST = 14_400.0, 3.0
"""Points of a page's side (ISO 32000-2 annex C.2)."""

_NEEDS = {Coding.JBIG2: "1.4", Coding.JPEG2000: "1.5"}
_ENCRYPTION_NEEDS = "1.7"
_COLOURS = {1: "/DeviceGray", 3: "/DeviceRGB"}
_FIRST_PAGE = 5


@dataclass(frozen=True, slots=True)
class PdfWords:
    """What a PDF says beside its pages.

    Attributes:
        version: of PDF; raised where the file uses something newer.
        information: entries of the information dictionary by name.
        paper: width and height of the pages, mm; None: as large as each was scanned.
        password: to open it; empty for none.
        seed: makes the file's identifier.
    """

    version: str = DEFAULT_PDF_VERSION
    information: Mapping[str, str] = field(default_factory=dict)
    paper: tuple[float, float] | None = None
    password: str = field(default="", repr=False)
    seed: str = ""


def plan_pdf(images: Sequence[Image], words: PdfWords) -> Plan:
    """The file with a page for each image."""
    encryption = Encryption(words.password) if words.password else None
    writer = _Writer(encryption)
    writer.add(f"%PDF-{_version(images, words)}\n%\xe2\xe3\xcf\xd3\n".encode("latin-1"))
    extension = ""
    if encryption is not None:  # the handler came to PDF 1.7 as an extension and is a part of 2.0
        extension = " /Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>"
    writer.object(1, f"<< /Type /Catalog /Pages 2 0 R{extension} >>".encode())
    kids = " ".join(f"{_FIRST_PAGE + 3 * index} 0 R" for index in range(len(images)))
    writer.object(2, f"<< /Type /Pages /Count {len(images)} /Kids [{kids}] >>".encode())
    entries = [b"/" + name.encode() + b" " + writer.string(value) for name, value in words.information.items()]
    writer.object(3, b"<< " + b" ".join(entries) + b" >>")
    writer.object(4, b"null" if encryption is None else encryption.dictionary())
    for index, image in enumerate(images):
        writer.page(_FIRST_PAGE + 3 * index, image, words.paper)
    writer.end(hashlib.sha256(words.seed.encode()).hexdigest()[:32])
    return writer.parts


class _Writer:
    def __init__(self, encryption: Encryption | None) -> None:
        self.parts: list[bytes | Stream] = []
        self._encryption = encryption
        self._size = 0
        self._offsets: list[int] = []

    def add(self, part: bytes | Stream) -> None:
        self.parts.append(part)
        self._size += size_of([part])

    def object(self, number: int, *parts: bytes | Stream) -> None:
        self._offsets.append(self._size)
        assert number == len(self._offsets), "the objects come in order"
        self.add(f"{number} 0 obj\n".encode())
        for part in parts:
            self.add(part)
        self.add(b"\nendobj\n")

    def string(self, text: str) -> bytes:
        """A text string (7.9.2.2): ASCII as it is, anything else as UTF-16."""
        data = text.encode() if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be", "replace")
        if self._encryption is not None:
            return self._encryption.string(data)
        return b"<" + data.hex().encode() + b">"

    def page(self, number: int, image: Image, paper: tuple[float, float] | None) -> None:
        (width, height), (x, y, across, down) = place(image, paper)
        self.object(
            number,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_n(width)} {_n(height)}] /Contents {number + 1} 0 R "
            f"/Resources << /XObject << /I {number + 2} 0 R >> >> >>".encode(),
        )
        drawing = f"q {_n(across)} 0 0 {_n(down)} {_n(x)} {_n(y)} cm /I Do Q".encode()
        if self._encryption is not None:
            drawing = self._encryption.block(drawing)
        self.object(number + 1, f"<< /Length {len(drawing)} >>\nstream\n".encode(), drawing, b"\nendstream")
        stream = Stream(image.size, image.chunks)
        if self._encryption is not None:
            stream = self._encryption.stream(image.size, image.chunks)
        head = (
            f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} "
            f"/ColorSpace {_COLOURS[image.channels]} /BitsPerComponent {image.bits} {_filter(image)} "
            f"/Length {stream.size} >>\nstream\n"
        )
        self.object(number + 2, head.encode(), stream, b"\nendstream")

    def end(self, identifier: str) -> None:
        start = self._size
        count = len(self._offsets) + 1
        lines = "".join(f"{offset:010} 00000 n \n" for offset in self._offsets)
        encrypt = "" if self._encryption is None else " /Encrypt 4 0 R"
        self.add(
            f"xref\n0 {count}\n0000000000 65535 f \n{lines}"
            f"trailer\n<< /Size {count} /Root 1 0 R /Info 3 0 R{encrypt} /ID [<{identifier}> <{identifier}>] >>\n"
            f"startxref\n{start}\n%%EOF\n".encode()
        )


def place(
    image: Image, paper: tuple[float, float] | None
) -> tuple[tuple[float, float], tuple[float, float, float, float]]:
    """Width and height of the page, and left, bottom, width and height of the image on it, in points.

    On a given paper the image has its own size if it fits, else it is made smaller until it does; it stands in the middle.
    """
    across, down = (
        pixels / (dpi or FALLBACK_DPI) * POINTS
        for pixels, dpi in zip((image.width, image.height), image.dpi, strict=True)
    )
    if paper is None:
        shrink = min(1.0, LONGEST / max(across, down))
        across, down = max(SHORTEST, across * shrink), max(SHORTEST, down * shrink)
        return (across, down), (0, 0, across, down)
    width, height = paper[0] * MM, paper[1] * MM
    shrink = min(1.0, width / across, height / down)
    across, down = across * shrink, down * shrink
    return (width, height), ((width - across) / 2, (height - down) / 2, across, down)


def _filter(image: Image) -> str:
    match image.coding:
        case Coding.JPEG:
            return "/Filter /DCTDecode"
        case Coding.JPEG2000:
            return "/Filter /JPXDecode"
        case Coding.JBIG2:
            return "/Filter /JBIG2Decode"
        case Coding.LZW:
            return "/Filter /LZWDecode"
        case Coding.FAX4:
            return f"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {image.width} /Rows {image.height} >>"
    raise AssertionError(f"PDF has no filter for {image.coding}")


def _version(images: Sequence[Image], words: PdfWords) -> str:
    needed = [_NEEDS.get(image.coding, "1.0") for image in images]
    if words.password:
        needed.append(_ENCRYPTION_NEEDS)
    return max([words.version, *needed])


def _n(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
