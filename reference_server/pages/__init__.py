"""Pages that were scanned: where they are kept, who reads them next, and what is said of them.

What may come in: the page buffer and its encrypted spill, cursors and their leases, readers' preferences, names of pages. What may not: devices, and pixels:
a page is a file with a media type here.
"""
