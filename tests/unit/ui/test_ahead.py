"""A session is opened, and the player asked for, while the browser loads its page."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from posture.errors import InputError
from posture.ui.ahead import Ahead

SESSION_ID = "5e" * 16


class Opening:
    """Stands in for the open sessions, and tells which were asked for."""

    def __init__(self, error=None):
        self.asked = []
        self.error = error

    def get(self, store, session_id):
        self.asked.append((store, session_id))
        if self.error:
            raise self.error


@pytest.fixture
def ask(monkeypatch):
    """Ask the page's server for an address; returns what was opened, answered and linked to."""

    def asked(path, query, kind="http", error=None):
        opening = Opening(error)
        monkeypatch.setattr("posture.ui.history.opened", lambda: opening)
        monkeypatch.setattr("posture.ui.server.history", lambda: "the history")
        answered, links = [], []

        async def app(scope, _receive, send):
            answered.append(scope["path"])
            for part in ("start", "body"):
                await send({"type": f"http.response.{part}", "headers": [(b"etag", b"1")]})

        async def send(message):
            headers = dict(message["headers"])
            assert headers.pop(b"etag") == b"1"
            links.extend(headers.items())

        scope = {"type": kind, "path": path, "query_string": query.encode()}
        # In a thread of its own: a browser under test leaves a loop running in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(Ahead(app)(scope, None, send))).result()
        for thread in threading.enumerate():
            if thread.name == "posture-ahead":
                thread.join()
        return opening.asked, answered, links

    return asked


def test_the_session_of_an_address_is_opened_and_the_page_answered(ask):
    opened, answered, links = ask("/", f"view=history&session={SESSION_ID}&lang=nl")
    assert opened == [("the history", SESSION_ID)]
    assert answered == ["/"]
    ((name, modules),) = links
    assert name == b"link"
    for module in ("/player/assets/player.js", "/player/assets/track.js", "/live/assets/draw.js"):
        assert f'<{module}>; rel="modulepreload"' in modules.decode()


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/", "view=history", "http"),
        ("/", "", "http"),
        ("/static/index.js", f"session={SESSION_ID}", "http"),
        ("/", f"session={SESSION_ID}", "websocket"),
    ],
)
def test_nothing_else_opens_anything(ask, path, query, kind):
    assert ask(path, query, kind) == ([], [path], [])


def test_what_cannot_be_opened_is_left_to_the_page_to_tell(ask):
    gone = InputError("error.session.gone")
    opened, answered, _ = ask("/", f"session={SESSION_ID}", error=gone)
    assert (len(opened), answered) == (1, ["/"])
