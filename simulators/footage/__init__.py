"""Footage: frames of virtual cameras as files, and frames read back from files and streams for the oracle.

May come in: containers of frames (Y4M, the multipart of MJPEG over HTTP) and their limits. May not: what a camera is, and doors that serve.
"""

from simulators.footage.film import Made, film
from simulators.footage.watching import watch_file, watch_stream
from simulators.footage.y4m import FootageError

__all__ = ["FootageError", "Made", "film", "watch_file", "watch_stream"]
