"""The pictures in a PDF, as they were put in."""

from __future__ import annotations

import io

import pypdfium2
import pypdfium2.raw


def pictures(document: bytes) -> list[bytes]:
    """The one picture of each page, as its file."""
    pdf = pypdfium2.PdfDocument(document)
    found = []
    for page in pdf:
        (image,) = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        made = io.BytesIO()
        image.extract(made)
        found.append(made.getvalue())
    return found
