"""The page docs/reference/rest-api.md: the endpoints and the contradictions register, from their tables."""

from __future__ import annotations

from reference_server.compat import REGISTER
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.endpoints.table import describe_endpoints

HEAD = """\
# The REST API

<!-- Made from reference_server/endpoints/table.py and reference_server/compat.py by `make docs`; changes here are lost. -->

A running service gives out its OpenAPI 3.1 document at `/api/openapi.json`, made from the same tables and from the models of its bodies. Under
`--compat strict` the document is exact; under `lenient` it declares what is taken beyond that. schemathesis finds nothing there, with the `schemathesis.toml`
of this repository, which says which refusals are the contract's own.

Bodies are JSON whatever their `Content-Type` says; an empty one is `{}`; unknown keys are ignored. Errors under `/api` are
`{"code", "message", "statusCode"}`, with `cause` where an error of the operating system lies behind them; under `/DWTAPI` they are plain text.

## Endpoints

The statuses that every operation can answer are left out: 400, 414 and 431 for the head of the request, 403 for who asks, 405 for the other methods of a path,
429 for guessing, 500 and 503.

| method | path | what | success | errors |
|---|---|---|---|---|
"""

REGISTER_HEAD = """
## Where the published sources contradict each other

`--compat lenient`, the default, keeps every known client alive. `--compat strict` follows the official reference to the letter, so that a client that leans on
leniency is found out here. Where both columns say the same, the choice is what is recorded.

| | matter | lenient | strict |
|---|---|---|---|
"""

TYPES = """
Beyond the register, numbers may come as texts, `null` counts as absent and a `device` may be an object under `lenient` only. The legacy API under `/DWTAPI` is
lenient under either.
"""


def rest_api_markdown() -> str:
    """The whole page."""
    endpoints = [_row(endpoint, operation) for endpoint in describe_endpoints() for operation in endpoint.operations]
    register = [f"| {it.id} | {it.about} | {it.lenient} | {it.strict} |" for it in REGISTER]
    return HEAD + "\n".join(endpoints) + "\n" + REGISTER_HEAD + "\n".join(register) + "\n" + TYPES


def _row(endpoint: Endpoint, operation: Operation) -> str:
    words = f"{operation.summary}; lenient only" if operation.rule else operation.summary
    success = " ".join(str(status) for status in operation.success)
    errors = " ".join(str(status) for status in sorted(set(operation.errors)))
    return f"| {operation.method} | `{endpoint.path}` | {words} | {success} | {errors} |"
