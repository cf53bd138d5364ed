"""What importing the encoder costs, in a fresh process."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("numpy", "PIL", "simplejpeg", "isal", "trio")

HEADERS_ONLY = """
import sys
import device_host.encoding as encoding
policy = encoding.EncodePolicy()
policy.prefer("image/png")
try:
    encoding.describe(b"")
except encoding.BadImage:
    pass
try:
    encoding.transcode(b"", "image/png", "image/jpeg")
except encoding.BadImage:
    pass
print([name for name in SLOW if name in sys.modules])
"""


def test_import_is_light() -> None:
    """A server may import the encoder, describe files and run the policy without numpy and the codecs: they come with the first page (design 6)."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"SLOW = {SLOW!r}\n{HEADERS_ONLY}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.strip() == "[]"
