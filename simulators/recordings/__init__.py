"""Record and replay: what a device did, call by call, as a file; and that file as a device.

A :class:`Recorder` stands between any backend and its caller and notes every call, answer, event and page. :func:`save` and :func:`load` keep that as one
file whose damage is noticed. The driver ``replay`` plays it: as long as a client makes the calls that were recorded it gets the answers that were
recorded (``tracks``); a client that does something else gets the most similar answer that there is (``likeness``).

What may come in: the log, its file, the matching of calls, what stands for pixels that must stay private. What may not: machines and labs, which know
nothing of recordings, and the suite, which is one caller among others.
"""

from simulators.recordings.archive import RecordingError, load, load_head, save
from simulators.recordings.log import Entry, Head, PageData, Recording
from simulators.recordings.recorder import Recorder

__all__ = ["Entry", "Head", "PageData", "Recorder", "Recording", "RecordingError", "load", "load_head", "save"]
