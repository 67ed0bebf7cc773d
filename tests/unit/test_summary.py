"""What a whole recording comes to."""

import pytest

from posture.summary import summarise
from tests.unit.ui.recordings import recording, result, wave


@pytest.mark.parametrize(("reach_deg", "real"), [(1.0, False), (10.0, True)])
def test_a_range_within_the_uncertainty_is_no_real_change(reach_deg: float, real: bool) -> None:
    tilt = summarise(recording(wave(120, reach_deg=reach_deg)))["pelvic_tilt"]
    assert tilt["minimal_detectable_change_deg"] == pytest.approx(2.77 * 2.0, abs=0.1)
    assert tilt["real_change"] is real


def test_without_a_reading_nothing_is_said_about_the_tilt() -> None:
    assert summarise(recording([result(0)]))["pelvic_tilt"] is None
