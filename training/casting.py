"""Draws one random training clip from its number: body, clothes, room, camera, movement."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from training.acting import Acted, Actor, Manner
from training.anatomy import Solver
from training.bodies import BodyFactory, draw_body
from training.clip import Film
from training.exercises_script import monkey_session, sitting_session, supine_session
from training.furniture import chair, furniture
from training.movement import Script, add_life, distractor_session, standing_session
from training.person import Flesh, Person, spread_lumbar
from training.render import Camera, Light
from training.scene import Props, muted, shell_of_room
from training.video import Sensor
from training.wardrobe import draw_clothes, dress_body

FPS = 10  # pictures in a second, where nothing else is asked for
# One block of twenty clips holds every class and split in the wanted proportions.
_CLASSES = ("standing",) * 14 + ("yaw",) * 2 + ("sitting", "supine", "distractor", "mixed")
_SPLITS = ("train",) * 7 + ("unseen",) + ("heldout",) * 2


@dataclass(frozen=True)
class Casting:
    """What a clip number stands for."""

    number: int
    kind: str
    split: str
    seed: int

    @property
    def name(self) -> str:
        """File stem."""
        return f"{self.number:05d}_{self.kind}_{self.split}"


def cast(number: int, seed: int) -> Casting:
    """Class and split of a clip; any prefix of the numbers is balanced."""
    block, place = divmod(number, 20)
    order = np.random.default_rng([seed, block, 7]).permutation(20)
    kind = _CLASSES[int(order[place])]
    if kind == "mixed":
        kind = ("sitting", "supine", "sitting")[block % 3]
    # splits: coprime stride through the classes, so that each class meets each split
    rank = {"standing": block * 14, "yaw": block * 2 + 3}.get(kind, block)
    rank += sum(1 for k in order[:place] if _CLASSES[int(k)] == _CLASSES[int(order[place])])
    split = _SPLITS[(rank * 3 + len(kind)) % 10]
    return Casting(number, kind, split, int(np.random.default_rng([seed, number]).integers(2**31)))


def _script(kind: str, rng: np.random.Generator, fps: int) -> Script:
    seconds = float(rng.uniform(11.0, 12.5))
    maker = {
        "standing": standing_session,
        "distractor": distractor_session,
        "yaw": monkey_session,
        "sitting": sitting_session,
        "supine": supine_session,
    }[kind]
    return maker(rng, seconds, fps)


def _light(rng: np.random.Generator) -> tuple[Light, str]:
    """Ordinary, strong side, dim or backlit light."""
    mood = str(rng.choice(["ordinary", "side", "dim", "back"], p=[0.58, 0.17, 0.13, 0.12]))
    warm = np.array([1.0, 0.93, 0.82]) if rng.random() < 0.5 else np.array([0.95, 0.98, 1.0])
    key = {"ordinary": 0.75, "side": 1.5, "dim": 0.35, "back": 0.35}[mood] * rng.uniform(0.8, 1.25)
    fill = {"ordinary": 0.55, "side": 0.25, "dim": 0.3, "back": 0.33}[mood] * rng.uniform(0.8, 1.2)
    side = float(rng.choice([-1, 1]))
    direction = (side * rng.uniform(0.1, 0.7), rng.uniform(0.5, 1.0), rng.uniform(0.4, 1.0))
    if mood == "side":
        direction = (side * 1.0, rng.uniform(0.1, 0.5), rng.uniform(-0.1, 0.4))
    if mood == "back":
        direction = (side * rng.uniform(0.0, 0.5), rng.uniform(0.4, 0.8), -0.8)
    exposure = {"ordinary": 1.0, "side": 0.9, "dim": 0.8, "back": 1.25}[mood]
    rgb = [
        (float(warm[0] * k), float(warm[1] * k), float(warm[2] * k))
        for k in (key, fill, fill * rng.uniform(0.4, 0.7))
    ]
    direction = (float(direction[0]), float(direction[1]), float(direction[2]))
    light = Light(
        key_direction=direction,
        key_color=rgb[0],
        sky_color=rgb[1],
        ground_color=rgb[2],
        exposure=exposure * float(rng.uniform(0.85, 1.15)),
    )
    if rng.random() < 0.3:
        light.lamp_position = (float(rng.uniform(-2, 2)), 2.0, float(rng.uniform(-1, 2)))
        light.lamp_color = (0.8, 0.65, 0.45)
    return light, mood


def _sensor(rng: np.random.Generator, dim: bool, fps: int) -> Sensor:
    noise = float(np.exp(rng.uniform(np.log(0.6), np.log(7.0)))) * (1.6 if dim else 1.0)
    cast_ = rng.normal(0, 0.04, 3)
    return Sensor(
        noise=min(noise, 11.0),
        blur=float(rng.choice([0.0, rng.uniform(0.3, 1.5)])),
        gain=(float(1 + cast_[0]), float(1 + cast_[1]), float(1 + cast_[2])),
        gamma=float(rng.uniform(0.85, 1.2)),
        vignette=float(rng.choice([0.0, rng.uniform(0, 0.4)])),
        smear=float(rng.choice([0.0, rng.uniform(0.1, 0.45)])) * min(1.0, fps / FPS),
        drift=float(rng.choice([0.0, rng.uniform(0.0, 0.06)])),
    )


def _camera(
    kind: str, rng: np.random.Generator, height_m: float, support: str
) -> tuple[Camera, dict[str, object]]:
    """Camera by class; azimuth 0 sees the person's front, 90 the person's left side."""
    sizes = [(640, 480), (480, 640), (1280, 720)]
    size = sizes[int(rng.choice(3, p=[0.90, 0.08, 0.02]))]
    if support == "back" and size[0] < size[1]:
        size = sizes[0]
    width, height = size
    side = float(rng.choice([-1.0, 1.0]))
    off = float(np.clip(rng.normal(0, 8.5), -20, 20))
    azimuth = side * (90.0 + off)
    if kind == "yaw":
        azimuth = side * float(rng.choice([rng.uniform(35, 55), rng.uniform(20, 75)], p=[0.8, 0.2]))
    fov = float(rng.uniform(34, 62))
    crop = "none"
    aim, frame_m = 0.5 * height_m, height_m / rng.uniform(0.62, 0.94)
    if kind in ("standing", "distractor", "yaw") and rng.random() < 0.28:
        crop = str(rng.choice(["shin", "head", "both"], p=[0.5, 0.25, 0.25]))
        low = {"shin": 0.17, "head": -0.03, "both": 0.17}[crop] + rng.uniform(-0.06, 0.06)
        high = {"shin": 1.04, "head": 0.90, "both": 0.90}[crop] + rng.uniform(-0.05, 0.03)
        aim, frame_m = (low + high) / 2 * height_m, (high - low) * height_m
    if support == "seat":
        aim, frame_m = 0.38 * height_m, height_m / rng.uniform(0.95, 1.3)
    if support == "back":
        aim, frame_m = 0.16 * height_m, height_m * rng.uniform(0.72, 1.05) * 480 / 640
        frame_m = max(frame_m, height_m * 1.02 * height / width)
    distance = frame_m / 2 / np.tan(np.radians(fov) / 2)
    a = np.radians(azimuth)
    eye = float(np.clip(rng.normal(1.05, 0.25), 0.35, 1.7))
    if support == "back":
        eye = float(rng.uniform(0.25, 0.95))
    if support == "seat":
        eye = float(np.clip(rng.normal(0.9, 0.2), 0.4, 1.5))
    shift = float(rng.normal(0, 0.06)) * frame_m
    right = np.array([np.cos(a), 0.0, -np.sin(a)])
    toward = np.array([np.sin(a), 0.0, np.cos(a)])
    target = np.array([0.0, aim, 0.0]) + right * shift
    # a level camera at another height sees the same band of the body from further above or below
    position = target + toward * distance
    position[1] = aim + np.clip(eye - aim, -0.35 * distance, 0.35 * distance)
    roll = float(rng.normal(0, 1.5))
    facts: dict[str, object] = {
        "azimuth_deg": azimuth,
        "off_side_deg": off if kind != "yaw" else None,
        "fov_deg": fov,
        "distance_m": float(distance),
        "eye_m": float(position[1]),
        "roll_deg": roll,
        "crop": crop,
        "width": width,
        "height": height,
    }
    return Camera(position, target, fov, roll, width, height), facts


def make_film(casting: Casting, factory: BodyFactory, fps: int = FPS) -> Film:
    """Draw and prepare everything of one clip."""
    rng = np.random.default_rng(casting.seed)
    held = casting.split == "heldout"
    script = _script(casting.kind, rng, fps)
    add_life(script, rng, float(rng.uniform(0.5, 1.4)))
    spec = draw_body(rng)
    body = factory.make(spec)
    lumbar = (0.66, 0.30, 0.06)
    flesh = Flesh(float(rng.uniform(-1e-4, 3e-4)), float(rng.uniform(-1e-4, 3e-4)))
    if held:
        body.weights = spread_lumbar(body, float(rng.uniform(0.8, 1.3)))
        lumbar = (0.80, 0.46, 0.16)
        flesh = Flesh(
            float(rng.uniform(1e-4, 6e-4)),
            float(rng.uniform(0, 6e-4)),
            float(rng.uniform(0.1, 0.45)),
        )
    jitter = rng.normal(0, 0.05, 3)
    solver = Solver(body, (lumbar[0] + jitter[0], lumbar[1] + jitter[1], lumbar[2] + jitter[2] / 2))
    manner = Manner(
        float(rng.normal(0, 4.0)),
        float(rng.normal(-1.0, 2.5)),
        float(rng.normal(2.0, 5.0)),
        float(rng.normal(2.0, 5.0)),
    )
    actor = Actor(solver, manner, script)
    acted = actor.act()
    clothes = draw_clothes(
        rng, spec.gender > 0.5, held, script.support == "back", script.support == "seat"
    )
    outfit = dress_body(body, clothes, rng, seated=script.support == "seat")
    person = Person(body, outfit, "dual" if held else "linear", flesh)
    camera, view = _camera(casting.kind, rng, body.height_m, script.support)
    light, mood = _light(rng)
    facing = "left" if np.sin(np.radians(float(str(view["azimuth_deg"])))) > 0 else "right"
    parameters: dict[str, object] = {
        "number": casting.number,
        "name": casting.name,
        "class": casting.kind,
        "split": casting.split,
        "variant": "B" if held else "A",
        "seed": casting.seed,
        "fps": fps,
        "body": spec.as_dict(),
        "clothes": asdict(clothes),
        "clothing_class": clothes.loose,
        "arms": script.arms,
        "support": script.support,
        "notes": script.notes,
        "still_s": script.still_s,
        "camera": view,
        "light": mood,
        "facing": facing,
        "manner": asdict(manner),
        "neutral_raw_deg": acted.neutral_raw_deg,
        "lumbar": lumbar,
        "flesh": asdict(flesh),
        "seconds": float(script.time[-1]),
    }
    props = Props()
    film = Film(
        person,
        script,
        acted,
        props,
        float(str(view["azimuth_deg"])) + rng.normal(0, 8),
        camera,
        light,
        _sensor(rng, mood == "dim", fps),
        outfit.garments,
        fps,
        int(rng.choice([19, 21, 24, 28])),
        facing,
        parameters,
    )
    _surround(film, actor, acted, rng, held)
    return film


def _surround(film: Film, actor: Actor, acted: Acted, rng: np.random.Generator, held: bool) -> None:
    """Room, furniture, contact shadows; moves the camera to where the person is."""
    pose = acted.poses[0]
    hips, foot, support = pose.hips, pose.joints["foot.L"], film.script.support
    film.center = np.array([0.0, 0.0, float(hips[2]) if support != "seat" else 0.15])
    if support == "back":
        film.center[2] = float(hips[2]) - 0.5 * (0.32 if not film.script.legs_crossed else 0.0)
    back = float(rng.uniform(0.75, 2.6))
    plain = bool(rng.random() < 0.25)
    shell_of_room(film.props, rng, back, plain)
    pieces = int(rng.integers(5, 11)) if held else int(rng.integers(0, 8))
    names = furniture(film.props, rng, back, pieces)
    z = float(hips[2])
    if support == "seat":
        film.light.blobs = [(0.0, 0.0, 0.35, 0.4), (0.0, float(foot[2]), 0.2, 0.35)]
        at = film.place(np.array([0.0, 0.0, rng.uniform(-0.14, -0.04)]))
        chair(
            film.props,
            at,
            -film.room_turn,
            muted(rng, 0.03, 0.5),
            actor.seat_m,
            bool(rng.random() < 0.4),
            rng.uniform(0.18, 0.23),
        )
    elif support == "back":
        film.light.blobs = [(0.0, z - k, 0.33, 0.5) for k in (0.05, 0.45)]
        if rng.random() < 0.7:
            at = film.place(np.array([0.0, -0.006, z - 0.1]))
            film.props.box(at, np.array([0.34, 0.012, 1.0]), -film.room_turn, muted(rng, 0.03, 0.5))
    else:
        film.light.blobs = [(0.0, z, 0.33, 0.45), (0.0, float(foot[2]) + 0.04, 0.2, 0.35)]
    film.wall_m = back
    if rng.random() < 0.6:
        film.shadow, film.shadow_blur = float(rng.uniform(0.12, 0.5)), float(rng.uniform(1.5, 9.0))
    film.camera.position = film.camera.position + film.center
    film.camera.target = film.camera.target + film.center
    film.parameters |= {
        "furniture": names,
        "wall_m": back,
        "shadow": film.shadow,
        "sensor": asdict(film.sensor),
        "crf": film.crf,
    }
