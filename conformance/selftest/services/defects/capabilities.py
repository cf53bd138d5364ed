"""Defects of configuration and of the capability exchange (REST-70 to REST-77)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.selftest.services.around import JOB, JOBS, Asked, Reply, asks, meets, says
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import create, get, post, wait

CAPABILITIES = f"{JOB}/scanner/capabilities"
Wish = dict[str, Any]
SAME = {4376: "resolution", 4377: "resolution", 257: "pixeltype"}
"""Capabilities and the keys of `config` that mean the same."""


def _config_without(*keys: str) -> Callable[[Wish], Wish]:
    def edit(wish: Wish) -> Wish:
        config = wish.get("config")
        if not isinstance(config, dict):
            return wish
        return wish | {"config": {key: value for key, value in config.items() if key.lower() not in keys}}

    return edit


def _enumerations(edit: Callable[[Wish], Wish]) -> type[Any]:
    def change(found: list[Wish]) -> list[Wish]:
        return [edit(item) if "enums" in item else item for item in found]

    return says("GET", CAPABILITIES, change)


async def _all(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(query="") if reply.status == 200 else reply


async def _all_if_bad(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(query="") if reply.status == 400 else reply


def _under(word: str) -> Callable[[Wish], Wish]:
    def edit(wish: Wish) -> Wish:
        caps = wish.get("caps")
        if not isinstance(caps, dict) or not isinstance(caps.get("capabilities"), list):
            return wish
        items = [item | {"exception": word} for item in caps["capabilities"]]
        return wish | {"caps": caps | {"exception": word, "capabilities": items}}

    return edit


def _caps_win(wish: Wish) -> Wish:
    caps = wish.get("caps")
    if not isinstance(caps, dict):
        return wish
    numbers = {item.get("capability") for item in caps.get("capabilities", ())}
    return _config_without(*(SAME[number] for number in numbers & SAME.keys()))(wish)


async def _any_settings(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    wish = asked.json()
    if reply.status == 400 and "settings" in wish:
        return await asked.pass_on(body={key: value for key, value in wish.items() if key != "settings"})
    return reply


def _caps(number: int, value: object, exception: str = "ignore") -> Wish:
    return {"exception": exception, "capabilities": [{"capability": number, "curValue": value}]}


def _job(**keys: Any) -> tuple[Any, ...]:
    return create(config={"Resolution": 100}, **keys), wait(30), get("job"), get("job/next-page-info")


DEFECTS = (
    wrapped(
        "resolution-is-ignored",
        "REST-70",
        "Scans at its default resolution, whatever was wanted.",
        asks("POST", JOBS, _config_without("resolution")),
        *_job(),
    ),
    wrapped(
        "pixel-type-is-ignored",
        "REST-71",
        "Scans in its default mode, whatever was wanted.",
        asks("POST", JOBS, _config_without("pixeltype")),
        *_job(),
    ),
    wrapped(
        "enumeration-without-values",
        "REST-72",
        "Does not say which values a capability can have.",
        _enumerations(lambda it: {key: value for key, value in it.items() if key != "enums"}),
        create(run=False),
        get("job/scanner/capabilities?caps=257"),
    ),
    wrapped(
        "index-out-of-the-list",
        "REST-72",
        "Gives an index beyond the list of values.",
        _enumerations(lambda it: it | {"curIndex": len(it["enums"])}),
        create(run=False),
        get("job/scanner/capabilities?caps=257"),
    ),
    wrapped(
        "caps-filter-is-ignored",
        "REST-73",
        "Tells all capabilities to who asked for one.",
        meets("GET", CAPABILITIES, _all),
        create(run=False),
        get("job/scanner/capabilities?caps=257"),
    ),
    wrapped(
        "bad-caps-gives-all",
        "REST-73",
        "Takes a list that is none for no list.",
        meets("GET", CAPABILITIES, _all_if_bad),
        create(run=False),
        get("job/scanner/capabilities?caps=colour"),
    ),
    wrapped(
        "caps-are-not-set",
        "REST-74",
        "Sets no capability.",
        asks("POST", JOBS, lambda wish: {key: value for key, value in wish.items() if key != "caps"}),
        post("jobs", {"device": "virtual:feeder", "config": {"Resolution": 100}, "caps": _caps(257, 1)}),
        get("job/next-page-info"),
    ),
    wrapped(
        "fail-is-ignored",
        "REST-75",
        "Goes on when a capability cannot be set that must be.",
        asks("POST", JOBS, _under("ignore")),
        *_job(caps=_caps(60000, 1, "fail")),
    ),
    wrapped(
        "ignore-fails",
        "REST-75",
        "Gives up when a capability cannot be set that need not be.",
        asks("POST", JOBS, _under("fail")),
        *_job(caps=_caps(60000, 1)),
    ),
    wrapped(
        "caps-win",
        "REST-76",
        "Applies `caps` after `config`.",
        asks("POST", JOBS, _caps_win),
        *_job(caps=_caps(257, 2)),
    ),
    wrapped(
        "settings-take-anything",
        "REST-77",
        "Takes settings that are none of its own for no settings.",
        meets("POST", JOBS, _any_settings),
        create(run=False, settings="bm8gc2V0dGluZ3M="),
    ),
)
