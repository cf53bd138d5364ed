"""``scanimage`` over SANE's own ``escl`` back end. It scans from the first device of a door alone, since its root is always /eSCL (sane-escl 3.4)."""

from __future__ import annotations

from pathlib import Path

from tests.real.escl.airscan import Scan, private, scanimage


async def sane_escl(folder: Path, door: str, *options: str, batch: bool = False) -> Scan:
    """Scan from the first device of the door at *door*."""
    environment = private(folder / "sane.d", "escl", {"escl.conf": f'device {door} "It" 0\n'})
    return await scanimage(folder, f"escl:{door}", environment, *options, batch=batch)
