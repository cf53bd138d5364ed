"""``/device/scanners``: the list (rest-api.md 4)."""

from __future__ import annotations

import structlog

from reference_server.endpoints.call import Call, json_answer
from reference_server.scanners import listing, parse_mask
from reference_server.wire.delivery import Answer

log = structlog.get_logger("scanners")

LATE_HEADER = "X-Flatbed-Late"
"""Names the drivers that have not answered yet; their devices are missing from the list."""


async def get_scanners(call: Call) -> Answer:
    """GET /device/scanners: waits for drivers that have not answered yet, but not for long."""
    mask = parse_mask(call.exchange.query.get("type"))
    service = call.service
    await service.host.first_answers(service.config.limits.first_answers_seconds)
    found = service.host.devices()
    headers = {}
    if found.late:
        log.warning("drivers are late", drivers=list(found.late))
        headers[LATE_HEADER] = ",".join(found.late)
    for failure in found.failures:
        log.info(
            "a driver found no devices", transport=failure.transport, code=failure.code.value, message=failure.message
        )
    return json_answer(listing(service.devices(), mask), headers=headers)
