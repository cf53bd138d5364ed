"""Names for the arrays that go round the room."""

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
AnyArray = npt.NDArray[Any]
