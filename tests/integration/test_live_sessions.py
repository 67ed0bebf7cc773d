"""Practices with the real pose model, one after the other, leave nothing behind."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import psutil
import pytest

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.live.protocol import Picture
from posture.live.sessions import Sessions, Wish
from posture.resources import sample_videos

SESSIONS, FIRST = 50, 10
MOST_GROWTH_MB = 5
SOON_S = 3.0


def pictures():
    sample = next(video for video in sample_videos() if video.stem == "standing_tilt_left")
    with open_video(sample) as video:
        for index, frame in zip(range(3), video, strict=False):
            image = cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2BGR)
            jpeg = cv2.imencode(".jpg", image)[1].tobytes()
            yield Picture(index, 100.0 + 1000.0 * frame.time_s, jpeg)


def practise(sessions, seen):
    session, _ = sessions.enter(sessions.make_pass(Wish("anna", "standing-tilt", "en")))
    worker = session.begin()
    worker.submit(session.load).result()
    for picture in seen:
        moment = worker.submit(session.look, picture).result()
    assert moment.sample.person
    begun_s = time.monotonic()
    sessions.leave(session, forget=True)
    worker.shutdown(wait=True)
    assert time.monotonic() - begun_s < SOON_S


def fifty_practices():
    """Memory after each practice, MB; this module's threads left; files opened by one more."""
    path, process = ModelStore().path("full"), psutil.Process()
    sessions = Sessions(lambda name: MediaPipeLandmarker(path))  # noqa: ARG005 - one model here
    seen = list(pictures())
    held = []
    for _ in range(SESSIONS):
        practise(sessions, seen)
        held.append(process.memory_info().rss / 2**20)
    files = process.num_fds() if hasattr(process, "num_fds") else 0
    practise(sessions, seen)
    threads = [t.name for t in threading.enumerate() if t.name.startswith("posture-live")]
    opened = process.num_fds() - files if files else 0
    sessions.close()
    return held, threads, opened


@pytest.mark.model
def test_fifty_practices_leave_nothing_behind():
    # In a process of its own: what other tests still do in this one is not theirs.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        held, threads, opened = apart.submit(fifty_practices).result()
    assert max(held[-5:]) - min(held[FIRST : FIRST + 5]) < MOST_GROWTH_MB
    assert not threads
    assert opened <= 0
