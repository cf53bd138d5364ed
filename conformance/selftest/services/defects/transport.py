"""Defects of paths, methods, bodies and errors (REST-04 to REST-17)."""

from __future__ import annotations

import json
from typing import Any

from conformance.selftest.services.around import (
    JOB,
    JOBS,
    JSON,
    SERVER,
    Around,
    Asked,
    Reply,
    error,
    meets,
    replies,
    turns,
)
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import ask, create, delete, get, post

KNOWN = {
    "autoRun", "requestFocusForScanningUI", "scannerFailureTimeout", "jobTimeout", "device", "config", "caps", "settings",
    "checkFeederLoaded", "requireWebsocket", "name",
}  # fmt: skip
"""Keys of a job (rest-api.md 5.1)."""


async def _done_as_get(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    done = reply.status == 405 and "GET" in reply.headers.get("allow", "")
    return await asked.pass_on(method="GET", body=b"") if done else reply


def _without_status_code(reply: Reply) -> Reply:
    found = reply.json() if reply.status >= 400 else None
    return (
        reply.with_json({key: value for key, value in found.items() if key != "statusCode"})
        if isinstance(found, dict)
        else reply
    )


def _code_as_text(reply: Reply) -> Reply:
    found = reply.json() if reply.status >= 400 else None
    return reply.with_json(found | {"code": str(found["code"])}) if isinstance(found, dict) else reply


def _as_text(reply: Reply) -> Reply:
    json_error = reply.status >= 400 and reply.headers.get("content-type") == JSON
    return reply.but(content_type="text/json") if json_error else reply


async def _wants_json(asked: Asked) -> Reply:
    kind = asked.headers.get("content-type", "")
    return await asked.pass_on() if not asked.body or kind.startswith(JSON) else error(415, -2113, "JSON is wanted.")


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


async def _bad_json_is_500(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return error(500, -1001, "Unexpected token.") if reply.status == 400 and not _is_json(asked.body) else reply


async def _bad_json_is_empty(asked: Asked) -> Reply:
    return await asked.pass_on(body=b"{}" if asked.body and not _is_json(asked.body) else None)


async def _known_keys_only(asked: Asked) -> Reply:
    more = sorted(asked.json().keys() - KNOWN - {"license"})
    return error(400, -2113, f"{', '.join(more)}: not known.") if more else await asked.pass_on()


async def _no_numbers_as_texts(asked: Asked) -> Reply:
    config: Any = asked.json().get("config")
    texts = [key for key, value in config.items() if isinstance(value, str)] if isinstance(config, dict) else []
    return error(400, -2113, f"{', '.join(texts)}: no text.") if texts else await asked.pass_on()


def _fine(reply: Reply) -> Reply:
    unknown = reply.status == 404 and (reply.json() or {}).get("code") == -2113
    return reply.with_json({}).but(200) if unknown else reply


async def _slashes_matter(asked: Asked) -> Reply:
    return error(404, -2113) if b"//" in asked.scope["raw_path"] else await asked.pass_on()


async def _wants_a_device(asked: Asked) -> Reply:
    return await asked.pass_on() if asked.json().get("device") else error(400, -2113, "device: which one?")


async def _new_header_only(asked: Asked) -> Reply:
    given = {"x-dics-license-key"} & asked.headers.keys() or asked.json().get("license")
    return (
        error(403, -2800, "No product key.")
        if given and "dwt-product-key" not in asked.headers
        else await asked.pass_on()
    )


class _Redirects(Around):
    """Sends who asks for the settings of the service on to its version."""

    path = f"{SERVER}/?"

    async def meet(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(302, {"location": f"{SERVER}/version"})
        return await asked.pass_on()


DEFECTS = (
    wrapped(
        "wrong-method-is-404",
        "REST-04",
        "Answers a method that a path does not have as if there were no such path.",
        turns("", ".*", 405, error(404, -2113)),
        ask("PUT", "/api/server"),
    ),
    wrapped(
        "wrong-method-is-done",
        "REST-04",
        "Takes a method that a path does not have for GET.",
        meets("", ".*", _done_as_get),
        ask("PUT", "/api/server"),
    ),
    wrapped(
        "no-allow",
        "REST-05",
        "Does not say which methods there are.",
        replies("", ".*", lambda reply: reply.but(allow=None) if reply.status == 405 else reply),
        ask("PUT", "/api/server"),
    ),
    wrapped(
        "error-without-status-code",
        "REST-06",
        "Leaves statusCode out of its errors.",
        replies("", "/api/.*", _without_status_code),
        get("/api/device/scanners/jobs/nobody"),
    ),
    wrapped(
        "code-is-a-text",
        "REST-06",
        "Writes the code of an error as a text.",
        replies("", "/api/.*", _code_as_text),
        get("/api/device/scanners/jobs/nobody"),
    ),
    wrapped(
        "json-as-text",
        "REST-07",
        "Sends errors under text/json.",
        replies("", "/api/.*", _as_text),
        get("/api/device/scanners/jobs/nobody"),
    ),
    wrapped(
        "wants-application-json",
        "REST-08",
        "Refuses a body that does not come under application/json.",
        meets("", "/api/device/.*", _wants_json),
        post("jobs", {"autoRun": False}, Content_Type="text/plain;charset=UTF-8"),
    ),
    wrapped(
        "bad-json-is-500",
        "REST-09",
        "Fails over a body that is no JSON.",
        meets("", "/api/.*", _bad_json_is_500),
        post("jobs", b"{"),
    ),
    wrapped(
        "bad-json-is-empty",
        "REST-09",
        "Takes a body that is no JSON for an empty one, and starts to scan.",
        meets("POST", JOBS, _bad_json_is_empty),
        post("jobs", b"{"),
    ),
    wrapped(
        "refuses-unknown-keys",
        "REST-10",
        "Refuses a job with a key that it does not know.",
        meets("POST", JOBS, _known_keys_only),
        post("jobs", {"autoRun": False, "colour": "blue"}),
    ),
    wrapped(
        "refuses-numbers-as-texts",
        "REST-11",
        "Refuses a number that is written as a text.",
        meets("POST", JOBS, _no_numbers_as_texts),
        post("jobs", {"autoRun": False, "config": {"PixelType": "1"}}),
    ),
    wrapped(
        "any-path-is-fine",
        "REST-12",
        "Answers 200 on every path.",
        replies("", "/api/.*", _fine),
        get("/api/servers"),
    ),
    wrapped(
        "slashes-matter",
        "REST-13",
        "Does not find a path with two slashes in a row.",
        meets("", ".*", _slashes_matter),
        get("//api/server"),
    ),
    wrapped(
        "redirects",
        "REST-14",
        "Sends who asks for its settings somewhere else.",
        _Redirects,
        get("/api/server"),
    ),
    wrapped(
        "deleted-with-type",
        "REST-15",
        "Sends a Content-Type with the 204 of a deletion.",
        replies("DELETE", JOB, lambda reply: reply.but(content_type=JSON) if reply.status == 204 else reply),
        create(run=False),
        delete("job"),
    ),
    wrapped(
        "wants-a-device",
        "REST-16",
        "Refuses a job that names no scanner.",
        meets("POST", JOBS, _wants_a_device),
        post("jobs"),
    ),
    wrapped(
        "new-header-only",
        "REST-17",
        "Refuses a licence key that is not under the new name of its header.",
        meets("POST", JOBS, _new_header_only),
        post("jobs", {"autoRun": False}, X_DICS_LICENSE_KEY="key"),
    ),
)
