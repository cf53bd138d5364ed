"""TLS of the https doors: our own authority, the certificates it signs, what users bring of their own, and how a running service changes them.

Start at :mod:`reference_server.tls.keeper`. What may come in: keys, certificates, the files they live in, the stores that browsers look into. What may
not: anything of HTTP. ``cryptography`` is imported inside functions, because the import takes longer than everything else here.
"""
