"""Virtual webcams behind the service: a client that knows nothing of cameras takes pictures with them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from flatbed.client import ClientError
from flatbed.testing import ScanService
from sheets.test_card import Seen, judge, read_frame
from simulators.fixture_files import fixture

CAMERAPREVIEWUI = 4129


def test_a_scan_takes_frames() -> None:
    """Each page of a job is a frame that the oracle knows, whole and in order; the camera is told by its capability 4129 (S-112)."""
    devices = fixture("devices/webcams.toml")
    with (
        ScanService.start("--https-port", "off", "--status-https-port", "off", devices=devices) as service,
        service.client() as client,
    ):
        scanners = {scanner.name: scanner for scanner in client.scanners()}
        names = [name for name in scanners if "Webcam 720p" in name]
        assert len(names) == 1, list(scanners)
        config = {"PixelType": 2, "XferCount": 3, "IfShowUI": False}
        with client.create_job(scanners[names[0]], config, auto_run=False) as job:
            numbers = {item.number for item in job.capabilities()}
            job.start()
            pages = [page.data for page in job.pages()]
        assert CAMERAPREVIEWUI in numbers
        readings = [read_frame(np.asarray(Image.open(io.BytesIO(page)).convert("RGB"))) for page in pages]
        assert [reading.number is not None for reading in readings] == [True] * 3
        found = judge(map(Seen, readings))
        assert (found.torn, found.repeats, found.backwards) == (0, 0, 0)
        refusing = next(scanner for name, scanner in scanners.items() if "Refusing" in name)
        with pytest.raises(ClientError, match="-1005"), client.create_job(refusing, config) as job:
            list(job.pages())
