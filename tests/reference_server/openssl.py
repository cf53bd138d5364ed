"""The openssl command, as a foreign judge of what we make."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def openssl(*words: object) -> str:
    """What ``openssl WORDS`` says, on both of its outputs; the test is skipped where there is none."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    command = ["openssl", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr
