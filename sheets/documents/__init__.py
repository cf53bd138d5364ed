"""Real documents as what is printed on a sheet: pages of a PDF, or images of a folder.

May come in: finding the pages of a file or folder with limits, typed errors for what is broken, and drawing a page at the
size that a frame needs. May not: files that nobody named, the network, anything that changes with the time. A page is known by
the checksum of its file, so that drawing it stays a pure function: a file that has changed is refused.
"""

from sheets.documents.files import load_document
from sheets.documents.page import DocumentPage

__all__ = ["DocumentPage", "load_document"]
