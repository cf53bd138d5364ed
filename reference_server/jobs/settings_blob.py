"""The settings of a device as one opaque text: GET ``.../scanner/settings`` gives it out, a later job of the same model takes it back (rest-api.md 5.3).

Layout, in base64: magic, version, 16 bytes of SHA-256 over the rest, the rest in deflate. The rest is JSON: driver, maker, model and the options that can
be set, in the device's own order. The checksum tells damage; it is no signature, and every value is checked again when it is set.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from device_protocol import Code, DeviceError, DeviceInfo, Option, Value
from device_protocol.aio import Session
from device_protocol.devices import split_id
from device_protocol.values import has_type
from reference_server.errors import bad_parameter

MAGIC = b"FBDS"
VERSION = 1
CHECKSUM_BYTES = 16
MAX_TEXT = 512 << 10
"""Characters of a blob; those of real devices have a few hundred to some thousand."""
MAX_PLAIN = 4 << 20
"""Bytes that it may unpack to."""
MAX_OPTIONS = 1000
PASSES = 2
"""An option can depend on one that comes after it."""

Step: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class SavedSettings:
    """A blob, read.

    Attributes:
        driver, maker, model: of the device that it came from.
        options: names and values, in the order in which they are to be set.
    """

    driver: str
    maker: str
    model: str
    options: tuple[tuple[str, Any], ...]


async def save(device: DeviceInfo, session: Session) -> str:
    """The blob of an open device.

    Raises:
        DeviceError: it does not answer.
    """
    saved = [
        (option.name, await session.get(option.name))
        for option in await session.options()
        if option.readable and option.writable
    ]
    return pack(SavedSettings(split_id(device.id)[0], device.maker, device.model, tuple(saved)))


def pack(saved: SavedSettings) -> str:
    """*saved* as text."""
    plain = json.dumps([saved.driver, saved.maker, saved.model, saved.options], separators=(",", ":")).encode()
    packed = zlib.compress(plain, 9)
    checksum = hashlib.sha256(packed).digest()[:CHECKSUM_BYTES]
    return base64.b64encode(MAGIC + bytes([VERSION]) + checksum + packed).decode()


def unpack(text: str) -> SavedSettings:
    """What :func:`pack` has made.

    Raises:
        RestError: 400 for what is not ours, of a newer version, or damaged.
    """
    foreign = bad_parameter("settings: this is nothing that a scanner here has given out.")
    if len(text) > MAX_TEXT:
        raise foreign
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise foreign from None
    head = len(MAGIC) + 1
    if data[: len(MAGIC)] != MAGIC or len(data) < head + CHECKSUM_BYTES:
        raise foreign
    if data[len(MAGIC)] != VERSION:
        raise bad_parameter(f"settings: they are of version {data[len(MAGIC)]}, this service reads {VERSION}.")
    checksum, packed = data[head : head + CHECKSUM_BYTES], data[head + CHECKSUM_BYTES :]
    if hashlib.sha256(packed).digest()[:CHECKSUM_BYTES] != checksum:
        raise bad_parameter("settings: they are damaged.")
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(packed, MAX_PLAIN)
        if not inflate.eof:
            raise foreign
        return _read(json.loads(plain))
    except (zlib.error, ValueError, TypeError, RecursionError):
        raise foreign from None


def check_model(saved: SavedSettings, device: DeviceInfo) -> None:
    """Refuse settings that are of another kind of device.

    Raises:
        RestError: 400.
    """
    if (saved.driver, saved.maker, saved.model) != (split_id(device.id)[0], device.maker, device.model):
        theirs, ours = f"{saved.maker} {saved.model} ({saved.driver})"[:150], f"{device.maker} {device.model}"[:150]
        raise bad_parameter(f"settings: they are of {theirs}, and the scanner is {ours}.")


async def restore(saved: SavedSettings, session: Session, step: Step) -> list[str]:
    """Set what *saved* says; what the device does not take now is left as it is.

    Args:
        saved: checked against the model.
        session: open and idle.
        step: gives each call its deadline.

    Returns:
        the names of the options that were left.

    Raises:
        DeviceError: the device failed otherwise.
    """
    left = list(saved.options)
    options: Sequence[Option] = await step(session.options)
    for _ in range(PASSES):
        refused: list[tuple[str, Any]] = []
        for name, value in left:
            option = next((item for item in options if item.name == name), None)
            typed: Value = tuple(value) if isinstance(value, list) else value
            if option is None or not (option.writable and option.readable and has_type(typed, option.type)):
                refused.append((name, value))
                continue
            if await step(partial(session.get, name)) == typed:
                continue
            if not await _set(name, typed, session, step):
                refused.append((name, value))
            options = await step(session.options)
        left = refused
    return [name for name, _ in left]


async def _set(name: str, value: Value, session: Session, step: Step) -> bool:
    """Set one option; False if the device did not take that value."""
    try:
        await step(partial(session.set, name, value))
    except DeviceError as error:
        if error.code not in {Code.UNSUPPORTED, Code.INVALID_VALUE}:
            raise
        return False
    return bool(await step(partial(session.get, name)) == value)


def _read(content: Any) -> SavedSettings:
    """The content of a blob.

    Raises:
        ValueError, TypeError: it is of another shape.
    """
    driver, maker, model, options = content
    if not all(isinstance(word, str) for word in (driver, maker, model)) or len(options) > MAX_OPTIONS:
        raise ValueError(content)
    pairs = tuple((name, value) for name, value in options)
    if not all(isinstance(name, str) for name, _ in pairs):
        raise ValueError(content)
    return SavedSettings(driver, maker, model, pairs)
