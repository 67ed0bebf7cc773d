"""What the page's server serves for live practice: the socket, the browser's part, the samples."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelState, ModelStore
from posture.live.journal import close_unfinished
from posture.live.sessions import Sessions
from posture.live.socket import LiveSocket
from posture.resources import data_folder, sample_videos

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

ASSETS = Path(__file__).with_name("assets")
SOCKET_PATH = "/live/socket"
ASSETS_PATH = "/live/assets"
SAMPLES_PATH = "/live/samples"


@cache
def sessions() -> Sessions:
    """Return the practices of this process."""
    store = ModelStore()
    quicker = ("lite",) if store.status("lite").state is ModelState.READY else ()
    return Sessions(
        lambda name: MediaPipeLandmarker(store.path(name)),
        models=("full", *quicker),
        journals=journals_folder(),
    )


def journals_folder() -> Path:
    """Return where live practices are kept as they happen."""
    return data_folder() / "live"


def live_routes() -> list[BaseRoute]:
    """Return the routes to be served beside the page."""
    close_unfinished(journals_folder())
    socket = LiveSocket(sessions())
    return [
        WebSocketRoute(SOCKET_PATH, socket.serve),
        Mount(ASSETS_PATH, FreshFiles(directory=ASSETS)),
        Route(f"{SAMPLES_PATH}/{{name}}", _sample),
    ]


class FreshFiles(StaticFiles):
    """Files that a browser asks for anew, so that an updated program is an updated page."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, to be asked for again each time."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _sample(request: Request) -> Response:
    """Send one of the product's own videos."""
    name = request.path_params["name"]
    for video in sample_videos():
        if video.name == name:
            return FileResponse(video)
    raise HTTPException(404)
