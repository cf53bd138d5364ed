"""Who may use the other service (S-037, S-038, S-041, S-063) and what becomes of it. Nothing here lets in whom the old file kept out."""

from __future__ import annotations

import ipaddress
import secrets

from reference_server.access.origins import as_browsers_send
from reference_server.settings.ini.reading import Reading, Section
from reference_server.settings.ini.text import Line
from reference_server.tls.names import is_host_name

ORIGINS = "Access-Control-Allow-Origin"
TOKEN_BYTES = 24


def import_address(reading: Reading, section: Section) -> None:
    """``Server``: where it listens. Beyond loopback ours asks for a token, so one is made."""
    line = section.take("Server")
    if line is None or not line.value:
        return
    address = line.value.strip("[]")
    try:
        loopback, anywhere = ipaddress.ip_address(address).is_loopback, ipaddress.ip_address(address).is_unspecified
    except ValueError:
        if not is_host_name(address.lower()):
            reading.wrong(line, f"must be one address or host name, not {line.value[:60]!r}")
            return
        loopback, anywhere = address.lower() == "localhost", False
    reading.put("listen.host", address, f"Server={line.value}")
    if loopback:
        return
    reading.put(
        "access.token",
        secrets.token_urlsafe(TOKEN_BYTES),
        "made for this file: Server= opens the service to other machines",
    )
    reading.warn(
        line,
        "opens the service to other machines. There they now need the header `Authorization: Bearer` with the token that was made for this file"
        + ("; name the hosts under which they reach it in access.allow_host." if anywhere else "."),
    )


def import_origins(reading: Reading, section: Section) -> bool:
    """``Access-Control-Allow-Origin``: whose pages may use it; whether that is a list.

    A list becomes ours in locked mode, where nobody else gets in. Without one the other service lets everybody in (S-063), and ours loopback pages at most:
    the access mode is then left to the installation.
    """
    line = section.take(ORIGINS)
    if line is None or line.value in {"", "*"}:
        said = "is absent" if line is None else f"is {line.value!r}"
        reading.warn(
            line,
            f"{said}, which lets the pages of every origin in. That is not imported: only pages from this machine may use the service."
            " List your origins in access.allow_origin, and set access.mode to locked.",
            ORIGINS,
        )
        reading.put("access.allow_origin", [], f"{ORIGINS} {said}: that is not imported")
        return False
    origins = [origin for part in line.value.split(",") if (origin := _origin(reading, line, part.strip()))]
    reading.put("access.mode", "locked", f"{ORIGINS} lists origins: nobody else may use the service")
    reading.put("access.allow_origin", list(dict.fromkeys(origins)), f"{ORIGINS}={line.value}")
    if not origins:
        reading.warn(
            line, "lists nothing that can be imported, so no page may use the service; fill access.allow_origin."
        )
    reading.warn(
        line, "is a list, so access.mode is locked: real devices only, and only for the pages of these origins."
    )
    return True


def import_consent(reading: Reading, section: Section, *, locked: bool) -> None:
    """``Enable...AccessAuth``: whether the user is asked first. With us a webcam is a scanner, and no page touches files (S-068)."""
    asks: list[Line] = []
    for key in ("EnableScannerAccessAuth", "EnableWebcamAccessAuth"):
        line = section.take(key)
        if line is not None and reading.switch(line):
            asks.append(line)
    files = section.take("EnableFileAccessAuth")
    if files is not None and reading.switch(files):
        reading.warn(files, "has no counterpart: no page can reach files here, so nobody has to be asked.")
    if not asks:
        return
    reading.put("access.consent", "deny" if locked else "ask", f"{asks[0].key}={asks[0].value}")
    if locked:
        reading.warn(
            asks[0],
            "asks the user before each use. In locked mode nobody can be asked, so every use is denied; set access.consent to allow if it is"
            " enough that you have listed the origins.",
        )
    else:
        reading.warn(
            asks[0],
            "asks the user before each use: access.consent is ask, and somebody must answer through the control API.",
        )


def _origin(reading: Reading, line: Line, text: str) -> str:
    """*text* as browsers send it; empty if it is left out or wrong, which has then been said."""
    if not text or not text.isascii() or len(text) > 300:
        if text:
            reading.wrong(line, f"has {text[:60]!r}, which no browser sends: write a name outside of ASCII as xn--...")
        return ""
    if "*" in text or text.lower() == "null":
        reading.warn(line, f"has {text[:60]!r}, which stands for pages that nobody knows; it was left out.")
        return ""
    sent = as_browsers_send(text)
    if sent is None:
        reading.wrong(line, f"must list origins like https://app.example.com:8443, and {text[:60]!r} is none")
    return sent or ""
