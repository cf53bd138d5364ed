"""``/server``: settings and version (rest-api.md 3)."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, version

from reference_server.endpoints.call import Call, json_answer
from reference_server.models import ServerPatch, ServerSettings, VersionInfo
from reference_server.wire.delivery import Answer

API_DATE = "20250428"
"""The revision of the API that we follow: the date that the newest published description gives itself (rest-api.md 0, source O)."""


async def get_settings(call: Call) -> Answer:
    """GET /server."""
    return json_answer(ServerSettings(logLevel=call.service.log_level.value))


async def patch_settings(call: Call) -> Answer:
    """PATCH /server."""
    patch = await call.body(ServerPatch)
    if patch.logLevel is not None:
        call.service.log_level.set(patch.logLevel)
    return json_answer(ServerSettings(logLevel=call.service.log_level.value))


async def get_version(call: Call) -> Answer:
    """GET /server/version."""
    truth = VersionInfo(version=API_DATE, compatible=True, moduleVersions={"flatbed": [product_version()]})
    wrong = call.service.faults.version() if call.service.faults else None
    return json_answer(truth if wrong is None else truth.model_copy(update=dict(wrong)))


@functools.cache
def product_version() -> str:
    """Our own version; ``0`` when it runs from files that were never installed."""
    try:
        return version("flatbed")
    except PackageNotFoundError:
        return "0"
