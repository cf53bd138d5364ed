"""What stands before the parts of a door: changes of documents, of answers, and of what goes over a connection."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias

import trio

from conformance.selftest.escl.build import Answering, Around, Changes
from simulators.escl.markup import Node
from simulators.escl.points import Answer, Moment, Point
from simulators.escl.routes import Request

Text: TypeAlias = Callable[[str, Moment], str]


def texts(name: str, change: str | Text, point: Point = Point.STATUS) -> Changes:
    """The text of every element of that name is another one."""

    def edit(root: Node, moment: Moment) -> Node:
        children = tuple(edit(child, moment) for child in root.children)
        if root.name != name:
            return replace(root, children=children)
        return replace(root, text=change if isinstance(change, str) else change(root.text or "", moment))

    return {point: edit}


def said(name: str, change: str | Text) -> Changes:
    """The same in the capabilities."""
    return texts(name, change, Point.CAPABILITIES)


def swapped(**words: str) -> Text:
    """Some texts become others."""
    return lambda text, _: words.get(text, text)


def renamed(old: str, new: str, point: Point) -> Changes:
    """Elements of one name have another one."""

    def edit(root: Node, moment: Moment) -> Node:
        return replace(
            root,
            name=new if root.name == old else root.name,
            children=tuple(edit(child, moment) for child in root.children),
        )

    return {point: edit}


def lacking(*names: str, point: Point = Point.CAPABILITIES) -> Changes:
    """Elements of those names are not there."""

    def edit(root: Node, moment: Moment) -> Node:
        return replace(root, children=tuple(edit(child, moment) for child in root.children if child.name not in names))

    return {point: edit}


def pages(change: Callable[[Answer], Answer]) -> Changes:
    """Answers that carry a page are other ones."""
    return {Point.NEXT: lambda answer, _: change(answer) if answer.status == 200 else answer}


def pictures(change: Callable[[Any], Any], form: str = "", dpi: float | None = None) -> Changes:
    """Pictures are other ones.

    Args:
        change: of a Pillow image.
        form: of the file; default: the same.
        dpi: that it says of itself; default: the same.
    """

    def edit(answer: Answer) -> Answer:
        from PIL import Image  # noqa: PLC0415  # slow to import, and only for this

        if not answer.media.startswith("image/"):
            return answer
        with Image.open(io.BytesIO(answer.body)) as image:
            made, tag = io.BytesIO(), image.info.get("dpi", (72, 72)) if dpi is None else (dpi, dpi)
            change(image).save(made, form or image.format, dpi=tag)
        return answer.but(body=made.getvalue())

    return pages(edit)


def statuses(*old: int, to: int, point: Point = Point.NEXT) -> Changes:
    """Answers of some statuses have another one."""
    return {point: lambda answer, _: answer.but(status=to) if answer.status in old else answer}


def around(change: Callable[[Request, Answer], Answer]) -> Around:
    """Every answer may be another one."""

    def stand(answering: Answering) -> Answering:
        async def answer(request: Request) -> Answer:
            return change(request, await answering(request))

        return answer

    return stand


def before(change: Callable[[Request], Request]) -> Around:
    """Every request may be another one."""

    def stand(answering: Answering) -> Answering:
        async def answer(request: Request) -> Answer:
            return await answering(change(request))

        return answer

    return stand


class EditedStream(trio.abc.Stream):
    """The server's end of a connection, with what comes and goes changed; sub-classes say how."""

    def __init__(self, inner: trio.abc.Stream) -> None:
        self.inner = inner

    def incoming(self, data: bytes) -> bytes:
        """What the server gets of *data*."""
        return data

    def outgoing(self, data: bytes) -> bytes:
        """What the client gets of *data*."""
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """See trio."""
        changed = self.outgoing(bytes(data))
        if changed:
            await self.inner.send_all(changed)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """See trio."""
        return self.incoming(bytes(await self.inner.receive_some(max_bytes)))

    async def wait_send_all_might_not_block(self) -> None:
        """See trio."""
        await self.inner.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """See trio."""
        await self.inner.aclose()


def merged(parts: Iterable[Changes]) -> Changes:
    """Changes at different points together."""
    found: dict[Point, Any] = {}
    for part in parts:
        found |= part
    return found
