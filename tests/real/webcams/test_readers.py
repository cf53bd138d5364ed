"""OpenCV and ffmpeg read the MJPEG door, Chromium's getUserMedia a film: what arrives is judged by the oracle."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import simplejpeg

from sheets.test_card import FrameReading, Seen, judge, read_frame
from simulators.footage import film, watch_file, watch_stream
from tests.browser import browser, page
from tests.parts import need

FRAMES = 20
STEADY = """
schema = 1
[[device]]
id = "steady"
profile = "small.toml"
"""
SMALL = """
schema = 1
kind = "camera"
model = "Small"
[camera]
buffers = 32
{habits}
[[mode]]
format = "MJPG"
width = 640
height = 360
rates = [15]
"""
GRAB = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 480}});
  const video = document.createElement("video");
  video.srcObject = stream; video.muted = true; document.body.append(video);
  await video.play();
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const files = [];
  while (files.length < 8) {
    await new Promise(done => video.requestVideoFrameCallback(done));
    canvas.getContext("2d").drawImage(video, 0, 0);
    files.push(canvas.toDataURL("image/jpeg", 0.9).split(",")[1]);
  }
  stream.getTracks().forEach(track => track.stop());
  return files;
}"""


@contextmanager
def cameras(folder: Path, habits: str = "") -> Iterator[dict[str, Any]]:
    """``flatbed simulate mjpeg`` with one camera; gives what its ready file says."""
    (folder / "devices.toml").write_text(STEADY)
    (folder / "small.toml").write_text(SMALL.format(habits=habits))
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "flatbed.cli", "simulate", "mjpeg", "--port", "0", "--exit-with-stdin"]
    command += ["--devices", str(folder / "devices.toml"), "--ready-file", str(ready)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        for _ in range(600):
            if ready.exists() or process.poll() is not None:
                break
            time.sleep(0.05)  # another process starts in real time
        assert ready.exists(), "the door did not open"
        yield json.loads(ready.read_text())
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
    assert not ready.exists()


def test_opencv_reads_the_door(tmp_path: Path) -> None:
    """VideoCapture takes the URL for a camera; its frames are whole, in order, none twice, and say the rate of the camera."""
    with cameras(tmp_path) as ready:
        capture = cv2.VideoCapture(ready["mjpeg"])
        readings: list[FrameReading] = []
        for _ in range(FRAMES):
            good, picture = capture.read()
            assert good
            readings.append(read_frame(np.ascontiguousarray(picture[..., ::-1])))
        capture.release()
    found = judge(map(Seen, readings))
    assert (found.frames, found.unreadable, found.torn, found.repeats, found.backwards) == (FRAMES, 0, 0, 0, 0)
    assert found.rate is not None
    assert found.rate <= 16


def test_ffmpeg_reads_the_door(tmp_path: Path) -> None:
    """Ffmpeg makes a film of the stream, YUV and all; the film says what a stream of that camera says."""
    command = [need("ffmpeg", "ffmpeg"), "-loglevel", "error", "-y", "-f", "mpjpeg", "-i"]
    with cameras(tmp_path) as ready:
        film_of = ["-fps_mode", "passthrough", "-frames:v", str(FRAMES), "-pix_fmt", "yuv420p", str(tmp_path / "a.y4m")]
        subprocess.run([*command, ready["mjpeg"], *film_of], check=True, timeout=60)
    found = judge(watch_file(str(tmp_path / "a.y4m"), 100))
    assert (found.frames, found.unreadable, found.torn, found.repeats, found.backwards) == (FRAMES, 0, 0, 0, 0)
    assert found.rate is not None
    assert found.rate <= 16


def test_what_a_camera_does_is_what_is_measured(tmp_path: Path) -> None:
    """Of a camera that tears and repeats, the oracle counts tears and repeats behind the wire; latency is known there."""
    with cameras(tmp_path, "torn = 0.4\nrepeated = 0.3\nlost = 0.2") as ready:
        found = judge(watch_stream(ready["mjpeg"], 40, 30))
    assert found.torn >= 5
    assert found.repeats >= 4
    assert found.drops >= 2
    assert found.unreadable == 0
    assert found.latency_s is not None
    assert -0.05 <= found.latency_s <= 1.0


def test_get_user_media_in_chromium(tmp_path: Path) -> None:
    """A page that asks for the camera gets the film: frames are read back in the page, each in order and none torn."""
    file = tmp_path / "film.y4m"
    film(file, 4, camera="webcam", size="640x480")
    arguments = (
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={file}",
        "--use-fake-ui-for-media-stream",
    )
    with cameras(tmp_path) as ready, browser(*arguments) as chromium, page(chromium) as (opened, _):
        opened.goto(ready["mjpeg"].removesuffix("stream"))  # any page of this machine may ask
        files = opened.evaluate(GRAB)
    readings = [read_frame(simplejpeg.decode_jpeg(base64.b64decode(data))) for data in files]
    numbers = [reading.number for reading in readings]
    assert None not in numbers
    assert not any(reading.torn for reading in readings)
    found = judge(map(Seen, readings))
    assert found.repeats <= 2  # a busy browser shows a frame twice
    assert len(set(numbers)) >= 4
    assert readings[0].zoom == pytest.approx(1, rel=0.02)
