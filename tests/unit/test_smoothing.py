from math import isnan, nan, sin

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posture.smoothing import OneEuro, OneEuroSettings

STEP_S = 1 / 30


def smoothed(values, settings=None):
    smooth = OneEuro(settings)
    return [smooth(value, index * STEP_S) for index, value in enumerate(values)]


def test_a_steady_value_stays():
    assert smoothed([3.0] * 20) == [3.0] * 20


def test_jitter_shrinks():
    jitter = np.random.default_rng(1).normal(0, 1, 300)
    assert np.std(smoothed(jitter)[30:]) < 0.6 * np.std(jitter[30:])


def test_a_quick_movement_lags_less_with_beta():
    ramp = [min(max(index - 30, 0), 20) for index in range(80)]
    calm = smoothed(ramp, OneEuroSettings(min_cutoff_hz=0.5, beta=0.0))
    quick = smoothed(ramp, OneEuroSettings(min_cutoff_hz=0.5, beta=0.5))
    assert sum(quick[30:55]) > sum(calm[30:55])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60))
def test_it_never_overshoots_what_it_saw(values):
    assert all(min(values) - 1e-9 <= value <= max(values) + 1e-9 for value in smoothed(values))


def test_no_value_gives_no_value_and_harms_nothing():
    smooth = OneEuro()
    smooth(1.0, 0.0)
    assert isnan(smooth(nan, 0.1))
    assert smooth(1.0, 0.2) == 1.0


def test_a_long_gap_starts_afresh():
    smooth = OneEuro(OneEuroSettings(forget_after_s=0.5))
    smooth(0.0, 0.0)
    assert smooth(10.0, 2.0) == 10.0


def test_time_that_does_not_rise_is_ignored():
    smooth = OneEuro()
    smooth(1.0, 1.0)
    assert smooth(50.0, 1.0) == 1.0
    assert smooth(50.0, 0.5) == 1.0


def test_reset_equals_new():
    used, fresh = OneEuro(), OneEuro()
    for index in range(30):
        used(sin(index), index * STEP_S)
    used.reset()
    wave = [sin(index / 3) for index in range(30)]
    assert [used(v, i * STEP_S) for i, v in enumerate(wave)] == [
        fresh(v, i * STEP_S) for i, v in enumerate(wave)
    ]


@given(
    st.lists(st.tuples(st.floats(-100, 100) | st.just(nan), st.floats(-0.1, 0.7)), max_size=60),
    st.integers(0, 60),
)
def test_many_in_turn_are_the_same_to_the_last_bit_as_one_by_one(moments, cut):
    values = [value for value, _ in moments]
    times_s = np.cumsum([step_s for _, step_s in moments]).tolist()
    one, many = OneEuro(), OneEuro()
    parts = (slice(None, cut), slice(cut, None))
    together = [many.series(values[part], times_s[part]) for part in parts]
    alone = [one(value, time_s) for value, time_s in zip(values, times_s, strict=True)]
    assert repr([*together[0], *together[1]]) == repr(alone)
