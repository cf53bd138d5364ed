"""The control API: what a test in any language sets and sees (service-behaviour.md 16.4; design 6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from device_protocol.testing import Jumper, run
from reference_server.control.api import ROOT, ControlApi
from tests.reference_server.client import JOBS, Reply
from tests.reference_server.status import StatusLab, status_lab

PAGE = "http://localhost:3000"


def control(tmp_path: Path, main: Any, **changes: Any) -> None:
    """Run *main* with both ports, in virtual time."""

    async def inside() -> None:
        async with status_lab(tmp_path, **changes) as it:
            await main(it)

    run(inside, clock=Jumper())


def test_nobody_without_the_token(tmp_path: Path) -> None:
    """Every path of it answers 401 without its token or with another one, the API's included, and does nothing."""

    async def main(it: StatusLab) -> None:
        it.api.service.consent._decided[b"x"] = True
        for endpoint in ControlApi(it.laboratory).endpoints:
            path = endpoint.path.replace("{device}", "virtual:feeder").replace("{action}", "load")
            for operation in endpoint.operations:
                for said in (
                    None,
                    "Bearer wrong",
                    f"Basic {it.laboratory.token}",
                    "Bearer a-token-of-sixteen",
                    "Bearer \xe9",
                ):
                    headers = {} if said is None else {"Authorization": said}
                    reply = await it.status.request(operation.method, path, headers=headers)
                    assert (reply.status, reply.headers["Www-Authenticate"]) == (401, "Bearer"), (path, said)
        assert it.host.feeder.done == []
        assert list(it.api.service.consent.decided) == [b"x"]
        assert (await it.ask("GET", "")).status == 200

    control(tmp_path, main, token="a-token-of-sixteen")


def test_other_machines(tmp_path: Path) -> None:
    """A trusted network may control, another machine with the API's token may not: the two tokens go into one header."""

    async def main(it: StatusLab) -> None:
        it.status.peer = ("10.1.2.3", 50000)
        assert (await it.ask("GET", "/faults")).status == 200
        it.status.peer = ("192.0.2.1", 50000)
        assert (await it.ask("GET", "/faults")).status == 403
        headers = {"Authorization": "Bearer a-token-of-sixteen"}
        assert (await it.status.request("GET", "/control/faults", headers=headers)).status == 403
        assert (await it.status.request("GET", "/status.json", headers=headers)).status == 200

    control(tmp_path, main, token="a-token-of-sixteen", trust_network=("10.0.0.0/8",))


def test_devices(tmp_path: Path) -> None:
    """Devices are listed, say what can be done to them, and do it; what they refuse comes back as they say it, and nothing happens."""

    async def main(it: StatusLab) -> None:
        listed = (await it.ask("GET", "/devices")).json()
        assert [item["id"] for item in listed] == ["virtual:feeder", "virtual:flatbed", "sanelab:test:0"]
        panel = (await it.ask("GET", "/devices/virtual:feeder")).json()
        assert (panel["actions"], panel["faults"]) == (["load", "report", "reset"], ["jam"])
        assert panel["state"] == {"hopper": 1}
        done = await it.ask("POST", "/devices/virtual:feeder/load", {"count": 3, "size": "A4"})
        assert (done.status, done.json()["state"]) == (200, {"hopper": 2})
        assert it.host.feeder.done[-1] == ("load", {"count": 3, "size": "A4"})
        before = list(it.host.feeder.done)
        for path, body, status in (
            ("virtual:feeder/explode", {}, 400),
            ("virtual:feeder/load", {"count": 0}, 400),
            ("virtual:feeder/load", b"[1]", 400),
            ("virtual:feeder/load", b"{", 400),
            ("virtual:flatbed/load", {}, 400),
            ("virtual:nothing/load", {}, 404),
            ("sane:usb:1/load", {}, 404),  # real, and not shown
            ("escl:http:%2F%2Fx/load", {}, 404),
        ):
            reply = await it.ask("POST", f"/devices/{path}", body)
            assert reply.status == status, path
            assert reply.json()["message"]
        assert it.host.feeder.done == before
        it.host.infos = it.host.infos[1:]
        listed = (await it.ask("GET", "/devices")).json()
        assert (listed[0]["id"], listed[0]["there"]) == ("virtual:feeder", False)
        assert (await it.ask("POST", "/devices/virtual:feeder/load")).status == 200, "a pulled plug can be put back"

    control(tmp_path, main)


def test_faults(tmp_path: Path) -> None:
    """A fault is set, seen, and lifted; what is none changes nothing."""

    async def main(it: StatusLab) -> None:
        version = "/api/server/version"
        body = {"name": "wrong-version", "version": "1", "duration": 60}
        active = (await it.ask("POST", "/faults", body)).json()["active"]
        assert active == [{**body, "struck": 0, "left": None, "seconds_left": 60}]
        assert (await it.api.client.get(version)).json()["compatible"] is False
        assert (await it.status.get("/status.json")).json()["faults"] == ["wrong-version"]
        for wrong in (
            {},
            {"name": "fire"},
            {"name": "slow", "delay": "2"},
            {"name": "slow", "x": 1},
            {"name": "down", "count": 1},
        ):
            assert (await it.ask("POST", "/faults", wrong)).status == 400, wrong
        said = (await it.ask("GET", "/faults")).json()
        assert [item["name"] for item in said["active"]] == ["wrong-version"]
        assert {item["name"] for item in said["profiles"]} >= {"down", "slow", "reset"}
        assert (await it.ask("DELETE", "/faults/slow")).status == 404
        assert (await it.ask("DELETE", "/faults/wrong-version")).status == 204
        assert (await it.api.client.get(version)).json()["compatible"] is True
        await it.ask("POST", "/faults", {"name": "slow", "delay": 0.5, "duration": 3})
        begun = trio.current_time()
        await it.api.client.get(version)
        assert trio.current_time() - begun == pytest.approx(0.5)
        begun = trio.current_time()
        await it.status.get("/status.json")
        assert trio.current_time() == begun, "the status port has no faults"
        await trio.sleep(3)
        assert (await it.ask("GET", "/faults")).json()["active"] == []
        await it.ask("POST", "/faults", {"name": "licence-refused"})
        assert (await it.api.client.request("POST", JOBS, {})).json()["code"] == -2800
        assert (await it.ask("DELETE", "/faults")).status == 204
        assert (await it.api.client.request("POST", JOBS, {})).status == 201

    control(tmp_path, main)


def test_consent(tmp_path: Path) -> None:
    """What is pending is seen and decided; the decision is seen, too, and forgotten on request."""

    async def main(it: StatusLab) -> None:
        replies: list[Reply] = []

        async def ask() -> None:
            replies.append(await it.api.client.request("POST", JOBS, {}, {"Origin": PAGE}))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            await trio.sleep(1)
            said = (await it.ask("GET", "/consent")).json()
            assert said == {
                "rule": "ask",
                "pending": [{"number": 1, "origin": PAGE, "waiting": 1, "seconds": 1.0}],
                "decided": [],
            }
            assert (await it.status.get("/status.json")).json()["consents_pending"] == 1
            for number, body, status in (
                (2, {"allow": True}, 404),
                ("x", {"allow": True}, 404),
                (1, {"allow": 1}, 400),
                (1, {}, 400),
            ):
                assert (await it.ask("POST", f"/consent/{number}", body)).status == status, (number, body)
            assert (await it.ask("GET", "/consent")).json()["pending"]
            said = (await it.ask("POST", "/consent/1", {"allow": True})).json()
            assert (said["pending"], said["decided"]) == ([], [{"origin": PAGE, "allow": True}])
        assert [reply.status for reply in replies] == [201]
        assert (await it.ask("DELETE", "/consent")).status == 204
        assert (await it.ask("GET", "/consent")).json()["decided"] == []

    control(tmp_path, main, consent="ask")


def test_log_level(tmp_path: Path) -> None:
    """The level is read and set; what is no level changes nothing."""

    async def main(it: StatusLab) -> None:
        assert (await it.ask("GET", "/log")).json() == {"level": 1}
        for wrong in ({"level": 31}, {"level": "1"}, {}, {"level": True}):
            assert (await it.ask("PATCH", "/log", wrong)).status == 400
        assert it.api.service.log_level.value == 1
        assert (await it.ask("PATCH", "/log", {"level": 30})).json() == {"level": 30}
        assert it.api.service.log_level.value == 30

    control(tmp_path, main)


def test_recorded_requests(tmp_path: Path) -> None:
    """What an application sent is seen in order, with its status and headers and without secrets; what was seen need not be read again."""

    async def main(it: StatusLab) -> None:
        headers = {"Origin": PAGE, "DWT-PRODUCT-KEY": "s3cret"}
        await it.api.client.request("POST", JOBS, {"license": "s3cret"}, headers)
        await it.api.client.get("/nowhere?a=1&password=s3cret")
        reply = await it.ask("GET", "/requests")
        first, second = reply.json()["requests"]
        assert (first["number"], first["method"], first["path"], first["status"]) == (1, "POST", JOBS, 201)
        assert (first["headers"]["origin"], first["headers"]["dwt-product-key"]) == (PAGE, "[redacted]")
        assert (second["path"], second["query"], second["status"]) == ("/nowhere", "a=1&password=%5Bredacted%5D", 404)
        assert b"s3cret" not in reply.body
        assert reply.json()["next"] == 3
        assert (await it.ask("GET", "/requests?since=3")).json()["requests"] == []
        assert len((await it.ask("GET", "/requests?limit=1")).json()["requests"]) == 1
        for wrong in ("since=x", "limit=-1", "since="):
            assert (await it.ask("GET", f"/requests?{wrong}")).status == 400
        assert (await it.ask("DELETE", "/requests")).status == 204
        await it.api.client.get("/a?b=1")
        assert [item["number"] for item in (await it.ask("GET", "/requests")).json()["requests"]] == [3]
        for _ in range(1100):
            await it.api.client.get("/a")
        numbers = [item["number"] for item in (await it.ask("GET", "/requests")).json()["requests"]]
        assert (len(numbers), numbers[-1]) == (1000, 1103), "the oldest give way"

    control(tmp_path, main)


def test_requests_under_way(tmp_path: Path) -> None:
    """A request is recorded when it comes, so that one that waits is seen, and one that was just answered is never missing."""

    async def main(it: StatusLab) -> None:
        async with trio.open_nursery() as nursery:
            await it.ask("POST", "/faults", {"name": "slow", "delay": 5})
            nursery.start_soon(it.api.client.get, "/api/server")
            await trio.sleep(1)
            (item,) = (await it.ask("GET", "/requests")).json()["requests"]
            assert (item["path"], item["status"], item["ms"]) == ("/api/server", None, None)
        (item,) = (await it.ask("GET", "/requests")).json()["requests"]
        assert (item["status"], item["ms"] is None) == (200, False)

    control(tmp_path, main)


def test_reset(tmp_path: Path) -> None:
    """Everything is as at the start: no jobs, no faults but those of the start, consent asked anew, devices reset, log level and requests."""

    async def main(it: StatusLab) -> None:
        job = await it.api.client.create()
        await it.ask("POST", "/faults", {"name": "slow"})
        await it.ask("PATCH", "/log", {"level": 0})
        it.api.service.consent._decided[b"x"] = True
        reply = await it.ask("POST", "/reset")
        assert reply.json() == {"jobs": 1, "devices": ["virtual:feeder"]}
        assert it.host.feeder.done == [("reset", {})]
        assert (await it.api.client.get(job)).status == 410
        assert [item["name"] for item in (await it.ask("GET", "/faults")).json()["active"]] == ["wrong-version"]
        assert it.api.service.log_level.value == 1
        assert dict(it.api.service.consent.decided) == {}
        assert [item["status"] for item in (await it.ask("GET", "/requests")).json()["requests"]] == [410]
        assert it.host.open_devices == set()

    control(tmp_path, main, faults=("wrong-version",))


def test_openapi(tmp_path: Path) -> None:
    """The document is valid OpenAPI, has every operation with its body, answer and refusals, and the answers of real requests fit it."""

    async def main(it: StatusLab) -> None:
        document = (await it.ask("GET", "/openapi.json")).json()
        validate(document)
        described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
        there = {(item.path, each.method) for item in ControlApi(it.laboratory).endpoints for each in item.operations}
        assert described == there
        set_fault = document["paths"]["/control/faults"]["post"]
        assert set_fault["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/FaultSetting")
        assert {"200", "400", "401", "403", "405", "413", "500"} <= set(set_fault["responses"])
        assert document["components"]["schemas"]["FaultSetting"]["additionalProperties"] is False
        for path in ("", "/devices", "/devices/virtual:feeder", "/faults", "/consent", "/log", "/requests"):
            operation = document["paths"][f"/control{path}".replace("virtual:feeder", "{device}")]["get"]
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            whole = schema | {"components": document["components"]}
            Draft202012Validator(whole).validate((await it.ask("GET", path)).json())

    control(tmp_path, main)


def test_the_index_is_complete(tmp_path: Path) -> None:
    """The root lists every method and path, and a wrong method says which there are."""

    async def main(it: StatusLab) -> None:
        paths = (await it.ask("GET", "")).json()["paths"]
        for endpoint in ControlApi(it.laboratory).endpoints:
            for operation in endpoint.operations:
                assert paths[f"{operation.method} {endpoint.path}"] == operation.summary
                assert endpoint.path.startswith(ROOT)
        reply = await it.ask("PUT", "/faults")
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST, DELETE")

    control(tmp_path, main)
