"""Defects of the machine, at fixed places of the scanner: streaks, specks on the glass, colour cast, uneven light.

Cast, light and streaks are one thing to draw: a gain for each column and channel.
"""

import numpy as np

from sheets.arrays import AnyArray
from sheets.canvas import Frame
from sheets.coverage import span
from sheets.defects.model import Defects
from sheets.defects.surface import GLASS, speckle
from sheets.inks import LUMA

_CHUNK = 2**21


def soil(samples: AnyArray, defects: Defects, frame: Frame, first: int) -> None:
    """Lays the machine's defects on rows of a picture, (count, width * channels), in place."""
    gains = _gains(defects, frame)
    touched = np.flatnonzero(gains != 1)
    if touched.size:
        columns = slice(int(touched[0]), int(touched[-1]) + 1)
        if touched.size < (columns.stop - columns.start) // 4:
            for part in np.split(touched, np.flatnonzero(np.diff(touched) > 1) + 1):
                _multiply(samples, gains, slice(int(part[0]), int(part[-1]) + 1), frame)
        else:
            _multiply(samples, gains, columns, frame)
    for dust in defects.dust:
        if dust.seed is not None:
            speckle(samples, dust, f"glass/{dust.seed}", GLASS, frame, first)


def _multiply(samples: AnyArray, gains: AnyArray, columns: slice, frame: Frame) -> None:
    gain = gains[columns].astype(np.float32)
    step = max(1, _CHUNK // gain.size)
    for start in range(0, len(samples), step):
        spot = samples[start : start + step, columns]
        spot[:] = np.rint(np.clip(spot * gain, frame.tone.black, frame.tone.white)).astype(spot.dtype)


def _gains(defects: Defects, frame: Frame) -> AnyArray:
    ppx = frame.px_per_mm[0]
    across = np.ones(frame.width)
    if defects.light:
        across -= defects.light * ((np.arange(frame.width) + 0.5) / frame.width * 2 - 1) ** 2
    for streak in defects.streaks:
        low = (streak.x_mm - streak.width_mm / 2 - frame.left_mm) * ppx
        across *= 1 - (1 - streak.shade) * span(low, low + streak.width_mm * ppx, 0, frame.width)
    cast = np.array(defects.cast) if frame.channels == 3 else np.array([np.dot(defects.cast, LUMA)])
    return np.outer(across, cast).ravel()
