"""The moving test card: a picture for cameras that says in itself which frame it is, when it was taken and how.

``Card`` draws frame after frame; ``read_frame`` says of a picture, whatever it came through, which frame it is, whether it was torn, and how it was exposed,
focused, zoomed and balanced; ``judge`` says of a sequence what was dropped, repeated, late or out of order. The marks stand in the picture at fixed shares of
its width and height, so that they survive scaling, YUV 4:2:0 and JPEG, but no cropping: a camera burns them in behind its lens, as a clock on a screen.

May come in: numpy, the font of this room's parent. May not: anything of cameras or streams, files, a clock.
"""

from sheets.test_card.card import Card
from sheets.test_card.marks import NUMBERS, STAMPS
from sheets.test_card.reading import FrameReading, read_frame
from sheets.test_card.scene import View, draw_scene
from sheets.test_card.sequence import Seen, Sequence, judge

__all__ = ["NUMBERS", "STAMPS", "Card", "FrameReading", "Seen", "Sequence", "View", "draw_scene", "judge", "read_frame"]
