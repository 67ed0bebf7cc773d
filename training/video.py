"""Writing clips: camera faults on the pixels, H.264 through PyAV, truth tables."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np


@dataclass
class Sensor:
    """Faults of a webcam: noise (8-bit standard deviation), blur (pixels), gains, vignette."""

    noise: float = 0.0
    blur: float = 0.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    vignette: float = 0.0
    smear: float = 0.0
    drift: float = 0.0


class Camera8Bit:
    """Applies a `Sensor` to frames of one size, cheaply (noise comes from a rolled pool)."""

    def __init__(self, sensor: Sensor, width: int, height: int, rng: np.random.Generator) -> None:
        self._s, self._rng = sensor, rng
        ramp = np.arange(256) / 255.0
        table = [255 * np.clip(ramp**sensor.gamma * g, 0, 1) for g in sensor.gain]
        self._table = np.stack(table, axis=1).astype(np.uint8)[None]
        self._pool = None
        if sensor.noise > 0.05:
            coarse = rng.normal(0, sensor.noise, (height + 64, width + 64, 3)).astype(np.float32)
            coarse = 0.6 * coarse + 0.8 * cv2.blur(coarse, (2, 2))
            self._pool = np.clip(np.round(coarse), -60, 60).astype(np.int16)
        yy, xx = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        fall = 1 - sensor.vignette * (xx**2 + yy**2) / 2
        self._fall = (fall * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
        self._last: np.ndarray | None = None
        self._size = (height, width)
        self._phase = rng.uniform(0, 6.28)
        self._count = 0

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """The frame as this camera would deliver it."""
        s = self._s
        if s.smear > 0.02 and self._last is not None:
            mixed = cv2.addWeighted(frame, 1 - s.smear, self._last, s.smear, 0)
            self._last = frame
            frame = mixed
        else:
            self._last = frame
        if s.blur > 0.2:
            frame = cv2.GaussianBlur(frame, (0, 0), s.blur)
        if s.vignette > 0.02:
            frame = cv2.multiply(frame, self._fall, scale=1 / 255.0)
        frame = cv2.LUT(frame, self._table)
        if s.drift > 0.002:
            self._count += 1
            level = 1 + s.drift * np.sin(self._phase + self._count * 0.05)
            frame = cv2.convertScaleAbs(frame, alpha=float(level))
        if self._pool is not None:
            h, w = self._size
            a, b = self._rng.integers(0, 64, 2)
            frame = cv2.add(
                frame.astype(np.int16), self._pool[a : a + h, b : b + w], dtype=cv2.CV_8U
            )
        return np.asarray(frame)


class Movie:
    """An H.264 file being written; use as a context manager."""

    def __init__(
        self, path: Path, width: int, height: int, fps: int, crf: int, preset: str = "veryfast"
    ) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        stream = self._container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.options = {"crf": str(crf), "preset": preset, "threads": "1"}
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def add(self, frame: np.ndarray) -> None:
        """Append one RGB frame."""
        for packet in self._stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
            self._container.mux(packet)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            for packet in self._stream.encode():
                self._container.mux(packet)
        self._container.close()


def write_truth(path: Path, rows: list[dict[str, object]]) -> None:
    """Write the truth table; floats with four decimals."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
