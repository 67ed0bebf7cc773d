"""The socket: pictures in, moments out, the newest picture first.

One task reads and keeps only the newest picture; another has it looked at in the session's own
thread and sends what came of it. Whatever does not belong here is refused, with one line in the
log, and nobody else notices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from posture.errors import ModelError
from posture.live.protocol import (
    BadMessageError,
    Command,
    Control,
    Picture,
    Refusal,
    read_control,
    unpack_picture,
    write_message,
)
from posture.live.report import course_message, course_summary, moment_message, summary_message
from posture.live.sessions import BadPassError, FullError, LiveSession, Sessions
from posture.locales import text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """Limits of one socket. All chosen by us.

    Attributes:
        largest_bytes: Largest message; a 1280 x 720 picture at quality .8 has about .2 MB.
        messages_per_s: Messages that may come in the long run.
        burst: And at once.
        open_s: How long a visitor may take to show the pass.
        idle_s: How long nothing may come.
        keep_every_s: How often what was counted is brought to the disk.
    """

    largest_bytes: int = 1_500_000
    messages_per_s: float = 90.0
    burst: float = 180.0
    open_s: float = 5.0
    idle_s: float = 60.0
    keep_every_s: float = 0.5


class RefusedError(Exception):
    """The socket is to be closed.

    Args:
        refusal: Why, for the browser.
        detail: Why, for the log.
    """

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal, detail)
        self.refusal = refusal
        self.detail = detail


class Bucket:
    """Counts messages: ``rate`` per second in the long run, ``burst`` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._last_s = burst, clock()

    def take(self) -> bool:
        """Count one message; return whether it is within the limits."""
        now_s = self._clock()
        self._left = min(self._burst, self._left + (now_s - self._last_s) * self._rate)
        self._last_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


def is_from_here(origin: str | None, host: str | None) -> bool:
    """Whether a page of this very server opens the socket; browsers always say where from."""
    if not origin or not host:
        return False
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


class LiveSocket:
    """The endpoint of ``/live/socket``.

    Args:
        sessions: Who may practise.
        settings: Limits.
    """

    def __init__(self, sessions: Sessions, settings: SocketSettings | None = None) -> None:
        self._sessions = sessions
        self._settings = settings or SocketSettings()

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket from its opening to its end."""
        headers = websocket.headers
        if not is_from_here(headers.get("origin"), headers.get("host")):
            logger.warning("Live socket refused: opened by a page of %r", headers.get("origin"))
            await websocket.close(code=1008)
            return
        await websocket.accept()
        try:
            await self._serve(websocket)
        except RefusedError as error:
            logger.warning("Live socket refused: %s (%s)", error.refusal, error.detail)
            await _hang_up(websocket, error.refusal)
        except WebSocketDisconnect:
            pass
        except Exception:
            logger.exception("Live socket broke")
            await _hang_up(websocket, Refusal.BROKEN)

    async def _serve(self, websocket: WebSocket) -> None:
        opening = await self._opening(websocket)
        try:
            session, comeback = self._sessions.enter(opening.token)
        except BadPassError:
            raise RefusedError(Refusal.BAD_TOKEN, "the pass does not hold") from None
        except FullError:
            raise RefusedError(Refusal.FULL, "as many practices as allowed go on") from None
        session.wants_film = opening.film
        talk = _Talk(websocket, session, self._settings)
        try:
            await talk.run(comeback)
        finally:
            self._sessions.leave(session, forget=talk.finished)

    async def _opening(self, websocket: WebSocket) -> Control:
        try:
            async with asyncio.timeout(self._settings.open_s):
                message = await websocket.receive()
        except TimeoutError:
            raise RefusedError(Refusal.BAD_TOKEN, "no pass was shown") from None
        control = _read_text(message, self._settings)
        if control is None or control.command is not Command.OPEN:
            raise RefusedError(Refusal.BAD_MESSAGE, "the first message shows no pass")
        return control


class _Talk:
    """One socket of one session."""

    def __init__(
        self, websocket: WebSocket, session: LiveSession, settings: SocketSettings
    ) -> None:
        self._websocket = websocket
        self._session = session
        self._settings = settings
        self._bucket = Bucket(settings.messages_per_s, settings.burst)
        self._newest: Picture | None = None
        self._arrived_s = 0.0
        self._commands: list[Command] = []
        self._wake = asyncio.Event()
        self.finished = False

    async def run(self, comeback: str) -> None:
        """Talk until one side ends it."""
        loop = asyncio.get_running_loop()
        worker = self._session.begin()
        try:
            await loop.run_in_executor(worker, self._session.load)
        except ModelError as error:
            raise RefusedError(Refusal.MODEL, str(error)) from error
        await self._send("ready", {"pass": comeback, "stage": self._session.coach.stage})
        reading = asyncio.create_task(self._read())
        answering = asyncio.create_task(self._answer())
        keeping = asyncio.create_task(self._keep())
        try:
            await asyncio.wait({reading, answering}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, answering, keeping):
                task.cancel()
            ends = await asyncio.gather(reading, answering, keeping, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _read(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._settings.idle_s):
                    message = await self._websocket.receive()
            except TimeoutError:
                raise RefusedError(Refusal.IDLE, "nothing came") from None
            control = _read_text(message, self._settings)
            if not self._bucket.take():
                raise RefusedError(Refusal.TOO_FAST, "too many messages")
            if control is None:
                self._newest, self._arrived_s = _read_picture(message), monotonic()
            elif control.command is Command.OPEN:
                raise RefusedError(Refusal.BAD_MESSAGE, "a second opening")
            else:
                self._commands.append(control.command)
            self._wake.set()

    async def _answer(self) -> None:
        loop = asyncio.get_running_loop()
        session = self._session
        while True:
            await self._wake.wait()
            self._wake.clear()
            worker = session.worker
            if worker is None:
                return
            while self._commands:
                command = self._commands.pop(0)
                if command is Command.STOP:
                    await self._finish(worker)
                    return
                await loop.run_in_executor(worker, session.obey, command)
            picture, self._newest = self._newest, None
            if picture is None:
                continue
            waited_s = monotonic() - self._arrived_s
            try:
                answer = await loop.run_in_executor(worker, _answer_to, picture, session, waited_s)
            except BadMessageError as error:
                raise RefusedError(Refusal.BAD_MESSAGE, str(error)) from error
            await self._websocket.send_text(answer)
            if session.is_over:
                await self._finish(worker)
                return

    async def _finish(self, worker: ThreadPoolExecutor) -> None:
        """End the practice, and say what it came to."""
        await asyncio.get_running_loop().run_in_executor(worker, self._session.finish)
        self.finished = True
        await self._send("summary", self._summary())
        await self._websocket.close(1000)

    def _summary(self) -> dict[str, Any]:
        session, lang = self._session, self._session.wish.lang
        if session.course is not None:
            return course_summary(session.course, lang, session.kept)
        summary = summary_message(session.coach, lang)
        kept = session.kept(session.coach)
        if kept:
            summary["said"].append(text(kept, lang))
        return summary

    async def _keep(self) -> None:
        """Bring what was counted to the disk, again and again; the disk keeps nobody waiting."""
        while True:
            await asyncio.sleep(self._settings.keep_every_s)
            journal = self._session.journal
            if journal is not None:
                await asyncio.to_thread(journal.keep)

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        await self._websocket.send_text(write_message(kind, content))


def _answer_to(picture: Picture, session: LiveSession, waited_s: float) -> str:
    """Look at a picture, and put what came of it into words; in the session's thread."""
    started_s = monotonic()
    moment = session.look(picture)
    content: dict[str, Any] = {"seq": picture.sequence, "model": session.model}
    if moment is not None:
        content |= moment_message(moment, session.coach, session.wish.lang)
        if session.course is not None:
            content["course"] = course_message(session.course, session.wish.lang)
    if session.film is not None:
        content["film"] = "ended" if session.film.trouble else "on"
    content["wait"] = round(1000 * waited_s, 1)
    content["ms"] = round(1000 * (monotonic() - started_s), 1)
    return write_message("moment", content)


def _read_text(message: Message, settings: SocketSettings) -> Control | None:
    """Read what came in words; ``None`` when it came as bytes.

    Raises:
        RefusedError: It is too big, or no message of ours.
        WebSocketDisconnect: The other side has gone.
    """
    if message["type"] == "websocket.disconnect":
        if message.get("code") == Refusal.TOO_BIG.close_code:  # the server itself hung up
            raise RefusedError(Refusal.TOO_BIG, "a message that no socket here may hold")
        raise WebSocketDisconnect(message.get("code") or 1005)
    words, data = message.get("text"), message.get("bytes")
    if max(len(words or ""), len(data or b"")) > settings.largest_bytes:
        raise RefusedError(Refusal.TOO_BIG, "a message beyond all limits")
    if words is None:
        return None
    try:
        return read_control(words)
    except BadMessageError as error:
        raise RefusedError(Refusal.BAD_MESSAGE, str(error)) from error


def _read_picture(message: Message) -> Picture:
    try:
        return unpack_picture(message.get("bytes") or b"")
    except BadMessageError as error:
        raise RefusedError(Refusal.BAD_MESSAGE, str(error)) from error


async def _hang_up(websocket: WebSocket, refusal: Refusal) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(code=refusal.close_code, reason=refusal.value)
