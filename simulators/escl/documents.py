"""Documents of several pages, or in a wrapping: PDF around JPEG and PNG, by a library."""

from __future__ import annotations


def pdf_of(pages: list[bytes]) -> bytes:
    """The pages as one PDF, each as it is."""
    import img2pdf  # noqa: PLC0415  # slow to import, and most clients take images

    made: bytes = img2pdf.convert(pages, rotation=img2pdf.Rotation.ifvalid)
    return made
