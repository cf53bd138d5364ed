"""A page of a document: where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page of a file.

    Attributes:
        path: Of the file, absolute.
        index: Which page of it, from 0; 0 for an image.
        digest: Checksum of the file, 32 hexadecimal digits.
    """

    path: str
    index: int
    digest: str
