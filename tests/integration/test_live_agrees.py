"""Live practice comes to what a recorded analysis of the same clip comes to.

The clip's beginning is fed to a live session as a browser does: JPEG pictures with their capture
times, half as many as the recording has. Neutral is found by the guide instead of looking back, and
what the person shows as their reach, when the guide asks for it, is no repetition yet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import dropwhile

import av
import cv2
import numpy as np
import pytest

from benchmarks.exercises import truth_of
from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.analysis import Request, analyze_video
from posture.datatypes import Stance
from posture.live.coach import Stage
from posture.live.protocol import Picture
from posture.live.sessions import Sessions, Wish
from posture.resources import sample_videos

pytestmark = pytest.mark.model

VIDEOS = {path.stem: path for path in sample_videos()}
# What is counted live in so many rounds of a clip; the tilt's first round shows the reach.
CLIPS = {
    "standing_tilt_left": ("standing-tilt", 2, ["forward", "backward"]),
    "monkey": ("monkey", 1, ["left", "right"]),
    "bridge": ("bridge", 1, ["lift"]),
}
AFTER_S = 0.6  # after a round, for its movement to close
EVERY = 2
LEAST_AGREEMENT = 0.95


def cut(stem, rounds, folder):
    """The clip up to the end of a round, its pictures untouched."""
    rows = truth_of(VIDEOS[stem])
    until_s = AFTER_S + max(float(r["time_s"]) for r in rows if 0 < int(r["rep"]) <= rounds)
    target = folder / f"{stem}.mp4"
    with av.open(str(VIDEOS[stem])) as reader, av.open(str(target), "w") as writer:
        (source,) = reader.streams.video
        stream = writer.add_stream_from_template(source)
        for packet in reader.demux(source):
            if packet.dts is not None and packet.dts * source.time_base <= until_s:
                packet.stream = stream
                writer.mux(packet)
    return target


def lived(clip, exercise):
    """What a live practice makes of each picture, and its repetitions."""
    path = ModelStore().path("full")
    sessions = Sessions(lambda name: MediaPipeLandmarker(path))  # noqa: ARG005 - one model here
    session, _ = sessions.enter(sessions.make_pass(Wish("anna", exercise, "en")))
    worker = session.begin()
    worker.submit(session.load).result()
    moments = []
    with open_video(clip) as video:
        for frame in video:
            if frame.index % EVERY == 0:
                image = cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2BGR)
                jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
                picture = Picture(frame.index, 500.0 + 1000.0 * frame.time_s, jpeg)
                moments.append(worker.submit(session.look, picture).result())
    worker.submit(session.finish).result()
    sessions.leave(session, forget=True)
    worker.shutdown(wait=True)
    return moments, session.coach.reps


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Each clip's practice and recorded analysis."""
    folder = tmp_path_factory.mktemp("clips")
    clips = {stem: cut(stem, rounds, folder) for stem, (_, rounds, _) in CLIPS.items()}

    def of(stem):
        exercise = CLIPS[stem][0]
        analysis = analyze_video(clips[stem], Request(exercise=exercise))
        return (*lived(clips[stem], exercise), analysis)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CLIPS, pool.map(of, CLIPS), strict=True))


@pytest.mark.parametrize("stem", CLIPS)
def test_the_same_repetitions_are_counted(both, stem):
    moments, reps, analysis = both[stem]
    made = CLIPS[stem][2]
    assert [rep.kind.value for rep in reps] == made
    begun_s = next(m.sample.time_s for m in moments if m.stage is Stage.PRACTICE)
    since = [rep for rep in analysis.reps if rep.start_s >= begun_s]
    assert [rep.kind.value for rep in since] == made
    for live, recorded in zip(reps, since, strict=True):
        assert live.verdict is recorded.verdict
        assert live.start_s == pytest.approx(recorded.start_s, abs=0.35)
        assert live.end_s == pytest.approx(recorded.end_s, abs=0.35)


@pytest.mark.parametrize("stem", CLIPS)
def test_stance_and_phase_agree_nearly_all_the_time(both, stem):
    moments, _, analysis = both[stem]
    recorded = analysis.results[::EVERY]
    pairs = [
        (moment, result)
        for moment, result in zip(moments, recorded, strict=True)
        if moment.stage is Stage.PRACTICE
    ]
    # The reach is still shown when the practice begins; live it is no movement of the exercise.
    pairs = list(dropwhile(lambda pair: pair[1].sample.stance is Stance.BACKWARD, pairs))
    assert len(pairs) > len(recorded) / 3
    stance = [moment.sample.stance is result.sample.stance for moment, result in pairs]
    phase = [moment.phase == result.phase for moment, result in pairs]
    assert np.mean(stance) >= LEAST_AGREEMENT
    assert np.mean(phase) >= LEAST_AGREEMENT
