"""The keys of a scenario with what each means, for the documentation; tests hold them against what the reader knows."""

from __future__ import annotations

FAULT: dict[str, tuple[str, str, str]] = {
    #         value, default, meaning
    "kind": ("a kind of the table below", "required", "what goes wrong"),
    "code": ("a code", '`"OTHER"`', "of the kind `error`: what the call ends with"),
    "message": ("a text", "the code's", "of the kind `error`: the device's own words"),
    "verb": ("open, start, next_page, read", "the natural one", "the call during which it strikes"),
    "sheet": ("from 1", "any", "at this sheet of the job"),
    "page": ("from 1", "any", "at this page of the job"),
    "at": ("0 to 1", "`0`", "how far through the page; makes `read` the natural call"),
    "byte": ("from 0", "none", "after so many bytes of the page, in place of `at`"),
    "session": ("from 1", "any", "in the n-th session that is opened since the fault was armed"),
    "job": ("from 1", "any", "in the n-th job that is started since the fault was armed; a start that fails counts"),
    "call": ("from 1", "the first", "from the n-th such call on that the other conditions allow"),
    "every": ("from 1", "`1`", "of those, at every n-th; without `call`, the n-th is the first"),
    "after": ("seconds", "`0`", "not before so much time of the device clock has passed since the fault was armed"),
    "job_after": ("seconds", "`0`", "not before so much time has passed since the job was started"),
    "times": ("from 0", "`1`", "how often it strikes; 0: always"),
    "seconds": ("seconds", "`0`", "how long it lasts, where the table of kinds says so"),
    "name": ("a name", "none", "what others follow it by"),
    "follows": (
        "a name",
        "none",
        "armed when the fault of that name has struck the last time (one that strikes always: the first time)",
    ),
    "recovery": ("an array of tables", "none", "what the operator does each time it has struck, see below"),
}
"""Of ``[[fault]]``, and of the control's action ``fault``."""

RECOVERY: dict[str, tuple[str, str, str]] = {
    "action": ("an action of the control", "required", "such as `clear-jam`, `close-cover`, `load`, `replug`"),
    "arguments": ("a table", "none", "of the action"),
    "when": (
        "struck, reported, closed",
        '`"struck"`',
        "waits for nothing more, for `count` calls that end with the fault's code, or for the client to close its session",
    ),
    "count": (
        "from 1",
        "`1`",
        "for `reported`; the call that was struck is the first. Calls that reach the machine are counted",
    ),
    "seconds": ("seconds", "`0`", "how long the operator takes after that"),
}

TIMED: dict[str, tuple[str, str, str]] = {
    "seconds": ("seconds", "required", "after the scenario began, on the device clock"),
    "action": ("an action of the control", "required", "what is done"),
    "arguments": ("a table", "none", "of the action"),
}

LOT: dict[str, tuple[str, str, str]] = {
    "rate": ("0 to 1", "required", "the probability with which the fault is armed for each of the sheets"),
    "sheets": ("from 1", "`100`", "so many first sheets of a job"),
}
"""Of ``[[random]]``, beside the keys of a fault."""

GENERATE: dict[str, tuple[str, str, str]] = {
    "seed": ("from 0", "the device's", "same seed, same machine: same scenario"),
    "faults": ("1 to 100", "`5`", "how many"),
    "sheets": ("from 1", "`10`", "they strike at so many first sheets"),
    "kinds": ("an array of kinds", "all but `crash`", "which may come"),
}
