"""What is behind the status doors: figures of the service for people and programs (service-behaviour.md S-019, S-027).

What may come in: what the service knows of itself. What may not: anything of the API, which is 404 here as this is there.
"""
