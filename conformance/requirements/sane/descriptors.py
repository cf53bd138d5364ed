"""Requirements on SANE back ends: the descriptors of options."""

from conformance.requirements.sane.gates import GROUP
from conformance.requirements.sane.row import row
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    row(
        15,
        M,
        "4.5.1; 4.3.6",
        "Option 0 is an int of one word without a name, can be read, cannot be set, and counts the options.",
        "Everything else about options is found through it.",
        "option-0-settable",
    ),
    row(
        16,
        M,
        "4.3.6",
        "There is a descriptor for each index from 0 to the count less one, and none for -1, the count, and the two behind it.",
        "A front end that walks too far must be told, not given a stray pointer.",
        "descriptor-behind-the-last",
    ),
    row(
        17,
        M,
        "4.2.9.1",
        "Names of options begin with a small letter, go on with small letters, digits and hyphens, and are unique.",
        "Command lines and saved settings name options by them.",
        "capital-name",
        "two-equal-options",
    ),
    row(
        18,
        M,
        "4.2.9.2; 4.2.9.3",
        "Each option has a title, and a description that is no null pointer.",
        "Front ends print them without looking.",
        "null-desc",
    ),
    row(
        19,
        M,
        "4.2.9.4; 4.2.9.5",
        "Types and units are those of the standard; switches, texts, buttons and groups have no unit.",
        "A front end shows a unit that makes no sense, or converts a value by it.",
        "switch-in-mm",
    ),
    row(
        20,
        M,
        "4.2.9.6",
        "Sizes suit types: a word for a switch, words for numbers, at least a byte for a text.",
        "A front end allocates the buffer by it: too small a size is memory that is overwritten.",
        "switch-of-one-byte",
    ),
    row(
        21,
        M,
        "4.2.9.7",
        "Capability bits are known ones; selection by software excludes that by hardware; what software selects it can detect.",
        "They decide what a front end offers at all.",
        "both-selects",
        "select-without-detect",
        "unknown-capability",
    ),
    row(
        22,
        M,
        "4.2.9.8",
        "Constraints are of a kind that suits the type, their pointers are set, ranges do not stand upside down and have no negative step, "
        "lists have entries, and texts in lists fit the size.",
        "Front ends build their controls from them and dereference the pointers.",
        "range-upside-down",
        "range-on-a-text",
        "text-longer-than-size",
    ),
    row(
        23,
        M,
        "4.2.9.4",
        "Groups have a title and no name, and cannot be set.",
        "A group is a heading; a value for it has no buffer.",
        "settable-group",
        gate=GROUP,
    ),
    row(
        24,
        M,
        "4.5",
        "Well-known options have their type and unit: resolution in dpi, the four corners of one type and unit in mm or pixels, preview a switch, "
        "mode and source texts.",
        "Front ends that know nothing of a scanner find these by name.",
        "resolution-in-mm",
    ),
    row(
        25,
        M,
        "4.3.6",
        "A descriptor stays at its address and says the same until an option is set.",
        "Front ends keep the pointers for as long as the device is open.",
        "descriptor-moves",
        "descriptor-changes",
    ),
)
