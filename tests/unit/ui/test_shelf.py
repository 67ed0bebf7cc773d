"""What the browser fetches: addresses that cannot be guessed, files in parts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette

from posture.errors import InputError
from posture.live.routes import ASSETS_PATH as LIVE_ASSETS_PATH
from posture.ui import shelf as module
from posture.ui.shelf import ASSETS_PATH, Shelf, player_modules, player_routes


@pytest.fixture
def things(monkeypatch):
    fresh = Shelf(most=3)
    monkeypatch.setattr(module, "shelf", lambda: fresh)
    return fresh


@dataclass
class Answer:
    """What the server said."""

    status_code: int
    headers: dict
    content: bytes


class Client:
    """Asks the routes as a server would."""

    def __init__(self, app):
        self.app = app

    def get(self, path, headers=None):
        said = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        }

        asked = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            if not asked:
                await asyncio.Event().wait()  # stays until it has heard everything
            return asked.pop()

        async def send(message):
            said.append(message)

        # In a thread of its own: a browser under test leaves a loop running in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(self.app(scope, receive, send))).result()
        named = {k.decode(): v.decode() for k, v in said[0]["headers"]}
        return Answer(said[0]["status"], named, b"".join(m.get("body", b"") for m in said[1:]))


@pytest.fixture
def client(things):
    del things
    return Client(Starlette(routes=player_routes()))


def test_a_film_is_sent_in_the_parts_that_are_asked_for(things, client, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(range(256)) * 40)
    answer = client.get(things.put(film), headers={"Range": "bytes=300-399"})
    assert answer.status_code == 206
    assert answer.content == film.read_bytes()[300:400]
    assert answer.headers["content-range"] == "bytes 300-399/10240"
    assert answer.headers["content-type"] == "video/mp4"
    assert "private" in answer.headers["cache-control"]


def test_packed_numbers_are_not_packed_again(things, client):
    answer = client.get(things.put(bytes(5000)), headers={"Accept-Encoding": "gzip"})
    assert answer.content == bytes(5000)
    assert answer.headers["content-encoding"] == "identity"  # or the page's server would


def test_the_same_thing_keeps_its_address_and_others_have_another(things):
    assert things.put(b"one") == things.put(b"one")
    assert things.put(b"one") != things.put(b"two")
    assert len(things.put(b"one").rpartition("/")[2]) >= 20


def test_what_nobody_asks_for_makes_room(things, client):
    addresses = [things.put(str(number).encode()) for number in range(4)]
    assert client.get(addresses[0]).status_code == 404
    assert [client.get(address).content for address in addresses[1:]] == [b"1", b"2", b"3"]


@pytest.mark.parametrize("name", ["no-such-thing", "../shelf.py", "%2e%2e%2fshelf.py"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/player/things/{name}").status_code == 404


def test_a_film_that_was_deleted_is_not_there_any_more(things, client, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    address = things.put(film)
    film.unlink()
    assert client.get(address).status_code == 404


def test_what_is_made_when_it_is_asked_for_is_sent(things, client):
    def gone():
        raise InputError("error.session.gone")

    made = []
    address = things.put(lambda: made.append(1) or b"made")
    assert not made
    assert client.get(address).content == b"made"
    assert client.get(things.put(gone)).status_code == 404


def test_the_browsers_part_is_asked_for_anew(client):
    answer = client.get(f"{ASSETS_PATH}/player.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_whoever_puts_a_thing_down_can_wait_until_it_is_asked_for_again(client, things):
    address = things.put(b"numbers")
    assert not things.wait_until_fetched(address, 1, longest_s=0.01)
    with ThreadPoolExecutor(1) as waiting:
        first = waiting.submit(things.wait_until_fetched, address, 1, longest_s=30.0)
        assert client.get(address).content == b"numbers"
        assert first.result()
        times = things.times_fetched(address)
        assert not things.wait_until_fetched(address, times + 1, longest_s=0.01)
        again = waiting.submit(things.wait_until_fetched, address, times + 1, longest_s=30.0)
        client.get(address)
        assert again.result()


def test_every_module_that_the_browser_is_told_of_is_there(client):
    for address in player_modules():
        if address.startswith(ASSETS_PATH):
            assert client.get(address).status_code == 200
    assert player_modules()[-1] == f"{LIVE_ASSETS_PATH}/draw.js"
