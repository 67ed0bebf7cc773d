"""Regions of a picture, and what is done before and after the pose network."""

from __future__ import annotations

from math import radians
from pathlib import Path

import numpy as np
import pytest

from posture.adapters.network_parts import SMALL_SIDE, take_apart
from posture.adapters.pose_network import (
    BLURRED_CELLS,
    CELLS,
    FLESH_REACH,
    SIDE_CELLS,
    WIDTHS,
    PoseNetwork,
    Region,
    _columns,
    _warmest,
)
from posture.errors import ModelError


def in_picture(region: Region, cell: tuple[float, float]) -> np.ndarray:
    return region.matrix() @ (*cell, 1.0)


def test_the_region_of_somebody_upright_is_upright_and_has_room_around_the_circle():
    region = Region.of_circle(np.array([300.0, 200.0]), np.array([300.0, 120.0]))
    assert region == Region(300.0, 200.0, pytest.approx(200.0), pytest.approx(0.0))
    assert in_picture(region, (0.0, 0.0)) == pytest.approx([200.0, 100.0])
    assert in_picture(region, (SIDE_CELLS, SIDE_CELLS / 2)) == pytest.approx([400.0, 200.0])


def test_the_region_of_somebody_lying_is_turned_with_the_head_at_its_top():
    region = Region.of_circle(np.array([300.0, 200.0]), np.array([380.0, 200.0]))
    assert region.turn_rad == pytest.approx(radians(90.0))
    assert in_picture(region, (SIDE_CELLS / 2, 0.0)) == pytest.approx([400.0, 200.0])
    assert region.turned(np.array([[0.0, -1.0]])) == pytest.approx(np.array([[1.0, 0.0]]))


def test_points_are_drawn_to_the_middle_of_their_warmth():
    heat = np.full((64, 64, 3), -20.0, np.float32)
    heat[20:22, 30:32, 0] = 5.0  # warm beside where the point is said to be
    heat[20, 30, 1] = -1.0  # hardly warm
    places = np.array([[31.4 / 64, 22.6 / 64], [31.4 / 64, 22.6 / 64], [1.3, 0.5]])
    moved = _warmest(places, heat)
    assert moved[0] * 64 == pytest.approx([30.5, 20.5], abs=0.01)
    assert moved[1:] == pytest.approx(places[1:])


def test_warmth_beyond_the_edge_does_not_count():
    heat = np.full((64, 64, 1), -20.0, np.float32)
    heat[0, 0, 0] = 5.0
    assert _warmest(np.array([[0.5 / 64, 0.5 / 64]]), heat) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_what_is_no_bundle_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None):
    bundle = tmp_path / "pose_landmarker_full.task"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(ModelError, match="pose_landmarker_full"):
        PoseNetwork(bundle)


@pytest.mark.parametrize(
    ("left", "right"), [(0.45, 0.55), (0.3, 0.62), (0.02, 0.2), (0.9, 1.1), (-0.4, 1.3)]
)
def test_the_mask_is_drawn_wherever_a_body_may_reach(left: float, right: float):
    first, width = _columns(np.array([right, left, (left + right) / 2]))
    assert width in WIDTHS
    assert 0 <= first <= SMALL_SIDE - width
    # Beside a column that is left out the mask is blurred; at the region's border it is not.
    drawn_from = (first * CELLS + BLURRED_CELLS * (first > 0)) / SIDE_CELLS
    until = first + width
    drawn_to = (until * CELLS - BLURRED_CELLS * (until < SMALL_SIDE)) / SIDE_CELLS
    assert drawn_from <= max(left - FLESH_REACH, 0.0)
    assert drawn_to >= min(right + FLESH_REACH, 1.0)


def test_somebody_standing_side_on_takes_the_fewest_columns():
    assert _columns(np.array([0.44, 0.56]))[1] == WIDTHS[0]


@pytest.mark.parametrize("content", [b"", b"no network at all"])
def test_what_is_no_network_is_not_taken_apart(content: bytes):
    with pytest.raises(ModelError):
        take_apart(content)
