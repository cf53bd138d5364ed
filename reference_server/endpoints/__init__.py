"""The endpoints, one file for each group of paths, and the table of them all.

What may come in: what turns a request into calls of the registry, the buffer and the host, and their results into an answer. What may not: state of its
own; decisions about states (``states.py``), access (``access.py``) or devices (``plan.py``, ``scanning.py``).
"""
