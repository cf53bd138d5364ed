"""The local scanning service: REST endpoints, jobs and the page buffer over whatever devices the host finds.

Start at :mod:`reference_server.app` (``serve`` and ``run``); see docs/reference/rest-api.md. What may come in: what a client sees over HTTP, and what
stands behind it (job states, cursors, timers, buffer, access table, logs). What may not: devices of any kind (they arrive through
:mod:`device_host`), pictures (the server moves encoded pages and never looks inside), and any other room beside ``device_host`` and ``device_protocol``.
Nothing here imports numpy, Pillow or a driver: a ready service has loaded none of them.
"""
