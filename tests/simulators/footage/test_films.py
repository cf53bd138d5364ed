"""Films of virtual cameras, and what is read back from them."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from device_protocol import Code, DeviceError
from sheets.test_card import Card, View, draw_scene, judge, read_frame
from simulators.footage import FootageError, film, watch_file
from simulators.footage.watching import parts
from simulators.footage.y4m import Head, planes, read


def test_a_film_is_clean_and_always_the_same(tmp_path: Path) -> None:
    """Every frame is in the film once, at its rate, and a second film is the same byte for byte."""
    made = film(tmp_path / "a.y4m", 0.4, camera="webcam", size="640x480")
    film(tmp_path / "b.y4m", 0.4, camera="webcam", size="640x480")
    assert (made.frames, made.size, made.rate) == (12, "640x480", 30.0)
    assert (tmp_path / "a.y4m").read_bytes() == (tmp_path / "b.y4m").read_bytes()
    found = judge(watch_file(str(tmp_path / "a.y4m"), 100))
    assert found.clean
    assert found.frames == 12
    assert found.rate == pytest.approx(30, rel=0.05)


def test_a_flaky_camera_is_seen_to_be_flaky(tmp_path: Path) -> None:
    """What the camera loses and repeats is what the judge counts."""
    film(tmp_path / "a.y4m", 3, camera="flaky-camera", size="640x480")
    found = judge(watch_file(str(tmp_path / "a.y4m"), 100))
    assert found.drops > 3
    assert found.repeats
    assert not found.clean


def test_planes_and_back() -> None:
    """Colours survive the way to YUV 4:2:0 and back, also of odd sizes."""
    picture = Card(draw_scene(View(321, 181))).frame(77, 1234)
    head = Head(321, 181, Fraction(30))
    file = io.BytesIO(head.line() + b"FRAME\n" + planes(picture))
    (again, back), *rest = read(file, "film")
    assert (again, rest) == (head, [])
    assert read_frame(back).number == 77
    middle = np.abs(back[85:95, 150:170].astype(int) - picture[85:95, 150:170])
    assert np.median(middle) <= 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no Y4M file"),
        (b"RIFF....AVI ", "is no Y4M file"),
        (b"YUV4MPEG2 W0 H0\n", "are no size"),
        (b"YUV4MPEG2 W99999 H10\n", "are no size"),
        (b"YUV4MPEG2 W10 Hx\n", "is no Y4M file"),
        (b"YUV4MPEG2 W10 H10 F1:0\n", "is no Y4M file"),
        (b"YUV4MPEG2 W10 H10 C444\n", "only 4:2:0"),
        (b"YUV4MPEG2 W10 H10\nFRAME\n123", "in the middle of a frame"),
        (b"YUV4MPEG2 W10 H10\nPAGE\n", "where a frame should begin"),
    ],
)
def test_damaged_films(tmp_path: Path, content: bytes, says: str) -> None:
    """A file that is no film, or a damaged one, is an error that says what is wrong."""
    (tmp_path / "bad.y4m").write_bytes(content)
    if not content:
        assert watch_error(tmp_path / "none.y4m").endswith("No such file or directory.")
    assert says in watch_error(tmp_path / "bad.y4m") or not content


def watch_error(file: Path) -> str:
    """What watching *file* is refused with; of an empty film nothing."""
    try:
        assert watch_file(str(file), 5) == []
    except FootageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "wanted", [{"camera": "webcam", "size": "1x1"}, {"camera": "webcam", "rate": 31.0}, {"camera": "none"}]
)
def test_what_a_camera_does_not_have(tmp_path: Path, wanted: dict[str, object]) -> None:
    """A size, a rate or a camera that there is not is refused, and no file is made."""
    with pytest.raises(DeviceError) as caught:
        film(tmp_path / "a.y4m", 1, **wanted)  # type: ignore[arg-type]  # one at a time
    assert caught.value.code in {Code.INVALID_VALUE, Code.NOT_FOUND}
    assert not (tmp_path / "a.y4m").exists()


@pytest.mark.parametrize(
    "body", [b"--x\r\n\r\nabc", b"--x\r\nContent-Length: 999999999999\r\n\r\n", b"--x\r\nContent-Length: -1\r\n\r\n"]
)
def test_streams_that_break_their_grammar(body: bytes) -> None:
    """A part without a length, or with an absurd one, is an error; nothing is read for it."""
    with pytest.raises(FootageError, match="length"):
        list(parts(io.BytesIO(body), "stream"))


def test_a_stream_that_ends_early() -> None:
    """What came whole is given, half a part is not."""
    whole = b"--x\r\nContent-Length: 3\r\n\r\nabc\r\n"
    assert list(parts(io.BytesIO(whole + b"--x\r\nContent-Length: 9\r\n\r\nab"), "s")) == [b"abc"]
    assert list(parts(io.BytesIO(whole + b"--x--\r\n" + whole), "s")) == [b"abc"]
