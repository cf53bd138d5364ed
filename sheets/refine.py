"""Making a pose exact: the picture of every mark is known to the module, so it is laid over the page and shifted until it fits.

Gauss-Newton over the six figures of the pose (Lucas and Kanade 1981). The corners that the reader of the marks gives are
whole pixels; this is good to a few hundredths.
"""

import numpy as np

from sheets.arrays import Floats
from sheets.coverage import span
from sheets.detect import Code
from sheets.geometry import Pose
from sheets.layout import layout_for
from sheets.marks import MODULES, modules
from sheets.view import Scaled, View

_ROUNDS = 4
_BLUR_PX = 1.5  # a pixel is an average over its square, and reading between pixels is another
_MAX_CODES = 6
_STILL_PX = 0.02
_FAR_PX = 2.0
_COARSE_PX = 3.0


def refine(pose: Pose, codes: tuple[Code, ...], view: View) -> Pose:
    """A pose that fits the picture better, or the same one if none does."""
    module_px = _pixels_per_mm(pose, view.work) * layout_for(codes[0].mark).tiles[0].width / MODULES
    coarser = int(module_px / _COARSE_PX)
    if coarser > 1:  # edges that are sharp against the first error would not draw the pose to them
        x, y = view.work.scale
        pose = _refine(pose, codes, view.scaled(x * coarser, y * coarser))
    return _refine(pose, codes, view.work)


def _spread(codes: tuple[Code, ...]) -> list[Code]:
    """A few marks that reach as far as all of them."""
    centres = np.array([code.corners.mean(axis=0) for code in codes])
    diagonals = centres @ np.array([[1.0, 1.0], [1.0, -1.0]])
    chosen = {*diagonals.argmin(axis=0).tolist(), *diagonals.argmax(axis=0).tolist()}
    chosen.update(range(0, len(codes), -(-len(codes) // max(1, _MAX_CODES - len(chosen)))))
    return [codes[index] for index in sorted(chosen)]


def _refine(pose: Pose, codes: tuple[Code, ...], copy: Scaled) -> Pose:
    models = [_model(pose, code, copy, 2) for code in _spread(codes)]
    points, ink = np.concatenate([part[0] for part in models]), np.concatenate([part[1] for part in models])
    best, best_error = pose, float("inf")
    middle, spread = points.mean(axis=0), points.std() + 1e-9
    unit = np.column_stack(((points - middle) / spread, np.ones(len(points))))
    for _ in range(_ROUNDS + 1):
        at = pose.to_pixels(points)
        residual = _residual(copy, at, ink)
        error = _dot(residual, residual)
        if not error < best_error:
            break
        best, best_error = pose, error
        slope_x, slope_y = _slopes(copy, at)
        change = _solve(np.concatenate((unit * slope_x[:, None], unit * slope_y[:, None]), axis=1), residual)
        change = change.reshape(2, 3)
        matrix = pose.matrix + change[:, :2] / spread
        offset = pose.offset + change[:, 2] - change[:, :2] @ middle / spread
        if not (np.isfinite(matrix).all() and np.isfinite(offset).all() and abs(np.linalg.det(matrix)) > 1e-6):
            break
        pose = Pose(matrix, offset)
        if np.abs(change).sum() < _STILL_PX:
            return pose
    return best


def distortion_mm(pose: Pose, codes: tuple[Code, ...], copy: Scaled) -> float:
    """How far the mark that is most out of place is from where the pose has it, in millimetres."""
    return max(_shift_mm(pose, code, copy) for code in codes)


def _shift_mm(pose: Pose, code: Code, copy: Scaled) -> float:
    points, ink = _model(pose, code, copy, 1)
    rect = layout_for(code.mark).tiles[code.mark.tile]
    middle = np.array([[(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2]])
    start = pose.to_pixels(middle)[0]
    # Also from where the reader saw the mark if that is far off, so that a shift of many pixels is found too.
    seen_at = code.corners.mean(axis=0)
    guesses = (start, seen_at) if np.hypot(*((seen_at - start) / copy.scale)) > _FAR_PX else (start,)
    best: Floats = start
    best_error = float("inf")
    for guess in guesses:
        place: Floats = guess
        for _ in range(_ROUNDS):
            at = pose.to_pixels(points) + (place - start)
            residual = _residual(copy, at, ink)
            error = _dot(residual, residual)
            if not error < best_error:
                break
            best, best_error = place, error
            step = _solve(np.column_stack(_slopes(copy, at)), residual)
            if np.abs(step).max() < _STILL_PX:
                break
            place = place + step
    return float(np.hypot(*(pose.to_mm(best[None, :])[0] - middle[0])))


def _residual(copy: Scaled, at: Floats, ink: Floats) -> Floats:
    """What the picture has over the model at its best black and white."""
    seen = copy.at(at)
    seen -= seen.mean()
    centred = ink - ink.mean()
    residual: Floats = seen - centred * (_dot(centred, seen) / max(1e-9, _dot(centred, centred)))
    return residual


def _dot(one: Floats, other: Floats) -> float:
    """A scalar product; ``@`` would wake all cores for it."""
    return float(np.einsum("i,i->", one, other))


def _slopes(copy: Scaled, at: Floats) -> tuple[Floats, Floats]:
    """Grey levels per pixel of the page, along x and y."""
    step_x, step_y = np.array([[0.5 * copy.scale[0], 0.0]]), np.array([[0.0, 0.5 * copy.scale[1]]])
    slope_x = (copy.at(at + step_x) - copy.at(at - step_x)) / copy.scale[0]
    slope_y = (copy.at(at + step_y) - copy.at(at - step_y)) / copy.scale[1]
    return slope_x, slope_y


def _solve(jacobian: Floats, residual: Floats) -> Floats:
    normal = np.einsum("ij,ik->jk", jacobian, jacobian)
    change, *_ = np.linalg.lstsq(normal, -np.einsum("ij,i->j", jacobian, residual), rcond=None)
    solved: Floats = change.astype(np.float64)
    return solved


def _model(pose: Pose, code: Code, copy: Scaled, density: int) -> tuple[Floats, Floats]:
    """Points on a mark in millimetres, (n, 2), so many to a module, and how dark each should be, 0 to 1."""
    steps = np.arange(density * MODULES + 1) / float(density)
    rect = layout_for(code.mark).tiles[code.mark.tile]
    blur = _BLUR_PX / (_pixels_per_mm(pose, copy) * rect.width / MODULES)
    weights = np.array([span(at - blur / 2, at + blur / 2, 0, MODULES) for at in steps]) / blur
    x, y = rect.left + steps * rect.width / MODULES, rect.top + steps * rect.height / MODULES
    points = np.column_stack((np.tile(x, len(y)), np.repeat(y, len(x))))
    return points, (weights @ modules(code.mark) @ weights.T).ravel()


def _pixels_per_mm(pose: Pose, copy: Scaled) -> float:
    return float(np.sqrt(abs(np.linalg.det(pose.matrix)) / (copy.scale[0] * copy.scale[1])))
