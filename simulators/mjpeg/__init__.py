"""The MJPEG door: virtual cameras over HTTP, as network cameras serve them (``multipart/x-mixed-replace``).

One session and one stream for each camera, however many look; whoever reads slowly misses frames, and nobody else does. What may come in: the sharing of a
camera, the HTTP around it and its limits. May not: what a camera is, and files of frames.
"""

from simulators.mjpeg.door import Door, DoorConfig, cameras_of, open_door

__all__ = ["Door", "DoorConfig", "cameras_of", "open_door"]
