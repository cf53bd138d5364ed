"""Documents: pages that a client keeps beyond their job, encrypted, and whole after any crash (rest-api.md 6; S-050, S-069, S-099, S-100).

Start at :mod:`reference_server.documents.store`. Below it, from the disk upwards: ``durable`` (files that are there or not), ``keys``, ``sealing``,
``passwords`` and ``unlocking`` (who can read), ``page_files`` and ``records`` (what is in a file), ``folder`` (one document on disk), ``document`` (one
document under its lock). :mod:`reference_server.documents.output` makes files for clients of it.

What may come in: encoded pages, and what their headers say. What may not: HTTP beyond its error answers, jobs, pixels.
"""
