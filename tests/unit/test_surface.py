"""The surface's shift on made-up people whose clothes move by a known amount."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from posture.adapters.surface import DenseFlow
from posture.datatypes import Facing, Frame
from posture.pipeline import Perception
from posture.surface import ACROSS, FORGOTTEN_S, HEIGHTS, PLACE_COUNT, STILL_S
from tests.unit.people import HEIGHT, WIDTH, standing
from tests.unit.test_pipeline import RATE_HZ, Script

SCALE_PX = 235.0
ON_TRUNK = len(HEIGHTS) * len(ACROSS)
SETTLING = int(STILL_S * RATE_HZ) + 2


def turned(facing=1, **how):
    return standing(yaw_deg=45.0 * facing, facing=facing, **how)


def clothed(pose, moved_px=0.0, light=1.0):
    """A picture of somebody before a plain wall, the pattern of the clothes moved to the right."""
    chance = np.random.default_rng(3)
    pattern = cv2.GaussianBlur(chance.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 8)
    pattern = 128 + 60 * pattern / pattern.std()
    place = np.float32([[1, 0, moved_px], [0, 1, 0]])
    pattern = cv2.warpAffine(pattern, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    grey = np.where(pose.mask > 0.5, pattern, 90.0) * light
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def stout(pose):
    """The same person with a broad body: an outline that stays holds what is near it back."""
    return replace(pose, mask=cv2.dilate(pose.mask, np.ones((1, 81))))


def watched(poses, pictures, times_s=None):
    """Observations of poses in their pictures; nobody where a pose is ``None``."""
    times_s = times_s or [index / RATE_HZ for index in range(len(poses))]
    perception = Perception(Script(poses), optics=DenseFlow())
    shown = zip(times_s, pictures, strict=True)
    return [perception.observe(Frame(i, time_s, image)) for i, (time_s, image) in enumerate(shown)]


def still_then(*poses, facing=1, pictures=None):
    """Somebody who stands still until there is a key picture, and then what is given."""
    still = [turned(facing)] * SETTLING
    images = [clothed(pose) for pose in still]
    images += [clothed(pose) for pose in poses] if pictures is None else pictures
    return watched([*still, *poses], images)


@pytest.mark.parametrize("facing", [1, -1])
@pytest.mark.parametrize("forward_px", [-6.0, 3.0, 6.0])
def test_clothes_that_move_over_the_body_are_followed(facing, forward_px):
    pose = stout(turned(facing))
    seen = watched(
        [pose] * (SETTLING + 1),
        [clothed(pose)] * SETTLING + [clothed(pose, moved_px=forward_px * facing)],
    )
    shift = seen[-1].surface_shift
    assert shift.shape == (PLACE_COUNT,)
    middle_of_trunk = shift[:ON_TRUNK].reshape(-1, len(ACROSS))[:, 1:3]
    assert np.median(middle_of_trunk) * SCALE_PX == pytest.approx(forward_px, rel=0.25)


def test_where_nothing_moves_there_is_no_shift():
    shift = still_then(turned())[-1].surface_shift
    assert shift == pytest.approx(np.zeros(PLACE_COUNT), abs=1e-3)


def test_a_body_that_moves_as_a_whole_does_not_shift():
    pose = turned(origin=(332.0, 238.0))
    chance = clothed(turned())
    picture = np.roll(chance, (-2, 12), axis=(0, 1))
    shift = still_then(pose, pictures=[picture])[-1].surface_shift
    assert np.abs(np.median(shift[:ON_TRUNK])) * SCALE_PX < 0.5


def test_dimmer_light_does_not_shift():
    shift = still_then(turned(), pictures=[clothed(turned(), light=0.6)])[-1].surface_shift
    assert np.abs(shift[:ON_TRUNK]).max() * SCALE_PX < 1.0


def test_the_key_is_the_first_picture_of_somebody_who_stands_still():
    walking = [turned(origin=(300.0 - 20 * step, 240.0)) for step in range(6)]
    poses = [*walking, *[walking[-1]] * 10]
    seen = watched(poses, [clothed(pose) for pose in poses])
    keys = [one.surface_key for one in seen]
    assert keys[:8] == [-1] * 8
    assert keys[-1] > len(walking)
    assert all((one.surface_shift is None) == (one.surface_key == -1) for one in seen)
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    "other",
    [turned(facing=-1), turned(origin=(430.0, 240.0)), turned(size=0.75)],
    ids=["turned round", "gone elsewhere", "gone away from the camera"],
)
def test_a_key_that_no_longer_fits_is_renewed(other):
    keys = [one.surface_key for one in still_then(*[other] * 40)]
    first = keys[SETTLING - 1]
    assert 0 <= first < SETTLING
    assert keys[-1] > SETTLING
    assert first not in keys[-20:]


@pytest.mark.parametrize(("away_s", "stays"), [(FORGOTTEN_S - 0.5, True), (FORGOTTEN_S + 1, False)])
def test_who_was_long_away_may_be_somebody_else(away_s, stays):
    poses = [turned()] * SETTLING + [None] + [turned()] * 10
    times_s = [i / RATE_HZ for i in range(SETTLING + 1)]
    back_s = times_s[SETTLING - 1] + away_s
    times_s += [back_s + i / RATE_HZ for i in range(10)]
    seen = watched(poses, [clothed(turned())] * len(poses), times_s)
    assert seen[SETTLING].surface_shift is None
    assert (seen[-1].surface_key == seen[SETTLING - 1].surface_key) is stays


def test_a_person_in_side_view_is_not_looked_at():
    side = standing()
    seen = watched([side] * 10, [clothed(side)] * 10)
    assert {one.surface_key for one in seen} == {-1}


def test_places_where_the_key_shows_no_body_are_unknown():
    pose = turned()
    footless = replace(pose, mask=pose.mask * (np.arange(HEIGHT) < 400)[:, None])
    seen = watched([footless] * 10, [clothed(footless)] * 10)
    assert np.isnan(seen[-1].surface_shift[-1])
    assert np.isfinite(seen[-1].surface_shift[:4]).all()
    assert seen[-1].facing is Facing.RIGHT
