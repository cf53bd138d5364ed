"""Notices of a job's pages over WebSocket, as the .NET client wants them (rest-api.md 5.10).

The client says which job; then each page is one frame, in order and from the first page on however late the client comes, and one frame says that there
are no more. That frame comes for faulted and canceled jobs too, since ``next-page`` ends for them in the same way (5.5); the error is in GET job.
"""

from __future__ import annotations

import json

from reference_server.access.table import may_use_job
from reference_server.endpoints.call import Service
from reference_server.errors import RestError, bad_parameter, deleted_job
from reference_server.jobs.job import Job
from reference_server.jobs.states import State
from reference_server.models import Body, parse_body
from reference_server.pages.buffer import StoredPage
from reference_server.protocol_block import METHOD
from reference_server.web_sockets.closing import DONE, GOING_AWAY, TOO_LATE, Close, refused
from reference_server.web_sockets.conversation import Conversation

PAGE = "onPostTransferAsync"
ALL_PAGES = "onPostAllTransferAsync"


class Subscribe(Body):
    """The first frame of the client: the ``response`` of its job's protocol block."""

    jobuid: str
    method: str


async def job_notices(conversation: Conversation, service: Service) -> Close:
    """Speak of the job that the client's first frame names."""
    text = await conversation.first_text()
    if text is None:
        return TOO_LATE
    try:
        return await _tell(conversation, service, _job(conversation, service, text))
    except RestError as error:
        if error.miss:
            conversation.missed()
        return refused(error)


def _job(conversation: Conversation, service: Service, text: str) -> Job:
    wanted = parse_body(Subscribe, text.encode(errors="replace"), service.rules)
    if wanted.method != METHOD:
        raise bad_parameter(f"method: {METHOD!r} is the only one.")
    job = service.registry.find(wanted.jobuid)
    may_use_job(job.request.origin, conversation.exchange)
    return job


async def _tell(conversation: Conversation, service: Service, job: Job) -> Close:
    hub = service.registry.events
    base = "http" + conversation.exchange.base_url.removeprefix("ws")
    told = 0
    while True:
        news = hub.news
        while told < len(job.pages) and job.state is not State.DELETED:
            await conversation.say(_frame(PAGE, _info(job, job.pages.list[told], base)))
            told += 1
        if service.registry.closing:
            return GOING_AWAY  # the job was ended by that: to say that these were all pages would be wrong
        if job.state is State.DELETED:
            raise deleted_job()
        if job.state.ended:
            await conversation.say(_frame(ALL_PAGES))
            return DONE
        await news.wait()


def _info(job: Job, page: StoredPage, base: str) -> dict[str, str]:
    return {"imageuid": page.uid, "url": f"{base}{job.page_path(page)}"}


def _frame(name: str, info: dict[str, str] | None = None) -> str:
    event: dict[str, object] = {"name": name}
    if info is not None:
        event["info"] = info
    return json.dumps({"evt": event}, separators=(",", ":"))
