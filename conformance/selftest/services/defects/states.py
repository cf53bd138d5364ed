"""Defects of the states of a job (REST-34 to REST-45)."""

from __future__ import annotations

from typing import Any

from conformance.selftest.services.around import (
    BELOW_JOB,
    JOB,
    Around,
    Asked,
    Reply,
    error,
    meets,
    replies,
    says,
    state_of,
    turns,
)
from conformance.selftest.services.defects.defect import Defect, rebuilt, wrapped
from conformance.selftest.services.proof import act, create, delete, get, patch, wait
from conformance.selftest.services.swapped import JOB as JOB_PATH
from conformance.selftest.services.swapped import swapped
from reference_server.endpoints.call import Call, Handler
from reference_server.jobs.states import State
from reference_server.wire.delivery import Answer

NOBODY = "/api/device/scanners/jobs/9e3779b9-7f4a-4c15-b39c-c0605cedc8ff"
RUN, CANCEL = {"status": "running"}, {"status": "canceled"}
GONE = error(404, -1034, "No such job.")
NEXT = f"{JOB}/next-page(-info)?"


async def _canceled_is_gone(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    gone = reply.status == 200 and reply.json()["status"] == "canceled"
    return error(410, -1034, "Gone.") if gone else reply


async def _runs_again(handler: Handler, call: Call) -> Answer:
    job = call.job()
    if b"running" in await call.exchange.body() and (job.state.ended or job.state is State.RUNNING):
        job.state = State.RUNNING
        return Answer(200, b'{"status":"running"}', media_type="application/json")
    return await handler(call)


async def _start_is_ignored(asked: Asked) -> Reply:
    ignored = asked.json().get("status") == "running" and await state_of(asked) == "pending"
    return Reply(200).with_json({"status": "running"}) if ignored else await asked.pass_on()


async def _cancel_is_ignored(asked: Asked) -> Reply:
    ignored = asked.json().get("status") == "canceled" and await state_of(asked) == "running"
    return Reply(200).with_json({"status": "canceled"}) if ignored else await asked.pass_on()


async def _cancel_undoes(handler: Handler, call: Call) -> Answer:
    job = call.job()
    if b"canceled" in await call.exchange.body() and job.state is State.COMPLETED:
        job.state = State.CANCELED
        return Answer(200, b'{"status":"canceled"}', media_type="application/json")
    return await handler(call)


async def _running_stays(asked: Asked) -> Reply:
    return error(409, -1011, "It runs.") if await state_of(asked) == "running" else await asked.pass_on()


class CapabilitiesWhileRunning(Around):
    """Answers from what it was told while the job was pending."""

    method = "GET"
    path = f"{JOB}/scanner/capabilities"

    def start(self) -> None:
        """See :class:`Around`."""
        self.last: Reply | None = None

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        reply = await asked.pass_on()
        if reply.status == 200:
            self.last = reply
        return Reply(200).with_json([] if self.last is None else self.last.json()) if reply.status == 409 else reply


def _completed(info: dict[str, Any]) -> dict[str, Any]:
    return info | {"status": "completed", "code": 0, "message": "Successful"} if info["status"] == "faulted" else info


def _drops(state: str) -> type[Around]:
    async def meet(asked: Asked) -> Reply:
        return Reply(204) if await state_of(asked) == state else await asked.pass_on()

    return meets("GET", f"{JOB}/(next-page|next-page-info|content)", meet)


async def _any_word(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(body=RUN) if reply.status == 400 else reply


def _other_code(reply: Reply) -> Reply:
    lost = reply.status in {404, 410} and (reply.json() or {}).get("code") == -1034
    return reply.with_json(reply.json() | {"code": -1040}) if lost else reply


def _jam(name: str, what: str, around: type[Around]) -> Defect:
    """A defect that shows at a jam on the second sheet."""
    jam = act("virtual:feeder", "fault", kind="jam", page=3)
    return wrapped(name, "REST-42", what, around, jam, create(), wait(30), get("job"), get("job/next-page"))


DEFECTS = (
    wrapped(
        "canceled-jobs-are-gone",
        "REST-34",
        "Answers 410 for a job that was canceled.",
        meets("GET", JOB, _canceled_is_gone),
        create(),
        patch("job", CANCEL),
        get("job"),
    ),
    wrapped(
        "deleted-is-404",
        "REST-34",
        "Does not know that there was a job when it was deleted.",
        turns("GET", JOB, 410, GONE),
        create(run=False),
        delete("job"),
        get("job"),
    ),
    rebuilt(
        "runs-again",
        "REST-35",
        "Lets a job run that has ended.",
        create(),
        wait(30),
        patch("job", RUN),
        get("job"),
        endpoints=swapped("PATCH", JOB_PATH, _runs_again),
    ),
    wrapped(
        "start-is-ignored",
        "REST-35",
        "Says that a pending job runs, and does not start it.",
        meets("PATCH", JOB, _start_is_ignored),
        create(run=False),
        patch("job", RUN),
        get("job"),
    ),
    wrapped(
        "cancel-is-ignored",
        "REST-36",
        "Says that a job is canceled, and lets it run.",
        meets("PATCH", JOB, _cancel_is_ignored),
        create(),
        patch("job", CANCEL),
        get("job"),
    ),
    rebuilt(
        "cancel-undoes-the-end",
        "REST-36",
        "Calls a completed job canceled when somebody cancels it.",
        create(),
        wait(30),
        patch("job", CANCEL),
        get("job"),
        endpoints=swapped("PATCH", JOB_PATH, _cancel_undoes),
    ),
    wrapped(
        "delete-twice-is-204",
        "REST-37",
        "Answers 204 however often a job is deleted.",
        turns("DELETE", JOB, 410, 204),
        create(run=False),
        delete("job"),
        delete("job"),
    ),
    wrapped(
        "running-cannot-be-deleted",
        "REST-37",
        "Refuses to delete a job that runs.",
        meets("DELETE", JOB, _running_stays),
        create(),
        delete("job"),
    ),
    wrapped(
        "capabilities-while-running",
        "REST-38",
        "Tells capabilities while the job runs, and afterwards.",
        CapabilitiesWhileRunning,
        create(),
        get("job/scanner/capabilities"),
    ),
    wrapped(
        "settings-after-the-end",
        "REST-39",
        "Gives the settings of a job that has ended.",
        turns("GET", f"{JOB}/scanner/settings", 409, Reply(200).with_json({"settings": "e30="})),
        create(),
        wait(30),
        get("job/scanner/settings?showui=false"),
    ),
    wrapped(
        "end-before-the-start",
        "REST-40",
        "Says that there are no more pages before the job has started.",
        turns("GET", NEXT, 409, 204),
        create(run=False),
        get("job/next-page"),
    ),
    wrapped(
        "next-page-of-deleted-is-204",
        "REST-40",
        "Says that a deleted job has no more pages.",
        turns("GET", NEXT, 410, 204),
        create(run=False),
        delete("job"),
        get("job/next-page"),
    ),
    wrapped(
        "content-of-unknown-is-204",
        "REST-41",
        "Says that a job which nobody knows has no such page.",
        turns("GET", f"{JOB}/content", 404, 204),
        get(f"{NOBODY}/content?type=image/png&page=0"),
    ),
    _jam("fault-drops-pages", "Forgets the pages that came before the fault.", _drops("faulted")),
    _jam("fault-is-completed", "Calls a job completed whose scanner failed.", says("GET", JOB, _completed)),
    wrapped(
        "patch-takes-any-word",
        "REST-43",
        "Starts a job whatever word it is sent.",
        meets("PATCH", JOB, _any_word),
        create(run=False),
        patch("job", {"status": "runing"}),
    ),
    wrapped(
        "unknown-job-other-code",
        "REST-44",
        "Gives an unknown job the code of an unknown document.",
        replies("", BELOW_JOB, _other_code),
        get(NOBODY),
    ),
    wrapped(
        "cancel-drops-pages",
        "REST-45",
        "Forgets the pages of a job that is canceled.",
        _drops("canceled"),
        create(),
        wait(0.4),
        patch("job", CANCEL),
        get("job/next-page"),
    ),
)
