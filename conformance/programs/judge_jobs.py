"""The model of jobs: what start, next_page and cancel must give, and how much paper that takes."""

from __future__ import annotations

import math

from conformance.programs.beliefs import (
    GAP,
    RUNNING,
    Disagrees,
    J,
    JobBelief,
    P,
    PageBelief,
    Paper,
    S,
    SessionBelief,
    narrow,
)
from conformance.programs.calls import Kind, Seen
from conformance.programs.judge_options import REFUSALS, blame_refused
from conformance.programs.judge_pages import judge_info
from device_protocol import ALL, Code, JobState, ReportPoint, SessionState, Settings, SourceKind
from device_protocol.options import BR_X, BR_Y, TL_X, TL_Y
from device_protocol.states import Verb

STANDING = frozenset({Code.NO_MEDIA, Code.JAM, Code.COVER_OPEN})
FAULT_CODES = {
    "jam": Code.JAM,
    "multifeed": Code.MULTIFEED,
    "cover-open": Code.COVER_OPEN,
    "busy": Code.BUSY,
    "crash": Code.INTERNAL,
    "unplugged": Code.DEVICE_LOST,
    "truncated": Code.TRANSFER_BROKEN,
    "empty": Code.NO_MEDIA,
}


def legal_target(pages: object) -> bool:
    """Whether a page target is legal (SCAN-05)."""
    return pages == ALL or (isinstance(pages, int) and not isinstance(pages, bool) and pages >= 1)


def doubtful(session: SessionBelief, code: Code) -> bool:
    """Whether an armed fault may have caused *code*."""
    return any(FAULT_CODES.get(kind) is code for kind in session.device.armed)


def judge_start(session: SessionBelief, settings: Settings | None, pages: object, seen: Seen) -> None:
    """Judge ``start``.

    Raises:
        Disagrees: it worked although it must not, or the other way round, or gave the wrong reason.
    """
    before = session.states
    usual = "SCAN-01" if before & RUNNING else session.idle_because
    if before == {S.IDLE} and seen.error is not None and seen.error.code is Code.BUSY and doubtful(session, Code.BUSY):
        session.device.struck("busy")
        return
    session.states, performed = narrow(Verb.START, before, seen, blame_refused(session, usual))
    if not performed:
        return
    source = session.source(None if settings is None else settings.source)
    if seen.error is not None:
        _failed_start(session, source.fed if source else True, settings, pages, seen)
        return
    if not legal_target(pages):
        raise Disagrees("SCAN-05", f"{pages!r} pages to be refused", "a job")
    if source is None:
        raise Disagrees("CAPS-08", "an unknown source to be refused", "a job")
    paper = session.device.paper
    if source.fed and source.conditions_at is ReportPoint.START and not session.device.armed:
        _must_not_stand(paper, "a job")
    job = JobBelief(session, math.inf if pages == ALL else float(str(pages)), source, Paper(paper.low, paper.high))
    for old in session.jobs:
        old.own = frozenset({J.CANCELED}) if old.own & {J.CANCELLING} else old.own
    session.jobs.append(job)
    session.states = frozenset({S.ARMED})
    session.idle_because = "SCAN-04"
    session.job_seen = None


def _must_not_stand(paper: Paper, got: object) -> None:
    if paper.cover:
        raise Disagrees("SCAN-03", "COVER_OPEN at start, as declared", got)
    if paper.jammed:
        raise Disagrees("ERR-02", "JAM at start, as declared", got)
    if paper.high == 0:
        raise Disagrees("SCAN-03", "NO_MEDIA at start, as declared", got)


def _failed_start(session: SessionBelief, feeds: bool, settings: Settings | None, pages: object, seen: Seen) -> None:
    error = seen.error
    assert error is not None
    blame, session.idle_because = session.idle_because, "SCAN-04"
    if not error.survives:
        session.defined = False
        return
    if not legal_target(pages) and error.code is Code.INVALID_VALUE:
        return
    if error.code in REFUSALS and (settings is not None or _crossed(session)):
        return
    if doubtful(session, error.code) or error.code is Code.WARMING_UP:
        return
    paper = session.device.paper
    if error.code in STANDING:
        source = session.source(None if settings is None else settings.source)
        lid = error.code is Code.COVER_OPEN and source is not None and error.code in source.detectable
        if not feeds and not lid:
            raise Disagrees("SCAN-02", "a flatbed to have no feeder's troubles", error)
        _may_stand(session, paper, error.code, blame)
        if source is not None and source.conditions_at is ReportPoint.FIRST_PAGE:
            raise Disagrees("SCAN-03", "conditions at the first page, as declared", error)
        if error.code is Code.NO_MEDIA:
            paper.low = paper.high = 0
        return
    clear = not paper.cover and not paper.jammed
    if feeds and paper.high == 0 and clear and error.code is not Code.BUSY:
        raise Disagrees("SCAN-02", "NO_MEDIA from an empty feeder", error)
    raise Disagrees(blame, "a job", error)


def _crossed(session: SessionBelief) -> bool:
    """Whether the corners have been set so that there is no area: a device may take each and refuse the scan (SET-12)."""
    for low, high in ((TL_X, BR_X), (TL_Y, BR_Y)):
        left, right = session.values.get(low), session.values.get(high)
        if isinstance(left, int | float) and isinstance(right, int | float) and right <= left:
            return True
    return False


def _may_stand(session: SessionBelief, paper: Paper, code: Code, blame: str) -> None:
    """Hold a standing condition against what is known of paper and cover."""
    if session.device.armed:
        return
    if code is Code.NO_MEDIA and paper.low > 0:
        raise Disagrees("PAGE-07", f"paper in the feeder ({paper.low:g} sheets)", code)
    if code is Code.JAM and not paper.jammed:
        raise Disagrees("PAGE-05" if blame == "PAGE-05" else "ERR-06", "no jam, since none stands", code)
    if code is Code.COVER_OPEN and not paper.cover:
        raise Disagrees("ERR-06", "the cover to be closed", code)


def judge_next_page(job: JobBelief, seen: Seen) -> None:
    """Judge ``next_page``.

    Raises:
        Disagrees: a page too many or too few, in the wrong order, or with wrong parameters; an end that is an error, or the other way round.
    """
    session = job.session
    before, ended = job.states, job.own <= {J.COMPLETED, J.ABORTED}
    usual = "CANC-02" if before & {J.CANCELLING, J.CANCELED} else "LIFE-07"
    states, performed = narrow(Verb.NEXT_PAGE, before, seen, blame_refused(session, usual))
    if not session.states & {S.CLOSED, S.LOST}:
        job.own = states
    if not performed:
        return
    if ended:
        _again(job, seen)
    elif seen.error is not None:
        _failed_page(job, seen)
    elif seen.value is None:
        _no_more(job)
    else:
        _page(job, seen)


def _again(job: JobBelief, seen: Seen) -> None:
    if job.error is not None:
        if seen.error is None or seen.error.code is not job.error:
            raise Disagrees("LIFE-07", f"{job.error} again", seen)
    elif seen.kind is not Kind.VALUE:
        raise Disagrees("PAGE-02", "the end again", seen)
    elif seen.value is not None:
        raise Disagrees("SCAN-06" if job.source.kind is SourceKind.FLATBED else "PAGE-02", "the end again", "a page")


def _page(job: JobBelief, seen: Seen) -> None:
    number = job.begun + 1
    info = seen.value.info
    if job.source.kind is SourceKind.FLATBED and number > 1:
        raise Disagrees("SCAN-06", "one page from a flatbed", f"page {info.number}")
    if number > job.target:
        raise Disagrees("SCAN-05", f"at most {job.target:g} pages", f"page {info.number}")
    if job.ended_early:
        raise Disagrees("PAGE-08", "the job to end with the page that was ended early, as declared", info)
    sides = len(job.source.sides)
    if job.source.fed and not job.disturbed and number > job.paper.high * sides:
        raise Disagrees("PAGE-01", f"no more than {job.paper.high:g} sheets", f"page {info.number}")
    judge_info(job, info, number)
    job.begun = number
    job.pages.append(PageBelief(job, info))
    job.own = frozenset({J.TRANSFERRING})
    job.session.states = frozenset({S.TRANSFERRING})


def _no_more(job: JobBelief) -> None:
    job.own = frozenset({J.COMPLETED})
    sides = len(job.source.sides)
    settle(job, frozenset({S.IDLE}), "PAGE-02")
    if job.begun == 0 and not job.disturbed:
        if job.source.kind is SourceKind.FLATBED:
            raise Disagrees("SCAN-06", "a page from the flatbed", "the end")
        raise Disagrees("SCAN-02", "NO_MEDIA or a page", "the end")
    if job.source.fed and not job.disturbed and not job.ended_early:
        least = min(job.paper.low * sides, job.target)
        if job.begun < least:
            raise Disagrees("SCAN-05", f"{least:g} pages", f"the end after {job.begun}")
        if job.begun < job.target and job.paper.high < math.inf:
            job.session.device.paper.low = job.session.device.paper.high = 0


def _failed_page(job: JobBelief, seen: Seen) -> None:
    error, session, paper = seen.error, job.session, job.session.device.paper
    assert error is not None
    expected = job.disturbed or doubtful(session, error.code)
    aborted(job, error.code, survives=error.survives)
    if error.code is Code.JAM and doubtful(session, Code.JAM):
        paper.jammed = True
        session.device.struck("jam")
        if error.page not in {None, job.begun + 1}:
            raise Disagrees("PAGE-04", f"the jam to be on page {job.begun + 1}", repr(error))
        return
    if error.code is Code.MULTIFEED and error.page not in {None, job.begun + 1}:
        raise Disagrees("PAGE-06", f"the double feed to be on page {job.begun + 1}", repr(error))
    if error.code is Code.NO_MEDIA and job.begun == 0 and job.source.fed:
        if job.source.conditions_at is ReportPoint.START and not expected:
            raise Disagrees("SCAN-03", "conditions at start, as declared", error)
        if not expected and job.paper.low > 0:
            raise Disagrees("PAGE-07", f"{job.paper.low:g} sheets", error)
        return
    if error.code in {Code.COVER_OPEN, Code.JAM} and job.source.conditions_at is ReportPoint.FIRST_PAGE:
        if paper.cover or paper.jammed:
            return
        raise Disagrees("ERR-06", "no condition, since none stands", error)
    if not expected:
        if job.paper.exact and job.begun == 0 and job.paper.high == 0 and job.source.fed:
            raise Disagrees("SCAN-02", "NO_MEDIA from an empty feeder", error)
        raise Disagrees("PAGE-02", "a page or the end", error)


def ended_itself(job: JobBelief, code: Code | None) -> None:
    """The machine has ended the job between two calls, with *code* if it tells: the next call on it will hear of it."""
    job.own = frozenset({J.ABORTED}) if code is not None else job.own | {J.ABORTED}
    job.error = code
    settle(job, frozenset({S.IDLE}), "PAGE-05")


def aborted(job: JobBelief, code: Code, *, survives: bool) -> None:
    """An error has ended the job."""
    if job.own == {J.ABORTED}:  # and that is known
        job.session.defined = job.session.defined and survives
        return
    job.own, job.error = frozenset({J.ABORTED}), code
    settle(job, frozenset({S.IDLE}), "PAGE-05")
    if not survives:
        job.session.defined = False


def settle(job: JobBelief, states: frozenset[SessionState], because: str) -> None:
    """The job has come to an end, or is about to: the session goes to *states*, and some paper is gone."""
    session = job.session
    if not session.states & {S.CLOSED, S.LOST}:
        session.states = states
    session.idle_because = because
    if because != "PAGE-02":
        session.cancels = session.cancels + 1 if because.startswith("CANC") else 0
    used = math.ceil(job.begun / len(job.source.sides))
    caps = session.device.caps
    ahead = (caps.scan_ahead if caps is not None else 0) + 1
    if job.source.fed:
        session.device.paper.take(used, used + ahead)
    elif job.source.kind is SourceKind.VENDOR:  # one that chooses by itself may have chosen the feeder
        session.device.paper.take(0, used + ahead)


def judge_cancel(session: SessionBelief, job: JobBelief | None, seen: Seen) -> None:
    """Judge ``cancel``, by the session or by a job; *job* is None for the session's.

    Raises:
        Disagrees: it raised (CANC-01), or did not return (CANC-04).
    """
    ended = bool(session.jobs) and session.jobs[-1].own <= {J.COMPLETED, J.ABORTED}
    usual = "CANC-04" if seen.kind is Kind.LATE else "CANC-06" if ended else "CANC-01"
    blame = blame_refused(session, usual)
    if session.states == {S.LOST}:
        blame = "CANC-01"
    if job is None:
        session.states, performed = narrow(Verb.CANCEL, session.states, seen, blame)
        current = session.jobs[-1] if session.jobs else None
    else:
        states, performed = narrow(Verb.CANCEL, job.states, seen, blame)
        job.own = states if not session.states & {S.CLOSED, S.LOST} else job.own
        current = job
    if performed and seen.error is not None:
        raise Disagrees(usual, "cancel not to raise", seen)
    if performed and current is not None and not session.states & {S.CLOSED, S.LOST}:
        _cancelled(session, current)


def _cancelled(session: SessionBelief, job: JobBelief) -> None:
    if not job.own & ({J.ARMED, J.TRANSFERRING} | GAP):
        if session.idle_because not in {"CANC-03", "CANC-07"}:
            session.idle_because = "CANC-06"
        return
    job.own = frozenset({J.CANCELLING, J.CANCELED})
    if job.pages and job.pages[-1].own & {P.READING, P.AT_END}:
        job.pages[-1].own = frozenset({P.CANCELLED})
    settle(job, frozenset({S.CANCELLING, S.IDLE}), "CANC-07" if session.cancels else "CANC-03")


def judge_settled(job: JobBelief, seen: Seen) -> None:
    """Judge ``settled``.

    Raises:
        Disagrees: it does not come to an end (CANC-04), or to the wrong one (STAT-02).
    """
    states = job.states
    narrow(Verb.SETTLED, states, seen, blame_refused(job.session, "CANC-04"))
    if seen.kind is not Kind.VALUE or states & {J.LOST, J.CLOSED}:
        return
    wanted = {
        J.COMPLETED: JobState.COMPLETED,
        J.ABORTED: JobState.ABORTED,
        J.CANCELED: JobState.CANCELED,
        J.CANCELLING: JobState.CANCELED,
    }
    legal = {wanted[state] for state in states if state in wanted}
    if legal and seen.value not in legal:
        raise Disagrees("STAT-02", " or ".join(sorted(legal)), seen)
    if J.CANCELLING in states:
        job.own = frozenset({J.CANCELED})
        if job.latest and not job.session.states & {S.CLOSED, S.LOST}:
            job.session.states = frozenset({S.IDLE})
