"""Real parts that tests use: a part that is missing is a failure that says what to install, never a test that quietly does not run."""

from __future__ import annotations

import shutil

import pytest


def need(command: str, package: str) -> str:
    """The path of *command*; the test fails without it, and names the *package* that brings it."""
    path = shutil.which(command)
    if path is None:
        pytest.fail(f"{command} is missing: `sh installers/system-packages.sh` as root installs {package}.")
    return path
