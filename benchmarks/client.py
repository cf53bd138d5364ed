"""A small client of the REST API (rest-api.md), as an application would write it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import httpx

JPEG = "image/jpeg"
PNG = "image/png"
BUSY = 423


class Client:
    """Talks to one service over one connection.

    Args:
        url: of the service.
    """

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api", timeout=120, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def device(self, name: str) -> str:
        """The ``device`` text of the scanner in whose entry *name* occurs; waits for drivers that are still starting.

        Raises:
            LookupError: there is none.
        """
        entries: list[dict[str, Any]] = []
        for _ in range(20):
            entries = self._json("GET", "/device/scanners", params={"type": 0xFFF})
            for entry in entries:
                if name in entry["device"] or name in entry["name"]:
                    text: str = entry["device"]
                    return text
            time.sleep(0.25)
        raise LookupError(f"no scanner {name!r} among {entries}")

    def create(self, device: str, **config: object) -> str:
        """Start a job; gives its UID. A scanner that is still being given back is asked again."""
        body = {"device": device, "config": config, "scannerFailureTimeout": 60}
        for _ in range(100):
            response = self._http.post("/device/scanners/jobs", json=body)
            if response.status_code != BUSY:
                response.raise_for_status()
                uid: str = response.json()["jobuid"]
                return uid
            time.sleep(0.02)
        raise RuntimeError(f"the scanner stays locked: {response.text}")

    def pages(self, job: str, media_type: str = JPEG) -> Iterator[bytes]:
        """The pages of a job, one after the other, until the service says that there are no more.

        Raises:
            RuntimeError: the job did not complete.
        """
        while True:
            response = self._http.get(f"/device/scanners/jobs/{job}/next-page", params={"type": media_type})
            response.raise_for_status()
            if response.status_code == httpx.codes.NO_CONTENT:
                break
            yield response.content
        state = self._json("GET", f"/device/scanners/jobs/{job}")
        if state["status"] != "completed":
            raise RuntimeError(f"job: {state}")

    def page_uids(self, job: str, count: int) -> list[str]:
        """The UIDs of the first *count* pages, by ``next-page-info``."""
        found: list[str] = []
        for _ in range(count):
            info = self._json("GET", f"/device/scanners/jobs/{job}/next-page-info")
            found.append(info["imageuid"])
        return found

    def page_by_uid(self, job: str, uid: str, media_type: str = JPEG) -> bytes:
        """A page again, wherever the cursor is."""
        path = f"/device/scanners/jobs/{job}/next-page"
        return self._http.get(path, params={"page": uid, "type": media_type}).raise_for_status().content

    def page_by_index(self, job: str, index: int, media_type: str = JPEG) -> bytes:
        """A page again, by its 0-based index."""
        path = f"/device/scanners/jobs/{job}/content"
        return self._http.get(path, params={"page": index, "type": media_type}).raise_for_status().content

    def delete(self, job: str) -> None:
        """Delete a job and its pages."""
        self._http.delete(f"/device/scanners/jobs/{job}").raise_for_status()

    def state(self, job: str) -> str:
        """What the job does."""
        text: str = self._json("GET", f"/device/scanners/jobs/{job}")["status"]
        return text

    def drain(self, device: str, media_type: str = JPEG, **config: object) -> tuple[int, int]:
        """A whole job from creation to deletion; how many pages it had, and their bytes."""
        job = self.create(device, **config)
        count = size = 0
        for page in self.pages(job, media_type):
            count += 1
            size += len(page)
        self.delete(job)
        return count, size

    def post(self, path: str, body: object) -> Any:
        """The answer to a POST below the API."""
        return self._json("POST", path, json=body)

    def stream(self, path: str) -> Iterator[bytes]:
        """What comes of a GET below the API, as it comes."""
        with self._http.stream("GET", path) as response:
            response.raise_for_status()
            yield from response.iter_raw()

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return self._http.request(method, path, **options).raise_for_status().json()
