"""The pages of the status port: which files there are, their types and headers, and that nothing else can be had."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reference_server.status.pages import BELOW, DIRECTIVES, POLICY, ROOTS, TYPES, load
from tests.reference_server.status import StatusLab
from tests.reference_server.test_status import with_status

FOLDER = ROOTS[1]
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "index.html")


def test_every_file_is_served_with_its_type(tmp_path: Path) -> None:
    """`/` is the page, each further file stands below `/pages/`; types are right, and a browser must believe them."""

    async def main(it: StatusLab) -> None:
        for path, name in (("/", "index.html"), *((f"{BELOW}{name}", name) for name in FILES)):
            reply = await it.status.get(path)
            assert (reply.status, reply.body) == (200, (FOLDER / name).read_bytes())
            assert reply.headers["Content-Type"] == TYPES[Path(name).suffix]
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Content-Security-Policy"] == POLICY
            assert reply.headers["X-Frame-Options"] == "DENY"
            assert reply.headers["Referrer-Policy"] == "no-referrer"
            assert not [key for key in reply.headers if key.startswith("Access-Control")]
            assert (await it.status.request("POST", path)).status == 405

    with_status(tmp_path, main)


def test_policy_allows_nothing_inline_and_no_other_machine() -> None:
    """The policy falls back to nothing, and names no scheme, no host and no `unsafe-` anything."""
    assert DIRECTIVES["default-src"] == "'none'"
    sources = {source for text in DIRECTIVES.values() for source in text.split()}
    assert sources == {"'none'", "'self'", "blob:"}
    assert DIRECTIVES["img-src"] == "'self' blob:"


@pytest.mark.parametrize("name", ["index.html", *FILES])
def test_no_external_resource_and_nothing_inline(name: str) -> None:
    """No file names another machine to load from, and the page has neither inline scripts nor inline styles nor handlers."""
    text = (FOLDER / name).read_text()
    urls = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", text))
    assert {url for url in urls if "www.w3.org/2000/svg" not in url} == set()
    if name.endswith(".html"):
        assert not re.search(r"<style|<script(?![^>]*src=)|\son[a-z]+=|\sstyle=", text)
    if name.endswith(".js"):
        assert not re.search(
            r"innerHTML\s*=(?!=)|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text
        )


def test_asked_again_nothing_is_sent_twice(tmp_path: Path) -> None:
    """Who has the current version gets 304 without a body; any other tag gets the file."""

    async def main(it: StatusLab) -> None:
        first = await it.status.get("/")
        assert first.headers["Cache-Control"] == "no-cache"
        tag = first.headers["Etag"]
        for held in (tag, f"W/{tag}", f'"other", {tag}'):
            again = await it.status.get("/", headers={"If-None-Match": held})
            assert (again.status, again.body, again.headers["Etag"]) == (304, b"", tag)
            assert "Content-Length" not in again.headers
        assert (await it.status.get("/", headers={"If-None-Match": '"other"'})).body == first.body

    with_status(tmp_path, main)


@pytest.mark.parametrize(
    "path",
    [
        "/pages",
        "/pages/",
        "/pages/nothing.js",
        "/pages/index.html",
        "/pages/../pyproject.toml",
        "/pages/..%2f..%2fpyproject.toml",
        "/pages/%2e%2e/%2e%2e/README.md",
        "/pages/app.js%00.html",
        "/pages/app.js/",
        "/pages/APP.JS",
        "/index.html",
    ],
)
def test_nothing_else_can_be_had(path: str, tmp_path: Path) -> None:
    """Paths are compared with a list of names and never joined to a folder, so nothing outside can be reached."""

    async def main(it: StatusLab) -> None:
        assert (await it.status.get(path)).status == 404

    with_status(tmp_path, main)


def test_only_known_types_and_a_first_page(tmp_path: Path) -> None:
    """A file of another type is not served, and a folder without the first page is said at the start."""
    with pytest.raises(FileNotFoundError, match=r"index\.html"):
        load(tmp_path)
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "notes.txt").write_text("secret")
    assert set(load(tmp_path)) == {"index.html"}
