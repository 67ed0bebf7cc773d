import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.live import protocol
from posture.live.protocol import (
    HEADER_BYTES,
    LATEST_MS,
    BadMessageError,
    Command,
    Control,
    Picture,
    Refusal,
    jpeg_size,
    pack_picture,
    read_control,
    unpack_picture,
    write_message,
)
from posture.locales import LANGUAGES, text


def jpeg(width=640, height=480):
    image = np.zeros((height, width, 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


JPEG = jpeg()


@given(
    sequence=st.integers(0, 2**32 - 1),
    capture_ms=st.floats(0, LATEST_MS, allow_nan=False),
)
def test_a_picture_survives_the_way(sequence, capture_ms):
    picture = Picture(sequence, capture_ms, JPEG)
    assert unpack_picture(pack_picture(picture)) == picture


def test_the_header_is_laid_out_as_the_browser_writes_it():
    message = pack_picture(Picture(7, 1234.5, JPEG))
    assert message[0] == 1
    assert struct.unpack_from("<I", message, 4) == (7,)
    assert struct.unpack_from("<d", message, 8) == (1234.5,)
    assert message[HEADER_BYTES:] == JPEG


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_nothing_worse(message):
    with pytest.raises(BadMessageError):
        unpack_picture(message)


@given(st.binary(max_size=200))
def test_random_bytes_behind_a_good_beginning_are_refused_and_nothing_worse(tail):
    start = pack_picture(Picture(1, 1.0, b""))
    for message in (start + tail, start + b"\xff\xd8" + tail):
        try:
            found = unpack_picture(message)
        except BadMessageError:
            continue
        assert found.jpeg == message[HEADER_BYTES:]


@given(st.integers(0, len(JPEG) - 1), st.integers(0, 255))
def test_a_damaged_picture_is_refused_or_keeps_a_legal_size(place, value):
    damaged = bytearray(JPEG)
    damaged[place] = value
    try:
        picture = unpack_picture(pack_picture(Picture(1, 1.0, bytes(damaged))))
    except BadMessageError:
        return
    width, height = jpeg_size(picture.jpeg)
    assert 64 <= width <= 1920
    assert 64 <= height <= 1920


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (641, 479), (1920, 1080), (64, 64)])
def test_a_size_is_read_without_decoding(size):
    assert jpeg_size(jpeg(*size)) == size


def test_a_progressive_picture_with_a_comment_is_read():
    image = np.zeros((120, 160, 3), np.uint8)
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    comment = b"\xff\xfe\x00\x06abcd"
    assert jpeg_size(data[:2] + comment + data[2:]) == (160, 120)


@pytest.mark.parametrize("size", [(32, 480), (2400, 100)])
def test_a_picture_of_a_strange_size_is_refused(size):
    with pytest.raises(BadMessageError, match="pixels"):
        unpack_picture(pack_picture(Picture(1, 1.0, jpeg(*size))))


def test_a_picture_that_claims_a_gigantic_size_is_refused_before_it_is_decoded():
    data = bytearray(jpeg(64, 64))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(BadMessageError, match="65535"):
        unpack_picture(pack_picture(Picture(1, 1.0, bytes(data))))


@pytest.mark.parametrize("time_ms", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_time_that_no_clock_shows_is_refused(time_ms):
    with pytest.raises(BadMessageError, match="time"):
        unpack_picture(pack_picture(Picture(1, time_ms, JPEG)))


def test_another_version_is_refused():
    message = bytearray(pack_picture(Picture(1, 1.0, JPEG)))
    message[0] = 2
    with pytest.raises(BadMessageError, match="version 2"):
        unpack_picture(bytes(message))


def test_commands_are_read():
    opening = json.dumps({"type": "open", "version": 1, "token": "abc"})
    assert read_control(opening) == Control(Command.OPEN, "abc")
    opening = json.dumps({"type": "open", "version": 1, "token": "abc", "film": True})
    assert read_control(opening) == Control(Command.OPEN, "abc", film=True)
    assert read_control('{"type":"stop"}') == Control(Command.STOP)
    assert read_control('{"type":"calibrate","more":1}') == Control(Command.CALIBRATE)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "stop",
        "[]",
        "null",
        "{}",
        '{"type":"dance"}',
        '{"type":["stop"]}',
        '{"type":"open"}',
        '{"type":"open","version":2,"token":"abc"}',
        '{"type":"open","version":1,"token":""}',
        '{"type":"open","version":1,"token":7}',
        '{"type":"open","version":1,"token":"abc","film":"yes"}',
        '{"type":"open","version":1,"token":"' + "a" * 129 + '"}',
        '{"type":"stop"}' + " " * 3000,
        "[" * 2000,
        "9" * 2000,
    ],
)
def test_other_words_are_refused(message):
    with pytest.raises(BadMessageError):
        read_control(message)


@given(st.text(max_size=300))
def test_random_words_are_refused_and_nothing_worse(message):
    with pytest.raises(BadMessageError):
        read_control(message)


def test_no_message_carries_a_number_that_json_does_not_know():
    assert json.loads(write_message("moment", {"tilt": None})) == {"type": "moment", "tilt": None}
    with pytest.raises(ValueError, match="JSON"):
        write_message("moment", {"tilt": float("nan")})


def test_every_refusal_has_a_close_code_of_its_own():
    codes = [refusal.close_code for refusal in Refusal]
    assert len(set(codes)) == len(codes)
    assert all(1009 <= code <= 4999 for code in codes)


def test_the_description_names_every_refusal_with_its_code():
    described = (Path(protocol.__file__).with_name("PROTOCOL.md")).read_text(encoding="utf-8")
    for refusal in Refusal:
        assert f"| {refusal.close_code} | `{refusal}` |" in described
    for command in Command:
        assert f'"type": "{command}"' in described


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_browser_has_a_sentence_for_every_refusal(lang):
    for refusal in Refusal:
        assert text(f"live.trouble.{refusal}", lang).endswith(".")
