"""Posing with anatomy that holds: hips, planted feet, lumbar spine, arms. Numpy only.

The pelvis turns about the axis through both hip joints. The lumbar bones share the difference
between pelvis and thorax; the thorax and the head have attitudes of their own. The legs reach from
the hip joints to the planted ankles.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from training.body import BONES, INDEX, Body, bone_matrices, joint_positions
from training.rotations import angle_deg, attitude, cross, frame, two_bone, unit, yaw

SIDES = ("L", "R")
SIGN = {"L": 1.0, "R": -1.0}
ARM_MODES = ("hang", "belly", "sacrum", "crossed", "front", "up", "thighs", "floor", "hips")


@dataclass
class Posture:
    """One instant. Angles in degrees (absolute, against the vertical), lengths in metres."""

    tilt: float = 0.0
    pelvis_yaw: float = 0.0
    pelvis_roll: float = 0.0
    thorax_pitch: float = 0.0
    thorax_yaw: float = 0.0
    thorax_roll: float = 0.0
    upper_pitch: float | None = None
    head_pitch: float = 0.0
    head_yaw: float = 0.0
    knee: float = 8.0
    hips_x: float = 0.0
    hips_z: float = 0.0
    hips_y: float | None = None
    supine: bool = False
    ankles: dict[str, np.ndarray] = field(default_factory=dict)
    foot_yaw: dict[str, float] = field(default_factory=dict)
    foot_pitch: dict[str, float] = field(default_factory=dict)
    knee_pole: dict[str, np.ndarray] = field(default_factory=dict)
    arms: dict[str, dict[str, float]] = field(default_factory=dict)
    shrug: float = 0.0


@dataclass
class Pose:
    """A solved posture: bone transforms and the truth that can be read from the joints."""

    matrices: np.ndarray
    rotations: dict[str, np.ndarray]
    joints: dict[str, np.ndarray]

    @property
    def hips(self) -> np.ndarray:
        """Middle of the hip joints, metres."""
        return np.asarray((self.joints["thigh.L"] + self.joints["thigh.R"]) / 2)

    @property
    def shoulders(self) -> np.ndarray:
        """Middle of the shoulder joints, metres."""
        return np.asarray((self.joints["upperarm.L"] + self.joints["upperarm.R"]) / 2)


class Solver:
    """Solves postures for one body.

    `lumbar` holds the share of the pelvis attitude that the three lumbar bones keep, lowest first.
    """

    def __init__(self, body: Body, lumbar: tuple[float, float, float] = (0.66, 0.3, 0.06)) -> None:
        self.body = body
        self.heads = np.asarray(body.heads, np.float64)
        self.lumbar = lumbar
        h = body.head
        self.thigh = float(np.linalg.norm(h("shin.L") - h("thigh.L")))
        self.shin = float(np.linalg.norm(h("foot.L") - h("shin.L")))
        self.upper = float(np.linalg.norm(h("lowerarm.L") - h("upperarm.L")))
        self.lower = float(np.linalg.norm(h("hand.L") - h("lowerarm.L")))
        self.rest_flexion = angle_deg(h("shin.L") - h("thigh.L"), h("foot.L") - h("shin.L"))
        self.ankle_y = float(h("foot.L")[1])
        self.hip_width = float(h("thigh.L")[0] - h("thigh.R")[0])
        self._anchors = self._find_anchors()
        part = body.vertices[body.template.groups["body"]]
        legs = body.skin_weights[body.template.groups["body"]]
        arm = sum(
            legs[:, INDEX[f"{n}.{s}"]] for n in ("upperarm", "lowerarm", "hand") for s in SIDES
        )
        band = (np.abs(part[:, 1] - h("thigh.L")[1]) < 0.12) & (arm < 0.1)
        self.half_width = float(np.abs(part[band, 0]).max())
        mid = (np.abs(part[:, 0]) < 0.2) & (arm < 0.1)
        near_neck = mid & (np.abs(part[:, 1] - h("neck")[1] + 0.06) < 0.05)
        self.neck_back = float(h("neck")[2] - part[near_neck, 2].min())
        seat = mid & (np.abs(part[:, 1] - h("thigh.L")[1]) < 0.12)
        self.seat_back = float(h("thigh.L")[2] - part[seat, 2].min())

    def _find_anchors(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Rest point and skin weights of the belly, sacrum and breastbone surface (midline)."""
        part = self.body.template.groups["body"]
        v = self.body.vertices[part]
        w = self.body.skin_weights[part]
        hip_y = self.body.head("thigh.L")[1]
        chest_y = self.body.head("spine01")[1]
        mid = np.abs(v[:, 0]) < 0.025
        out = {}
        for name, y, sign in (
            ("belly", hip_y + 0.11, 1),
            ("sacrum", hip_y + 0.10, -1),
            ("chest", chest_y, 1),
        ):
            near = np.flatnonzero(mid & (np.abs(v[:, 1] - y) < 0.03))
            pick = near[np.argmax(sign * v[near, 2])]
            out[name] = (v[pick].astype(np.float64), w[pick].astype(np.float64))
        return out

    def anchor(self, name: str, matrices: np.ndarray) -> np.ndarray:
        """Posed position of a surface anchor, metres."""
        point, weight = self._anchors[name]
        m = np.tensordot(weight, matrices.astype(np.float64), axes=1)
        return np.asarray(m[:, :3] @ point + m[:, 3])

    def hip_height(self, knee: float, forward: float, aside: float) -> float:
        """Hip-joint height for a knee flexion with the ankle `forward`/`aside` of the hip."""
        flex = np.radians(max(knee + self.rest_flexion, 1.0))
        leg2 = self.thigh**2 + self.shin**2 + 2 * self.thigh * self.shin * np.cos(flex)
        return float(self.ankle_y + np.sqrt(max(leg2 - forward**2 - aside**2, 0.01)))

    def _trunk(self, p: Posture) -> dict[str, np.ndarray]:
        """World rotations of everything between pelvis and head."""
        pelvis = np.array([p.tilt, p.pelvis_yaw, p.pelvis_roll])
        thorax = np.array([p.thorax_pitch, p.thorax_yaw, p.thorax_roll])
        head = np.array([p.head_pitch, p.head_yaw, 0.35 * p.thorax_roll])
        out = {"pelvis": attitude(*pelvis)}
        for bone, share in zip(("spine04", "spine03", "spine02"), self.lumbar, strict=True):
            out[bone] = attitude(*(share * pelvis + (1 - share) * thorax))
        if p.upper_pitch is not None:
            thorax = np.array([p.upper_pitch, p.thorax_yaw, p.thorax_roll])
        out["spine01"] = attitude(*thorax)
        out["neck"] = attitude(*(0.5 * (thorax + head)))
        out["head"] = attitude(*head)
        for s in SIDES:
            lift = attitude(0, 0, -SIGN[s] * p.shrug)
            out[f"clavicle.{s}"] = out["spine01"] @ lift
            out[f"shoulder.{s}"] = out["spine01"]
        return out

    def solve(self, p: Posture) -> Pose:
        """Bone transforms for a posture."""
        rot = self._trunk(p)
        for b in BONES:
            rot.setdefault(b, np.eye(3))
        joints = joint_positions(self.heads, rot, np.zeros(3))
        middle = (joints["thigh.L"] + joints["thigh.R"]) / 2
        if p.supine:
            shift = np.array([0.0, self.neck_back, p.hips_z]) - joints["neck"]
        else:
            y = p.hips_y
            if y is None:
                ys = [
                    self.hip_height(
                        p.knee,
                        p.hips_z - p.ankles[s][2],
                        p.hips_x + SIGN[s] * self.hip_width / 2 - p.ankles[s][0],
                    )
                    for s in SIDES
                ]
                y = min(ys)
            shift = np.array([p.hips_x, y, p.hips_z]) - middle
        joints = {k: v + shift for k, v in joints.items()}
        self._legs(p, rot, joints)
        self._place(rot, joints, "thigh")
        matrices = bone_matrices(self.heads, rot, joints)
        self._arms(p, rot, joints, matrices)
        return Pose(bone_matrices(self.heads, rot, joints), rot, joints)

    def _place(self, rot: dict[str, np.ndarray], joints: dict[str, np.ndarray], top: str) -> None:
        chain = ("thigh", "shin", "foot") if top == "thigh" else ("upperarm", "lowerarm", "hand")
        for s in SIDES:
            for a, b in itertools.pairwise(chain):
                offset = self.heads[INDEX[f"{b}.{s}"]] - self.heads[INDEX[f"{a}.{s}"]]
                joints[f"{b}.{s}"] = joints[f"{a}.{s}"] + rot[f"{a}.{s}"] @ offset

    def _limb(
        self,
        rot: dict[str, np.ndarray],
        a: str,
        b: str,
        c: str,
        points: tuple[np.ndarray, np.ndarray, np.ndarray],
        hinge: np.ndarray,
        rest: np.ndarray,
    ) -> None:
        """Turn bones `a` and `b` so that joints a, b, c come to lie on `points`."""
        ra, rb, rc = (self.heads[INDEX[n]] for n in (a, b, c))
        rot[a] = frame(points[1] - points[0], hinge) @ frame(rb - ra, rest).T
        rot[b] = frame(points[2] - points[1], hinge) @ frame(rc - rb, rest).T

    def _legs(self, p: Posture, rot: dict[str, np.ndarray], joints: dict[str, np.ndarray]) -> None:
        for s in SIDES:
            turn = p.foot_yaw.get(s, 0.0)
            pole = p.knee_pole.get(s)
            if pole is None:
                pole = yaw(turn) @ np.array([0.0, 0.15, 1.0])
            hip = joints[f"thigh.{s}"]
            knee, ankle, hinge = two_bone(hip, p.ankles[s], self.thigh, self.shin, pole)
            rest_line = self.body.head(f"foot.{s}") - self.body.head(f"thigh.{s}")
            rest = cross(np.array([0.0, 0.0, 1.0]), rest_line)
            self._limb(rot, f"thigh.{s}", f"shin.{s}", f"foot.{s}", (hip, knee, ankle), hinge, rest)
            rot[f"foot.{s}"] = attitude(p.foot_pitch.get(s, 0.0), turn, 0.0)

    def _arm_target(
        self,
        mode: str,
        s: str,
        rot: dict[str, np.ndarray],
        joints: dict[str, np.ndarray],
        matrices: np.ndarray,
        swing: float,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Wrist position, hand direction, palm normal and elbow pole for one arm mode."""
        k = SIGN[s]
        shoulder = joints[f"upperarm.{s}"]
        chest, pelvis = rot["spine01"], rot["pelvis"]
        reach = self.upper + self.lower
        hand = float(np.linalg.norm(self.body.points[f"middle.{s}"] - self.body.head(f"hand.{s}")))
        down = np.array([0.0, -1.0, 0.0])
        out = chest @ np.array([k, 0.0, 0.0])
        fwd = chest @ np.array([0.0, 0.0, 1.0])
        if mode in ("belly", "sacrum"):
            front = 1.0 if mode == "belly" else -1.0
            place = self.anchor(mode, matrices)
            side = pelvis @ np.array([k, 0.0, 0.0])
            normal = pelvis @ np.array([0.0, 0.0, front])
            tip = unit(-side * 1.0 + pelvis @ down * 0.35)
            wrist = place - tip * (hand + 0.035) + normal * 0.035
            pole = unit(out * 1.0 - fwd * (0.5 if front > 0 else 0.9) + down * 0.2)
            return wrist, tip, -normal, pole
        if mode == "hips":
            side = pelvis @ np.array([k, 0.0, 0.0])
            hip = joints[f"thigh.{s}"] + side * (self.half_width - self.hip_width / 2 + 0.04)
            wrist = hip + pelvis @ np.array([0.0, 0.17, -0.03])
            return wrist, unit(pelvis @ np.array([0, -0.6, 0.7])), -side, unit(out - fwd)
        if mode == "crossed":
            place = self.anchor("chest", matrices)
            height = 0.0 if s == "L" else -0.045
            depth = 0.07 if s == "L" else 0.035
            wrist = place + fwd * depth - out * 0.10 + chest @ np.array([0, height - 0.02, 0])
            return wrist, unit(-out + fwd * -0.2), -fwd, unit(out * 0.6 + down + fwd * 0.1)
        if mode == "front":
            wrist = shoulder + unit(fwd + down * (0.25 + swing) + out * 0.15) * reach * 0.93
            return wrist, fwd, unit(-out + down * 0.2), unit(out * 0.5 + down)
        if mode == "up":
            aim = unit(np.array([0, 1.0, 0]) + fwd * (0.35 + swing) + out * 0.25)
            return shoulder + aim * reach * 0.95, aim, -out, unit(out + fwd * 0.3)
        if mode == "thighs":
            knee = joints[f"shin.{s}"]
            hip = joints[f"thigh.{s}"]
            wrist = hip + (knee - hip) * 0.58 + np.array([0, 0.105, 0])
            return wrist, unit(knee - hip), down, unit(out * 0.8 + down * 0.3 - fwd * 0.6)
        if mode == "floor":
            along = unit(joints["pelvis"] - joints["spine01"]) * np.array([1.0, 0.0, 1.0])
            wrist = shoulder + along * reach * 0.95 + np.array([k * 0.12, 0.0, 0.0])
            wrist[1] = 0.045
            return wrist, unit(along), down, unit(np.array([k, 0.25, 0.0]))
        clear = max(self.half_width + 0.045 - abs(float(self.heads[INDEX["upperarm.L"]][0])), 0.0)
        wrist = shoulder + np.array([0.0, -1.0, 0.0]) * reach * 0.965
        wrist = wrist + out * (clear + 0.02) + fwd * (0.06 + swing)
        return wrist, unit(down + fwd * 0.12), -out, unit(-fwd + out * 0.35)

    def _arms(
        self,
        p: Posture,
        rot: dict[str, np.ndarray],
        joints: dict[str, np.ndarray],
        matrices: np.ndarray,
    ) -> None:
        for s in SIDES:
            blend = p.arms.get(s) or {"hang": 1.0}
            swing = blend.get("swing", 0.0)
            parts = [
                (w, self._arm_target(m, s, rot, joints, matrices, swing))
                for m, w in blend.items()
                if m != "swing" and w > 1e-3
            ]
            total = sum(w for w, _ in parts)
            wrist, tip, palm, pole = (
                np.asarray(sum(w * t[i] for w, t in parts) / total) for i in range(4)
            )
            start = joints[f"upperarm.{s}"]
            elbow, end, hinge = two_bone(start, wrist, self.upper, self.lower, pole)
            h = self.body.head
            a, b, c = f"upperarm.{s}", f"lowerarm.{s}", f"hand.{s}"
            rest = cross(h(b) - h(a), h(c) - h(b))
            self._limb(rot, a, b, c, (start, elbow, end), hinge, rest)
            pts = self.body.points
            rest_tip = np.asarray(pts[f"middle.{s}"] - h(c), np.float64)
            rest_palm = SIGN[s] * cross(pts[f"little.{s}"] - h(c), pts[f"index.{s}"] - h(c))
            rot[c] = frame(tip, palm) @ frame(rest_tip, rest_palm).T
        self._place(rot, joints, "upperarm")
