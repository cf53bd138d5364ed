"""How each quirk of :data:`simulators.profiles.quirks.QUIRKS` is done: what becomes of an answer or a document at a point of the door."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from device_protocol.vocabularies.escl import PDF, AdfState, ScannerState
from simulators.escl.markup import Node, node, without
from simulators.escl.points import Answer, Moment, Point, Quirk, told
from simulators.profiles.quirks import NAMES

Change: TypeAlias = Callable[[Any, Moment], Any]
Changes: TypeAlias = Mapping[Point, Change]

STRANGE_PX = 100
"""How much larger or smaller than asked for pages are."""

TWICE = 2
JPEG_QUALITY = 90
BAND_DPI = (75, 600)
TIFF = "image/tiff"
NOWHERE = "scanner.invalid"
"""A host that no resolver knows (RFC 6761 6.4)."""


@dataclass(frozen=True, slots=True)
class DoorQuirk:
    """A quirk as the points of the door take it."""

    name: str
    changes: Changes


def quirks_named(names: Iterable[str]) -> list[Quirk]:
    """The quirks of those names, in that order; a name that the door does not know is left out, since it is another version's."""
    return [DoorQuirk(name, CHANGES[name]) for name in names if name in CHANGES]


# -- documents


def _lacking(*names: str) -> Changes:
    return {Point.CAPABILITIES: lambda document, _: without(document, names)}


def _mapped(root: Node, change: Callable[[Node], Node]) -> Node:
    """*root* with *change* made to every element, the innermost first."""
    return change(replace(root, children=tuple(_mapped(child, change) for child in root.children)))


def _contents(name: str, *content: Node) -> Changes:
    """Elements of that name in the capabilities have these children instead."""

    def change(item: Node) -> Node:
        return replace(item, children=content) if item.name == name else item

    return {Point.CAPABILITIES: lambda document, _: _mapped(document, change)}


def _formats(media: str) -> Changes:
    return _contents("scan:DocumentFormats", node("pwg:DocumentFormat", media), node("scan:DocumentFormatExt", media))


def _range(x: str, y: str) -> Changes:
    low, high = BAND_DPI
    limits = (node("scan:Min", low), node("scan:Max", high), node("scan:Normal", 300), node("scan:Step", 1))
    return _contents("scan:SupportedResolutions", node("scan:ResolutionRange", node(x, *limits), node(y, *limits)))


def _said(element: str, text: str, when: Callable[[Moment], bool] = lambda _: True) -> Change:
    """The text of an element of the status, whenever *when*."""

    def change(document: Node, moment: Moment) -> Node:
        if not when(moment):
            return document
        return _mapped(document, lambda item: replace(item, text=text) if item.name == element else item)

    return change


def _state(state: ScannerState) -> Changes:
    return {Point.STATUS: _said("pwg:State", state.value)}


def _both(first: Change, second: Change) -> Change:
    return lambda value, moment: second(first(value, moment), moment)


def _begun(moment: Moment) -> bool:
    """Whether a page of the newest job was given away."""
    return moment.page > 0


# -- jobs


def _posted(status: int, *, times: int | None = None) -> Changes:
    """Jobs are refused, the first *times* or all of them."""

    def change(answer: Answer, moment: Moment) -> Answer:
        if times is not None and moment.asked > times:
            return answer
        return told(status, "Refused by a quirk.")

    return {Point.POSTED: change}


def _location(change: Callable[[str], str]) -> Changes:
    return {Point.LOCATION: lambda location, _: change(location)}


def _elsewhere(location: str) -> str:
    parts = urlsplit(location)
    return parts._replace(netloc=f"{NOWHERE}:{parts.port}").geturl()


def _bare(location: str) -> str:
    return location[location.rindex("ScanJobs/") :]


# -- pages


def _page(change: Callable[[Answer], Answer]) -> Changes:
    """Answers that carry a page are changed."""
    return {Point.NEXT: lambda answer, _: change(answer) if answer.status == 200 else answer}


def _not_yet(times: int | None) -> Changes:
    """Pages are not ready, for the first *times* requests of a job or for ever."""

    def change(answer: Answer, moment: Moment) -> Answer:
        if times is not None and moment.asked > times:
            return answer
        return told(503, "Not ready, by a quirk.", ("Retry-After", "5"))

    return {Point.NEXT: change}


def _empty(status: int) -> Changes:
    return {**_posted(status), Point.STATUS: _said("scan:AdfState", AdfState.EMPTY.value)}


def _end(status: int, state: AdfState = AdfState.EMPTY) -> Changes:
    """What a feeder says when there are no more pages."""
    return {
        Point.NEXT: lambda answer, _: told(status, "The end, by a quirk.") if answer.status == 404 else answer,
        Point.STATUS: _said("scan:AdfState", state.value, _begun),
    }


def _broken(status: int, state: AdfState) -> Changes:
    """What a feeder says when something is in the way of the second page; the machine is not at work any more then."""
    return {
        Point.NEXT: lambda answer, moment: told(status, "Broken by a quirk.") if moment.page else answer,
        Point.STATUS: _both(
            _said("scan:AdfState", state.value, _begun), _said("pwg:State", ScannerState.IDLE.value, _begun)
        ),
    }


def _garbage(answer: Answer) -> Answer:
    return answer.but(body=bytes(index * 7 % 251 for index in range(4096)))


def _resized(wider: int = 0, taller: int = 0) -> Changes:
    """Pictures have more or fewer columns and rows: white is added, or the right and lower edges are cut off."""

    def change(answer: Answer) -> Answer:
        from PIL import Image  # noqa: PLC0415  # slow to import, and only for this

        if answer.media == PDF:
            return answer
        with Image.open(io.BytesIO(answer.body)) as image:
            size = max(1, image.width + wider), max(1, image.height + taller)
            canvas = Image.new(image.mode, size, (255,) * len(image.getbands()))
            canvas.paste(image, (0, 0))
            made = io.BytesIO()
            canvas.save(made, image.format, quality=JPEG_QUALITY, dpi=image.info.get("dpi", (0, 0)))
        return answer.but(body=made.getvalue())

    return _page(change)


def _anywhere(change: Callable[[Answer], Answer]) -> Changes:
    return {Point.HEADERS: lambda answer, _: change(answer)}


CHANGES: dict[str, Changes] = {
    "http-1.0": _anywhere(lambda answer: answer.but(version="1.0")),
    "no-content-length": _anywhere(lambda answer: answer.but(length=-1)),
    "chunked": _anywhere(lambda answer: answer.but(chunked=True)),
    "without-make-and-model": _lacking("pwg:MakeAndModel"),
    "without-version": _lacking("pwg:Version"),
    "without-intents": _lacking("scan:SupportedIntents"),
    "without-least-size": _lacking("scan:MinWidth", "scan:MinHeight"),
    "without-format-ext": _lacking("scan:DocumentFormatExt"),
    "page-octet-stream": _page(lambda answer: answer.but(media="application/octet-stream")),
    "location-path": _location(lambda location: urlsplit(location).path),
    "location-slash": _location(lambda location: f"{location}/"),
    "location-bare": _location(_bare),
    "location-other-host": _location(_elsewhere),
    "location-empty": _location(lambda _: ""),
    "post-200": {Point.POSTED: lambda answer, _: answer.but(status=200), **_state(ScannerState.IDLE)},
    "post-400": _posted(400),
    "post-401": _posted(401),
    "post-409": _posted(409),
    "post-503": _posted(503),
    "post-503-twice": _posted(503, times=TWICE),
    "next-503": _not_yet(None),
    "next-503-twice": _not_yet(TWICE),
    "empty-post-409": _empty(409),
    "empty-post-503": _empty(503),
    "empty-late": {
        Point.NEXT: lambda *_: told(404, "No paper, by a quirk."),
        Point.STATUS: _said("scan:AdfState", AdfState.EMPTY.value),
    },
    "end-404-loaded": _end(404, AdfState.LOADED),
    "end-404-processing": _end(404, AdfState.PROCESSING),
    "end-410": _end(410),
    "end-500": _end(500),
    "end-410-loaded": _end(410, AdfState.LOADED),
    "end-500-loaded": _end(500, AdfState.LOADED),
    "end-503": _end(503),
    "jam-404": _broken(404, AdfState.JAM),
    "jam-500": _broken(500, AdfState.JAM),
    "door-open-500": _broken(500, AdfState.DOOR_OPEN),
    "hatch-open-500": _broken(500, AdfState.HATCH_OPEN),
    "multipick-500": _broken(500, AdfState.MULTIPICK),
    "state-processing": _state(ScannerState.PROCESSING),
    "state-stopped": _state(ScannerState.STOPPED),
    "state-down": _state(ScannerState.DOWN),
    "page-truncated": _page(lambda answer: answer.but(cut=len(answer.body) // 2)),
    "page-garbage": _page(_garbage),
    "page-empty": _page(lambda answer: answer.but(body=b"")),
    "page-dropped": _page(lambda answer: answer.but(cut=-1)),
    "page-wider": _resized(wider=STRANGE_PX),
    "page-narrower": _resized(wider=-STRANGE_PX),
    "page-taller": _resized(taller=STRANGE_PX),
    "page-shorter": _resized(taller=-STRANGE_PX),
    "only-jpeg": _formats("image/jpeg"),
    "only-tiff": _formats(TIFF),
    "only-pdf": _formats(PDF),
    "only-black-and-white": _contents("scan:ColorModes", node("scan:ColorMode", "BlackAndWhite1")),
    "only-gray": _contents("scan:ColorModes", node("scan:ColorMode", "Grayscale8")),
    "without-color-modes": _lacking("scan:ColorModes"),
    "without-formats": _lacking("scan:DocumentFormats"),
    "without-resolutions": _lacking("scan:SupportedResolutions"),
    "without-sources": _lacking("scan:Platen", "scan:Adf"),
    "without-most-size": _lacking("scan:MaxWidth", "scan:MaxHeight"),
    "range-xy": _range("scan:XResolution", "scan:YResolution"),
    "range-x-range": _range("scan:XResolutionRange", "scan:YResolutionRange"),
}
"""What each quirk changes, by its name."""

assert tuple(CHANGES) == NAMES  # one table says what they are, the other one how they are done
