"""Documents that the host does not make: PDF around JPEG and PNG, by a library, and 1-bit pages as JPEG."""

from __future__ import annotations


def pdf_of(pages: list[bytes]) -> bytes:
    """The pages as one PDF, each as it is."""
    import img2pdf  # noqa: PLC0415  # slow to import, and most clients take images

    made: bytes = img2pdf.convert(pages, rotation=img2pdf.Rotation.ifvalid)
    return made


def jpeg_of(png: bytes, quality: int) -> bytes:
    """A PNG as JPEG. The host keeps 1-bit pages as PNG, which clients that asked for JPEG cannot always read (sane-escl 3.4)."""
    from device_host.encoding.decode import png_to_jpeg  # noqa: PLC0415  # slow to import
    from device_host.encoding.transcode import check_image  # noqa: PLC0415  # the same

    return png_to_jpeg(png, check_image(png), quality)
