"""Plays the recorded clients of ``fixtures/clients/``: what each sends, byte for byte over a raw socket, and when its loop ends (rest-api.md 9).

A file is a list of steps. ``head`` is the request without its body, its lines as the client's library writes and orders them; ``body`` is the body. Words in
``<<...>>`` are what the client took from earlier answers. A step either expects ``status``, or is the client's page loop: repeated until ``until`` holds,
which is the client's own test and not ours, and at last answered with ``ends_with``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.real.raw_http import Answer, RawHttp, WebSocket

CLIENTS = Path(__file__).parents[2] / "fixtures" / "clients"
TURNS = 40
"""A loop that takes more turns than this would take them for ever."""


class SpinError(AssertionError):
    """The client's loop does not end."""


def _has_url(answer: Answer) -> bool:
    try:
        value = json.loads(answer.body)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("url"), str)


UNTIL: dict[str, Callable[[Answer], bool]] = {
    "!=200": lambda answer: answer.status != 200,
    ">=300": lambda answer: answer.status >= 300,
    "410": lambda answer: answer.status == 410,
    "204 or 410": lambda answer: answer.status in {204, 410},
    "empty body or an error": lambda answer: not answer.body or answer.status >= 400,
    "no object with url": lambda answer: not _has_url(answer),
    "204 without a type, or an error": lambda answer: (
        answer.status >= 400 or (answer.status == 204 and "content-type" not in answer.headers)
    ),
}
"""When a client leaves its loop."""

TOLD = "told of the end"
"""The loop of a client that is told of pages and their end over its WebSocket."""


@dataclass(frozen=True)
class Script:
    """One recorded client."""

    name: str
    row: str
    client: str
    steps: tuple[dict[str, Any], ...]
    serve: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> Script:
        """Read a file of ``fixtures/clients/``."""
        data = tomllib.loads(path.read_text())
        assert data["schema"] == 1
        return cls(path.stem, data["row"], data["client"], tuple(data["step"]), tuple(data.get("serve", ())))

    @property
    def lists(self) -> dict[str, Any]:
        """The step that asks for the scanners, with the client's own mask."""
        return next(step for step in self.steps if step["name"] == "list")


@dataclass
class Player:
    """A client of one service.

    Attributes:
        url: of the service, without a slash at the end.
        feeder: what its ``device`` text contains.
        words: what was taken from answers.
        pages: what each loop fetched, by step.
    """

    url: str
    feeder: str
    words: dict[str, str] = field(default_factory=dict)
    pages: dict[str, list[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words["host"] = urlsplit(self.url).netloc
        self._http = RawHttp(self.words["host"])
        self._websocket: WebSocket | None = None

    def play(self, script: Script) -> None:
        """All steps.

        Raises:
            SpinError: the client would never end.
            AssertionError: an answer is not what the client needs.
        """
        try:
            for step in script.steps:
                self.step(step)
        except BaseException:
            self._give_up()
            raise
        finally:
            self.close()

    def _give_up(self) -> None:
        """Free the scanner for the next client; this one will not."""
        self._http.close()
        if "job" in self.words:
            path = f"/api/device/scanners/jobs/{self.words['job']}"
            self._http.ask(f"DELETE {path} HTTP/1.1\r\nHost: {self.words['host']}\r\n\r\n".encode())

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        if self._websocket is not None:
            self._websocket.close()

    def step(self, step: dict[str, Any]) -> None:
        """One step."""
        until = step.get("until")
        if until == TOLD:
            self._listen(step)
        elif until is not None:
            self._loop(step, UNTIL[until])
        else:
            answer = self._ask(step)
            assert answer.status == step["status"], (step["name"], answer)
            self._take(step, answer)

    def _loop(self, step: dict[str, Any], ends: Callable[[Answer], bool]) -> None:
        found = self.pages.setdefault(step["name"], [])
        for turn in range(TURNS):
            answer = self._ask(step, turn)
            if ends(answer):
                assert answer.status == step["ends_with"], (step["name"], answer)
                return
            if answer.status == 200:
                self._keep(step, answer, found)
        raise SpinError(f"{step['name']}: {TURNS} turns, the last was {answer.status}")

    def _listen(self, step: dict[str, Any]) -> None:
        """Fetch each page that the service tells of, by the number of frames so far."""
        assert self._websocket is not None
        found = self.pages.setdefault(step["name"], [])
        for _ in range(TURNS):
            event = json.loads(self._websocket.receive())["evt"]
            if event["name"] == "onPostAllTransferAsync":
                return
            assert event["name"] == "onPostTransferAsync"
            assert set(event["info"]) >= {"imageuid", "url"}
            self.words["url"] = event["info"]["url"]
            self._keep(step, self._ask(step, len(found)), found)
        raise SpinError(f"{step['name']}: {TURNS} frames")

    def _keep(self, step: dict[str, Any], answer: Answer, found: list[bytes]) -> None:
        if "pages" in step:
            assert (answer.status, answer.headers["content-type"]) == (200, step["pages"]), (step["name"], answer)
        found.append(answer.body)
        self.words["picture"] = answer.body.decode("latin-1")

    def _ask(self, step: dict[str, Any], turn: int = 0) -> Answer:
        words = self.words | {"turn": str(turn)}
        body = _fill(step.get("body", ""), words).encode("latin-1")  # a picture may stand in it, byte for byte
        head = _fill(step["head"], words | {"length": str(len(body))})
        data = "".join(f"{line}\r\n" for line in head.strip("\n").split("\n")).encode() + b"\r\n" + body
        if step.get("status") == 101:
            self._websocket = WebSocket(self.words["host"], data, self.words["websocket response"])
            return self._websocket.answer
        answer = self._http.ask(data)
        if answer.status == 204:  # no body and no type (rest-api.md 1.4)
            assert answer.body == b""
            assert "content-type" not in answer.headers
        if "cors" in step:
            assert answer.headers["access-control-allow-origin"] == step["cors"], (step["name"], answer)
            assert answer.headers["access-control-allow-credentials"] == "true"
        assert step.get("contains", "") in answer.body.decode(errors="replace"), (step["name"], answer)
        assert answer.body.startswith(step.get("starts", "").encode()), (step["name"], answer)
        return answer

    def _take(self, step: dict[str, Any], answer: Answer) -> None:
        match step.get("take"):
            case "device":
                self._take_device(json.loads(answer.body))
            case "job as text":
                assert not answer.body.isdigit()
                self.words["job"] = answer.body.decode()
            case "jobuid":
                self._take_job(json.loads(answer.body))
            case "uid":
                self.words["document"] = json.loads(answer.body)["uid"]
            case "page":
                self.words["page"] = json.loads(answer.body)["pages"][0]["uid"]
            case "url":
                url = json.loads(answer.body)["url"]
                assert url.startswith(f"{self.url}/")  # scheme and host of the request (12.6)
                parts = urlsplit(url)
                self.words |= {"url": url, "path of url": f"{parts.path}?{parts.query}"}

    def _take_device(self, scanners: list[dict[str, Any]]) -> None:
        """The feeder, which a client's own mask shows once and under one bit (design 6)."""
        (feeder,) = [item for item in scanners if self.feeder in item["device"]]
        assert feeder["type"].bit_count() == 1
        text = json.dumps(feeder["device"])[1:-1]
        self.words |= {"device": text, "device for .NET": text.replace('\\"', "\\u0022")}

    def _take_job(self, job: dict[str, Any]) -> None:
        self.words["job"] = job["jobuid"]
        if "protocol" in job:
            websocket = job["protocol"]["websocket"]
            parts = urlsplit(websocket["server"])
            assert parts.netloc == self.words["host"]
            self.words |= {
                "websocket path": parts.path or "/",
                "websocket protocol": websocket["protocol"],
                "websocket response": json.dumps(websocket["response"]),
            }


def _fill(text: str, words: dict[str, str]) -> str:
    return re.sub(r"<<([^<>]+)>>", lambda found: words[found[1]], text)
