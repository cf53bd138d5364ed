"""What became of a stream of test cards: one measure a test."""

from __future__ import annotations

import pytest

from sheets.test_card import NUMBERS, STAMPS, FrameReading, Seen, Sequence, judge


def seen(numbers: list[int], *, late: float = 0.05) -> list[Seen]:
    """Frames of a 25/s camera with those numbers; each arrives *late* seconds after it was taken."""
    return [
        Seen(FrameReading(number % NUMBERS, number * 40 % STAMPS), number * 0.04 % (STAMPS / 1000) + late)
        for number in numbers
    ]


def test_a_clean_stream_is_clean() -> None:
    """Nothing is made up about a stream to which nothing happened."""
    found = judge(seen(list(range(100))))
    assert found.clean
    assert (found.frames, found.drops, found.repeats) == (100, 0, 0)
    assert found.rate == pytest.approx(25)
    assert found.arrival_rate == pytest.approx(25)
    assert found.latency_s == pytest.approx(0.05)


def test_drops_are_numbers_that_never_came() -> None:
    """Each missing number counts once, wherever it is; one that came late is not missing but out of order."""
    assert judge(seen([0, 1, 2, 5, 6, 9])).drops == 4
    found = judge(seen([0, 2, 1, 3]))
    assert (found.drops, found.backwards) == (0, 1)
    assert not found.clean


def test_repeats_are_counted_and_do_not_make_the_rate() -> None:
    """A frame that is shown twice is one repeat, and the camera is no faster for it."""
    found = judge(seen([0, 1, 1, 1, 2, 3]))
    assert (found.repeats, found.drops) == (2, 0)
    assert found.rate == pytest.approx(25)


def test_numbers_and_stamps_begin_again() -> None:
    """Where number and stamp begin at 0 again, the stream goes on."""
    found = judge(seen(list(range(NUMBERS - 3, NUMBERS + 3))))
    assert (found.clean, found.drops) == (True, 0)
    around = [Seen(FrameReading(n, (STAMPS - 80 + n * 40) % STAMPS)) for n in range(5)]
    assert judge(around).rate == pytest.approx(25)


def test_gaps_and_bad_frames_are_told() -> None:
    """The longest gap, and torn, black and unreadable frames, are counted each for itself."""
    frames = seen([0, 1, 5])
    frames += [Seen(FrameReading(6, 240, torn_at=0.5)), Seen(FrameReading(black=True)), Seen(FrameReading())]
    found = judge(frames)
    assert found.longest_gap_s == pytest.approx(0.16)
    assert (found.torn, found.black, found.unreadable, found.frames) == (1, 1, 1, 6)


def test_nothing_is_nothing() -> None:
    """An empty stream, and one in which nothing can be read, have no rate and no drops."""
    assert judge([]) == Sequence()
    assert judge([Seen(FrameReading())] * 3) == Sequence(frames=3, unreadable=3)
