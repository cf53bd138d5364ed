"""A camera whose lab is in another process, and whose session runs in a worker, is the same camera."""

from __future__ import annotations

from simulators.cameras.shot import Shot, shot_from_plain, shot_to_plain
from simulators.messages import Plan, Request
from simulators.wire import plan_from_plain, plan_to_plain, request_from_plain, request_to_plain


def test_frames_cross_a_socket() -> None:
    """What the lab says of a frame, and what a session says of a stream, come out of the socket as they went in."""
    shot = Shot(7, 233, 6, 200, 5, 167, 0.25, black=True, dropped=2)
    assert shot_from_plain(shot_to_plain(shot)) == shot
    plan = Plan(3, None, False, None, shot=shot)
    assert plan_from_plain(plan_to_plain(plan)) == plan
    request = Request("camera", None, 0, rate=12.5)
    assert request_from_plain(request_to_plain(request)) == request
