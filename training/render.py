"""Headless rasteriser: a static backdrop drawn once, a moving person drawn over it every frame."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import moderngl
import numpy as np

from training import shaders


@dataclass
class Surface:
    """Static per-vertex attributes of a mesh plus its triangles.

    `kind` selects the material: 0 skin, 2 hair, 3 plain, 10-15 garments, 20+ room surfaces. A
    fragment whose interpolated `cut` is negative is not drawn (hems, necklines).
    """

    faces: np.ndarray
    color: np.ndarray
    pattern: np.ndarray
    kind: np.ndarray
    cut: np.ndarray


@dataclass
class Light:
    """Key light direction (towards the light), linear colours, and exposure."""

    key_direction: tuple[float, float, float] = (0.4, 0.7, 0.5)
    key_color: tuple[float, float, float] = (0.75, 0.72, 0.68)
    sky_color: tuple[float, float, float] = (0.5, 0.52, 0.55)
    ground_color: tuple[float, float, float] = (0.26, 0.24, 0.22)
    lamp_position: tuple[float, float, float] = (0.0, 2.2, 0.0)
    lamp_color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    exposure: float = 0.9
    blobs: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass
class Camera:
    """Pinhole camera; position and target in metres, vertical field of view and roll in degrees."""

    position: np.ndarray
    target: np.ndarray
    fov_y: float
    roll: float
    width: int
    height: int

    def matrix(self) -> np.ndarray:
        """World to clip space, 4x4."""
        forward = self.target - self.position
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, np.array([0.0, 1.0, 0.0]))
        right /= np.linalg.norm(right)
        up = np.cross(right, forward)
        c, s = np.cos(np.radians(self.roll)), np.sin(np.radians(self.roll))
        right, up = c * right + s * up, -s * right + c * up
        view = np.eye(4)
        view[0, :3], view[1, :3], view[2, :3] = right, up, -forward
        view[:3, 3] = -view[:3, :3] @ self.position
        near, far = 0.1, 30.0
        f = 1.0 / np.tan(np.radians(self.fov_y) / 2)
        proj = np.zeros((4, 4))
        proj[0, 0], proj[1, 1] = f * self.height / self.width, f
        proj[2, 2], proj[2, 3] = (far + near) / (near - far), 2 * far * near / (near - far)
        proj[3, 2] = -1.0
        return np.asarray(proj @ view)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixel positions (N, 2) of world points, y down."""
        clip = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ self.matrix().T
        ndc = clip[:, :2] / clip[:, 3:]
        return np.stack([(ndc[:, 0] + 1) * self.width / 2, (1 - ndc[:, 1]) * self.height / 2], 1)


class _Mesh:
    """One mesh on the device: static attributes once, positions and normals whenever they move."""

    def __init__(
        self, ctx: moderngl.Context, program: moderngl.Program, surface: Surface, count: int
    ) -> None:
        kind = np.stack([surface.kind, surface.cut], axis=1)
        static = np.concatenate([surface.color, surface.pattern, kind], axis=1).astype("f4")
        self._ctx = ctx
        self._moving = ctx.buffer(reserve=count * 24, dynamic=True)
        self._static = ctx.buffer(static.tobytes())
        self._index = ctx.buffer(surface.faces.astype("i4").tobytes())
        self._vao = ctx.vertex_array(
            program,
            [
                (self._moving, "3f 3f", "in_position", "in_normal"),
                (self._static, "3f 3f 2f", "in_color", "in_pattern", "in_kind"),
            ],
            self._index,
        )

    def draw(self, positions: np.ndarray, normals: np.ndarray) -> None:
        self._moving.write(np.concatenate([positions, normals], axis=1).astype("f4").tobytes())
        self._vao.render()

    def draw_depth(self, program: moderngl.Program) -> None:
        """Draw the last positions again with a program that writes depth alone."""
        vao = self._ctx.vertex_array(
            program, [(self._moving, "3f 12x", "in_position")], self._index
        )
        vao.render()
        vao.release()

    def release(self) -> None:
        for part in (self._vao, self._moving, self._static, self._index):
            part.release()


@functools.cache
def _context() -> moderngl.Context:
    """One device context per process: switching between several is slow and error-prone."""
    ctx = moderngl.create_standalone_context(backend="egl")
    ctx.enable(moderngl.DEPTH_TEST)
    ctx.depth_func = "<="
    return ctx


class Renderer:
    """Draws one clip at one size. Use `set_backdrop`, `set_person`, then `frame` per instant."""

    def __init__(self, width: int, height: int, samples: int = 4) -> None:
        self._ctx = _context()
        self._size = (width, height)
        ctx = self._ctx
        self._program = ctx.program(shaders.SURFACE_VERTEX, shaders.SURFACE_FRAGMENT)
        self._people = ctx.program(shaders.PERSON_VERTEX, shaders.PERSON_FRAGMENT)
        self._depth_only = ctx.program(shaders.DEPTH_VERTEX, shaders.DEPTH_FRAGMENT)
        self._backdrop = ctx.program(shaders.BACKDROP_VERTEX, shaders.BACKDROP_FRAGMENT)
        corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4").tobytes())
        self._quad = ctx.vertex_array(self._backdrop, [(corners, "2f", "in_corner")])
        self._many = ctx.framebuffer(
            [ctx.renderbuffer(self._size, 4, samples=samples)],
            ctx.depth_renderbuffer(self._size, samples=samples),
        )
        self._one = ctx.framebuffer([ctx.renderbuffer(self._size, 4)])
        self._color = ctx.texture(self._size, 3)
        self._depth = ctx.depth_texture(self._size)
        self._depth.compare_func = ""
        self._still = ctx.framebuffer([ctx.texture(self._size, 4)], self._depth)
        self._person: _Mesh | None = None
        self._plain = np.zeros((height, width, 3), np.uint8)
        self._matrix = np.eye(4, dtype=np.float32)

    def _uniforms(
        self,
        p: moderngl.Program,
        camera: Camera,
        light: Light,
        garments: list[dict[str, object]],
    ) -> None:
        p["view_projection"].write(camera.matrix().T.astype("f4").tobytes())
        direction = np.asarray(light.key_direction, "f8")
        values: dict[str, object] = {
            "eye": tuple(camera.position),
            "key_color": light.key_color,
            "key_direction": tuple(direction / np.linalg.norm(direction)),
            "sky_color": light.sky_color,
            "ground_color": light.ground_color,
            "exposure": light.exposure,
            "lamp_position": light.lamp_position,
            "lamp_color": light.lamp_color,
        }
        blobs = (light.blobs + [(0.0, 0.0, 1.0, 0.0)] * 4)[:4]
        values["blob"] = blobs
        none = {"b": (0.5, 0.5, 0.5), "style": (0.0, 10.0, 0.0, 0.0)}
        filled = (garments + [none] * 6)[:6]
        values["garment_b"] = [g["b"] for g in filled]
        values["garment_style"] = [g["style"] for g in filled]
        for name, value in values.items():
            if name in p:
                p[name].value = value

    def set_backdrop(
        self,
        surface: Surface,
        positions: np.ndarray,
        normals: np.ndarray,
        camera: Camera,
        light: Light,
    ) -> None:
        """Draw the room once and keep its colours and depths."""
        self._uniforms(self._program, camera, light, [])
        self._matrix = camera.matrix().T.astype(np.float32)
        self._ctx.disable(moderngl.CULL_FACE)
        mesh = _Mesh(self._ctx, self._program, surface, len(positions))
        self._many.use()
        self._many.clear(0.05, 0.05, 0.05, 1.0)
        mesh.draw(positions, normals)
        self._ctx.copy_framebuffer(self._one, self._many)
        pixels = self._one.read(components=3, alignment=1)
        self._color.write(pixels)
        flat = np.frombuffer(pixels, np.uint8).reshape(self._size[1], self._size[0], 3)
        self._plain = np.ascontiguousarray(flat[::-1])
        self._still.use()
        self._still.clear()
        self._depth_only["view_projection"].write(self._matrix.tobytes())
        mesh.draw_depth(self._depth_only)
        mesh.release()

    def shade(self, shadow: np.ndarray, strength: float) -> None:
        """Darken the backdrop where `shadow` (0-1 per pixel) falls; strength 0-1."""
        dim = 1.0 - strength * shadow[..., None]
        self._plain = np.clip(self._plain * dim, 0, 255).astype(np.uint8)
        self._color.write(np.ascontiguousarray(self._plain[::-1]).tobytes())

    def set_person(
        self,
        surface: Surface,
        count: int,
        camera: Camera,
        light: Light,
        garments: list[dict[str, object]],
    ) -> None:
        """Upload the static attributes of the person; `count` vertices."""
        if self._person is not None:
            self._person.release()
        self._person = _Mesh(self._ctx, self._people, surface, count)
        self._uniforms(self._people, camera, light, garments)

    def frame(self, positions: np.ndarray | None, normals: np.ndarray | None) -> np.ndarray:
        """One picture, (height, width, 3) RGB bytes; no person when `positions` is None.

        Only the rectangle around the person is rasterised; the rest is the stored backdrop.
        """
        picture = self._plain.copy()
        if positions is None or normals is None or self._person is None:
            return picture
        height = self._size[1]
        x0, y0, w, h = self._rectangle(positions)
        if w <= 0 or h <= 0:
            return picture
        ctx = self._ctx
        self._many.use()
        self._many.scissor = (x0, y0, w, h)
        self._many.clear(depth=1.0)
        self._color.use(0)
        self._depth.use(1)
        self._backdrop["picture"].value = 0
        self._backdrop["depth"].value = 1
        ctx.disable(moderngl.CULL_FACE)
        self._quad.render(vertices=3)
        ctx.enable(moderngl.CULL_FACE)
        self._person.draw(positions, normals)
        self._one.scissor = (x0, y0, w, h)
        ctx.copy_framebuffer(self._one, self._many)
        data = np.frombuffer(self._one.read((x0, y0, w, h), components=3, alignment=1), np.uint8)
        picture[height - y0 - h : height - y0, x0 : x0 + w] = data.reshape(h, w, 3)[::-1]
        self._many.scissor = None
        self._one.scissor = None
        return picture

    def _rectangle(self, positions: np.ndarray) -> tuple[int, int, int, int]:
        """x, y (from below), width, height in pixels of the box around projected points."""
        width, height = self._size
        clip = positions @ self._matrix[:3] + self._matrix[3]
        depth = np.maximum(clip[:, 3], 0.05)
        px = (clip[:, 0] / depth + 1) * (width / 2)
        py = (clip[:, 1] / depth + 1) * (height / 2)
        x0, x1 = (int(np.clip(v, 0, width)) for v in (px.min() - 4, px.max() + 5))
        y0, y1 = (int(np.clip(v, 0, height)) for v in (py.min() - 4, py.max() + 5))
        return x0, y0, x1 - x0, y1 - y0
