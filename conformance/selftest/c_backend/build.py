"""Compiles the back end: with the system's C compiler, into the user's cache, under a name that its source decides."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import platformdirs

SOURCE = Path(__file__).parent / "zoo.c"
HEADER = Path(__file__).parent / "zoo.h"
FLAGS = ("-O1", "-g", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
NAME = "libsane-zoo.so"
"""The loader of the suite takes the symbols ``sane_zoo_...`` from it."""


class NoCompilerError(RuntimeError):
    """There is no C compiler, or it refuses the source; says what to install or what it said."""


@functools.cache
def library() -> Path:
    """The shared object.

    Raises:
        NoCompilerError: it cannot be made.
    """
    digest = hashlib.sha256(SOURCE.read_bytes() + HEADER.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    folder = Path(platformdirs.user_cache_dir("flatbed")) / "c-backend" / digest
    made = folder / NAME
    if made.exists():
        return made
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("cc is missing: on Debian and Ubuntu apt-get install gcc libc6-dev")
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{NAME}.{os.getpid()}"
    words = [compiler, *FLAGS, "-o", str(part), str(SOURCE), "-lpthread"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoCompilerError(f"{SOURCE.name} does not compile: {done.stderr[-2000:]}")
    part.replace(made)  # whoever builds it at the same time makes the same
    return made
