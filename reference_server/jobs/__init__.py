"""Scan jobs: from a client's wishes to a device's settings, and from there to pages.

What may come in: states and their table, the registry, plans, the scan itself, timers. What may not: HTTP (endpoints call in here), encodings, and where
pages are kept (:mod:`reference_server.pages`).
"""
