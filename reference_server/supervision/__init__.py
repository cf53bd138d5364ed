"""Supervision: a light monitor is the top process, owns the listening sockets, and starts the service again after a crash (service-behaviour.md S-003, S-012).

For whom: ``flatbed serve``. Start with :func:`reference_server.supervision.start.supervise`. What may come in: watching and starting processes, dumps,
back-off. What may not: anything of HTTP, and, in what the monitor imports, anything beyond the standard library and the configuration: it must not be able
to crash for the reasons for which the service does, and it stays in memory for ever.
"""
