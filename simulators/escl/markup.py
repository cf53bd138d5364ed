"""XML out and in: a small writer for documents that are made of known names, and a reader that trusts nobody.

Reading is expat behind defusedxml: no document types, no entities, a limit for size and depth. It is lenient where clients are known to be sloppy
(sane-escl 3.4, 3.6): white space before the declaration, either namespace or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from device_protocol.vocabularies.escl import PWG_NS, SCAN_NS

MAX_BYTES = 64 * 1024
"""Of a document that a client sends; those of known clients have about 1.5 kB."""

MAX_ELEMENTS = 2000
MAX_DEPTH = 40

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class MarkupError(ValueError):
    """The document cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element to be written.

    Attributes:
        name: with its prefix, ``scan:`` or ``pwg:``.
        text: of an element without children.
        children: in order.
    """

    name: str
    text: str | None = None
    children: tuple[Node, ...] = ()


def node(name: str, *content: Node | str | float | None) -> Node:
    """An element with one text or number, or with children; None among them is left out."""
    if len(content) == 1 and isinstance(content[0], str | int | float):
        return Node(name, str(content[0]))
    return Node(name, None, tuple(item for item in content if isinstance(item, Node)))


def without(root: Node, names: Iterable[str]) -> Node:
    """*root* without the elements of those names, at any depth."""
    left_out = set(names)
    kept = tuple(without(child, left_out) for child in root.children if child.name not in left_out)
    return Node(root.name, root.text, kept)


def write(root: Node) -> bytes:
    """The document, UTF-8."""
    lines = [DECLARATION]
    spaces = f"xmlns:scan={quoteattr(SCAN_NS)} xmlns:pwg={quoteattr(PWG_NS)}"
    _write(root, lines, 0, f" {spaces}")
    return "".join(lines).encode()


def _write(item: Node, lines: list[str], depth: int, attributes: str = "") -> None:
    indent = "  " * depth
    if item.children:
        lines.append(f"{indent}<{item.name}{attributes}>\n")
        for child in item.children:
            _write(child, lines, depth + 1)
        lines.append(f"{indent}</{item.name}>\n")
    elif item.text is None:
        lines.append(f"{indent}<{item.name}{attributes}/>\n")
    else:
        lines.append(f"{indent}<{item.name}{attributes}>{escape(_sound(item.text))}</{item.name}>\n")


def _sound(text: str) -> str:
    """*text* without characters that XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or ord(letter) >= 0x20)


def read(data: bytes) -> Element:
    """The root of a client's document.

    Raises:
        MarkupError: it is too large, not well-formed, in an unknown encoding, or defines entities.
    """
    if len(data) > MAX_BYTES:
        raise MarkupError(f"the document has more than {MAX_BYTES} bytes")
    parser = DefusedXMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(data.lstrip(b" \t\r\n"))
        root: Element = parser.close()
    except ParseError as error:
        raise MarkupError(f"the document is not well-formed: {error}") from None
    except DefusedXmlException:
        raise MarkupError("the document has a document type or entities, which are not read") from None
    except (LookupError, ValueError, RecursionError) as error:
        raise MarkupError(f"the document cannot be read: {error}") from None
    _measure(root)
    return root


def _measure(root: Element) -> None:
    """Refuse what is deeper or larger than any scan settings."""
    level, count, depth = [root], 0, 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise MarkupError(f"the document has more than {MAX_ELEMENTS} elements, or is deeper than {MAX_DEPTH}")
        level = [child for item in level for child in item]


def local(item: Element) -> str:
    """The name of an element without its namespace."""
    return str(item.tag).rpartition("}")[2]


def find(root: Element, name: str) -> Element | None:
    """The first element of that local name at any depth, *root* excepted."""
    return next((item for item in root.iter() if item is not root and local(item) == name), None)


def text(root: Element, name: str) -> str | None:
    """The text of the first element of that local name, stripped; None if there is none or it is empty."""
    found = find(root, name)
    words = "" if found is None else (found.text or "").strip()
    return words or None
