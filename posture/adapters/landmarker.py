"""The pose model behind one small door: a frame goes in, one person's pose comes out.

VIDEO mode everywhere: it tracks, and jitters 1.2 to 5.6 times less than single pictures.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Self

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import (
    PoseLandmarker,
    PoseLandmarkerOptions,
    PoseLandmarkerResult,
    RunningMode,
)

from posture.adapters.memory import keep_large_blocks_apart
from posture.datatypes import FloatArray, Frame, ImageArray, Pose
from posture.errors import ModelError

logger = logging.getLogger(__name__)

MOST_PEOPLE = 4
# A trunk's middle that jumps further than this between two frames, in trunk lengths, is
# somebody else's trunk. Chosen by us: a run past the camera moves .3 a frame.
JUMP_TRUNKS = 0.8
MARGIN_PX = 12
# Confidence of detection, presence and tracking. The first are the model's own limits. A head
# outside the picture makes its detector doubtful, so where they find nobody the second are tried;
# such people are followed as exactly (rendered: trunk lean .5 to 1.9 degrees mean either way).
CONFIDENCES = ((0.5, 0.5, 0.5), (0.2, 0.3, 0.3))
SURE, DOUBTFUL = 0, 1
MASK_ROW_PIXELS = 4


class MediaPipeLandmarker:
    """Follows one person: the largest when the first person is found, and that one from then on.

    Where nobody is found, a second model that asks for less certainty looks and goes on following.

    Whenever tracking is lost or jumps, a second model looks at the whole picture once; if more
    than one person is in it, the others are painted over until the right one is being tracked.

    Args:
        bundle: Path of a ``.task`` file.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path) -> None:
        keep_large_blocks_apart()
        self._bundle = bundle
        self._trackers: dict[int, PoseLandmarker] = {SURE: self._open_tracker(SURE)}
        self._current = SURE
        self._scout: PoseLandmarker | None = None
        self._last_ms = -1
        self._person: FloatArray | None = None
        self._tracked = False
        self.people_at_once = 0

    def detect(self, frame: Frame) -> Pose | None:
        """Find the person in the next frame.

        Args:
            frame: RGB picture; times must not fall.

        Returns:
            The pose in this picture's pixels, or ``None`` when nobody is found.
        """
        result = self._track(frame, frame.image_rgb)
        boxes = _boxes(result, frame.image_rgb)
        if len(boxes) and (not self._tracked or self._jumped(boxes[0])):
            result = self._take_the_right_one(frame, result)
            boxes = _boxes(result, frame.image_rgb)
        self._tracked = bool(len(boxes))
        if not self._tracked:
            return None
        self._person = boxes[0]
        return _pose(result, frame.image_rgb)

    def close(self) -> None:
        """Free the model's memory and threads; harmless when called twice."""
        for tracker in self._trackers.values():
            tracker.close()
        if self._scout is not None:
            self._scout.close()
            self._scout = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_tracker(self, which: int) -> PoseLandmarker:
        return self._open(RunningMode.VIDEO, 1, CONFIDENCES[which], masks=True)

    def _open(
        self, mode: RunningMode, people: int, sure: tuple[float, float, float], *, masks: bool
    ) -> PoseLandmarker:
        options = PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(self._bundle)),
            running_mode=mode,
            num_poses=people,
            min_pose_detection_confidence=sure[0],
            min_pose_presence_confidence=sure[1],
            min_tracking_confidence=sure[2],
            output_segmentation_masks=masks,
        )
        try:
            return PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            logger.debug("pose model refused", exc_info=error)
            raise ModelError(
                "error.model.not_loaded",
                file=self._bundle.name,
                name=self._bundle.stem.rpartition("_")[2],
            ) from error

    def _track(self, frame: Frame, image: ImageArray) -> PoseLandmarkerResult:
        # Repeated or falling timestamps raise in the model, so each call gets a later one.
        self._last_ms = max(round(frame.time_s * 1000.0), self._last_ms + 1)
        picture = _picture(image)
        other = DOUBTFUL if self._current == SURE else SURE
        for which in (self._current, other):
            if which not in self._trackers:
                self._trackers[which] = self._open_tracker(which)
            result = self._trackers[which].detect_for_video(picture, self._last_ms)
            if result.pose_landmarks:
                self._current = which
                return result
        self._current = SURE
        return result

    def _take_the_right_one(
        self, frame: Frame, result: PoseLandmarkerResult
    ) -> PoseLandmarkerResult:
        """Make sure that the tracked person is the one to follow; hide the others if not."""
        if self._scout is None:
            self._scout = self._open(RunningMode.IMAGE, MOST_PEOPLE, CONFIDENCES[SURE], masks=False)
        boxes = _boxes(self._scout.detect(_picture(frame.image_rgb)), frame.image_rgb)
        self.people_at_once = max(self.people_at_once, len(boxes))
        if len(boxes) < 2:
            return result
        wanted = boxes[self._choose(boxes)]
        tracked = _boxes(result, frame.image_rgb)[0]
        if _overlap(tracked, wanted) > 0.5:
            return result
        hidden = frame.image_rgb.copy()
        keep = _cut(hidden, wanted)
        kept = keep.copy()
        for box in boxes:
            if box is not wanted:
                _cut(hidden, box)[:] = 127
        keep[:] = kept
        self._trackers[self._current].close()
        self._trackers[self._current] = self._open_tracker(self._current)
        return self._track(frame, hidden)

    def _choose(self, boxes: FloatArray) -> int:
        if self._person is None:
            return int(np.argmax((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])))
        return int(np.argmax([_overlap(box, self._person) for box in boxes]))

    def _jumped(self, box: FloatArray) -> bool:
        if self._person is None:
            return False
        before, now = _centre(self._person), _centre(box)
        height = float(self._person[3] - self._person[1])
        return bool(np.hypot(*(now - before)) > JUMP_TRUNKS * 0.3 * height)


def _picture(image: ImageArray) -> mp.Image:
    """The picture as the model takes it, its width padded.

    Rows of a mask start at multiples of 16 bytes; where a row's own length is none, this version
    of mediapipe ends the whole process when the mask is read.
    """
    spare = -image.shape[1] % MASK_ROW_PIXELS
    if spare:
        image = np.pad(image, ((0, 0), (0, spare), (0, 0)), mode="edge")
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))


def _size(image: ImageArray) -> tuple[int, int]:
    """Width and height that the model's relative coordinates refer to."""
    height, width = image.shape[:2]
    return width + -width % MASK_ROW_PIXELS, height


def _boxes(result: PoseLandmarkerResult, image: ImageArray) -> FloatArray:
    """Each person's bounding box, shape (people, 4): left, top, right, bottom in pixels."""
    width, height = _size(image)
    boxes = []
    for person in result.pose_landmarks:
        points = np.array([(point.x * width, point.y * height) for point in person])
        boxes.append([*points.min(axis=0), *points.max(axis=0)])
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _centre(box: FloatArray) -> FloatArray:
    return (box[:2] + box[2:]) * 0.5


def _overlap(a: FloatArray, b: FloatArray) -> float:
    """Intersection over union of two boxes."""
    size = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (size <= 0).any():
        return 0.0
    shared = float(size.prod())
    union = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - shared
    return shared / union if union > 0 else 0.0


def _cut(image: ImageArray, box: FloatArray) -> ImageArray:
    """The part of the picture inside a box and a small margin, as a view."""
    height, width = image.shape[:2]
    left, top = (max(0, int(value) - MARGIN_PX) for value in box[:2])
    right, bottom = int(box[2]) + MARGIN_PX, int(box[3]) + MARGIN_PX
    return image[top : min(bottom, height), left : min(right, width)]


def _pose(result: PoseLandmarkerResult, image: ImageArray) -> Pose:
    width, height = _size(image)
    points = np.array(
        [(point.x, point.y, point.z, point.visibility) for point in result.pose_landmarks[0]]
    )
    mask = result.segmentation_masks[0].numpy_view().reshape(height, width)
    return Pose(
        landmarks_px=points[:, :2] * (width, height),
        depth_px=points[:, 2] * width,
        visibility=points[:, 3],
        world_m=np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[0]]),
        mask=np.array(mask[:, : image.shape[1]], dtype=np.float32),
    )
