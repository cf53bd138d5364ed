"""What a maintainer needs to know of an installation, as one zip file (service-behaviour.md S-117).

What may come in: versions, settings, logs, figures of a running service. What may not: pages, documents, licences, passwords, tokens, keys. Only files that are
named here are read; the data folder is counted, and nothing else of it is opened.
"""
