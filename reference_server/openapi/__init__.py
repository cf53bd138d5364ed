"""The OpenAPI document that the service gives out at ``/api/openapi.json``.

It is made from the endpoint table, the pydantic models and the configuration, and never written by hand: what may come in is how those are said in
OpenAPI 3.1. What may not: facts about an endpoint that the table could hold. Under ``--compat strict`` the document is exact; under ``lenient`` it
declares the leniency.
"""
