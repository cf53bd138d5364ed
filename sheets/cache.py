"""One bounded store for what is dear to draw: templates, glyphs and noise. Arrays in it are read-only."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from sheets.arrays import AnyArray

BUDGET_BYTES = 128 * 2**20


class ArrayCache:
    """Least recently used arrays, bounded by bytes; safe to use from several threads.

    Args:
        budget: Most bytes held. An array larger than that is handed out but not kept.
    """

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.budget = budget
        self.held = 0
        self._arrays: OrderedDict[Hashable, AnyArray] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], AnyArray]) -> AnyArray:
        """The array of that key, made if absent. It is read-only: it is shared."""
        with self._lock:
            found = self._arrays.get(key)
            if found is not None:
                self._arrays.move_to_end(key)
                return found
        made = make()
        made.setflags(write=False)
        with self._lock:
            if key not in self._arrays and made.nbytes <= self.budget:
                self._arrays[key] = made
                self.held += made.nbytes
                while self.held > self.budget:
                    _, dropped = self._arrays.popitem(last=False)
                    self.held -= dropped.nbytes
        return made

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._arrays.clear()
            self.held = 0


CACHE = ArrayCache()
