"""A session is opened while the browser still loads the page that will show it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from posture.errors import PostureError
from posture.ui.way import SESSION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Ahead:
    """Middleware that opens the session in the page's address; the page takes half a second to ask.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to open, and let the request be answered."""
        if scope["type"] == "http" and scope["path"] == "/":
            for session_id in parse_qs(scope["query_string"].decode("latin-1")).get(SESSION, [])[
                :1
            ]:
                threading.Thread(
                    target=open_session, args=[session_id], name="posture-ahead", daemon=True
                ).start()
        await self._app(scope, receive, send)


def open_session(session_id: str) -> None:
    """Open a session of the history; what goes wrong is told by the page, which asks again."""
    from posture.ui.history import opened  # noqa: PLC0415 - long to load, and the server waits
    from posture.ui.server import history  # noqa: PLC0415

    with suppress(PostureError):
        opened().get(history(), session_id)
