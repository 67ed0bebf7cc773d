"""From a script to solved poses and truth rows, for one body. Numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.anatomy import SIDES, SIGN, Pose, Posture, Solver
from training.movement import Script
from training.rotations import angle_deg


@dataclass
class Manner:
    """A person's own neutral, degrees: pelvis, chest, head, and rounding of the upper back."""

    tilt: float = 0.0
    thorax: float = 0.0
    head: float = 0.0
    rounding: float = 0.0


@dataclass
class Acted:
    """Solved poses of a clip and its truth, one row per frame."""

    poses: list[Pose]
    truth: list[dict[str, float]]
    neutral_raw_deg: float


class Actor:
    """Turns script channels into postures of one body."""

    def __init__(self, solver: Solver, manner: Manner, script: Script) -> None:
        self.solver, self.manner, self.script = solver, manner, script
        self.seat_m = float(np.clip(0.262 * solver.body.height_m, 0.38, 0.5))
        if script.support == "back":
            self._prepare_back()

    def _prepare_back(self) -> None:
        """Find the chest pitch for the hips on the floor and for a straight bridge."""
        self._span = 0.45 * self.solver.body.height_m
        self._heel = 0.0
        rest = max(self.solver.seat_back - 0.012, 0.06)
        self._low = self._chest_pitch(rest)
        self._rest_y = rest
        pose = self.solver.solve(self._lying(0.0, self._low))
        if not self.script.legs_crossed:
            knee_bend = 0.30 * self.solver.body.height_m
            self._heel = float(pose.hips[2] + knee_bend)
        lo, hi = rest, rest + 0.45
        for _ in range(16):
            mid = (lo + hi) / 2
            pose = self.solver.solve(self._lying(0.0, self._chest_pitch(mid)))
            lo, hi = (mid, hi) if pose_angle(pose) < 179.0 and mid < rest + 0.4 else (lo, mid)
        self._full_y = (lo + hi) / 2
        heights = np.linspace(-0.05, 1.15, 25)
        self._pitch_of = (
            heights,
            np.array([self._chest_pitch(rest + h * (self._full_y - rest)) for h in heights]),
        )
        # a tilt rolls the pelvis over the floor: the chest gives way so that the hips stay down
        tilts = np.linspace(-20.0, 20.0, 9)
        self._give = (tilts, np.array([self._chest_pitch(rest, t) - self._low for t in tilts]))

    def _lying(self, tilt: float, chest: float, more: float | None = None) -> Posture:
        """Lying with a chest pitch; a bridge carries the pelvis along by `more` degrees."""
        if more is None:
            more = chest - getattr(self, "_low", chest)
        lying = Posture(
            tilt=-90.0 + self.manner.tilt + tilt + 1.12 * more,
            thorax_pitch=chest,
            upper_pitch=-90.0 + 0.5 * (chest + 90.0),
            head_pitch=-90.0 + self.manner.head,
            supine=True,
        )
        for s in SIDES:
            lying.ankles[s] = np.array([SIGN[s] * 0.11, self.solver.ankle_y, self._heel])
            lying.knee_pole[s] = np.array([SIGN[s] * 0.05, 1.0, 0.35])
        return lying

    def _chest_pitch(self, hip_y: float, tilt: float | None = None) -> float:
        """Chest pitch at which the hip joints come to lie `hip_y` metres above the floor.

        With a `tilt` the pelvis is held at that angle, else it goes along with the chest.
        """
        lo, hi = -140.0, -60.0
        for _ in range(18):
            mid = (lo + hi) / 2
            lying = self._lying(0.0, mid) if tilt is None else self._lying(tilt, mid, 0.0)
            y = self.solver.solve(lying).hips[1]
            lo, hi = (mid, hi) if y > hip_y else (lo, mid)
        return (lo + hi) / 2

    def _arms(self, i: int) -> dict[str, dict[str, float]]:
        t = self.script.time[i]
        plan = self.script.arms or [(0.0, {"L": "hang", "R": "hang"})]
        now = max(k for k, (start, _) in enumerate(plan) if start <= t)
        out: dict[str, dict[str, float]] = {}
        for s in SIDES:
            blend = {plan[now][1][s]: 1.0}
            if now > 0:
                mix = float(np.clip((t - plan[now][0]) / 1.0, 0, 1))
                mix = mix * mix * (3 - 2 * mix)
                blend = {plan[now - 1][1][s]: 1 - mix}
                new = plan[now][1][s]
                blend[new] = blend.get(new, 0.0) + mix
            if s in self.script.swing:
                blend["swing"] = float(self.script.swing[s][i])
            out[s] = blend
        return out

    def posture(self, i: int) -> Posture:
        """The posture of frame `i`."""
        sc, m = self.script, self.manner
        c = {k: float(v[i]) for k, v in sc.channels.items()}
        if sc.support == "back":
            return self._lying_posture(c, i)
        p = Posture(
            tilt=m.tilt + c["tilt"],
            pelvis_yaw=c["pelvis_yaw"],
            pelvis_roll=c["pelvis_roll"],
            thorax_pitch=m.thorax + c["thorax_pitch"],
            thorax_yaw=c["thorax_yaw"],
            thorax_roll=c["thorax_roll"],
            head_pitch=m.head + c["head_pitch"],
            upper_pitch=m.thorax + c["thorax_pitch"] + m.rounding,
            head_yaw=c["head_yaw"],
            knee=max(c["knee"], -2.0),
            hips_x=c["hips_x"],
            hips_z=c["hips_z"],
            shrug=c["shrug"],
            arms=self._arms(i),
        )
        shift = np.array([0.0, 0.0, 1.4 * c["walk"]])
        ankle_z = -0.035 if sc.support == "feet" else 0.0
        for s in SIDES:
            x = SIGN[s] * sc.stance_m * (-0.5 if sc.legs_crossed else 1.0)
            ahead = 0.06 * SIGN[s] if sc.legs_crossed else 0.0
            p.ankles[s] = np.array([x, self.solver.ankle_y, ankle_z + ahead]) + shift
            p.foot_yaw[s] = SIGN[s] * sc.foot_yaw
        p.hips_z += float(shift[2])
        if 0.0 < c["walk"] < 1.0:
            stride = 4 * np.pi * c["walk"]
            for s in SIDES:
                swing = np.sin(stride + (0 if s == "L" else np.pi))
                p.ankles[s] += np.array([0.0, 0.07 * max(swing, 0.0), 0.16 * swing])
        if sc.support == "seat":
            p.hips_y = self.seat_m + 0.088
            for s in SIDES:
                p.ankles[s][2] = self.solver.thigh * 0.92
                p.ankles[s][0] = SIGN[s] * max(sc.stance_m, 0.12)
                p.knee_pole[s] = np.array([SIGN[s] * 0.15, 1.0, 0.6])
        return p

    def _lying_posture(self, c: dict[str, float], i: int) -> Posture:
        chest = float(np.interp(c["lift"], *self._pitch_of))
        give = float(np.interp(c["tilt"], *self._give))
        p = self._lying(c["tilt"], chest + give, chest - self._low)
        p.arms = self._arms(i)
        p.pelvis_roll = 0.3 * c["pelvis_roll"]
        p.head_yaw = c["head_yaw"]
        p.head_pitch += 0.3 * c["head_pitch"]
        if self.script.legs_crossed:
            reach = self.solver.thigh + self.solver.shin
            hip = self.solver.solve(p).hips
            for s, x, y in (("L", -0.02, 0.13), ("R", 0.05, 0.055)):
                p.ankles[s] = np.array([x, y, hip[2] + reach * 0.985])
                p.foot_pitch[s] = -62.0
        return p

    def act(self) -> Acted:
        """Solve all frames."""
        postures = [self.posture(i) for i in range(len(self.script.time))]
        poses = [self.solver.solve(p) for p in postures]
        still = self.script.time < self.script.still_s
        base = -90.0 if self.script.support == "back" else 0.0
        raw = np.array([p.tilt for p in postures]) - base
        neutral = float(raw[still].mean())
        truth = []
        for i, (pose, p) in enumerate(zip(poses, postures, strict=True)):
            knee = [
                angle_deg(
                    pose.joints[f"shin.{s}"] - pose.joints[f"thigh.{s}"],
                    pose.joints[f"foot.{s}"] - pose.joints[f"shin.{s}"],
                )
                - self.solver.rest_flexion
                for s in SIDES
            ]
            line = pose.shoulders - pose.hips
            lift = 0.0
            if self.script.support == "back":
                lift = (pose.hips[1] - self._rest_y) / (self._full_y - self._rest_y)
            truth.append(
                {
                    "pelvic_tilt_deg": float(raw[i] - neutral),
                    "pelvic_tilt_raw_deg": float(raw[i]),
                    "pelvis_yaw_deg": p.pelvis_yaw,
                    "thorax_yaw_deg": p.thorax_yaw,
                    "thorax_pitch_deg": p.thorax_pitch - base,
                    "trunk_lean_deg": float(np.degrees(np.arctan2(line[2], line[1]))),
                    "knee_flexion_deg": float(np.mean(knee)),
                    "head_pitch_deg": p.head_pitch - base,
                    "shoulder_hip_knee_deg": pose_angle(pose),
                    "lift_fraction": float(lift),
                    "hip_height_m": float(pose.hips[1]),
                }
            )
        return Acted(poses, truth, neutral)


def pose_angle(pose: Pose) -> float:
    """Sagittal shoulder-hip-knee angle, degrees; above 180 when over-arched."""
    knee = (pose.joints["shin.L"] + pose.joints["shin.R"]) / 2
    a = (pose.shoulders - pose.hips)[1:]
    b = (knee - pose.hips)[1:]
    turn = np.degrees(np.arctan2(b[1], b[0]) - np.arctan2(a[1], a[0]))
    return float(turn % 360.0)
