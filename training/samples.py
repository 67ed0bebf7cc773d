"""Makes the demonstration clips in `sample_videos/`, each with its truth table.

Run `python -m training.samples [NAME ...]` from the repository root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.acting import Actor, Manner
from training.anatomy import Solver
from training.bodies import BodyFactory, plain_body
from training.clip import Film, shoot, truth_rows
from training.exercises_script import (
    bridge, clear_tilts, monkey, pelvis_wave, sit_bones, sitting, small_bridge, tilt_mistakes,
)
from training.layers import (
    BodyMap, bottom_cut, eye_layer, hair_layers, skin_layer, top_cut,
)
from training.movement import Script, add_life, blank
from training.person import Person
from training.render import Camera, Light, Renderer
from training.scene import PAINT, Props, calm_room, chair
from training.video import Sensor

OUT = Path(__file__).resolve().parent.parent / "sample_videos"
FPS = 30
WIDTH, HEIGHT = 640, 480
MAT = np.array([0.12, 0.2, 0.24])


@dataclass(frozen=True)
class Look:
    """Appearance of a demonstrator; linear colours."""

    gender: float
    tone: tuple[float, float, float]
    hair: str
    hair_color: tuple[float, float, float]
    top: tuple[float, float, float]
    bottom: tuple[float, float, float]
    seed: int = 3


ANNA = Look(0.92, (0.58, 0.36, 0.26), "tail", (0.05, 0.026, 0.014), (0.28, 0.07, 0.10),
            (0.03, 0.035, 0.06))
BEN = Look(0.08, (0.40, 0.22, 0.14), "short", (0.02, 0.014, 0.01), (0.10, 0.22, 0.24),
           (0.05, 0.05, 0.06), seed=8)


@dataclass(frozen=True)
class Sample:
    """One demonstration clip; camera azimuth is measured from the person's front, degrees."""

    script: Callable[[], Script]
    azimuth: float
    look: Look | None = ANNA
    distance: float = 2.75
    eye_m: float = 1.05
    aim_m: float = 0.86
    fov: float = 42.0
    crf: int = 25
    ahead_m: float = 0.0


SAMPLES: dict[str, Sample] = {
    "standing_tilt_left": Sample(lambda: clear_tilts(24.0, FPS), 90.0),
    "standing_tilt_right": Sample(lambda: clear_tilts(22.0, FPS, 11.0, -9.0), -90.0, BEN),
    "standing_tilt_mistakes": Sample(lambda: tilt_mistakes(20.0, FPS), 90.0, BEN),
    "monkey": Sample(lambda: monkey(22.0, FPS), 45.0),
    "monkey_shoulders": Sample(lambda: monkey(20.0, FPS, shoulders_along=0.9), 45.0, BEN),
    "bridge": Sample(lambda: bridge(24.0, FPS, (0.95, 1.0, 0.97), 1.9), 90.0, ANNA, 2.6, 0.75,
                     0.3, 42.0, ahead_m=0.55),
    "bridge_half_lifts": Sample(lambda: bridge(22.0, FPS, (0.95, 0.45, 0.4), 1.7), -90.0, BEN,
                                2.7, 0.75, 0.3, 42.0, ahead_m=0.58),
    "small_bridge": Sample(lambda: small_bridge(22.0, FPS), 90.0, ANNA, 2.5, 0.7, 0.28, 42.0,
                           ahead_m=0.55),
    "active_sitting": Sample(lambda: sitting(24.0, FPS), 90.0, ANNA, 2.5, 0.95, 0.66, 42.0,
                             ahead_m=0.15),
    "sit_bones": Sample(lambda: sit_bones(20.0, FPS), 30.0, BEN),
    "pelvis_wave": Sample(lambda: pelvis_wave(22.0, FPS), 90.0),
    "empty_room": Sample(lambda: blank(8.0, FPS), 90.0, None),
}


def build(name: str, sample: Sample, factory: BodyFactory | None) -> Film:
    """Everything of one demonstration clip."""
    rng = np.random.default_rng(sum(name.encode()))
    script = sample.script()
    room = calm_room()
    props: Props = room.props
    light: Light = room.light
    person, acted, facing, garments = None, None, "none", []
    a = np.radians(sample.azimuth)
    if sample.look is not None and factory is not None:
        add_life(script, rng, 0.55)
        body = factory.make(plain_body(sample.look.gender))
        actor = Actor(Solver(body), Manner(), script)
        acted = actor.act()
        person, garments = dress(factory, body, sample.look)
        facing = "left" if np.sin(a) > 0 else "right"
        foot = acted.poses[0].joints["foot.L"]
        center = acted.poses[0].hips
        light.blobs = [(float(center[0]), float(center[2]), 0.33, 0.45),
                       (float(foot[0]) / 2, float(foot[2]), 0.2, 0.35)]
        if script.support == "back":
            light.blobs.append((0.0, float(center[2]) - 0.35, 0.3, 0.4))
            z = float(center[2])
            mat(props, sample.azimuth, np.array([0.0, 0.0, z]))
        if script.support == "seat":
            stool = np.array([0.0, 0.0, -0.06])
            base = turn_back(stool, sample.azimuth)
            chair(props, base, -sample.azimuth, np.array([0.4, 0.27, 0.16]), actor.seat_m, False)
        mid = np.array([0.0, 0.0, float(center[2]) - sample.ahead_m
                        if script.support == "back" else 0.0])
        if script.support == "back":
            mid[2] = float(center[2]) - 0.12
        elif script.support == "seat":
            mid[2] = sample.ahead_m
    else:
        mid = np.zeros(3)
    toward = np.array([np.sin(a), 0.0, np.cos(a)])
    camera = Camera(mid + toward * sample.distance + [0, sample.eye_m, 0],
                    mid + [0, sample.aim_m, 0], sample.fov, 0.0, WIDTH, HEIGHT)
    return Film(person, script, acted, props, sample.azimuth, camera, light,
                Sensor(noise=1.2, vignette=0.12), garments, FPS, sample.crf, facing,
                {"name": name, "camera_azimuth_deg": sample.azimuth, "facing": facing})


def turn_back(point: np.ndarray, azimuth: float) -> np.ndarray:
    """World point to the room's own frame (the room is turned towards the camera)."""
    c, s = np.cos(np.radians(-azimuth)), np.sin(np.radians(-azimuth))
    return np.array([c * point[0] + s * point[2], point[1], -s * point[0] + c * point[2]])


def mat(props: Props, azimuth: float, middle: np.ndarray) -> None:
    """An exercise mat under somebody lying along Z."""
    at = turn_back(middle + np.array([0, -0.004, -0.1]), azimuth)
    props.box(at, np.array([0.33, 0.012, 1.0]), -azimuth, MAT, PAINT)


def dress(
    factory: BodyFactory, body: object, look: Look
) -> tuple[Person, list[dict[str, object]]]:
    """Fitted shirt and leggings."""
    from training.body import Body

    assert isinstance(body, Body)
    m = BodyMap(body)
    hip = body.head("thigh.L")[1]
    top = top_cut(m, hip + 0.055, 0.085, 0.55)
    bottom = bottom_cut(m, hip + 0.13, 0.13)
    covered = (top > 0.035) | (bottom > 0.035)
    rng = np.random.default_rng(look.seed)
    layers = [
        skin_layer(m, np.asarray(look.tone), np.asarray(look.hair_color) * 0.8, covered),
        eye_layer(body, np.array([0.06, 0.05, 0.04])),
        m.shell(bottom, 0.005, np.asarray(look.bottom), 0),
        m.shell(top, 0.008, np.asarray(look.top), 1),
        *hair_layers(m, look.hair, np.asarray(look.hair_color), rng),
    ]
    plain: dict[str, object] = {"b": (0.0, 0.0, 0.0), "style": (0.0, 1.0, 0.0, 0.0)}
    return Person(body, layers), [plain, plain]


def main(arguments: list[str] | None = None) -> int:
    """Render the named clips, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SAMPLES, []], metavar="NAME")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    factory = BodyFactory()
    renderer = Renderer(WIDTH, HEIGHT)
    for name in options.names or SAMPLES:
        film = build(name, SAMPLES[name], factory)
        path = options.out / f"{name}.mp4"
        shoot(film, renderer, path, preset="slow")
        path.with_suffix(".json").unlink()
        size = path.stat().st_size / 1e6
        print(f"{path.name}: {len(truth_rows(film))} frames, {size:.2f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
