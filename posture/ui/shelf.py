"""What the page's browser may fetch besides the page itself: videos and packed numbers.

Each thing lies at an address that cannot be guessed. Files are sent in any parts a browser asks
for, so that a video can be sought through without being in memory.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from posture.errors import InputError
from posture.live.routes import ASSETS_PATH as LIVE_ASSETS_PATH
from posture.live.routes import FreshFiles

if TYPE_CHECKING:
    from starlette.requests import Request

PLAYER_ASSETS = Path(__file__).with_name("player") / "assets"
ASSETS_PATH = "/player/assets"
THINGS_PATH = "/player/things"
MOST_THINGS = 200

# A file, bytes, or what makes them when they are asked for.
Thing = Path | bytes | Callable[[], bytes]

_PRIVATE = {"Cache-Control": "private, max-age=3600"}
# Packed already: to compress a body's points takes as long as to make them, and the way is short.
_AS_IT_IS = _PRIVATE | {"Content-Encoding": "identity"}


class Shelf:
    """Things at addresses; the one that nobody put there for longest makes room for a new one.

    Args:
        most: So many things at once.
    """

    def __init__(self, most: int = MOST_THINGS) -> None:
        self._most = most
        self._lock = threading.Condition()
        self._names: OrderedDict[Thing, str] = OrderedDict()
        self._things: dict[str, Thing] = {}
        self._fetched: Counter[str] = Counter()

    def put(self, thing: Thing) -> str:
        """Return a thing's address on the page's server; the same thing keeps its address."""
        with self._lock:
            name = self._names.pop(thing, "") or secrets.token_urlsafe(16)
            self._names[thing] = name
            self._things[name] = thing
            while len(self._names) > self._most:
                _, oldest = self._names.popitem(last=False)
                del self._things[oldest]
                del self._fetched[oldest]
        return f"{THINGS_PATH}/{name}"

    def get(self, name: str) -> Thing | None:
        """Return what lies at a name, or ``None``."""
        with self._lock:
            if name in self._things:
                self._fetched[name] += 1
                self._lock.notify_all()
            return self._things.get(name)

    def times_fetched(self, address: str) -> int:
        """Return how often a browser has asked for a thing."""
        with self._lock:
            return self._fetched[address.rpartition("/")[2]]

    def wait_until_fetched(self, address: str, times: int, longest_s: float) -> bool:
        """Wait until a browser has asked for a thing so often; tell whether one has."""
        name = address.rpartition("/")[2]
        with self._lock:
            return self._lock.wait_for(lambda: self._fetched[name] >= times, longest_s)


@cache
def shelf() -> Shelf:
    """Return the shelf of this process."""
    return Shelf()


def player_modules() -> list[str]:
    """Return the addresses of what the player loads."""
    names = sorted(path.name for path in PLAYER_ASSETS.glob("*.js"))
    here = [f"{ASSETS_PATH}/{name}" for name in names if name != "load.js"]  # which loads the rest
    return [*here, f"{LIVE_ASSETS_PATH}/draw.js"]


def player_routes() -> list[BaseRoute]:
    """Return the routes to be served beside the page."""
    return [
        Mount(ASSETS_PATH, FreshFiles(directory=PLAYER_ASSETS)),
        Route(f"{THINGS_PATH}/{{name}}", _thing),
    ]


async def _thing(request: Request) -> Response:
    thing = shelf().get(request.path_params["name"])
    if callable(thing):
        try:
            thing = await run_in_threadpool(thing)
        except InputError as error:
            raise HTTPException(404) from error
    if isinstance(thing, bytes):
        return Response(thing, media_type="application/octet-stream", headers=_AS_IT_IS)
    if thing is None or not thing.is_file():
        raise HTTPException(404)
    return FileResponse(thing, headers=_PRIVATE)
