"""CAPS: capabilities and options."""

from conformance.requirements import gates
from conformance.requirements.model import Requirement
from conformance.verdicts import Level

M = Level.MUST

REQUIREMENTS = (
    Requirement(
        "CAPS-01",
        M,
        "The set of options stays the same within a session unless a notice said that options changed.",
        (
            "SANE 4.2.9",
            "SANE 4.5.1",
        ),
        ("extra-option",),
        gate=gates.WRITABLE,
        why="A settings dialogue that was built from the list would write to options that are no longer there.",
    ),
    Requirement(
        "CAPS-02",
        M,
        "Option names are unique and made of lower-case letters, digits and dashes, beginning with a letter.",
        ("SANE 4.2.9.1",),
        (
            "duplicate-name",
            "bad-name",
        ),
        why="Names are keys in profiles, command lines and JSON; a strange or double one cannot be written there.",
    ),
    Requirement(
        "CAPS-03",
        M,
        "The kind of constraint and the unit fit the type of the value.",
        (
            "SANE 4.2.9.4 to 4.2.9.8",
            "TWAIN 10 (containers)",
        ),
        ("string-with-range",),
        why="A generic dialogue draws the control from type and constraint; if they do not fit there is nothing to draw.",
    ),
    Requirement(
        "CAPS-04",
        M,
        "Current and default values satisfy the constraint.",
        ("TWAIN 7 and 13 (get current, get default)",),
        (
            "default-outside",
            "value-outside",
        ),
        why="Setting what was just read would fail, and so would every stored profile.",
    ),
    Requirement(
        "CAPS-05",
        M,
        "Ranges have a minimum not above the maximum and a step not below zero; choices are not empty and repeat nothing.",
        (
            "SANE 4.2.9.8",
            "eSCL 8.1",
        ),
        (
            "min-above-max",
            "repeated-choice",
        ),
        why="An empty choice or an upside-down range leaves the user without a legal value.",
    ),
    Requirement(
        "CAPS-06",
        M,
        "There is at least one source, and exactly one is the default.",
        ("libinsane min_one_source",),
        ("no-default",),
        why="Without a source nothing can be scanned, and with two defaults nobody knows from where.",
    ),
    Requirement(
        "CAPS-07",
        M,
        "Each value that is advertised can be set from the defaults.",
        (
            "TWAIN Inspector score",
            "TWAIN 13",
            "a scanner that offered 600 dpi and scanned at 300 only",
        ),
        ("refuses-choice", "needs-reread"),
        gate=gates.WRITABLE,
        why="The user picks from the list and gets an error for a value that the driver itself offered.",
    ),
    Requirement(
        "CAPS-08",
        M,
        "A value outside the constraint is refused, or rounded and reported; it is never stored as it is.",
        (
            "SANE 4.3.7",
            "TWAIN check status",
        ),
        ("stores-anything", "drops-upper-bits"),
        gate=gates.WRITABLE,
        why="A value that the machine cannot do, stored as it is, shows only in the wrong pages.",
    ),
    Requirement(
        "CAPS-09",
        M,
        "Reading capabilities, options or parameters has no side effect.",
        (
            "TWAIN get",
            "V4L2 try",
        ),
        ("read-resets-area",),
        why="Dialogues read all values to draw themselves; that must not change the user's settings.",
    ),
    Requirement(
        "CAPS-10",
        M,
        "What can be written can be read, actions without a value excepted.",
        (
            "SANE 4.2.9.7",
            "TWAIN 13 (query support)",
        ),
        ("write-only",),
        gate=gates.WRITABLE,
        why="What cannot be read back cannot be shown, stored or checked.",
    ),
    Requirement(
        "CAPS-11",
        M,
        "An inactive option is neither read nor written, and becomes active only with a notice.",
        (
            "SANE 4.2.9.7",
            "libinsane check_capabilities",
        ),
        (
            "hidden-toggle",
            "inactive-answers",
        ),
        gate=gates.INACTIVE,
        why="An option that works although it is greyed out, or is greyed out without notice, makes dialogues lie.",
    ),
    Requirement(
        "CAPS-12",
        M,
        "Writing a read-only option fails and changes nothing.",
        ("libinsane check_capabilities",),
        (
            "writes-anyway",
            "read-only-lies",
        ),
        gate=gates.READ_ONLY,
        why="A serial number or a state of the machine is no setting; if it can be written, it is no longer true.",
    ),
    Requirement(
        "CAPS-13",
        M,
        "The depths that are offered are valid for the colour of the mode.",
        ("TWAIN 10 and 13 (bit depth)",),
        ("gray-of-24",),
        why="Memory for a page is reckoned from mode and depth; an impossible pair gives garbage.",
    ),
    Requirement(
        "CAPS-14",
        M,
        "A feature that is not supported is absent; what is advertised works.",
        (
            "eSCL 8.1.3",
            "SANE backends issue 510",
        ),
        ("mode-cannot-scan", "dead-brightness", "offers-in-vain"),
        why="A feature that is offered and fails costs a support call; one that is absent costs nothing.",
    ),
    Requirement(
        "CAPS-15",
        M,
        "Capabilities survive saving and loading unchanged.",
        (
            "ippeveprinter",
            "go-mfp models",
        ),
        ("lossy-field",),
        why="Profiles and simulators are made from saved capabilities; a field that is lost makes them lie about the machine.",
    ),
)
