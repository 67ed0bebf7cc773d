"""One clip: a dressed body acts a script before a camera; video and truth are written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.acting import Acted
from training.movement import Script
from training.person import Person
from training.render import Camera, Light, Renderer
from training.scene import Props
from training.shadow import cast_shadow
from training.video import Camera8Bit, Movie, Sensor, write_truth


@dataclass
class Film:
    """Everything that makes one clip; angles in degrees, lengths in metres."""

    person: Person | None
    script: Script
    acted: Acted | None
    props: Props
    room_turn: float
    camera: Camera
    light: Light
    sensor: Sensor
    garments: list[dict[str, object]]
    fps: int
    crf: int
    facing: str
    parameters: dict[str, object]
    shadow: float = 0.0
    shadow_blur: float = 4.0
    wall_m: float = 1.0
    center: np.ndarray = field(default_factory=lambda: np.zeros(3))

    def place(self, point: np.ndarray) -> np.ndarray:
        """A world point in the room's own frame, for props that stand by the person."""
        return np.asarray(turned(np.array([point - self.center]), -self.room_turn)[0])


def turned(positions: np.ndarray, degrees: float) -> np.ndarray:
    """Points turned about the vertical so that +Z comes to point along azimuth `degrees`."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    out = positions.copy()
    out[:, 0] = c * positions[:, 0] + s * positions[:, 2]
    out[:, 2] = -s * positions[:, 0] + c * positions[:, 2]
    return out


def truth_rows(film: Film) -> list[dict[str, object]]:
    """Truth rows in the order of the truth table."""
    rows: list[dict[str, object]] = []
    for i, t in enumerate(film.script.time):
        row: dict[str, object] = {"frame": i, "time_s": float(t)}
        if film.acted is not None:
            row |= film.acted.truth[i]
        row |= {
            "facing": film.facing,
            "phase": film.script.phase[i],
            "rep": int(film.script.rep[i]),
        }
        rows.append(row)
    return rows


def shoot(film: Film, renderer: Renderer, out: Path, preset: str = "superfast") -> None:
    """Render the film to `out` (mp4) with its truth table and parameters beside it."""
    surface, positions, normals = film.props.surface()
    around = film.center
    positions = (turned(positions, film.room_turn) + around).astype(np.float32)
    normals = turned(normals, film.room_turn).astype(np.float32)
    key = turned(np.array([film.light.key_direction]), film.room_turn)[0]
    film.light.key_direction = (float(key[0]), float(key[1]), float(key[2]))
    renderer.set_backdrop(surface, positions, normals, film.camera, film.light)
    if film.person is not None:
        renderer.set_person(
            film.person.surface, film.person.count, film.camera, film.light, film.garments
        )
        if film.shadow > 0 and film.acted is not None:
            still, _ = film.person.posed(film.acted.poses[0])
            toward = turned(np.array([[0.0, 0.0, 1.0]]), film.room_turn)[0]
            wall = (film.center - toward * film.wall_m, toward)
            shade = cast_shadow(
                still,
                film.person.surface.faces,
                film.camera,
                key,
                wall,
                film.shadow_blur * film.camera.height / 480,
            )
            renderer.shade(shade, film.shadow)
    rng = np.random.default_rng(1)
    size = film.camera.width, film.camera.height
    sensor = Camera8Bit(film.sensor, size[0], size[1], rng)
    partial = out.with_suffix(".part")
    with Movie(partial, size[0], size[1], film.fps, film.crf, preset) as movie:
        for i in range(len(film.script.time)):
            if film.person is None or film.acted is None:
                movie.add(sensor(renderer.frame(None, None)))
                continue
            tilt = film.acted.truth[i]["pelvic_tilt_deg"]
            mesh = film.person.posed(film.acted.poses[i], tilt, i / len(film.script.time))
            movie.add(sensor(renderer.frame(*mesh)))
    write_truth(out.with_suffix(".csv"), truth_rows(film))
    text = json.dumps(film.parameters, indent=1, sort_keys=True)
    out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    partial.replace(out)
