"""Option descriptors as values (SANE 4.2.9), read out of C memory once and never pointing into it.

Libsane owns its descriptors and may move them at any RELOAD_OPTIONS; python-sane keeps raw pointers and frees. Here
every string and list is copied, with limits, so that a descriptor outlives its handle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from device_drivers.sane.errors import SaneContractError
from device_drivers.sane.fixed import shortest, unfix
from device_drivers.sane.text import decode
from device_protocol.vocabularies.sane_abi import WORD_SIZE, Cap, ConstraintType, COptionDescriptor, Unit, ValueType

LIST_LIMIT: Final = 65536
"""Entries of a list we are willing to read; a missing terminator must not read the whole memory."""
SIZE_LIMIT: Final = 1 << 24
"""Bytes of a value we are willing to hold. The largest known are gamma tables of 65536 words."""


@dataclass(frozen=True, slots=True)
class Range:
    """SANE_Range in the option's own numbers: ints for INT, floats for FIXED; `step` 0 means any."""

    minimum: float
    maximum: float
    step: float


@dataclass(frozen=True, slots=True)
class WordList:
    """Allowed numbers, in the back end's order, with its repeats if it has any."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StringList:
    """Allowed texts; `raw` are the bytes behind each, which go back to C unchanged."""

    values: tuple[str, ...]
    raw: tuple[bytes, ...]

    def find(self, value: str) -> bytes | None:
        """The bytes of an entry, or None if there is no such entry."""
        return self.raw[self.values.index(value)] if value in self.values else None


Constraint = Range | WordList | StringList | None


@dataclass(frozen=True, slots=True)
class OptionDescriptor:
    """One option.

    Attributes:
        index: Its number; 0 is the option count.
        name: May be empty for option 0 and groups.
        size: Bytes of a value as the back end says; 0 for buttons and groups.
        constraint: None when there is none.
    """

    index: int
    name: str
    title: str
    description: str
    type: ValueType
    unit: Unit
    size: int
    cap: Cap
    constraint: Constraint

    @property
    def active(self) -> bool:
        """Whether it can be used at all now (SANE_OPTION_IS_ACTIVE)."""
        return Cap.INACTIVE not in self.cap

    @property
    def has_value(self) -> bool:
        """Whether the type has a value; buttons and groups have none."""
        return self.type not in {ValueType.BUTTON, ValueType.GROUP}

    @property
    def readable(self) -> bool:
        """Whether GET_VALUE is legal now: active, with a value, and SOFT_DETECT."""
        return self.active and self.has_value and Cap.SOFT_DETECT in self.cap

    @property
    def settable(self) -> bool:
        """Whether SET_VALUE is legal now: active and SOFT_SELECT (a button is pressed by setting it)."""
        return self.active and self.type is not ValueType.GROUP and Cap.SOFT_SELECT in self.cap

    @property
    def automatic(self) -> bool:
        """Whether SET_AUTO is legal now."""
        return self.settable and Cap.AUTOMATIC in self.cap

    @property
    def stepped(self) -> bool:
        """Whether numbers must lie on a grid. Then FIXED ones are kept exact, since min + n * step must come out exact."""
        return isinstance(self.constraint, Range) and self.constraint.step != 0

    @property
    def length(self) -> int:
        """Numbers in a value: 1 for a single one, more for an array (4.2.9.6)."""
        return max(1, self.size // WORD_SIZE) if self.type in NUMBERS or self.type is ValueType.BOOL else 1

    @property
    def is_array(self) -> bool:
        """Whether values are tuples of numbers."""
        return self.length > 1


NUMBERS: Final = frozenset({ValueType.INT, ValueType.FIXED})


def parse_descriptor(index: int, raw: COptionDescriptor) -> OptionDescriptor:
    """Copy a C descriptor.

    Raises:
        SaneContractError: A type, unit or constraint kind that does not exist, or a size nobody can mean.
    """
    try:
        value_type = ValueType(raw.type)
        unit = Unit(raw.unit)
        kind = ConstraintType(raw.constraint_type)
    except ValueError as error:
        raise SaneContractError(f"option {index}: {error}") from error
    size = int(raw.size)
    if not 0 <= size <= SIZE_LIMIT:
        raise SaneContractError(f"option {index}: a value of {size} bytes")
    name = decode(raw.name)
    if value_type in NUMBERS or value_type is ValueType.BOOL:
        if size == 0 or size % WORD_SIZE:
            raise SaneContractError(f"option {index} ({name}): {size} bytes are not a number of words")
    elif value_type is ValueType.STRING and size == 0:
        raise SaneContractError(f"option {index} ({name}): a string without room for its end")
    return OptionDescriptor(
        index=index,
        name=name,
        title=decode(raw.title),
        description=decode(raw.desc),
        type=value_type,
        unit=unit,
        size=size,
        cap=Cap(raw.cap),
        constraint=_constraint(index, kind, raw.constraint, fixed=value_type is ValueType.FIXED),
    )


def _constraint(index: int, kind: ConstraintType, union: Any, *, fixed: bool) -> Constraint:
    number = shortest if fixed else int
    if kind is ConstraintType.RANGE and union.range:
        limits = union.range.contents
        if fixed and limits.quant:
            number = unfix
        return Range(number(limits.min), number(limits.max), number(limits.quant))
    if kind is ConstraintType.WORD_LIST and union.word_list:
        count = int(union.word_list[0])
        if not 0 <= count <= LIST_LIMIT:
            raise SaneContractError(f"option {index}: a list of {count} numbers")
        return WordList(tuple(number(union.word_list[place]) for place in range(1, count + 1)))
    if kind is ConstraintType.STRING_LIST and union.string_list:
        raw: list[bytes] = []
        while (entry := union.string_list[len(raw)]) is not None:
            raw.append(entry)
            if len(raw) > LIST_LIMIT:
                raise SaneContractError(f"option {index}: a string list without end")
        return StringList(tuple(decode(entry) for entry in raw), tuple(raw))
    return None
