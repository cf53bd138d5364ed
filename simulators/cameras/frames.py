"""Draws frames: the card over what the sensor sees, with the tear and the shutter of the shot."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import simplejpeg

from sheets.test_card import Card
from simulators.cameras.optics import Picture, Shooting, halve_colours, see
from simulators.cameras.shot import Shot

CARDS_BYTES = 96 << 20
"""Of scenes that are kept; two of 4K, or dozens of 720p. The latest one is kept whatever its size."""


class Cards:
    """Cards by their settings; the scene of a card is drawn once."""

    def __init__(self, limit: int = CARDS_BYTES) -> None:
        self._limit = limit
        self._cards: OrderedDict[Shooting, Card] = OrderedDict()

    def get(self, shooting: Shooting) -> Card:
        """The card of those settings."""
        card = self._cards.pop(shooting, None) or Card(see(shooting))
        self._cards[shooting] = card
        while self.bytes > self._limit and len(self._cards) > 1:
            self._cards.popitem(last=False)
        return card

    @property
    def bytes(self) -> int:
        """Of all scenes."""
        return sum(card.scene.nbytes for card in self._cards.values())


CARDS = Cards()
"""Of this process."""


def draw(shooting: Shooting, shot: Shot, cards: Cards = CARDS) -> Picture:
    """The frame; height x width x 3, RGB."""
    if shot.black:
        return np.zeros((shooting.height, shooting.width, 3), np.uint8)
    card = cards.get(shooting)
    picture = card.frame(shot.picture, shot.picture_ms)
    if shot.torn_at:
        seam = round(shooting.height * shot.torn_at)
        picture[:seam] = card.frame(shot.before, shot.before_ms)[:seam]
    return halve_colours(picture) if shooting.halved else picture


def jpeg(picture: Picture, quality: int) -> bytes:
    """The frame as a JPEG file, 4:2:0."""
    file: bytes = simplejpeg.encode_jpeg(picture, quality=quality, colorspace="RGB", colorsubsampling="420")
    return file
