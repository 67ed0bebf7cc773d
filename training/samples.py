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

from training.acting import Acted, Actor, Manner
from training.anatomy import Solver
from training.bodies import BodyFactory, plain_body
from training.body import Body
from training.clip import Film, shoot, truth_rows
from training.exercises_script import (
    bridge,
    clear_tilts,
    deep_layer,
    monkey,
    pelvis_wave,
    sit_bones,
    sitting,
    small_bridge,
    still,
    tilt_mistakes,
)
from training.furniture import chair
from training.layers import (
    BodyMap,
    bottom_cut,
    eye_layer,
    hair_layers,
    skin_layer,
    top_cut,
)
from training.movement import Script, add_life, blank
from training.person import Outfit, Person
from training.render import Camera, Renderer
from training.scene import calm_room
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


ANNA = Look(
    0.92, (0.58, 0.36, 0.26), "tail", (0.05, 0.026, 0.014), (0.28, 0.07, 0.10), (0.03, 0.035, 0.06)
)
BEN = Look(
    0.08,
    (0.40, 0.22, 0.14),
    "short",
    (0.02, 0.014, 0.01),
    (0.10, 0.22, 0.24),
    (0.05, 0.05, 0.06),
    seed=8,
)


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
    "bridge": Sample(
        lambda: bridge(24.0, FPS, (0.95, 1.0, 0.97), 1.9),
        90.0,
        ANNA,
        2.25,
        0.7,
        0.36,
        42.0,
        ahead_m=0.2,
    ),
    "bridge_half_lifts": Sample(
        lambda: bridge(22.0, FPS, (0.95, 0.45, 0.4), 1.7),
        -90.0,
        BEN,
        2.4,
        0.7,
        0.36,
        42.0,
        ahead_m=0.2,
    ),
    "small_bridge": Sample(
        lambda: small_bridge(22.0, FPS), 90.0, ANNA, 2.2, 0.65, 0.3, 42.0, ahead_m=0.2
    ),
    "active_sitting": Sample(
        lambda: sitting(24.0, FPS), 90.0, ANNA, 2.5, 0.95, 0.66, 42.0, ahead_m=0.15
    ),
    "sit_bones": Sample(lambda: sit_bones(20.0, FPS), 30.0, BEN),
    "pelvis_wave": Sample(lambda: pelvis_wave(22.0, FPS), 90.0),
    "floor_deep": Sample(lambda: deep_layer(18.0, FPS), 90.0, BEN, 2.6, 0.95, 0.7, ahead_m=0.15),
    "floor_standing": Sample(lambda: still(12.0, FPS, "feet", crossed=True), 10.0),
    "floor_lying": Sample(
        lambda: still(12.0, FPS, "back", crossed=True), 90.0, BEN, 2.6, 0.7, 0.36, ahead_m=-0.05
    ),
    "empty_room": Sample(lambda: blank(8.0, FPS), 90.0, None),
}


def build(name: str, sample: Sample, factory: BodyFactory) -> Film:
    """Everything of one demonstration clip."""
    rng = np.random.default_rng(sum(name.encode()))
    script = sample.script()
    room = calm_room()
    a = np.radians(sample.azimuth)
    toward = np.array([np.sin(a), 0.0, np.cos(a)])
    facing = "none" if sample.look is None else "left" if np.sin(a) > 0 else "right"
    camera = Camera(
        toward * sample.distance + [0, sample.eye_m, 0],
        np.array([0.0, sample.aim_m, 0.0]),
        sample.fov,
        0.0,
        WIDTH,
        HEIGHT,
    )
    film = Film(
        None,
        script,
        None,
        room.props,
        sample.azimuth,
        camera,
        room.light,
        Sensor(noise=1.2, vignette=0.12),
        [],
        FPS,
        sample.crf,
        facing,
        {"name": name, "camera_azimuth_deg": sample.azimuth, "facing": facing},
    )
    if sample.look is None:
        return film
    add_life(script, rng, 0.55)
    body = factory.make(plain_body(sample.look.gender))
    actor = Actor(Solver(body), Manner(), script)
    acted = film.acted = actor.act()
    outfit = dress(body, sample.look)
    film.person, film.garments = Person(body, outfit), outfit.garments
    ground(film, actor, acted, sample.ahead_m)
    return film


def ground(film: Film, actor: Actor, acted: Acted, ahead_m: float) -> None:
    """Contact shadows, seat or mat, and the camera's aim, from where the person is."""
    pose = acted.poses[0]
    hips, foot = pose.hips, pose.joints["foot.L"]
    if film.script.support == "back":
        film.center = np.array([0.0, 0.0, float(hips[2]) - ahead_m])
        film.light.blobs = [(0.0, float(hips[2]) - k, 0.33, 0.5) for k in (0.05, 0.45)]
        at = film.place(np.array([0.0, -0.006, float(hips[2]) - 0.1]))
        film.props.box(at, np.array([0.34, 0.012, 1.0]), -film.room_turn, MAT)
    elif film.script.support == "seat":
        film.center = np.array([0.0, 0.0, ahead_m])
        film.light.blobs = [(0.0, 0.0, 0.35, 0.4), (0.0, float(foot[2]), 0.2, 0.35)]
        chair(
            film.props,
            film.place(np.array([0.0, 0.0, -0.05])),
            -film.room_turn,
            np.array([0.4, 0.27, 0.16]),
            actor.seat_m,
            False,
        )
    else:
        film.light.blobs = [
            (0.0, float(hips[2]), 0.33, 0.45),
            (0.0, float(foot[2]) + 0.04, 0.2, 0.35),
        ]
    film.camera.position = film.camera.position + film.center
    film.camera.target = film.camera.target + film.center


def dress(body: Body, look: Look) -> Outfit:
    """Fitted shirt and leggings."""
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
    return Outfit(layers, garments=[plain, plain])


def main(arguments: list[str] | None = None) -> int:
    """Render the named clips, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
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
