"""The errors of the room: one family, so that a caller can catch ``SheetError`` and nothing else."""


class SheetError(ValueError):
    """A sheet, a render setting or a deck was asked for that cannot exist; nothing was drawn."""


class UnreadableImage(SheetError):  # noqa: N818  the name says what the image is; it is part of the public vocabulary
    """The bytes are no image of a kind we read, are damaged, or exceed the limits of the decoder."""
