"""Long work in the background, which goes on when the page is reloaded or closed.

    WAITING -> (FETCHING ->) LOOKING -> WRITING -> DONE
       |           |            |          |
       +-----------+------------+----------+-----> CANCELLED, FAILED

A :class:`Job` is one piece of work with a folder of its own. The :class:`Board` holds all jobs of
this process, does one after the other in a thread, and removes each with its folder some time
after anybody last asked for it, and everything when the process ends.

A job's order, what is to be done and for whom, lies in its folder. When the process is killed, the
next one finds the folder, and the order can be given again.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan, nan
from pathlib import Path
from typing import Generic, TypeVar

from posture.adapters.files import taken
from posture.errors import OutputError, PostureError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], float]

FOLDER_PREFIX = "posture-page-"
KEEP_S = 2 * 3600.0
ORDER = "order.json"
# Whoever lives has this file of its folder locked.
ALIVE = "alive"
_HOUSEKEEPING_S = 60.0
# A folder this young may not have been locked yet.
_UNLOCKED_S = 60.0

# Before this much is done, the time left would be a guess.
_TELLING_SHARE = 0.04
_TELLING_S = 1.0


class Stage(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    FETCHING = "fetching"
    LOOKING = "looking"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self in {Stage.DONE, Stage.FAILED, Stage.CANCELLED}


class CancelledError(Exception):
    """The user does not want the result any more; raised inside the work."""


@dataclass(frozen=True, slots=True)
class State(Generic[T]):
    """A job at one moment.

    Attributes:
        stage: Where it is.
        share: How much of the whole is done, 0 to 1; NaN when unknown.
        left_s: Seconds until it is done, an estimate; NaN while unknown.
        result: What came out; ``None`` unless done.
        error: What went wrong; ``None`` unless failed.
    """

    stage: Stage = Stage.WAITING
    share: float = 0.0
    left_s: float = nan
    result: T | None = None
    error: Exception | None = None


Report = Callable[[Stage, float], None]
Work = Callable[[Report], T]


class Job(Generic[T]):
    """One piece of work.

    Args:
        id: Its name in the page's address; cannot be guessed.
        title: What the user calls it.
        folder: Where it may write.
        work: Does it, and calls ``report(stage, share)`` often.
        clock: Seconds, rising.
    """

    def __init__(self, id: str, title: str, folder: Path, work: Work[T], clock: Clock) -> None:  # noqa: A002 - its name
        self.id = id
        self.title = title
        self.folder = folder
        self.seen_s = clock()
        self._work: Work[T] | None = work
        self._clock = clock
        self._lock = threading.Lock()
        self._wanted = True
        self._state: State[T] = State()
        self._started_s = nan

    @property
    def state(self) -> State[T]:
        """Where the job is now."""
        with self._lock:
            return self._state

    def cancel(self) -> None:
        """Stop as soon as possible; nothing happens to a finished job."""
        with self._lock:
            if self._state.stage.finished:
                return
            self._wanted = False
            if self._state.stage is Stage.WAITING:
                self._state = State(Stage.CANCELLED)
                self._forget_order()

    def run(self) -> None:
        """Do the work. Never raises: what goes wrong becomes the job's state."""
        with self._lock:
            work, self._work = self._work, None
            if work is None or not self._wanted:
                return
            self._started_s = self._clock()
            self._state = State(Stage.LOOKING)
        try:
            end = State(Stage.DONE, 1.0, 0.0, result=work(self._report))
        except CancelledError:
            end = State(Stage.CANCELLED)
        except Exception as error:
            known = isinstance(error, PostureError)
            logger.log(
                logging.INFO if known else logging.ERROR,
                "The job %r failed",
                self.title,
                exc_info=True,
            )
            end = State(Stage.FAILED, error=error)
        with self._lock:
            self._state = end if self._wanted else State(Stage.CANCELLED)
            done = self._state.stage is Stage.DONE
        if not done:
            self._forget_order()

    def _forget_order(self) -> None:
        with suppress(OSError):
            (self.folder / ORDER).unlink(missing_ok=True)

    def _report(self, stage: Stage, share: float) -> None:
        with self._lock:
            if not self._wanted:
                raise CancelledError
            left_s = time_left_s(self._clock() - self._started_s, share)
            self._state = replace(self._state, stage=stage, share=share, left_s=left_s)


def time_left_s(elapsed_s: float, share: float) -> float:
    """Seconds until a steady piece of work is done; NaN while that would be a guess.

    Args:
        elapsed_s: Time since it began.
        share: How much of it is done, 0 to 1, or NaN.
    """
    if isnan(share) or share < _TELLING_SHARE or elapsed_s < _TELLING_S:
        return nan
    return elapsed_s * (1.0 - min(share, 1.0)) / share


class Board(Generic[T]):
    """All jobs of this process.

    Args:
        root: Folder for the jobs' folders; made, and readable by this user alone.
        keep_s: How long a finished job is kept after it was last asked for.
        clock: Seconds, rising.
        on_closed: Called when the folders are about to be deleted.
    """

    def __init__(
        self,
        root: Path,
        *,
        keep_s: float = KEEP_S,
        clock: Clock = time.monotonic,
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        self._root = root
        self._keep_s = keep_s
        self._clock = clock
        self._lock = threading.Lock()
        self._on_closed = on_closed
        self._jobs: dict[str, Job[T]] = {}
        self._left: dict[str, float] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="posture-job")
        self._closed = threading.Event()

    def make_folder(self) -> tuple[str, Path]:
        """Make a job's folder, so that its input can be put there first.

        Returns:
            The new job's id, and the folder.

        Raises:
            OutputError: There is no room, or no right to write there.
        """
        job_id = secrets.token_urlsafe(12)
        folder = self._root / job_id
        try:
            folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise OutputError(
                "error.result.no_place", folder=self._root, why=error.strerror
            ) from error
        return job_id, folder

    def submit(self, job_id: str, title: str, work: Work[T], *, order: str = "") -> Job[T]:
        """Line up a piece of work.

        Args:
            job_id: From :meth:`make_folder` or :meth:`left`.
            title: What the user calls it.
            work: Does it.
            order: What the next process needs to know to do it, should this one be killed; it is
                forgotten when the work fails or is cancelled.
        """
        folder = self._root / job_id
        if order:
            with suppress(OSError):  # only a kill would miss it
                (folder / ORDER).write_text(order, encoding="utf-8")
        job = Job(job_id, title, folder, work, self._clock)
        with self._lock:
            self._left.pop(job_id, None)
            self._jobs[job_id] = job
        self._worker.submit(job.run)
        return job

    def get(self, job_id: str) -> Job[T] | None:
        """Return a job, or ``None`` when it was never there or has been removed."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None:
                job.seen_s = self._clock()
            return job

    def adopt(self, folder: Path) -> None:
        """Take over the folder of a job whose process was killed.

        Raises:
            OSError: It cannot be moved.
        """
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.rename(self._root / folder.name)
        with self._lock:
            self._left[folder.name] = self._clock()

    def left(self) -> dict[str, tuple[Path, str]]:
        """Return the jobs of killed processes that nobody decided about: id, folder and order."""
        with self._lock:
            folders = {job_id: self._root / job_id for job_id in self._left}
        found = {}
        for job_id, folder in folders.items():
            with suppress(OSError, UnicodeDecodeError):
                found[job_id] = (folder, (folder / ORDER).read_text(encoding="utf-8"))
        return found

    def remove(self, job_id: str) -> None:
        """Cancel a job and delete all that it wrote."""
        with self._lock:
            self._left.pop(job_id, None)
            job = self._jobs.pop(job_id, None)
        if job is not None:
            job.cancel()
        # In line behind the running work, which may still be writing there.
        folder = self._root / job_id
        if not self._closed.is_set():
            self._worker.submit(shutil.rmtree, folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove finished jobs that nobody has asked for lately, and left ones nobody wanted."""
        oldest_s = self._clock() - self._keep_s
        with self._lock:
            old = [j.id for j in self._jobs.values() if j.state.stage.finished]
            old = [job_id for job_id in old if self._jobs[job_id].seen_s < oldest_s]
            old += [job_id for job_id, since_s in self._left.items() if since_s < oldest_s]
        for job_id in old:
            self.remove(job_id)

    def keep_house(self) -> None:
        """Sweep now and then, in a thread of its own, until the board is closed."""

        def sweep_often() -> None:
            while not self._closed.wait(_HOUSEKEEPING_S):
                self.sweep()

        threading.Thread(target=sweep_often, name="posture-sweep", daemon=True).start()

    def close(self) -> None:
        """Cancel everything and delete all folders. The board cannot be used afterwards."""
        self._closed.set()
        with self._lock:
            for job in self._jobs.values():
                job.cancel()
        self._worker.shutdown(wait=True, cancel_futures=True)
        if self._on_closed is not None:
            self._on_closed()
        shutil.rmtree(self._root, ignore_errors=True)


def open_board() -> Board[T]:
    """Open the board of this process in a private temporary folder; closing it deletes that.

    What killed processes had not finished is taken over.
    """
    root = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    board: Board[T] = Board(root, on_closed=taken(root / ALIVE))
    take_over(root.parent, board)
    board.keep_house()
    return board


def take_over(temporary: Path, board: Board[T], *, now_s: float | None = None) -> None:
    """Take over the jobs of processes that were killed, and delete what else they left behind.

    Args:
        temporary: The system's folder for temporary files.
        board: Who takes over.
        now_s: The time of day, for tests.
    """
    youngest_s = (time.time() if now_s is None else now_s) - _UNLOCKED_S
    for folder in temporary.glob(f"{FOLDER_PREFIX}*"):
        try:
            fresh = not (folder / ALIVE).exists() and folder.stat().st_mtime > youngest_s
            if folder.is_symlink() or fresh:
                continue
            let_go = taken(folder / ALIVE)
            if let_go is None:
                continue
            for order in folder.glob(f"*/{ORDER}"):
                board.adopt(order.parent)
            let_go()
        except OSError:
            logger.info("%s cannot be taken over", folder, exc_info=True)
            continue
        shutil.rmtree(folder, ignore_errors=True)
