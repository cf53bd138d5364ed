"""The control API: handlers, and the table of its paths. It is on the status port in lab mode, behind a token of its own."""

from __future__ import annotations

from device_protocol.vocabularies.rest import RestCode
from reference_server.control.clients import duties
from reference_server.control.laboratory import Laboratory
from reference_server.control.models import (
    ActionArguments,
    ActionDone,
    ClientList,
    ConsentAnswer,
    ConsentList,
    ControlIndex,
    ControlledDevice,
    DecidedConsent,
    DevicePanel,
    FaultsAnswer,
    JobView,
    LogLevelBody,
    NewsAnswer,
    PendingConsent,
    ProfileInfo,
    RequestList,
    ResetDone,
    ScanWish,
    TimeAnswer,
    TimeSpan,
)
from reference_server.control.recorder import KEPT
from reference_server.control.scans import delete_job, get_job, get_page, list_jobs, take_scan
from reference_server.endpoints.call import JSON, Call, json_answer
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.endpoints.pages import NO_STORE
from reference_server.errors import RestError, bad_parameter
from reference_server.faults.profiles import PROFILES, FaultName, FaultSetting, words
from reference_server.wire.delivery import Answer

ROOT = "/control"
_BODY = (400, 408, 413)


class ControlApi:
    """See the module.

    Args:
        laboratory: what is controlled.
    """

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory
        self.endpoints = self._table()

    def _table(self) -> tuple[Endpoint, ...]:
        device = f"{ROOT}/devices/{{device}}"
        return (
            Endpoint(ROOT, (Operation("GET", self._index, "Where things are", answer=ControlIndex),)),
            Endpoint(
                f"{ROOT}/openapi.json",
                (Operation("GET", self._openapi, "This document", media_types=(JSON,)),),
            ),
            Endpoint(
                f"{ROOT}/devices",
                (Operation("GET", self._devices, "Devices", answer=ControlledDevice, many=True),),
            ),
            Endpoint(
                device,
                (Operation("GET", self._device, "What can be done to it", errors=(400, 404), answer=DevicePanel),),
            ),
            Endpoint(
                f"{device}/{{action}}",
                (
                    Operation(
                        "POST",
                        self._act,
                        "Do something to it; the body has the arguments",
                        errors=(*_BODY, 404, 409),
                        request=ActionArguments,
                        answer=ActionDone,
                    ),
                ),
            ),
            Endpoint(
                f"{device}/pages/{{entry}}",
                (
                    Operation(
                        "GET",
                        self._picture,
                        "A small picture of one of its last pages; its journal names them",
                        errors=(400, 404),
                        media_types=("image/jpeg",),
                        query=("width",),
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/jobs",
                (
                    Operation("GET", list_jobs, "Jobs of all clients", answer=JobView, many=True),
                    Operation(
                        "POST",
                        take_scan,
                        "Take a scan, as an application would",
                        success=(201,),
                        errors=(*_BODY, 423, 503, 507),
                        request=ScanWish,
                        answer=JobView,
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/jobs/{{job}}",
                (
                    Operation("GET", get_job, "One job", errors=(404, 410), answer=JobView),
                    Operation("DELETE", delete_job, "Delete it with its pages", success=(204,), errors=(404, 410)),
                ),
            ),
            Endpoint(
                f"{ROOT}/jobs/{{job}}/pages/{{index}}",
                (
                    Operation(
                        "GET",
                        get_page,
                        "A page of it, as it was encoded first; moves no cursor",
                        errors=(400, 404, 410),
                        media_types=("image/png", "image/jpeg"),
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/news",
                (
                    Operation(
                        "GET",
                        self._news,
                        "Wait up to 20 s until something has changed after `since`, and say what",
                        errors=(400, 503),
                        answer=NewsAnswer,
                        query=("since",),
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/faults",
                (
                    Operation("GET", self._faults, "Faults of the service", answer=FaultsAnswer),
                    Operation(
                        "POST", self._set_fault, "Set one", errors=_BODY, request=FaultSetting, answer=FaultsAnswer
                    ),
                    Operation("DELETE", self._clear_faults, "Lift all", success=(204,)),
                ),
            ),
            Endpoint(
                f"{ROOT}/faults/{{fault}}",
                (Operation("DELETE", self._clear_fault, "Lift one", success=(204,), errors=(404,)),),
            ),
            Endpoint(
                f"{ROOT}/consent",
                (
                    Operation("GET", self._consent, "Decisions, pending and made", answer=ConsentList),
                    Operation("DELETE", self._forget, "Ask everybody anew", success=(204,)),
                ),
            ),
            Endpoint(
                f"{ROOT}/consent/{{number}}",
                (
                    Operation(
                        "POST",
                        self._decide,
                        "Decide",
                        errors=(*_BODY, 404),
                        request=ConsentAnswer,
                        answer=ConsentList,
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/log",
                (
                    Operation("GET", self._log, "Level of the log", answer=LogLevelBody),
                    Operation(
                        "PATCH", self._set_log, "Set it", errors=_BODY, request=LogLevelBody, answer=LogLevelBody
                    ),
                ),
            ),
            Endpoint(
                f"{ROOT}/requests",
                (
                    Operation(
                        "GET",
                        self._requests,
                        "The last requests to the API",
                        errors=(400,),
                        answer=RequestList,
                        query=("since", "limit"),
                    ),
                    Operation("DELETE", self._clear_requests, "Forget them", success=(204,)),
                ),
            ),
            Endpoint(
                f"{ROOT}/clients",
                (Operation("GET", self._clients, "What each client of the API did wrong", answer=ClientList),),
            ),
            Endpoint(
                f"{ROOT}/time",
                (
                    Operation(
                        "POST",
                        self._advance,
                        'Where the devices file says `time = "manual"`: let `seconds` pass; returns when whoever was due has run',
                        errors=(*_BODY, 409),
                        request=TimeSpan,
                        answer=TimeAnswer,
                    ),
                ),
            ),
            Endpoint(f"{ROOT}/reset", (Operation("POST", self._reset, "As at the start", answer=ResetDone),)),
        )

    async def _index(self, call: Call) -> Answer:  # noqa: ARG002  # every handler is given its call
        paths = {
            f"{operation.method} {endpoint.path}": operation.summary
            for endpoint in self.endpoints
            for operation in endpoint.operations
        }
        return json_answer(ControlIndex(paths=paths))

    async def _openapi(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        from reference_server.control.openapi import control_openapi  # noqa: PLC0415  # only when somebody asks

        return json_answer(control_openapi(self.endpoints))

    async def _devices(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        return json_answer(await self._laboratory.devices.listed())

    async def _device(self, call: Call) -> Answer:
        return json_answer(await self._laboratory.devices.panel(_device_id(call)))

    async def _act(self, call: Call) -> Answer:
        arguments = (await call.body(ActionArguments)).model_extra or {}
        return json_answer(await self._laboratory.devices.perform(_device_id(call), call.words["action"], arguments))

    async def _picture(self, call: Call) -> Answer:
        entry = call.words["entry"]
        if not (entry.isascii() and entry.isdigit()):
            raise bad_parameter("The page is named by the number of its entry in the journal.")
        width = None if call.exchange.query.get("width") is None else _number(call, "width", 0)
        media_type, data = await self._laboratory.devices.picture(_device_id(call), int(entry[:18]), width)
        return Answer(200, data, media_type=media_type, headers=NO_STORE)

    async def _news(self, call: Call) -> Answer:
        return json_answer(await self._laboratory.news.wait(_number(call, "since", 0)))

    async def _faults(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        return self._faults_answer()

    async def _set_fault(self, call: Call) -> Answer:
        self._laboratory.set_fault(await call.body(FaultSetting))
        return self._faults_answer()

    async def _clear_faults(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        self._laboratory.faults.clear()
        return Answer(204)

    async def _clear_fault(self, call: Call) -> Answer:
        name = call.words["fault"]
        if name not in set(FaultName) or not self._laboratory.faults.clear(FaultName(name)):
            raise RestError(404, RestCode.PARAMETER, f"The service does not have the fault {name[:100]!r} now.")
        return Answer(204)

    async def _consent(self, call: Call) -> Answer:
        return self._consent_answer(call)

    async def _decide(self, call: Call) -> Answer:
        allow = (await call.body(ConsentAnswer)).allow
        number = call.words["number"]
        if not (number.isascii() and number.isdigit()) or not call.service.consent.decide(int(number[:18]), allow):
            raise RestError(404, RestCode.PARAMETER, f"Nobody waits for decision {number[:100]!r}.")
        return self._consent_answer(call)

    async def _forget(self, call: Call) -> Answer:
        call.service.consent.forget()
        return Answer(204)

    async def _log(self, call: Call) -> Answer:
        return json_answer(LogLevelBody(level=call.service.log_level.value))

    async def _set_log(self, call: Call) -> Answer:
        call.service.log_level.set((await call.body(LogLevelBody)).level)
        self._laboratory.news.mark_service()
        return await self._log(call)

    async def _requests(self, call: Call) -> Answer:
        recorder = self._laboratory.recorder
        since, limit = _number(call, "since", 0), _number(call, "limit", KEPT)
        return json_answer(RequestList(requests=recorder.since(since, limit), next=recorder.next))

    async def _clear_requests(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        self._laboratory.recorder.clear()
        return Answer(204)

    async def _clients(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        return json_answer(ClientList(clients=self._laboratory.clients.shown(), duties=duties()))

    async def _advance(self, call: Call) -> Answer:
        return json_answer(await self._laboratory.devices.advance((await call.body(TimeSpan)).seconds))

    async def _reset(self, call: Call) -> Answer:  # noqa: ARG002  # see above
        jobs, devices = await self._laboratory.reset()
        return json_answer(ResetDone(jobs=jobs, devices=devices))

    def _faults_answer(self) -> Answer:
        profiles = [
            ProfileInfo(name=name.value, does=profile.does, takes=list(words(name)), source=profile.source)
            for name, profile in PROFILES.items()
        ]
        active = [dict(item) for item in self._laboratory.faults.shown()]
        return json_answer(FaultsAnswer(active=active, profiles=profiles))

    @staticmethod
    def _consent_answer(call: Call) -> Answer:
        desk = call.service.consent
        pending = [
            PendingConsent(
                number=item.number,
                origin=_text(item.origin),
                waiting=item.waiting,
                seconds=round(desk.age(item), 3),
            )
            for item in desk.pending
        ]
        decided = [DecidedConsent(origin=_text(origin), allow=allow) for origin, allow in desk.decided.items()]
        return json_answer(ConsentList(rule=call.service.config.consent, pending=pending, decided=decided))


def _device_id(call: Call) -> str:
    """The device that the path names; a slash in its id comes as ``%2F``."""
    return call.words["device"].replace("%2F", "/").replace("%2f", "/")


def _number(call: Call, name: str, default: int) -> int:
    text = call.exchange.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise bad_parameter(f"{name}: a number from 0.")
    return int(text[:18])


def _text(origin: bytes | None) -> str | None:
    return None if origin is None else origin.decode("latin-1")
