"""The local scanning service: REST endpoints, jobs and the page buffer over whatever devices the host finds.

Start at :mod:`reference_server.app` (``serve`` and ``run``); see docs/reference/rest-api.md. A request comes through ``wire/``, is let in by ``access/`` and
answered in ``endpoints/``, from ``jobs/``, ``pages/``, ``documents/``, ``capabilities/`` and ``processing/``.

What may come in: what a client sees over HTTP, and what stands behind it. What may not: devices of any kind (they arrive through :mod:`device_host`),
pictures (the server moves encoded pages and never looks inside), and any other room beside ``device_host`` and ``device_protocol``. Nothing here imports
numpy, Pillow or a driver, but what runs in the codec process (``processing/``): a ready service has loaded none of them.
"""
