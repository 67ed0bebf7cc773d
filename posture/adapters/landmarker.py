"""The pose model behind one small door: a frame goes in, one person's pose comes out.

VIDEO mode everywhere: it tracks, and jitters 1.2 to 5.6 times less than single pictures.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.components.containers import NormalizedLandmark
from mediapipe.tasks.python.vision import (
    PoseLandmarker,
    PoseLandmarkerOptions,
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


@dataclass(frozen=True, slots=True)
class Look:
    """How a model is asked to look.

    Attributes:
        detection: Least confidence that somebody is there. The first are the model's own.
        presence: That the landmarks are a body's.
        tracking: That it is still the same body.
        margins: Empty border above and below the picture, in its heights; while nobody is found,
            one pair after the other.
    """

    detection: float = 0.5
    presence: float = 0.5
    tracking: float = 0.5
    margins: tuple[tuple[float, float], ...] = ((0.0, 0.0),)


# A head or feet outside the picture make the model's detector doubtful: where the first look finds
# nobody, the second is tried. An empty border gives it room for what is cut off, and which border
# helps differs from person to person. Chosen by us on rendered people: of nine such clips with .40
# of their frames .88 were found, and no more in an empty room. They are followed as exactly.
SURE = Look()
DOUBTFUL = Look(0.2, 0.2, 0.2, ((0.0, 0.0), (0.2, 0.6), (0.5, 0.5), (0.3, 0.3), (0.6, 0.2)))
MASK_ROW_PIXELS = 4


class MediaPipeLandmarker:
    """Follows one person: the largest when the first person is found, and that one from then on.

    Where nobody is found, a second model that asks for less certainty looks and goes on following.

    Whenever tracking is lost or jumps, another model looks at the whole picture once; if more
    than one person is in it, the others are painted over until the right one is being tracked.

    Args:
        bundle: Path of a ``.task`` file.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path) -> None:
        keep_large_blocks_apart()
        self._bundle = bundle
        self._trackers = {SURE: _Model(bundle, SURE)}
        self._current = SURE
        self._scout: _Model | None = None
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
        pose = self._track(frame, frame.image_rgb)
        if pose is not None and (not self._tracked or self._jumped(_box(pose.landmarks_px))):
            pose = self._take_the_right_one(frame, pose)
        self._tracked = pose is not None
        if pose is not None:
            self._person = _box(pose.landmarks_px)
        return pose

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

    def _track(self, frame: Frame, image: ImageArray) -> Pose | None:
        # Repeated or falling timestamps raise in the model, so each call gets a later one.
        self._last_ms = max(round(frame.time_s * 1000.0), self._last_ms + 1)
        other = DOUBTFUL if self._current == SURE else SURE
        for look in (self._current, other):
            if look not in self._trackers:
                self._trackers[look] = _Model(self._bundle, look)
            pose = self._trackers[look].follow(image, self._last_ms)
            if pose is not None:
                self._current = look
                return pose
        self._current = SURE
        return None

    def _take_the_right_one(self, frame: Frame, pose: Pose) -> Pose | None:
        """Make sure that the tracked person is the one to follow; hide the others if not."""
        if self._scout is None:
            self._scout = _Model(self._bundle, SURE, people=MOST_PEOPLE)
        boxes = self._scout.boxes(frame.image_rgb)
        self.people_at_once = max(self.people_at_once, len(boxes))
        if len(boxes) < 2:
            return pose
        wanted = boxes[self._choose(boxes)]
        if _overlap(_box(pose.landmarks_px), wanted) > 0.5:
            return pose
        hidden = frame.image_rgb.copy()
        keep = _cut(hidden, wanted)
        kept = keep.copy()
        for box in boxes:
            if box is not wanted:
                _cut(hidden, box)[:] = 127
        keep[:] = kept
        self._trackers[self._current].close()
        self._trackers[self._current] = _Model(self._bundle, self._current)
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


class _Model:
    """The loaded pose model, looking in one way: following one person, or at single pictures.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path, look: Look, people: int = 1) -> None:
        self._margins = look.margins
        self._turn = 0
        self._seen = False
        following = people == 1
        options = PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(bundle)),
            running_mode=RunningMode.VIDEO if following else RunningMode.IMAGE,
            num_poses=people,
            min_pose_detection_confidence=look.detection,
            min_pose_presence_confidence=look.presence,
            min_tracking_confidence=look.tracking,
            output_segmentation_masks=following,
        )
        try:
            self._landmarker = PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            logger.debug("pose model refused", exc_info=error)
            raise ModelError(
                "error.model.not_loaded",
                file=bundle.name,
                name=bundle.stem.rpartition("_")[2],
            ) from error

    def follow(self, image: ImageArray, time_ms: int) -> Pose | None:
        """The one person's pose in the next picture; times must rise."""
        picture, border = _picture(image, self._margins[self._turn])
        result = self._landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, picture), time_ms)
        seen_before, self._seen = self._seen, bool(result.pose_landmarks)
        if not self._seen:
            # The border with which somebody was seen just now has a second try.
            if not seen_before:
                self._turn = (self._turn + 1) % len(self._margins)
            return None
        points = _points(result.pose_landmarks[0], picture)
        height, width = image.shape[:2]
        mask = result.segmentation_masks[0].numpy_view().reshape(picture.shape[:2])
        return Pose(
            landmarks_px=points[:, :2] - (0, border),
            depth_px=points[:, 2],
            visibility=points[:, 3],
            world_m=np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[0]]),
            mask=np.array(mask[border : border + height, :width], dtype=np.float32),
        )

    def boxes(self, image: ImageArray) -> FloatArray:
        """Box of everybody in a picture, shape (people, 4): left, top, right, bottom in pixels."""
        picture, border = _picture(image, self._margins[0])
        result = self._landmarker.detect(mp.Image(mp.ImageFormat.SRGB, picture))
        boxes = [
            _box(_points(person, picture)[:, :2] - (0, border)) for person in result.pose_landmarks
        ]
        return np.array(boxes, dtype=np.float64).reshape(-1, 4)

    def close(self) -> None:
        """Free memory and threads."""
        self._landmarker.close()


def _picture(image: ImageArray, margin: tuple[float, float]) -> tuple[ImageArray, int]:
    """The picture as the model takes it, and how many rows of border lie above it.

    Rows of a mask start at multiples of 16 bytes; where a row's own length is none, this version
    of mediapipe ends the whole process when the mask is read. Hence the width is padded.
    """
    spare = -image.shape[1] % MASK_ROW_PIXELS
    if spare:
        image = cv2.copyMakeBorder(image, 0, 0, 0, spare, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    above, below = (round(share * image.shape[0]) for share in margin)
    if above or below:
        image = cv2.copyMakeBorder(image, above, below, 0, 0, cv2.BORDER_CONSTANT)  # type: ignore[assignment]
    return np.ascontiguousarray(image), above


def _points(person: list[NormalizedLandmark], picture: ImageArray) -> FloatArray:
    """Place and depth in pixels of the padded picture, and visibility, shape (33, 4)."""
    height, width = picture.shape[:2]
    points = np.array([(point.x, point.y, point.z, point.visibility) for point in person])
    return points * (width, height, width, 1.0)


def _box(points_px: FloatArray) -> FloatArray:
    """Left, top, right and bottom of points."""
    return np.concatenate([points_px.min(axis=0), points_px.max(axis=0)])


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
