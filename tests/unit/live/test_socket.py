"""The socket, served by a real server on this computer, with a made-up pose model behind it."""

import json
import logging
import os
import socket
import threading
import tomllib
from contextlib import ExitStack, suppress
from dataclasses import replace

import cv2
import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from posture.errors import ModelError
from posture.live.journal import Why, read_journal
from posture.live.protocol import Picture, Refusal, pack_picture
from posture.live.sessions import Sessions, SessionSettings, Wish
from posture.live.socket import Bucket, LiveSocket, SocketSettings, is_from_here
from posture.locales import text
from posture.resources import shipped_folder
from tests.unit.people import standing

LIMITS = SocketSettings(largest_bytes=200_000, open_s=0.5, idle_s=1.0, burst=40.0)


def most_bytes():
    """What the page's own server lets a socket hold, as its settings say."""
    settings = tomllib.loads((shipped_folder() / ".streamlit/config.toml").read_text("utf-8"))
    return settings["server"]["maxMessageSize"] * 1_000_000


class FakeLandmarker:
    def __init__(self):
        self.closed = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.frames = 0

    def detect(self, frame):
        del frame
        assert self.go.wait(5)
        self.frames += 1
        return standing()

    def close(self):
        self.closed.set()


class Place:
    """A server with its sessions, and the visitors' side of it."""

    def __init__(self, limits=LIMITS, open_landmarker=None, journals=None):
        self.models = []
        opened = open_landmarker or self._open
        self.sessions = Sessions(opened, SessionSettings(most_sessions=2), journals=journals)
        endpoint = LiveSocket(self.sessions, limits)
        app = Starlette(routes=[WebSocketRoute("/live/socket", endpoint.serve)])
        self._visitors = ExitStack()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="websockets-sansio", ws_max_size=most_bytes()
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],))
        self._thread.start()

    def _open(self, name):
        del name
        self.models.append(FakeLandmarker())
        return self.models[-1]

    def make_pass(self, owner="anna"):
        return self.sessions.make_pass(Wish(owner, "pelvis-wave", "nl"))

    def connect(self, origin=None):
        """Open a socket, which stays open until the test's end or until somebody closes it."""
        address = f"ws://{self.host}/live/socket"
        own = f"http://{self.host}"
        return self._visitors.enter_context(connect(address, origin=origin or own, max_size=None))

    def enter(self, token):
        visitor = self.connect()
        visitor.send(json.dumps({"type": "open", "version": 1, "token": token}))
        return visitor

    def practise(self, owner="anna"):
        visitor = self.enter(self.make_pass(owner))
        heard(visitor, "ready")
        return visitor

    def close(self):
        self._visitors.close()
        self.sessions.close()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def place():
    made = Place()
    yield made
    made.close()


def picture(sequence, capture_ms, size=(96, 128)):
    image = np.full((*size, 3), 90, np.uint8)
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    return pack_picture(Picture(sequence, capture_ms, jpeg))


def heard(visitor, kind):
    message = json.loads(visitor.recv(timeout=5))
    assert message["type"] == kind
    return message


def refused(visitor):
    """Read what still comes, until the server hangs up; return why it did."""
    for _ in range(500):
        try:
            visitor.recv(timeout=5)
        except ConnectionClosed as closed:
            return closed.rcvd.reason if closed.rcvd else "a cut"
    pytest.fail("the server does not hang up")


def test_a_picture_is_answered(place):
    visitor = place.practise()
    visitor.send(picture(1, 1000.0))
    moment = heard(visitor, "moment")
    assert (moment["seq"], moment["stage"], moment["size"]) == (1, "place", [128, 96])
    visitor.send(picture(2, 1040.0))
    assert heard(visitor, "moment")["seq"] == 2


def test_the_newest_picture_wins(place):
    visitor = place.practise()
    visitor.send(picture(1, 1000.0))
    heard(visitor, "moment")
    place.models[0].go.clear()
    for sequence in range(2, 9):
        visitor.send(picture(sequence, 1000.0 + 40 * sequence))
    visitor.ping().wait(5)  # by then the server has read them all
    place.models[0].go.set()
    first = heard(visitor, "moment")
    answered = [first["seq"]]
    assert first["wait"] >= 0.0
    while answered[-1] != 8:
        answered.append(heard(visitor, "moment")["seq"])
    assert len(answered) <= 3
    assert place.models[0].frames == 1 + len(answered)


def test_what_is_counted_is_on_the_disk_while_the_practice_goes_on(tmp_path):
    place = Place(replace(LIMITS, keep_every_s=0.01, burst=500.0), journals=tmp_path)
    try:
        visitor = place.practise()
        for sequence in range(1, 80):
            visitor.send(picture(sequence, 100.0 * sequence))
            moment = heard(visitor, "moment")
            begun = any(b"\n" in path.read_bytes() for path in tmp_path.iterdir())
            if moment["stage"] == "practice" and begun:
                break
        (path,) = tmp_path.iterdir()
        assert read_journal(path).why is None
        visitor.send('{"type":"stop"}')
        heard(visitor, "summary")
        assert read_journal(path).why is Why.STOPPED
    finally:
        place.close()


def test_a_practice_that_cannot_be_kept_says_so_at_its_end(tmp_path):
    blocked = tmp_path / "live"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    place = Place(replace(LIMITS, keep_every_s=0.01, burst=500.0), journals=blocked)
    try:
        visitor = place.practise()
        for sequence in range(1, 80):
            visitor.send(picture(sequence, 100.0 * sequence))
            heard(visitor, "moment")
        visitor.send('{"type":"stop"}')
        assert heard(visitor, "summary")["said"][-1] == text("live.summary.not_kept", "nl")
    finally:
        place.close()


def test_a_stop_is_answered_with_the_summary(place):
    visitor = place.practise()
    visitor.send(picture(1, 1000.0))
    heard(visitor, "moment")
    visitor.send('{"type":"stop"}')
    summary = heard(visitor, "summary")
    assert summary["numbers"]["repetitions"] == 0
    assert refused(visitor) == ""
    assert place.models[0].closed.wait(3)


def test_a_cut_is_mended_and_the_session_goes_on(place):
    visitor = place.enter(place.make_pass())
    ready = heard(visitor, "ready")
    visitor.send(picture(1, 1000.0))
    heard(visitor, "moment")
    visitor.socket.shutdown(socket.SHUT_RDWR)
    assert place.models[0].closed.wait(3)
    again = place.enter(ready["pass"])
    assert heard(again, "ready")["pass"] != ready["pass"]
    again.send(picture(2, 1000.0))
    assert set(heard(again, "moment")) == {"type", "seq", "model", "wait", "ms"}
    again.send(picture(3, 1500.0))
    assert heard(again, "moment")["stage"] == "still"
    assert len(place.models) == 2


def test_a_closed_window_frees_its_model(place):
    visitor = place.practise()
    visitor.close()
    assert place.models[0].closed.wait(3)


def test_the_command_for_a_new_neutral_is_followed(place):
    visitor = place.practise()
    visitor.send('{"type":"calibrate"}')
    visitor.send(picture(1, 1000.0))
    assert heard(visitor, "moment")["stage"] == "place"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_is_turned_away(place, origin, caplog):
    token = place.make_pass()
    with caplog.at_level(logging.WARNING), pytest.raises(InvalidStatus):
        place.connect(origin)
    lines = [r for r in caplog.records if r.name == "posture.live.socket"]
    assert len(lines) == 1
    place.enter(token).close()


def test_a_visitor_without_an_origin_is_turned_away(place):
    with pytest.raises(InvalidStatus):
        connect(f"ws://{place.host}/live/socket").__enter__()


def test_a_pass_opens_one_socket(place):
    token = place.make_pass()
    visitor = place.enter(token)
    heard(visitor, "ready")
    second = place.enter(token)
    assert refused(second) == Refusal.BAD_TOKEN
    visitor.send(picture(1, 1000.0))
    heard(visitor, "moment")


def test_who_shows_no_pass_is_not_waited_for(place):
    visitor = place.connect()
    assert refused(visitor) == Refusal.BAD_TOKEN


def test_who_sends_nothing_is_not_waited_for(place):
    visitor = place.practise()
    assert refused(visitor) == Refusal.IDLE


def test_too_many_practices_are_refused_kindly(place):
    place.practise("anna")
    place.practise("bert")
    assert refused(place.enter(place.make_pass("carla"))) == Refusal.FULL
    assert len(place.models) == 2


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", Refusal.BAD_MESSAGE),
        (os.urandom(5000), Refusal.BAD_MESSAGE),
        (picture(2, float("nan")), Refusal.BAD_MESSAGE),
        (picture(2, 2000.0)[:-40], Refusal.BAD_MESSAGE),
        (bytes(3_000_000), Refusal.TOO_BIG),
        ("x" * 3_000_000, Refusal.TOO_BIG),
        ("{", Refusal.BAD_MESSAGE),
        ('{"type":"open","version":1,"token":"x"}', Refusal.BAD_MESSAGE),
    ],
    ids=["empty", "random", "no time", "cut", "huge", "huge text", "no json", "second opening"],
)
def test_what_does_not_belong_here_ends_its_own_socket_alone(place, message, reason, caplog):
    good, bad = place.practise("anna"), place.practise("bert")
    with caplog.at_level(logging.WARNING):
        bad.send(message)
        assert refused(bad) == reason
    assert len([r for r in caplog.records if r.name == "posture.live.socket"]) == 1
    assert place.models[1].closed.wait(3)
    good.send(picture(1, 1000.0))
    heard(good, "moment")


def test_fifty_megabytes_are_not_even_taken_in(caplog):
    place = Place(replace(LIMITS, idle_s=60.0))
    good, bad = place.practise("anna"), place.practise("bert")
    thread = threading.Thread(target=_send_all, args=(bad, bytes(50_000_000)))
    try:
        with caplog.at_level(logging.WARNING):
            thread.start()
            for sequence in range(1, 20):
                good.send(picture(sequence, 40.0 * sequence))
                assert heard(good, "moment")["seq"] == sequence
            thread.join(30)
            assert place.models[1].closed.wait(3)
            good.send(picture(100, 9000.0))
            heard(good, "moment")
        (line,) = [r for r in caplog.records if r.name == "posture.live.socket"]
        assert "too_big" in line.getMessage()
        with pytest.raises(ConnectionClosed) as closed:
            bad.recv(timeout=5)
        assert closed.value.rcvd.code == Refusal.TOO_BIG.close_code
    finally:
        place.close()


def _send_all(visitor, message):
    with suppress(ConnectionClosed):
        visitor.send(message)


def test_a_flood_is_stopped_and_floods_nobody_else(place, caplog):
    good, bad = place.practise("anna"), place.practise("bert")
    with caplog.at_level(logging.WARNING), suppress(ConnectionClosed):
        for sequence in range(1, 3000):
            bad.send(picture(sequence, float(sequence)))
            if sequence % 30 == 0:
                good.send(picture(sequence, float(sequence)))
                assert heard(good, "moment")["seq"] == sequence
    assert refused(bad) == Refusal.TOO_FAST
    assert len([r for r in caplog.records if r.name == "posture.live.socket"]) == 1
    assert place.models[1].closed.wait(3)
    good.send(picture(4000, 4000.0))
    assert heard(good, "moment")["seq"] == 4000


def test_a_missing_model_is_said_so():
    def refuse(name):
        del name
        raise ModelError("The pose model is missing; fetch it.")

    place = Place(open_landmarker=refuse)
    try:
        visitor = place.enter(place.make_pass())
        assert refused(visitor) == Refusal.MODEL
    finally:
        place.close()


def test_a_mistake_of_ours_ends_one_socket_and_is_logged(place, caplog):
    visitor = place.practise()
    place.models[0].detect = None
    with caplog.at_level(logging.ERROR):
        visitor.send(picture(1, 1000.0))
        assert refused(visitor) == Refusal.BROKEN
    assert any(record.exc_info for record in caplog.records)
    place.practise("bert")


def test_the_bucket_lets_through_what_is_allowed():
    now_s = [0.0]
    bucket = Bucket(10.0, 5.0, lambda: now_s[0])
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    now_s[0] += 0.1
    assert [bucket.take(), bucket.take()] == [True, False]
    now_s[0] += 1000.0
    assert sum(bucket.take() for _ in range(20)) == 5


@pytest.mark.parametrize(
    ("origin", "host", "here"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("https://Example.org", "example.org", True),
        ("http://localhost:8502", "localhost:8501", False),
        ("http://localhost:8501.evil.example", "localhost:8501", False),
        ("null", "localhost:8501", False),
        (None, "localhost:8501", False),
        ("http://localhost:8501", None, False),
        ("", "", False),
        ("http://[broken", "localhost:8501", False),
    ],
)
def test_where_a_page_comes_from(origin, host, here):
    assert is_from_here(origin, host) is here
