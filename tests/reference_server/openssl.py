"""The openssl command, as a foreign judge of what we make."""

from __future__ import annotations

import subprocess

from tests.parts import need


def openssl(*words: object) -> str:
    """What ``openssl WORDS`` says, on both of its outputs."""
    command = [need("openssl", "openssl"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr
