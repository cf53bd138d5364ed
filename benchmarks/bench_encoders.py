"""Our encoders beside Pillow's, on the clean and on the noisy reference sheet."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.runner import Figure, interleaved
from benchmarks.sample_pages import SamplePage, clean_page, lineart_page, noisy_grey_page, noisy_page
from device_host.encoding import encode_page, transcode
from device_protocol.delivery import JPEG, PNG

WANTED_PNG = "< 150 ms, pixels equal"


def run() -> list[Figure]:
    """PNG (levels 1 and 6 of Pillow's zlib), JPEG, and PNG to JPEG."""
    figures: list[Figure] = []
    for name, page in (("clean", clean_page()), ("noisy", noisy_page())):
        figures += _png(name, page)
        figures += _jpeg(name, page)
    figures += _png("noisy grey", noisy_grey_page())
    figures += _png("1-bit", lineart_page())
    return figures


def _png(name: str, page: SamplePage) -> list[Figure]:
    ours = encode_page(page.params, page.data, PNG)
    with Image.open(io.BytesIO(ours)) as image:
        pixels = np.packbits(~np.asarray(image), axis=1) if image.mode == "1" else np.asarray(image)
        if not np.array_equal(pixels, page.pixels):
            raise AssertionError("the PNG does not have the pixels of the page")
    wanted = WANTED_PNG if name == "noisy" else ""
    medians = interleaved(
        {"ours": lambda: encode_page(page.params, page.data, PNG), "level 1": _pillow(page, "PNG", compress_level=1)}, 5
    )
    slow = interleaved(
        {"ours": lambda: encode_page(page.params, page.data, PNG), "level 6": _pillow(page, "PNG", compress_level=6)}, 1
    )
    size = len(_pillow(page, "PNG", compress_level=1)()) / 1e6
    return [
        Figure(f"PNG, {name} sheet", medians["ours"] * 1e3, "ms", "Pillow level 1", medians["level 1"] * 1e3, wanted),
        Figure(f"PNG, {name} sheet", slow["ours"] * 1e3, "ms", "Pillow level 6", slow["level 6"] * 1e3),
        Figure(f"PNG, {name} sheet: size", len(ours) / 1e6, "MB", "Pillow level 1", size),
    ]


def _jpeg(name: str, page: SamplePage) -> list[Figure]:
    master = encode_page(page.params, page.data, PNG)
    pillow = _pillow(page, "JPEG", quality=80, subsampling=2)

    def pillow_from_png() -> bytes:
        file = io.BytesIO()
        with Image.open(io.BytesIO(master)) as image:
            image.save(file, "JPEG", quality=80, subsampling=2)
        return file.getvalue()

    medians = interleaved({"ours": lambda: encode_page(page.params, page.data, JPEG, 80), "pillow": pillow})
    made = interleaved({"ours": lambda: transcode(master, PNG, JPEG, 80), "pillow": pillow_from_png}, 5)
    size = len(encode_page(page.params, page.data, JPEG, 80)) / 1e6
    return [
        Figure(f"JPEG, {name} sheet", medians["ours"] * 1e3, "ms", "Pillow", medians["pillow"] * 1e3),
        Figure(f"JPEG, {name} sheet: size", size, "MB", "Pillow", len(pillow()) / 1e6),
        Figure(f"JPEG from PNG, {name} sheet", made["ours"] * 1e3, "ms", "Pillow", made["pillow"] * 1e3),
    ]


def _pillow(page: SamplePage, kind: str, **options: int) -> Callable[[], bytes]:
    size = page.params.width, page.pixels.shape[0]
    image = (
        Image.frombytes("1", size, page.data, "raw", "1;I") if page.params.depth == 1 else Image.fromarray(page.pixels)
    )

    def save() -> bytes:
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    return save
