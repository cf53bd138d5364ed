"""Commands of many reads: in the worker, since a page may take thousands."""

from __future__ import annotations

import ctypes
import hashlib
import threading
import time
from typing import Any

from conformance.sane.worker.binding import Binding
from conformance.sane.worker.guarded import Guarded

IDLE_S = 30.0
"""How long reads may go on that give nothing."""
PAUSE_S = 0.002
"""Between two reads that gave nothing, in non-blocking mode."""


class Reader:
    """Reads frames of a started scan."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding

    def drain(
        self,
        handle: int,
        sizes: list[int],
        limit: int,
        stop_after: int = 0,
        fill: int = 0xA5,
        over: threading.Event | None = None,
    ) -> dict[str, Any]:
        """Read until a status other than GOOD.

        Args:
            handle: of a device that was started.
            sizes: most bytes of the first, second, ... read; the last one is for all that follow.
            limit: bytes after which a frame is held to be endless.
            stop_after: reads after which to stop; 0: none.
            fill: what the buffers hold before.
            over: set when a cancel has come back; reads that begin later and still give data are counted.

        Returns:
            ``reads``, ``total`` bytes, the ``status`` and ``length`` of the last read, the largest ``surplus`` over what was asked, how many GOOD reads
            gave nothing (``empty``), did not set the length (``unset``) or came too ``late``, the damage to guard words (``hurt``), a digest of the
            bytes (``sha``), and why reading stopped (``ended``).
        """
        buffers: dict[int, Guarded] = {}
        length = Guarded(4)
        counter = ctypes.cast(length.address, ctypes.POINTER(ctypes.c_int))
        digest, reads, total, surplus, empty, unset, late, hurt = hashlib.sha256(), 0, 0, 0, 0, 0, 0, ""
        status, ended = 0, "status"
        idle = time.monotonic()

        def told() -> str:
            return f"length {counter.contents.value}"

        while True:
            size = sizes[min(reads, len(sizes) - 1)]
            buffer = buffers.setdefault(size, Guarded(size, fill)) if size not in buffers else buffers[size]
            counter.contents.value = -1
            cancelled = over is not None and over.is_set()
            status = self.binding.call(
                "sane_read",
                f"handle, buffer, {size}, &length",
                handle,
                buffer.address,
                size,
                counter,
                told=told,
            )
            reads += 1
            got = counter.contents.value
            hurt = hurt or "; ".join(filter(None, (buffer.hurt(), length.hurt())))
            surplus = max(surplus, got - size)
            if status != 0:
                break
            if got > 0:
                taken = min(got, size)
                digest.update(buffer.value[:taken])
                total += taken
                late += cancelled
                idle = time.monotonic()
            else:
                empty += 1
                unset += got < 0
                if time.monotonic() - idle > IDLE_S:
                    ended = "nothing comes"
                    break
                time.sleep(PAUSE_S)
            if total > limit:
                ended = "endless"
                break
            if stop_after and reads >= stop_after:
                ended = "stopped"
                break
        return {
            "reads": reads,
            "total": total,
            "status": status,
            "length": counter.contents.value,
            "surplus": surplus,
            "empty": empty,
            "unset": unset,
            "late": late,
            "hurt": hurt,
            "sha": digest.hexdigest(),
            "ended": ended,
        }

    def dash(self, handle: int, sizes: list[int], limit: int) -> dict[str, Any]:
        """Start, choose non-blocking mode and read, without a pause: what the back end has not yet ready is not there.

        Returns:
            As :meth:`drain`, and the statuses of the first two calls (``started``, ``mode``); reads are made only if both are GOOD.
        """
        started = self.binding.call("sane_start", "handle", handle)
        mode = self.binding.call("sane_set_io_mode", "handle, 1", handle, 1) if started == 0 else started
        result = self.drain(handle, sizes, limit) if mode == 0 else {}
        return {**result, "started": started, "mode": mode}

    def race(
        self, handle: int, size: int, limit: int, delay: float, reads: int = 0, patience: float = 5.0
    ) -> dict[str, Any]:
        """Read on this thread while another one cancels after *delay* seconds, or as soon as *reads* reads have been made.

        Returns:
            As :meth:`drain`, and how long the cancel took (``cancel_s``; null: it had not come back *patience* seconds after the reads had ended).
        """
        reached, over = threading.Event(), threading.Event()
        took: list[float] = []

        def cancel() -> None:
            reached.wait()
            time.sleep(delay)
            began = time.monotonic()
            self.binding.call("sane_cancel", "handle, from another thread", handle)
            took.append(time.monotonic() - began)
            over.set()

        thread = threading.Thread(target=cancel, daemon=True)
        thread.start()
        before: dict[str, Any] | None = None
        if reads:
            before = self.drain(handle, [size], limit, stop_after=reads)
        reached.set()
        result = before if before and before["ended"] != "stopped" else self.drain(handle, [size], limit, over=over)
        thread.join(patience)
        return {**result, "cancel_s": took[0] if took else None}
