"""The model of pages: their parameters and their bytes."""

from __future__ import annotations

from conformance.programs.beliefs import GAP, Disagrees, J, JobBelief, P, PageBelief, S, SessionBelief, narrow, same
from conformance.programs.calls import Kind, Seen, Strips
from conformance.programs.judge_options import blame_refused
from device_protocol import (
    RAW,
    Code,
    EarlyEnd,
    Mode,
    PageEnd,
    PageInfo,
    PageParams,
    Side,
    SourceCaps,
    SourceKind,
    Value,
    ValueType,
)
from device_protocol.options import BR_X, BR_Y, DEPTH, MODE, RESOLUTION, TL_X, TL_Y
from device_protocol.settings import MM_PER_INCH
from device_protocol.states import Verb

SLACK_PX = 1
"""Beside the declared tolerance: rounding of edges."""


def judge_info(job: JobBelief, info: PageInfo, number: int) -> None:
    """Judge what a page says of itself at its beginning.

    Raises:
        Disagrees: number, side, sheet or parameters.
    """
    if info.number != number:
        raise Disagrees("PAGE-01", f"page {number}", f"page {info.number}")
    sides = job.source.sides
    side = sides[(number - 1) % len(sides)]
    if info.side is not Side.UNKNOWN and info.side.value != side:
        raise Disagrees("PAGE-03", f"the {side} of a sheet as page {number}", info.side.value)
    sheet = (number - 1) // len(sides) + 1
    if info.sheet not in {None, sheet}:
        raise Disagrees("PAGE-01", f"sheet {sheet} as page {number}", f"sheet {info.sheet}")
    params = info.params
    if params.height is None and not job.source.unknown_height:
        raise Disagrees("DATA-06", "a height, since none is declared unknown", params)
    if params.format == RAW:
        if params.stride < params.packed_row:
            raise Disagrees("DATA-05", f"a stride of at least {params.packed_row}", params.stride)
        judge_settings(job, params)


def judge_settings(job: JobBelief, params: PageParams) -> None:
    """Hold a page's parameters against the options of its job.

    Raises:
        Disagrees: mode, depth or resolution (SCAN-09), or the size (SCAN-08).
    """
    values = job.session.values
    mode = find_mode(job.source, values.get(MODE))
    dpi = values.get(RESOLUTION)
    if mode is not None and params.colour is not mode.colour and params.depth != 1:
        raise Disagrees("SCAN-09", mode.colour.value, params.colour.value)
    if params.depth != values.get(DEPTH, params.depth):
        raise Disagrees("SCAN-09", f"{values[DEPTH]} bits", f"{params.depth} bits")
    if isinstance(dpi, int | float) and params.dpi_x is not None and not same(params.dpi_x, dpi):
        raise Disagrees("SCAN-09", f"{dpi} dpi", f"{params.dpi_x} dpi")
    judge_size(job.session, job.source, params)


def judge_size(session: SessionBelief, source: SourceCaps, params: PageParams) -> None:
    """Hold the size of a page, or of one that is predicted, against area and resolution.

    Raises:
        Disagrees: it is another one (SCAN-08).
    """
    assert session.device.caps is not None
    values = session.values
    dpi = values.get(RESOLUTION)
    slack = 2 * session.device.caps.size_tolerance_px + SLACK_PX
    for pixels, low, high in ((params.width, TL_X, BR_X), (params.height, TL_Y, BR_Y)):
        left, right = values.get(low), values.get(high)
        if pixels is None or not isinstance(left, int | float) or not isinstance(right, int | float):
            continue
        if not isinstance(dpi, int | float) or right <= left:
            continue
        wanted = (right - left) / MM_PER_INCH * dpi
        shorter = source.fed or _switched(
            session
        )  # a sheet, or what the device makes out on the glass, may be smaller than the area
        if pixels > wanted + slack or (not shorter and pixels < wanted - slack):
            raise Disagrees("SCAN-08", f"{wanted:.1f} pixels for {right - left:g} mm at {dpi:g} dpi", pixels)


def _switched(session: SessionBelief) -> bool:
    """Whether a switch of the vendor's is on that is off by default: it may be one that finds the size by itself."""
    return any(
        option.vendor
        and option.type is ValueType.BOOL
        and session.values.get(option.name, option.default) != option.default
        for option in session.options
    )


def find_mode(source: SourceCaps, value: Value) -> Mode | None:
    """The mode of *source* that has this value."""
    return next((mode for mode in source.modes if mode.value == value), None)


def _narrow(page: PageBelief, verb: Verb, seen: Seen, usual: str) -> bool:
    states, performed = narrow(verb, page.states, seen, blame_refused(page.job.session, usual))
    if not page.job.session.states & {S.CLOSED, S.LOST}:
        page.own = states
    return performed


def judge_read(page: PageBelief, most: object, seen: Seen) -> bool:
    """Judge one ``read``; True if bytes or the end came.

    Raises:
        Disagrees: more bytes than were asked for, or than the page has; data after the end; anything after a cancel.
    """
    states = page.states
    usual = "CANC-02" if states & {P.CANCELLED} else "DATA-03" if states & {P.AT_END, P.ENDED} else "LIFE-07"
    if not _narrow(page, Verb.READ, seen, usual):
        return False
    if P.FAILED in states:
        if seen.error is None or seen.error.code is not page.error:
            raise Disagrees("LIFE-07", f"{page.error} again", seen)
        return False
    legal = isinstance(most, int) and not isinstance(most, bool) and most >= 1
    if seen.error is not None:
        if not legal and seen.error.code is Code.INVALID_VALUE:
            return False
        failed(page, seen)
        return False
    if not legal:
        raise Disagrees("DATA-01", f"read({most!r}) to be refused", seen)
    return True


def took(page: PageBelief, count: int, most: int) -> None:
    """Bytes have come: *count* in a read of at most *most*.

    Raises:
        Disagrees: too many for the read (DATA-01) or for the page (DATA-04).
    """
    if count > most:
        raise Disagrees("DATA-01", f"at most {most} bytes", f"{count} bytes")
    page.read += count
    total = page.info.params.total
    if total is not None and page.info.params.final and page.read > total:
        raise Disagrees("DATA-04", f"{total} bytes in all", f"{page.read} or more")
    if count == 0:
        page.own = frozenset({P.AT_END})


def took_all(page: PageBelief, strips: Strips, sizes: object) -> None:
    """The page was read to its end.

    Raises:
        Disagrees: a strip was too long (DATA-01), or the page has too many bytes, or no end (DATA-04).
    """
    if strips.overlong:
        raise Disagrees("DATA-01", f"at most {strips.biggest_ask} bytes", f"{strips.overlong} bytes")
    if strips.endless:
        raise Disagrees("DATA-04", f"the end after {page.info.params.total} bytes", f"{strips.count} bytes and no end")
    if strips.stopped:
        page.read += strips.count
        return
    if page.read == 0:
        page.data, page.sizes = strips.data, repr(sizes)
    took(page, len(strips.data), len(strips.data))
    page.own = frozenset({P.AT_END})


def failed(page: PageBelief, seen: Seen) -> None:
    """An error has ended the page, and its job with it.

    Raises:
        Disagrees: nothing could have caused it.
    """
    from conformance.programs.judge_jobs import aborted, doubtful  # noqa: PLC0415  # jobs have pages, pages end jobs

    error, session = seen.error, page.job.session
    assert error is not None
    known = doubtful(session, error.code) or page.job.disturbed
    page.own, page.error = frozenset({P.FAILED}), error.code
    aborted(page.job, error.code, survives=error.survives)
    if error.code is Code.JAM:
        session.device.paper.jammed = True
        session.device.struck("jam")
    if not known:
        raise Disagrees("DATA-12" if error.code is Code.NO_MEDIA else "ERR-07", "bytes or the end", error)


def judge_end(page: PageBelief, seen: Seen) -> None:
    """Judge ``end``.

    Raises:
        Disagrees: the final parameters, the number of bytes or the flags do not fit the page.
    """
    states = page.states
    if not _narrow(page, Verb.END, seen, "CANC-02" if states & {P.CANCELLED} else "LIFE-07"):
        return
    if P.FAILED in states:
        if seen.error is None or seen.error.code is not page.error:
            raise Disagrees("LIFE-07", f"{page.error} again", seen)
        return
    if seen.error is not None:
        failed(page, seen)
        return
    final = seen.value
    if not isinstance(final, PageEnd):
        raise Disagrees("ERR-01", "a PageEnd", seen)
    if P.ENDED in states:  # an old page need not have noticed that its session is closed
        if final != page.end:
            raise Disagrees("LIFE-07", f"{page.end} again", final)
        return
    page.end, page.own = final, frozenset({P.ENDED})
    job = page.job
    if J.ABORTED not in job.own:
        job.own, job.session.states = GAP, frozenset({S.PAGE_GAP, S.DRAINING})
    early = states == {P.READING}
    caps = job.session.device.caps
    job.ended_early = early and caps is not None and caps.early_end is EarlyEnd.ENDS_JOB
    _judge_final(page, final, early=early)


def _judge_final(page: PageBelief, final: PageEnd, *, early: bool) -> None:
    started, params = page.info.params, final.params
    if final.number != page.info.number:
        raise Disagrees("PAGE-01", f"the end of page {page.info.number}", f"of page {final.number}")
    if params.height is None and params.format == RAW:
        raise Disagrees("DATA-06", "the final height", params)
    if not params.final:
        raise Disagrees("SCAN-07", "final parameters", params)
    if started.final and started.height is not None and started != params:
        raise Disagrees("SCAN-07", f"{started} to the end", params)
    if final.bytes != page.read:
        raise Disagrees("DATA-04", f"{page.read} bytes, which were read", f"{final.bytes} bytes")
    total, cut = params.total, "truncated" in page.job.session.device.armed
    if total is None:
        return
    if early and page.read < total and not final.incomplete:
        raise Disagrees("DATA-11", "an incomplete page, since it was ended early", final)
    if not early and page.read != total and not final.incomplete:
        raise Disagrees("DATA-11" if cut else "DATA-04", f"{total} bytes", f"{page.read} bytes")
    if page.read == total:
        _judge_picture(page)


def _judge_picture(page: PageBelief) -> None:
    """The same sheet on the glass, with the same settings, is the same picture."""
    session = page.job.session
    caps = session.device.caps
    if page.data is None or caps is None or not caps.deterministic or page.job.source.kind is not SourceKind.FLATBED:
        return
    key = (session.device.glass, tuple(sorted((name, repr(value)) for name, value in session.values.items())))
    before = session.device.pictures.setdefault(key, (page.data, page.sizes))
    if before[0] != page.data:
        raise Disagrees("DATA-13" if before[1] == page.sizes else "DATA-02", "the same bytes as before", "others")


def judge_value(seen: Seen) -> bytes:
    """The strip that a read gave.

    Raises:
        Disagrees: it is none.
    """
    if not isinstance(seen.value, bytes):
        raise Disagrees("ERR-01", "bytes", seen)
    return seen.value


__all__ = ["J", "Kind", "judge_end", "judge_info", "judge_read", "judge_value", "took", "took_all"]
