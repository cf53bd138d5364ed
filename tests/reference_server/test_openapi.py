"""The OpenAPI document: valid, whole, exact where the service is strict, open where it is lenient."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from device_protocol.testing import Jumper, run
from reference_server.endpoints.table import describe_endpoints
from reference_server.jobs.wishes import KEYS
from reference_server.modes import Compat, LicenceMode
from reference_server.openapi.document import openapi
from reference_server.openapi.parameters import QUERY
from tests.reference_server.client import JOBS, lab

LENIENT = openapi(Compat.LENIENT, LicenceMode.IGNORE)
STRICT = openapi(Compat.STRICT, LicenceMode.IGNORE)


def parameters(document: dict[str, Any], path: str, method: str = "get") -> dict[str, Any]:
    """Parameters of an operation by name."""
    return {item["name"]: item for item in document["paths"][path][method]["parameters"]}


@pytest.mark.parametrize(("compat", "licence"), list(itertools.product(Compat, LicenceMode)))
def test_it_is_valid(compat: Compat, licence: LicenceMode) -> None:
    """The document is valid OpenAPI in each configuration that it depends on."""
    validate(openapi(compat, licence))


@pytest.mark.parametrize("compat", Compat)
def test_it_is_served(compat: Compat, tmp_path: Path) -> None:
    """GET /api/openapi.json gives the very document, as application/json."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            reply = await it.client.get("/api/openapi.json")
            assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
            assert reply.json() == (STRICT if compat is Compat.STRICT else LENIENT)

    run(main, clock=Jumper())


def test_there_are_no_orphans() -> None:
    """Every endpoint and method of the table is in the document, and nothing else; every operation id is there once; every query parameter is described."""
    listed = {(endpoint.path, method.lower()) for endpoint in describe_endpoints() for method in endpoint.methods}
    described = {(path, method) for path, item in LENIENT["paths"].items() for method in item}
    assert described == listed
    ids = [operation["operationId"] for item in LENIENT["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    queries = {
        (endpoint.path, name)
        for endpoint in describe_endpoints()
        for operation in endpoint.operations
        for name in operation.query
    }
    assert queries == set(QUERY)


def test_every_component_is_used() -> None:
    """No schema lies about that nothing refers to, and no reference leads nowhere."""
    for document in (LENIENT, STRICT):
        text = repr(document)
        for name in document["components"]["schemas"]:
            assert f"#/components/schemas/{name}'" in text, name


def test_every_operation_declares_its_errors() -> None:
    """Some statuses are everywhere; an error is JSON under /api and words under /DWTAPI; 204 has no content; 405 has Allow, 201 Location."""
    for path, item in LENIENT["paths"].items():
        for operation in item.values():
            responses = operation["responses"]
            assert {"400", "403", "405", "414", "431", "500", "503"} <= set(responses)
            for status, response in responses.items():
                if int(status) >= 400:
                    assert set(response["content"]) == {
                        "text/plain" if path.startswith("/DWTAPI") else "application/json"
                    }
                if status == "204":
                    assert "content" not in response
            assert "Allow" in responses["405"]["headers"]
            assert "Retry-After" in responses["503"]["headers"]
            if "201" in responses:
                assert "Location" in responses["201"]["headers"]


def test_lenient_declares_its_leniency() -> None:
    """Where the service is lenient the document says so: numbers as strings, nulls, further keys, other body types, old headers and parameter names."""
    timeout = LENIENT["components"]["schemas"]["JobCreate"]["properties"]["jobTimeout"]
    assert "string" in repr(timeout)
    assert "null" in repr(timeout)
    assert LENIENT["components"]["schemas"]["JobCreate"]["additionalProperties"] is True
    post = LENIENT["paths"][JOBS]["post"]
    assert "text/plain" in post["requestBody"]["content"]
    assert {"DWT-PRODUCT-KEY", "X-DICS-LICENSE-KEY"} == set(parameters(LENIENT, JOBS, "post"))
    content = parameters(LENIENT, f"{JOBS}/{{jobuid}}/content")
    assert {"type", "page", "pages", "jobuid"} == set(content)
    assert not content["page"].get("required")


def test_the_configuration_is_described() -> None:
    """Each key of a job's config that means something is there in its own spelling, with the type that the service asks of it."""
    for document, loose in ((LENIENT, True), (STRICT, False)):
        schemas = document["components"]["schemas"]
        assert {name.lower() for name in schemas["DeviceConfiguration"]["properties"]} == set(KEYS)
        assert "DeviceConfiguration'" in repr(schemas["JobCreate"]["properties"]["config"])
        resolution = schemas["DeviceConfiguration"]["properties"]["Resolution"]
        assert (resolution == {"type": "number"}) is not loose
        assert "string" in repr(schemas["DeviceConfiguration"]["properties"]["PixelType"])


def test_strict_is_exact() -> None:
    """Where it is strict, the document has the types of the reference alone, and its required parameters."""
    assert STRICT["components"]["schemas"]["JobCreate"]["properties"]["jobTimeout"]["type"] == "integer"
    assert STRICT["components"]["schemas"]["CapabilityWish"]["properties"]["capability"] == {"type": "integer"}
    assert set(STRICT["paths"][JOBS]["post"]["requestBody"]["content"]) == {"application/json"}
    assert set(parameters(STRICT, JOBS, "post")) == {"DWT-PRODUCT-KEY"}
    content = parameters(STRICT, f"{JOBS}/{{jobuid}}/content")
    assert {name for name, item in content.items() if item.get("required")} == {"type", "page", "jobuid"}
    assert "x-lenient" not in repr(STRICT) + repr(LENIENT)


def test_what_the_configuration_changes() -> None:
    """The licence header is required where the service requires it, and next-page-info has the form that the profile gives it (D-01)."""
    for licence in LicenceMode:
        header = parameters(openapi(Compat.STRICT, licence), JOBS, "post")["DWT-PRODUCT-KEY"]
        assert header["required"] is (licence is not LicenceMode.IGNORE)
    path = f"{JOBS}/{{jobuid}}/next-page-info"
    schemas = [
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for document in (LENIENT, STRICT)
    ]
    assert "$ref" in schemas[0]
    assert schemas[1]["type"] == "array"


def test_legacy_is_loose_under_either_profile() -> None:
    """The legacy bodies are described as loosely in the strict document as in the lenient one."""
    for name in ("LegacyScanJobCreate", "LegacyCapabilityWish"):
        assert STRICT["components"]["schemas"][name] == LENIENT["components"]["schemas"][name]
    assert set(STRICT["paths"]["/DWTAPI/ScanJobs"]["post"]["responses"]["201"]["content"]) == {"text/plain"}
