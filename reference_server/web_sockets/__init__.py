"""WebSockets on the API port: notices of a job (rest-api.md 5.10), keep-alive (S-016), and our own event stream.

What may come in: the upgrade under the access table, what is said on an accepted connection, close codes, and the remedies for what the web server does
not do. What may not: knowledge of how jobs run; a connection reads the hub (:mod:`reference_server.events`) and the pages of a job, and changes nothing.
"""
