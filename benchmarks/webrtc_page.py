"""The yardstick of live.py: the same model and pipeline in streamlit-webrtc's plain loop."""

from __future__ import annotations

from time import monotonic

import av
import cv2
import numpy as np
import streamlit as st
from streamlit_webrtc import webrtc_streamer

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.surface import DenseFlow
from posture.adapters.weights import learned_tilt
from posture.datatypes import Frame
from posture.exercises import get_exercise
from posture.live.coach import Coach
from posture.pipeline import Perception


class Loop:
    """Takes a picture, gives it back with the joints on it."""

    def __init__(self) -> None:
        self._perception = Perception(
            MediaPipeLandmarker(ModelStore().path("full")), optics=DenseFlow()
        )
        self._coach = Coach(get_exercise("standing-tilt"), estimator=learned_tilt())
        self._begun_s = monotonic()
        self._count = 0

    def __call__(self, came: av.VideoFrame) -> av.VideoFrame:
        """See, judge and draw one picture."""
        picture = came.to_ndarray(format="rgb24")
        frame = Frame(self._count, monotonic() - self._begun_s, np.ascontiguousarray(picture))
        self._count += 1
        moment = self._coach.follow(self._perception.observe(frame))
        if moment.observation.landmarks_px is not None:
            for x, y in moment.observation.landmarks_px:
                cv2.circle(picture, (int(x), int(y)), 3, (255, 160, 40), -1)
        return av.VideoFrame.from_ndarray(picture, format="rgb24")


if "loop" not in st.session_state:
    st.session_state["loop"] = Loop()
webrtc_streamer(
    key="yardstick",
    video_frame_callback=st.session_state["loop"],
    rtc_configuration={"iceServers": []},
    media_stream_constraints={
        "video": {"width": 640, "height": 480, "frameRate": 30},
        "audio": False,
    },
)
