"""How long one step of each exercise takes, in microseconds.

    python -m benchmarks.exercise_step

Feeds each exercise two minutes of swinging samples at 30 per second and prints the median and the
95th percentile of a single step, in processor time of this thread, so that a busy machine does not
count. The goal is a median below 50 microseconds.
"""

from __future__ import annotations

from math import sin
from statistics import median, quantiles
from time import thread_time_ns

from posture.datatypes import Facing, PostureSample, Quality
from posture.exercises import exercise_ids, get_exercise
from posture.pelvis.quality import Reading


def swinging(exercise_id: str, count: int = 3600) -> list[PostureSample]:
    """Samples in which the exercise's own movement swings."""
    exercise = get_exercise(exercise_id)
    by_knees = exercise_id in {"sit-bones", "pelvis-wave"}
    samples = []
    for step in range(count):
        swing = sin(max(step / 30 - 2.0, 0.0))
        samples.append(
            PostureSample(
                time_s=step / 30,
                quality=Quality.GOOD,
                reason=None,
                person=True,
                facing=Facing.RIGHT,
                view=exercise.views[0],
                position=exercise.position,
                pelvic_tilt_deg=10.0 * swing,
                pelvic_tilt_sd_deg=2.0,
                trunk_lean_deg=2.0 * swing,
                knee_flexion_deg=10.0 + (30.0 * abs(swing) if by_knees else 0.0),
                pelvis_yaw_deg=20.0 * swing,
                pelvis_yaw_sd_deg=3.0,
                thorax_yaw_deg=3.0 * swing,
                head_yaw_deg=2.0 * swing,
                head_pitch_deg=1.0,
                shoulder_hip_knee_deg=130.0 + 6.0 * swing,
                lift_fraction=abs(swing) if exercise.reading is Reading.LIFT else 0.0,
                hip_height=0.1 * swing,
                hip_shift=0.02 * swing,
                ankle_shift=0.0,
                pelvis_list_deg=1.0,
                knee_spread=1.0,
                legs_crossed=True,
            )
        )
    return samples


def main() -> None:
    """Print one line for each exercise."""
    print(f"{'exercise':<18}{'median us':>10}{'p95 us':>10}{'reps':>6}")
    for exercise_id in exercise_ids():
        exercise = get_exercise(exercise_id)
        state = exercise.initial_state(exercise.pace if exercise.paced else None)
        took_us = []
        for sample in swinging(exercise_id):
            start_ns = thread_time_ns()
            state, _ = exercise.step(state, sample)
            took_us.append((thread_time_ns() - start_ns) / 1000)
        p95 = quantiles(took_us, n=20)[-1]
        print(f"{exercise_id:<18}{median(took_us):>10.1f}{p95:>10.1f}{len(state.reps):>6}")


if __name__ == "__main__":
    main()
