"""The pages of the status port as files: from the wheel or the checkout, read once, named one by one, with the headers that keep them to themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reference_server.endpoints.call import Call
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.wire.delivery import Answer

_ROOM = Path(__file__).resolve().parents[1]
ROOTS = (_ROOM / "_pages", _ROOM.parent / "browser_client" / "status")
"""Where they may lie: the wheel maps ``browser_client/status`` into this package, a checkout has it beside."""
BELOW = "/pages/"
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",  # pictures are fetched with the token, and then shown
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What the pages may load and do: their own files and their own port, nothing inline, no frame around them."""
POLICY = "; ".join(f"{name} {sources}" for name, sources in DIRECTIVES.items())
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache",  # kept, but asked for each time: a new version of the service has new pages
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that is served as it is."""

    data: bytes
    media_type: str
    etag: str

    async def answer(self, call: Call) -> Answer:
        """GET it; 304 for who has it already."""
        headers = {**HEADERS, "ETag": self.etag}
        held = call.exchange.headers.get("if-none-match", "")
        if self.etag in {item.strip().removeprefix("W/") for item in held.split(",")}:
            return Answer(304, headers=headers)
        return Answer(200, self.data, media_type=self.media_type, headers=headers)


def page_endpoints() -> tuple[Endpoint, ...]:
    """An endpoint for each file, and ``/`` for the first page. What is no file of ours is no path here, so nothing can lead out of the folder.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    files = load(next((root for root in ROOTS if (root / INDEX).is_file()), ROOTS[0]))
    paths = {"/": files.pop(INDEX)} | {f"{BELOW}{name}": file for name, file in files.items()}
    return tuple(
        Endpoint(path, (Operation("GET", file.answer, "A page (S-027)", media_types=(file.media_type,)),))
        for path, file in paths.items()
    )


def load(folder: Path) -> dict[str, PageFile]:
    """The files of *folder*, by name.

    Raises:
        FileNotFoundError: there is no first page.
    """
    found: dict[str, PageFile] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix in TYPES:
            data = path.read_bytes()
            found[path.name] = PageFile(data, TYPES[path.suffix], f'"{hashlib.sha256(data).hexdigest()[:32]}"')
    if INDEX not in found:
        raise FileNotFoundError(f"The pages of the status port are missing: {folder / INDEX}.")
    return found
