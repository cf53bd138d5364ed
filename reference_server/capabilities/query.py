"""The ``caps`` query."""

from __future__ import annotations

from device_protocol.vocabularies.twain import CAP_NUMBERS
from reference_server.errors import bad_parameter
from reference_server.models import as_number

MAX_NUMBERS = 1000


def parse_list(text: str | None, *, names: bool) -> list[int] | None:
    """The ``caps`` query: a comma list of numbers, and where *names* are known of those too (D-16); None means all.

    Raises:
        RestError: 400 for anything else.
    """
    if text is None or not text.strip():
        return None
    parts = [part.strip().lower() for part in text.split(",")]
    known = CAP_NUMBERS if names else {}
    numbers = [known.get(part, as_number(part)) for part in parts]
    if len(parts) > MAX_NUMBERS or any(number is None or number != int(number) for number in numbers):
        raise bad_parameter("caps: this is not a list of integers.")
    return [int(number) for number in numbers if number is not None]
