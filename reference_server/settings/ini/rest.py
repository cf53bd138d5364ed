"""The other keys of the file (S-032 to S-034, S-039, S-040, S-042 to S-046)."""

from __future__ import annotations

from reference_server.settings.ini.reading import Reading, Section

LOG_OFF, LOG_NORMAL, LOG_VERBOSE = 0, 1, 30
INI_VERBOSE = 14
"""From here on the INI scale is verbose: 1 is normal (6 before version 15.3), 14 verbose; ours is the scale of the REST API (S-040)."""

_LEFT_OUT = {
    "DSVersion": "is the version of the other service",
    "WorkMode": "has no published meaning",
    "ServiceGuid": "is the id of the other installation",
    "ServiceName": "is the display name of the other service",
}
_WARNED = {
    "EnableWebSetup": "is left out: nothing can be set up from a page here, use `flatbed config`.",
    "EnableEnhancedMode": "is left out: start one service for each user instead, each with a listen.port of its own.",
}
_OF_USERS = ("dwt", "dwt_def", "dwt_ssl", "dwt_ssl_def", "ExitFlag")


def import_rest(reading: Reading, section: Section) -> None:
    """What is neither a port nor about access."""
    line = section.take("LogLevel")
    level = reading.integer(line, 0, 100)
    if level is not None and line is not None:
        ours = LOG_OFF if level == 0 else LOG_NORMAL if level < INI_VERBOSE else LOG_VERBOSE
        reading.put("log.level", ours, f"LogLevel={level} on the scale of that file")
    for key in _LEFT_OUT:
        section.take(key)  # it says nothing about how ours should work
    for key, why in _WARNED.items():
        if reading.switch(section.take(key)):
            reading.warn(section.take(key), why)


def is_of_users(section: Section) -> bool:
    """Whether it is a section of ``user_config.ini``: ports that the other service chose for one user."""
    found = [section.take(key) for key in _OF_USERS]  # all of them: each is then known
    return any(found)
