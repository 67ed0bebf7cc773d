"""What a session's page needs is got ready while the browser still loads the page itself."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from posture.errors import PostureError
from posture.ui.shelf import player_modules
from posture.ui.way import SESSION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Ahead:
    """Middleware that opens the session in the page's address; the page takes half a second to ask.

    The browser is told of the player's modules too: it would ask for them when server and browser
    are busiest, and draw the curve half a second later.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to open, and let the request be answered."""
        session_id = _session_of(scope)
        if not session_id:
            await self._app(scope, receive, send)
            return
        threading.Thread(
            target=open_session, args=[session_id], name="posture-ahead", daemon=True
        ).start()

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"link", _links())]
            await send(message)

        await self._app(scope, receive, send_with_links)


def _session_of(scope: Scope) -> str:
    """The session in a page's address; empty for anything else."""
    if scope["type"] != "http" or scope["path"] != "/":
        return ""
    asked = parse_qs(str(scope["query_string"], "latin-1"))
    return asked.get(SESSION, [""])[0]


@cache
def _links() -> bytes:
    """The player's modules, for a page's header."""
    return ", ".join(f'<{address}>; rel="modulepreload"' for address in player_modules()).encode()


def open_session(session_id: str) -> None:
    """Open a session of the history; what goes wrong is told by the page, which asks again."""
    from posture.ui.history import opened  # noqa: PLC0415 - long to load, and the server waits
    from posture.ui.server import history  # noqa: PLC0415

    with suppress(PostureError):
        opened().get(history(), session_id)
