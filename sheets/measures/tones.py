"""How the inks come out: contrast that is lost, a colour cast, noise."""

import numpy as np

from sheets.arrays import AnyArray
from sheets.detect import Code
from sheets.inks import STRIP_PATCHES
from sheets.marks import MODULES
from sheets.measures.overlay import Overlay
from sheets.view import View

_CORES = (3, MODULES - 4)  # the middle of a finder pattern, the largest dark spot of a mark
_REACH_SD = 3.5  # a noisy sensor does not reach black or white, by that many deviations
_REACH_MOST = 10.0
_MAX_SAMPLES = 20_000


def noise_of(view: View, overlay: Overlay) -> float:
    """Standard deviation of the noise on bare paper, in levels of 256, from the differences of neighbours."""
    rows, columns = np.nonzero(overlay.paper)
    step = max(1, len(rows) // _MAX_SAMPLES)
    y = np.minimum((rows[::step] * overlay.scale[1]).astype(np.int64), view.height - 1)
    x = np.minimum((columns[::step] * overlay.scale[0]).astype(np.int64), view.width - 2)
    if view.width < 2 or not len(x):
        return 0.0
    pixels = view.eight if view.eight.ndim == 2 else view.eight[:, :, 1]
    steps = np.sort(np.abs(pixels[y, x + 1].astype(np.float64) - pixels[y, x]))
    kept = steps[: max(1, int(0.98 * len(steps)))]  # the rest may be specks
    return float(np.sqrt((kept**2).mean() / 2))


def fade_of(view: View, overlay: Overlay, codes: tuple[Code, ...], levels: tuple[float, float], noise: float) -> float:
    """Share of the contrast that is lost: how light the blackest ink is."""
    points = []
    for code in codes:
        for row, column in ((_CORES[0], _CORES[0]), (_CORES[0], _CORES[1]), (_CORES[1], _CORES[0])):
            u, v = (column + 0.5) / MODULES, (row + 0.5) / MODULES
            upper = code.corners[0] * (1 - u) + code.corners[1] * u
            lower = code.corners[3] * (1 - u) + code.corners[2] * u
            points.append(upper * (1 - v) + lower * v)
    ink = float(np.median(view.work.at(np.array(points))))
    paper = (
        levels[0] + float(np.median(overlay.seen[overlay.paper])) * (levels[1] - levels[0])
        if overlay.paper.any()
        else levels[1]
    )
    if paper < ink:  # inverted
        ink, paper = 255 - ink, 255 - paper
    # JPEG takes noise away, and leaves how far white is from full white.
    reach = min(max(_REACH_SD * noise, 255 - paper), _REACH_MOST * noise, 0.5 * paper)
    return min(1.0, max(0.0, (ink - reach) / (paper - reach))) if paper > reach else 0.0


def cast_of(patches: AnyArray, bleed: float) -> tuple[float, float, float]:
    """Red, green and blue of the grey patches, (3, 3), relative to the strongest.

    Behind each grey patch lies a coloured one of the other side, which is reckoned out.
    """
    behind = np.array(STRIP_PATCHES[: len(patches)][::-1])
    sums = np.maximum((patches / (1 - bleed * (1 - behind))).sum(axis=0), 1e-6)
    red, green, blue = (float(value) for value in sums / sums.max())
    return red, green, blue
