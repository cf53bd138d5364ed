"""XML as it came from a scanner: read by expat behind defusedxml, with limits; nothing is mended, and what cannot be read is a sentence."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from device_protocol.vocabularies.escl import PWG_NS, SCAN_NS

MAX_BYTES = 4 << 20
"""Capabilities of large machines have some 50 kB."""
MAX_ELEMENTS = 50_000
MAX_DEPTH = 60

SPACES = {SCAN_NS: "scan", PWG_NS: "pwg"}
"""eSCL's namespaces by their usual prefixes."""


class MarkupError(ValueError):
    """A document cannot be read; says why."""


class _Bounded(TreeBuilder):
    """Builds no more than scanners need."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        """See :class:`TreeBuilder`."""
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise MarkupError(f"it has more than {MAX_ELEMENTS} elements, or is deeper than {MAX_DEPTH}")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        """See :class:`TreeBuilder`."""
        self._depth -= 1
        return super().end(tag)


def read(data: bytes) -> Element:
    """The root of a document.

    Raises:
        MarkupError: it is too large or too deep, not well-formed, or defines entities.
    """
    if len(data) > MAX_BYTES:
        raise MarkupError(f"it has more than {MAX_BYTES} bytes")
    parser = DefusedXMLParser(
        target=_Bounded(),  # while it is being read, since a deep document is costly to look at afterwards
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )
    try:
        parser.feed(data)
        root: Element = parser.close()
    except ParseError as error:
        raise MarkupError(f"it is not well-formed XML: {error}") from None
    except DefusedXmlException:
        raise MarkupError("it has a document type or entities") from None
    except MarkupError:
        raise
    except (LookupError, ValueError, RecursionError) as error:
        raise MarkupError(f"it cannot be read: {error}") from None
    return root


def local(item: Element) -> str:
    """The name of an element without its namespace."""
    return str(item.tag).rpartition("}")[2]


def qualified(item: Element) -> str:
    """The name of an element with the usual prefix of its namespace, or with the namespace itself."""
    space, _, name = str(item.tag).rpartition("}")
    space = space.removeprefix("{")
    return f"{SPACES.get(space, space or 'no namespace')}:{name}"


def child(item: Element | None, name: str) -> Element | None:
    """The first child of that local name."""
    return None if item is None else next((found for found in item if local(found) == name), None)


def every(item: Element, name: str) -> list[Element]:
    """All elements of that local name below *item*, in their order."""
    return [found for found in item.iter() if found is not item and local(found) == name]


def words(item: Element | None) -> str:
    """The text of an element without outer blanks; empty if there is none."""
    return "" if item is None else (item.text or "").strip()


def text(item: Element | None, name: str) -> str:
    """The text of the first child of that local name."""
    return words(child(item, name))


def texts(item: Element, name: str) -> tuple[str, ...]:
    """The texts of all elements of that local name below *item*."""
    return tuple(words(found) for found in every(item, name))
