"""The native stack of a worker that crashed or hangs, by a debugger, while the process still stands there."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import trio

GDB_S = 60.0
"""Real seconds that the debugger gets."""
MAX_LINES = 60
_HANDLER = "<signal handler called>"
_INTERPRETER = (" ffi_call", "libffi", " _PyEval", " PyObject_", " _PyObject_", "_ctypes")


async def native_stack(pid: int) -> str:
    """The stacks of all threads of *pid*, the crashed or waiting one first; or what is missing to tell them.

    The caller keeps the process alive until this returns.
    """
    debugger = shutil.which("gdb")
    if debugger is None:
        return f"no native stack: gdb is not installed (Debian, Ubuntu: apt-get install gdb){_kernel(pid)}"
    words = [debugger, "-nx", "-batch", "-p", str(pid), "-ex", "set print frame-arguments scalars"]
    words += ["-ex", "set print elements 24", "-ex", "thread apply all backtrace 24"]
    try:
        with trio.fail_after(GDB_S):
            done = await trio.run_process(
                words, capture_stdout=True, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
            )
    except trio.TooSlowError:
        return f"no native stack: gdb did not finish within {GDB_S:g} s{_kernel(pid)}"
    except OSError as error:
        return f"no native stack: gdb cannot be run: {error}{_kernel(pid)}"
    text = done.stdout.decode(errors="replace")
    if "\n#0" not in text:
        said = next(
            (line for line in text.splitlines() if "ptrace" in line or "attach" in line.lower()), "it says none"
        )
        return f"no native stack: gdb: {said.strip()}{_kernel(pid)}"
    return shortened(text)


def shortened(text: str) -> str:
    """What matters of gdb's words: a crashed thread first, from where it crashed; no frames of the interpreter below the library."""
    told = []
    for thread in re.split(r"^(?=Thread \d)", text, flags=re.MULTILINE)[1:]:
        head, *lines = thread.strip().splitlines()
        frames = [line for line in lines if line.startswith("#")]
        crashed = [at for at, line in enumerate(frames) if _HANDLER in line]
        frames = frames[crashed[-1] + 1 :] if crashed else frames
        kept = list(itertools.takewhile(lambda line: not any(word in line for word in _INTERPRETER), frames))
        told.append((not crashed, -len(kept), [head.strip(), *(kept or frames[:4])]))
    lines = [line for _, _, part in sorted(told) for line in part]
    more = [f"... {len(lines) - MAX_LINES} lines more"] if len(lines) > MAX_LINES else []
    return "\n".join([*lines[:MAX_LINES], *more])


def _kernel(pid: int) -> str:
    """What the kernel says of a process without a debugger: in which call each thread waits."""
    told = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        for name in ("stack", "wchan"):
            try:
                text = (task / name).read_text().strip()  # /proc does not block
            except OSError:
                continue
            if text and text != "0":
                told.append(f"thread {task.name}: {' '.join(text.split())}")
                break
    return "; the kernel says: " + "; ".join(told) if told else ""
