"""Documents of pages from the virtual machines, through a service in a process of its own and its codec process."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.reference_server.documents.pictures import distance, opened, rendered
from tests.reference_server.processes import service

INSTANT = {"drivers": ("virtual",), "driver_config": {"virtual": {"time": "instant"}}}
JOBS, DOCUMENTS = "/api/device/scanners/jobs", "/api/storage/documents"


def scanned(client: httpx.Client, document: str, media_type: str, pixel_type: int) -> bytes:
    """Scan a page from the glass and insert it; the page as it was delivered."""
    config = {"PixelType": pixel_type, "Resolution": 75}
    job = client.post(JOBS, json={"device": "virtual:flatbed", "config": config}).json()["jobuid"]
    page = client.get(f"{JOBS}/{job}/next-page", params={"type": media_type}).content
    source = client.get(f"{JOBS}/{job}/next-page-info").json()["url"]
    assert client.post(f"{document}/pages", json={"source": source}).status_code == 200
    assert client.delete(f"{JOBS}/{job}").status_code == 204
    return page


@pytest.mark.slow
def test_a_document_of_real_pages(tmp_path: Path) -> None:
    """A black-and-white page and a colour page become each type of file, after their jobs have gone; a JPEG page is in the PDF as it was delivered."""
    with service(tmp_path, **INSTANT) as (_, ready), httpx.Client(base_url=str(ready["http"]), timeout=30) as client:
        document = f"{DOCUMENTS}/{client.post(DOCUMENTS, json={}).json()['uid']}"
        bilevel = scanned(client, document, "image/png", 0)
        colour = scanned(client, document, "image/jpeg", 2)
        assert opened(colour).format == "JPEG"
        content = f"{document}/content"
        pdf = client.get(content).content
        assert colour in pdf
        shown = rendered(pdf)
        wide, high = opened(bilevel).size
        assert shown[0].size == pytest.approx((wide / 75 * 72, high / 75 * 72), abs=0.5)
        assert len(shown) == 2
        tiff = client.get(content, params={"type": "image/tiff", "compression": 5}).content
        with Image.open(io.BytesIO(tiff)) as file:
            assert distance(file, opened(bilevel)) == 0
            file.seek(1)
            assert distance(file, opened(colour)) < 1.5
        jpeg = client.get(content, params={"type": "image/jpeg", "pages": 0})
        assert jpeg.headers["content-type"] == "image/jpeg"
        assert distance(opened(jpeg.content), opened(bilevel)) < 3
        assert client.get(content, params={"type": "image/jpeg", "pages": 1}).content == colour
        assert client.get(content, params={"type": "image/png", "pages": 0}).content == bilevel
