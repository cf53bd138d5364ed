"""Finding the pages of a PDF or a folder of images, with limits."""

import hashlib
from pathlib import Path

from sheets.decode import MAX_BYTES, decode_image
from sheets.documents.page import DocumentPage
from sheets.documents.pdf import page_count
from sheets.errors import SheetError, UnreadableImage

MAX_FILES = 1000
MAX_PAGES = 2000
MAX_TOTAL_BYTES = 2**30
IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
PDF = ".pdf"


def load_document(path: Path) -> tuple[DocumentPage, ...]:
    """The pages of a PDF, of an image, or of a folder of PDFs and images in the order of their names.

    Every image is decoded once and every PDF opened, so that a broken one is told now and not when it is scanned. Files of
    other kinds in a folder are left out.

    Raises:
        SheetError: If there is nothing there, nothing of a kind we read, too much (1000 files, 2000 pages, 256 MiB a file,
            1 GiB in all, 89 million pixels an image), or a broken file, which is named.
    """
    try:
        files = sorted(entry for entry in path.iterdir() if _readable(entry)) if path.is_dir() else [path]
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}") from error
    if not files:
        raise SheetError(f"{path}: there is no PDF and no image ({', '.join(IMAGES)}) in that folder")
    if len(files) > MAX_FILES:
        raise SheetError(f"{path}: {len(files)} files exceed the limit of {MAX_FILES}")
    pages: list[DocumentPage] = []
    total = 0
    for file in files:
        data = read_file(file)
        total += len(data)
        if total > MAX_TOTAL_BYTES:
            raise SheetError(f"{path}: more than {MAX_TOTAL_BYTES} bytes in all")
        try:
            count = _check(file, data)
        except UnreadableImage as error:
            raise SheetError(f"{file}: {error}") from error
        digest = digest_of(data)
        pages += [DocumentPage(str(file.absolute()), index, digest) for index in range(count)]
        if len(pages) > MAX_PAGES:
            raise SheetError(f"{path}: more than {MAX_PAGES} pages")
    return tuple(pages)


def read_file(file: Path) -> bytes:
    """The content of a file of at most 256 MiB.

    Raises:
        SheetError: If it is not there, not a file, or larger.
    """
    try:
        if not file.is_file():
            raise SheetError(f"{file}: there is no such file")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SheetError(f"{file}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise SheetError(f"{file}: more than {MAX_BYTES} bytes")
    return data


def digest_of(data: bytes) -> str:
    """The checksum that a page is known by."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def is_pdf(file: Path) -> bool:
    """Whether the name says PDF."""
    return file.suffix.lower() == PDF


def _readable(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.suffix.lower() in {PDF, *IMAGES}


def _check(file: Path, data: bytes) -> int:
    """How many pages the file has.

    Raises:
        UnreadableImage: If it is broken.
    """
    if is_pdf(file):
        return page_count(data)
    decode_image(data)
    return 1
