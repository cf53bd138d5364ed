"""The ``protocol`` block of a job that was made with ``requireWebsocket``: where its notices are, and how to ask for them (rest-api.md 5.10).

The names in it are not published; these are ours (decision 0021).
"""

from __future__ import annotations

from pydantic import BaseModel

SUBPROTOCOL = "flatbed.job.v1"
METHOD = "subscribe"
PATH = "/api/flatbed/jobs"
EVENTS_PATH = "/api/flatbed/events"


class FirstFrame(BaseModel):
    """What the client sends as its first text frame."""

    jobuid: str
    method: str


class Callback(BaseModel):
    """Where the same can be asked for without a WebSocket."""

    method: str
    url: str


class NoticeSocket(BaseModel):
    """The WebSocket to open."""

    server: str
    protocol: str
    response: FirstFrame


class ProtocolBlock(BaseModel):
    """The whole block."""

    jobuid: str
    callback: Callback
    websocket: NoticeSocket


def protocol_block(job_uid: str, job_url: str, base: str) -> ProtocolBlock:
    """The block for a job.

    Args:
        job_uid: of the job.
        job_url: of the job, as the client sees it.
        base: scheme and host of the client's request; https becomes wss.
    """
    server = "ws" + base.removeprefix("http") + PATH
    return ProtocolBlock(
        jobuid=job_uid,
        callback=Callback(method="GET", url=f"{job_url}/next-page-info"),
        websocket=NoticeSocket(server=server, protocol=SUBPROTOCOL, response=FirstFrame(jobuid=job_uid, method=METHOD)),
    )
