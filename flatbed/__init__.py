"""flatbed: a scanner lab without scanners.

The front door: the ``flatbed`` command (one file a verb in ``flatbed.verbs``), the pytest plugin, and the names that users import
(``flatbed.testing``, ``flatbed.client``). What may come in: what a user types or imports. What may not: devices, protocols, checks; those live in their
rooms. Everything is imported when it is used, so that the command starts fast and a running service carries nothing it does not need.
"""

__version__ = "0.1.0"
