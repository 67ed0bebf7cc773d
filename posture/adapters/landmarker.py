"""The pose model behind one small door: a frame goes in, one person's pose comes out.

MediaPipe finds people in a whole picture. The one chosen is then followed from picture to picture
with the same bundle's pose network alone, each time in the region that the last one pointed to;
or, in a recording, the last but one: so the next picture is read while this one is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee, zip_longest
from math import pi
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions

from posture.adapters.pose_network import PoseNetwork, Reading, Region, not_loaded
from posture.datatypes import FloatArray, Frame, ImageArray, Pose
from posture.landmarks import HIPS, KNEES, SHOULDERS, seen, thigh_trunks

logger = logging.getLogger(__name__)

# A trunk's middle that jumps further than this between two frames, in trunk lengths, is
# somebody else's trunk. Chosen by us: a run past the camera moves .3 a frame.
JUMP_TRUNKS = 0.8
# The body's circle, about the hips, in the way from them to the outermost point. Measured on
# the sample videos: .92 to 1.14.
CIRCLE_REACH = 1.03
# A picture this much later than the one that points to its region is not begun before the one in
# between is read: people move. Below 20 pictures a second that is so of all.
AHEAD_S = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """How a model is asked to look.

    Attributes:
        detection: Least confidence that somebody is there. The first are the model's own.
        presence: That the landmarks are a body's, when found and as long as it is followed.
        people: How many are looked for at most.
        margins: Empty border above and below the picture, in its heights; while nobody is found,
            one pair after the other.
    """

    detection: float = 0.5
    presence: float = 0.5
    people: int = 4
    margins: tuple[tuple[float, float], ...] = ((0.0, 0.0),)


# A head or feet outside the picture make the model's detector doubtful: where the first look finds
# nobody, the second is tried. An empty border gives it room for what is cut off, and which border
# helps differs from person to person. Chosen by us on rendered people: of nine such clips with .40
# of their frames .88 were found, and no more in an empty room. They are followed as exactly.
SURE = Look()
DOUBTFUL = Look(0.2, 0.2, 1, ((0.0, 0.0), (0.2, 0.6), (0.5, 0.5), (0.3, 0.3), (0.6, 0.2)))
LOOKS = (SURE, DOUBTFUL)
# Where the detector overlooks somebody all the same, the pose network itself looks at a place where
# people stand, another one in each picture: how far from the picture's left, in its widths, and the
# region's side, in its heights. The network finds its way from some distance.
PLACES = ((0.5, 1.4), (0.35, 1.4), (0.65, 1.4), (0.5, 1.0), (0.2, 1.4), (0.8, 1.4))
STEPS_THERE = 2
# It sees people in plants, too: what counts is a body it is sure of, with hips, shoulders and knees
# on its mask, and thighs of a body's length in trunks. Chosen by us: so were found four of seven
# rendered people who had been overlooked, and somebody in 3 of 120 made-up corners of rooms, in
# which the detector finds somebody 12 times.
SURE_OF_BODY = 0.9
THIGH_TRUNKS = (0.65, 1.1)


class MediaPipeLandmarker:
    """Follows one person: the largest when the first person is found, and that one from then on.

    Whenever nobody is followed, or the one followed jumps, the whole picture is searched: first
    for sure people, then for doubtful ones.

    Args:
        bundle: Path of a ``.task`` file.
        threads: So many cores follow the person; what is seen is the same with any number. Live
            practice gains nothing from a second one: the browser wants it.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path, threads: int = 1) -> None:
        self._bundle = bundle
        at_once = min(threads, 2)
        self._networks: SimpleQueue[PoseNetwork] = SimpleQueue()
        for _ in range(at_once):
            self._networks.put(PoseNetwork(bundle, threads // at_once))
        self._workers = ThreadPoolExecutor(at_once, "posture-look") if at_once > 1 else None
        self._begun: dict[int, Callable[[], Reading]] = {}
        self._finders = {SURE: _Finder(bundle, SURE)}
        self._look = SURE
        self._region: Region | None = None
        self._region_s = 0.0
        self._person: FloatArray | None = None
        self._calm = _Calm()
        self._place = 0
        self.people_at_once = 0

    def looking_ahead(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames, for :meth:`detect`, which begins each while it reads the one before."""
        following, now = tee(frames)
        next(following, None)
        for frame, upcoming in zip_longest(now, following):
            if upcoming is not None:
                self._begin(upcoming)
            yield frame

    def detect(self, frame: Frame) -> Pose | None:
        """Find the person in the next frame.

        Args:
            frame: RGB picture; times must not fall.

        Returns:
            The pose in this picture's pixels, or ``None`` when nobody is found.
        """
        pose = None if self._region is None else self._follow(frame)
        if pose is None:
            pose = self._find(frame, LOOKS) or self._find_at_a_place(frame)
        elif self._jumped(_box(pose.landmarks_px)):
            # Somebody else whom the doubtful search finds is no better than the one followed.
            pose = self._find(frame, (SURE,)) or pose
        if pose is not None:
            self._person = _box(pose.landmarks_px)
        return pose

    def close(self) -> None:
        """Free the model's memory and threads; harmless when called twice."""
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)
        for finder in self._finders.values():
            finder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self, frame: Frame) -> Pose | None:
        """The person in the region where one is expected."""
        assert self._region is not None  # noqa: S101
        begun = self._begun.pop(frame.index, None)
        reading = begun() if begun else self._read(frame.image_rgb, self._region)
        if reading.presence < self._look.presence:
            self._expect(None, frame)
            return None
        pose = self._calm(reading.pose, frame.time_s, reading.next_region.side_px)
        self._region, self._region_s = reading.next_region, frame.time_s
        return pose

    def _begin(self, frame: Frame) -> None:
        """Look at a picture where the person is now, before the one before it has been read."""
        if self._region is None or frame.time_s > self._region_s + AHEAD_S:
            return
        read = partial(self._read, frame.image_rgb, self._region)
        self._begun[frame.index] = self._workers.submit(read).result if self._workers else read

    def _expect(self, region: Region | None, frame: Frame) -> None:
        """From here on the person is there, or nobody knows where; what was begun is void."""
        self._region, self._region_s = region, frame.time_s
        self._begun.clear()

    def _read(self, image: ImageArray, region: Region) -> Reading:
        """Look at a region with whichever network is free."""
        network = self._networks.get()
        try:
            return network.read(image, region)
        finally:
            self._networks.put(network)

    def _find(self, frame: Frame, looks: Sequence[Look]) -> Pose | None:
        """Somebody anywhere in the picture, whom to follow from here on."""
        for look in looks:
            if look not in self._finders:
                self._finders[look] = _Finder(self._bundle, look)
            people = self._finders[look].people(frame.image_rgb)
            if not people:
                continue
            self.people_at_once = max(self.people_at_once, len(people))
            chosen = people[self._choose([_box(points) for points in people])]
            first = self._read(frame.image_rgb, _region(chosen))
            if first.presence < look.presence:
                continue
            pose = self._follow_from(first, frame, look)
            if pose is not None:
                return pose
        return None

    def _find_at_a_place(self, frame: Frame) -> Pose | None:
        """Somebody whom the detector overlooks, at one of the places where people stand."""
        height, width = frame.image_rgb.shape[:2]
        x, side = PLACES[self._place]
        self._place = (self._place + 1) % len(PLACES)
        there = self._read(frame.image_rgb, Region(x * width, 0.5 * height, side * height, 0.0))
        for _ in range(STEPS_THERE):
            if there.presence < SURE.presence:
                return None
            there = self._read(frame.image_rgb, there.next_region)
        if there.presence < SURE_OF_BODY or not _is_body(there.pose):
            return None
        return self._follow_from(there, frame, SURE)

    def _follow_from(self, first: Reading, frame: Frame, look: Look) -> Pose | None:
        """The person of a first reading, whom to follow from here on."""
        self._look, self._calm = look, _Calm()
        # Pointed to by the network itself, the region is the one it likes.
        self._expect(first.next_region, frame)
        return self._follow(frame)

    def _choose(self, boxes: Sequence[FloatArray]) -> int:
        if self._person is None:
            return int(np.argmax([np.prod(box[2:] - box[:2]) for box in boxes]))
        return int(np.argmax([_overlap(box, self._person) for box in boxes]))

    def _jumped(self, box: FloatArray) -> bool:
        if self._person is None:
            return False
        before, now = _centre(self._person), _centre(box)
        height = float(self._person[3] - self._person[1])
        return bool(np.hypot(*(now - before)) > JUMP_TRUNKS * 0.3 * height)


class _Finder:
    """MediaPipe's pose landmarker, looking at single pictures in one way.

    Raises:
        ModelError: The bundle cannot be loaded.
    """

    def __init__(self, bundle: Path, look: Look) -> None:
        self._margins = look.margins
        self._turn = 0
        options = PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(bundle)),
            num_poses=look.people,
            min_pose_detection_confidence=look.detection,
            min_pose_presence_confidence=look.presence,
        )
        try:
            self._landmarker = PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            logger.debug("pose model refused", exc_info=error)
            raise not_loaded(bundle) from error

    def people(self, image: ImageArray) -> list[FloatArray]:
        """Everybody's points in a picture, each of shape (33, 2) in pixels."""
        above, below = (round(share * image.shape[0]) for share in self._margins[self._turn])
        picture = np.ascontiguousarray(image)
        if above or below:
            picture = cv2.copyMakeBorder(picture, above, below, 0, 0, cv2.BORDER_CONSTANT)  # type: ignore[assignment]
        found = self._landmarker.detect(mp.Image(mp.ImageFormat.SRGB, picture)).pose_landmarks
        if not found:
            self._turn = (self._turn + 1) % len(self._margins)
        size = (picture.shape[1], picture.shape[0])
        return [
            np.array([(point.x, point.y) for point in person]) * size - (0, above)
            for person in found
        ]

    def close(self) -> None:
        """Free memory and threads."""
        self._landmarker.close()


class _Calm:
    """Takes the tremble out of a pose, as MediaPipe does: the One-Euro filter for many numbers.

    Points forget slowest while still and are quickest in movement; speeds are in sides of the
    region a second, so that it does not matter how large somebody is in the picture.
    """

    def __init__(self) -> None:
        self._points = _OneEuro(min_cutoff_hz=0.05, beta=80.0)
        self._world = _OneEuro(min_cutoff_hz=0.1, beta=40.0)
        self._visibility: FloatArray | None = None

    def __call__(self, pose: Pose, time_s: float, side_px: float) -> Pose:
        points = np.column_stack([pose.landmarks_px, pose.depth_px])
        points = self._points(points, time_s, side_px)
        if self._visibility is None:
            self._visibility = pose.visibility
        self._visibility = 0.1 * pose.visibility + 0.9 * self._visibility
        return replace(
            pose,
            landmarks_px=points[:, :2],
            depth_px=points[:, 2],
            visibility=self._visibility,
            world_m=self._world(pose.world_m, time_s, 1.0),
        )


class _OneEuro:
    """The One-Euro filter for an array of numbers; cut-offs as in MediaPipe's pose landmarker.

    Unlike :mod:`posture.smoothing` its speed is that of the numbers as they come, in a unit that
    may change from picture to picture.
    """

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self._last: tuple[float, FloatArray, FloatArray, FloatArray] | None = None

    def __call__(self, values: FloatArray, time_s: float, unit: float) -> FloatArray:
        if self._last is None:
            self._last = time_s, values, values, np.zeros_like(values)
            return values
        last_s, raw, smooth, speed = self._last
        # Pictures of one time, as broken files have them, are taken for a millisecond apart.
        step_s = max(time_s - last_s, 1e-3)
        speed = speed + _share(1.0, step_s) * ((values - raw) / (unit * step_s) - speed)
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(speed)
        smooth = smooth + _share(cutoff_hz, step_s) * (values - smooth)
        self._last = time_s, values, smooth, speed
        return smooth


def _share(cutoff_hz: FloatArray | float, step_s: float) -> FloatArray:
    """How much of what is new a low pass lets in at one step."""
    turn = 2.0 * pi * step_s * np.asarray(cutoff_hz)
    return turn / (turn + 1.0)


def _region(points_px: FloatArray) -> Region:
    """About where the network wants to look for a body with these points, shape (33, 2).

    Nobody practises head down, further than in a bridge: who is found so is misread, and looked at
    again upright.
    """
    hips = points_px[list(HIPS)].mean(axis=0)
    trunk = points_px[list(SHOULDERS)].mean(axis=0) - hips
    reach = CIRCLE_REACH * float(np.hypot(*(points_px - hips).T).max())
    up = trunk * (reach / max(float(np.hypot(*trunk)), 1e-6))
    head_down = up[1] > 2.0 * abs(up[0])
    return Region.of_circle(hips, hips + ((0.0, -reach) if head_down else up))


def _is_body(pose: Pose) -> bool:
    """Whether hips, shoulders and knees lie on the body, and trunk and thighs fit each other."""
    low, high = THIGH_TRUNKS
    on_body = seen(pose)[[*HIPS, *SHOULDERS, *KNEES]]
    return bool(on_body.all()) and low < thigh_trunks(pose.world_m) < high


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
