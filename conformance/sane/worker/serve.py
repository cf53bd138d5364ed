"""The worker's loop: one command, one answer. What the library does to the process is for the runner to see (``conformance.sane.process``)."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import resource
import signal
import socket
import traceback
from pathlib import Path
from typing import Any

from conformance.sane.worker import frames
from conformance.sane.worker.binding import Binding, LibraryError
from conformance.sane.worker.calls import Calls
from conformance.sane.worker.reading import Reader
from conformance.sane.worker.ring import Ring

FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)
_PR_SET_PDEATHSIG, _PR_SET_PTRACER = 1, 0x59616D61
_ANY = ctypes.c_ulong(-1 & (2 ** (8 * ctypes.sizeof(ctypes.c_ulong)) - 1))


def main(arguments: list[str]) -> int:
    """Bring forth a worker for each command that comes over the socket *arguments* names, one after the other, until the runner hangs up.

    A worker is a fork of this process, which has everything loaded but the library: it is there in a millisecond, also under valgrind. Three files
    come with a command: the worker's line, where faults are told, and its output.
    """
    end_with_the_parent()
    control = socket.socket(fileno=int(arguments[0]))
    control.send(b"{}")
    while True:
        data, files, _, _ = socket.recv_fds(control, frames.MAX_ORDER, 3)
        if not data:
            return 0
        pid = os.fork()
        if pid == 0:
            control.close()
            return _work(frames.unpack(data), *files)
        for number in files:
            os.close(number)
        control.send(frames.plain({"pid": pid}))
        _, status = os.waitpid(pid, 0)
        control.send(frames.plain({"status": os.waitstatus_to_exitcode(status)}))


def _work(order: dict[str, Any], line: int, faults: int, output: int) -> int:
    """A worker's life, in a session of its own: what a back end forks ends with it."""
    end_with_the_parent()
    os.setsid()
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    os.environ.update(order["environment"])
    hold_still_on_faults(faults)
    try:
        binding = Binding(order["library"], Ring(Path(order["ring"])))
    except LibraryError as error:
        frames.send(line, {"ready": False, "error": str(error)})
        return 0
    frames.send(line, {"ready": True, "prefix": binding.prefix})
    serve(line, Calls(binding), Reader(binding))
    return 0


def end_with_the_parent() -> None:
    """No worker outlives a runner that was killed, however it hangs (Linux)."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def hold_still_on_faults(descriptor: int) -> None:
    """On a crash: tell the runner where Python was, then stop with the native stack as it is, so that a debugger can read it.

    ``faulthandler`` writes to *descriptor* and then gives the signal to whoever had it before: libc's ``pause``, which is safe in a handler and
    never goes on. No core file, no privilege and no library is needed. SIGUSR1 has the same words written without a crash, for a hang.
    """
    libc = ctypes.CDLL(None)
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    libc.signal.restype = ctypes.c_void_p
    pause = ctypes.cast(libc.pause, ctypes.c_void_p)
    for number in FAULTS:
        libc.signal(number, pause)
    faulthandler.enable(file=descriptor, all_threads=True)
    faulthandler.register(signal.SIGUSR1, file=descriptor, all_threads=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError):  # Linux: a debugger that is no ancestor may attach
        libc.prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)


def resources() -> dict[str, Any]:
    """What the process holds: open files and threads."""
    files: dict[str, str] = {}
    for path in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):  # the one that the listing itself used
            files[path.name] = str(path.readlink())
    return {"files": files, "threads": len(list(Path("/proc/self/task").iterdir()))}


def serve(line: int, calls: Calls, reader: Reader) -> None:
    """Take commands from *line*."""
    verbs = {
        name: getattr(calls, name)
        for name in (
            "init",
            "exit",
            "get_devices",
            "devices_again",
            "open",
            "close",
            "descriptor",
            "descriptors",
            "snapshot",
            "control",
            "get_parameters",
            "start",
            "read",
            "cancel",
            "set_io_mode",
            "get_select_fd",
            "strstatus",
        )
    }
    verbs |= {"drain": reader.drain, "dash": reader.dash, "race": reader.race, "resources": resources}
    while (message := frames.receive(line)) is not None:
        verb = message.pop("verb")
        if verb == "end":
            frames.send(line, {})
            break
        try:
            answer = verbs[verb](**message)
        except Exception:  # noqa: BLE001  # a defect of ours: the runner tells it as such
            answer = {"broken": traceback.format_exc()}
        frames.send(line, answer)
