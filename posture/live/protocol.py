"""What browser and server say to each other. ``PROTOCOL.md`` explains it; this is the law.

Everything here is pure. Whatever a stranger may send ends in :class:`BadMessageError`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

VERSION = 1

# version, reserved, reserved, sequence number, capture time in milliseconds; little-endian.
_HEADER = struct.Struct("<BBHId")
HEADER_BYTES = _HEADER.size

LONGEST_TEXT = 2048
LONGEST_TOKEN = 128
LATEST_MS = 24 * 3600 * 1000.0
SMALLEST_SIDE_PX = 64
LARGEST_SIDE_PX = 1920

_JPEG_START = b"\xff\xd8"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


class Refusal(StrEnum):
    """Why the server hangs up. The browser has a sentence for each."""

    BAD_MESSAGE = "bad_message"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of a refusal
    FULL = "full"
    IDLE = "idle"
    MODEL = "model"
    TOO_FAST = "too_fast"
    TOO_BIG = "too_big"
    BROKEN = "broken"

    @property
    def close_code(self) -> int:
        """The WebSocket close code that goes with it."""
        return _CLOSE_CODES[self]


_CLOSE_CODES = {
    Refusal.TOO_BIG: 1009,
    Refusal.BROKEN: 1011,
    Refusal.BAD_MESSAGE: 4400,
    Refusal.BAD_TOKEN: 4401,
    Refusal.IDLE: 4408,
    Refusal.TOO_FAST: 4429,
    Refusal.FULL: 4503,
    Refusal.MODEL: 4504,
}


class BadMessageError(ValueError):
    """A message that no browser of ours would send."""


class Command(StrEnum):
    """What the browser may ask for in words."""

    OPEN = "open"
    CALIBRATE = "calibrate"
    STOP = "stop"
    # In a routine.
    SKIP = "skip"
    PAUSE = "pause"
    RESUME = "resume"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Control:
    """A message in words.

    Attributes:
        command: What is asked for.
        token: The one-time token of ``open``; empty otherwise.
        film: Whether ``open`` asks for the practice's video to be kept.
    """

    command: Command
    token: str = ""
    film: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A camera picture as it came.

    Attributes:
        sequence: The browser's count of pictures.
        capture_ms: When it was taken, on the browser's own clock.
        jpeg: The picture; its size lies within the limits.
    """

    sequence: int
    capture_ms: float
    jpeg: bytes


def pack_picture(picture: Picture) -> bytes:
    """Return the binary message that carries a picture."""
    return _HEADER.pack(VERSION, 0, 0, picture.sequence, picture.capture_ms) + picture.jpeg


def unpack_picture(message: bytes) -> Picture:
    """Read a binary message.

    Raises:
        BadMessageError: It is no picture of this protocol, or its size is out of all limits.
    """
    if len(message) <= HEADER_BYTES:
        raise BadMessageError("a picture shorter than its header")
    version, _, _, sequence, capture_ms = _HEADER.unpack_from(message)
    if version != VERSION:
        raise BadMessageError(f"version {version} instead of {VERSION}")
    if not (isfinite(capture_ms) and 0.0 <= capture_ms <= LATEST_MS * 1000):
        raise BadMessageError("a capture time that no clock shows")
    jpeg = message[HEADER_BYTES:]
    width, height = jpeg_size(jpeg)
    if not (
        SMALLEST_SIDE_PX <= width <= LARGEST_SIDE_PX
        and SMALLEST_SIDE_PX <= height <= LARGEST_SIDE_PX
    ):
        raise BadMessageError(f"a picture of {width} x {height} pixels")
    return Picture(sequence, capture_ms, jpeg)


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Return width and height that a JPEG claims, without decoding it.

    Raises:
        BadMessageError: It is no JPEG.
    """
    if not jpeg.startswith(_JPEG_START):
        raise BadMessageError("a picture that is no JPEG")
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise BadMessageError("a JPEG with a broken segment")
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _BARE_MARKERS:
            at += 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker in _FRAME_MARKERS:
            if at + 9 > len(jpeg):
                break
            height = int.from_bytes(jpeg[at + 5 : at + 7], "big")
            width = int.from_bytes(jpeg[at + 7 : at + 9], "big")
            return width, height
        if length < 2 or marker in {0xD9, 0xDA}:
            raise BadMessageError("a JPEG with a broken segment")
        at += 2 + length
    raise BadMessageError("a JPEG without a size")


def read_control(message: str) -> Control:
    """Read a message in words.

    Raises:
        BadMessageError: It is none of ours.
    """
    if len(message) > LONGEST_TEXT:
        raise BadMessageError("a text that is too long")
    try:
        content = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise BadMessageError("a text that is no JSON") from error
    if not isinstance(content, dict):
        raise BadMessageError("a text that is no object")
    try:
        command = Command(str(content.get("type")))
    except ValueError as error:
        raise BadMessageError("an unknown command") from error
    if command is not Command.OPEN:
        return Control(command)
    token = content.get("token")
    if content.get("version") != VERSION or not isinstance(token, str):
        raise BadMessageError("an opening of another version")
    if not 0 < len(token) <= LONGEST_TOKEN:
        raise BadMessageError("an opening without a token")
    film = content.get("film", False)
    if not isinstance(film, bool):
        raise BadMessageError("an opening that neither wants a film nor does not")
    return Control(command, token, film)


def write_message(kind: str, content: dict[str, Any]) -> str:
    """Return a message to the browser as compact JSON.

    Raises:
        ValueError: A number in it is not finite.
    """
    return json.dumps({"type": kind, **content}, separators=(",", ":"), allow_nan=False)
