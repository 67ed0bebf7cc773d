"""Shared by all tests: the real test data's folder and small videos made on the spot."""

from __future__ import annotations

import os
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import anyio
import av
import numpy as np
import numpy.typing as npt
import pytest
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

# pytest compiles anyio anew, as it does every plugin, and anyio imports its parts when they are
# first asked for: in whichever thread. Python 3.11 cannot compile in two threads at once
# (python/cpython#106905), so all of it is imported here, before there are any others.
for _name in dir(anyio):
    getattr(anyio, _name)

Image = npt.NDArray[np.uint8]

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "testdata"
_MILLISECOND = Fraction(1, 1000)
_SOUND_RATE_HZ = 48_000


class BrowserTogether(LoadFileScheduling):
    """Gives a process whole files, and one process all of the browser's.

    Those share a server, a browser and a result that was waited for; while they wait, the other
    process computes.
    """

    def _split_scope(self, nodeid: str) -> str:
        together = "tests/browser/"
        return together if nodeid.startswith(together) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserTogether:
    """Share the tests out between processes."""
    return BrowserTogether(config, log)


@pytest.fixture(scope="module", autouse=True)
def _browser_first(request: pytest.FixtureRequest) -> None:
    """Of two processes the browser's goes first: its practices run by the clock."""
    beside = hasattr(request.config, "workerinput") and "browser" not in request.path.parts
    if beside and os.name == "posix" and os.nice(0) == 0:
        os.nice(10)


class VideoMaker(Protocol):
    """Writes a small video and returns its path."""

    def __call__(
        self,
        name: str,
        pictures: Sequence[Image] | int = 10,
        *,
        times_ms: Sequence[int] | None = None,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        colours: dict[str, int] | None = None,
        pixel_aspect: Fraction | None = None,
        rotation: tuple[float, bool] | None = None,
        sound: str | None = None,
        sound_from_s: float = 0.0,
        options: dict[str, str] | None = None,
        codec_options: dict[str, str] | None = None,
    ) -> Path: ...


@pytest.fixture
def shared_testdata() -> Path:
    """The folder with real recordings; tests that need it are skipped where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip(f"the shared test data is not at {_SHARED}")
    return _SHARED


@pytest.fixture
def ordinary_user() -> Callable[[], AbstractContextManager[None]]:
    """A context in which an administrator's right to read and write everything is given up."""
    return _ordinary_user


@contextmanager
def _ordinary_user() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def make_video(tmp_path: Path) -> VideoMaker:
    """A function that writes a video to the test's own folder.

    ``pictures`` is a list of RGB arrays, or how many to make: grey pictures, 96 x 64 pixels, with
    a bright bar that moves to the right. They are shown at ``times_ms`` (by default 25 per
    second). ``rotation`` is a counter-clockwise angle and whether to mirror after it; ``sound``
    the audio codec of a 440 Hz tone, silent before ``sound_from_s``, that ends with the pictures.
    """

    def make(name: str, pictures: Sequence[Image] | int = 10, **wishes: Any) -> Path:
        images = [bar_picture(i) for i in range(pictures)] if isinstance(pictures, int) else None
        path = tmp_path / name
        _write(path, images or cast("Sequence[Image]", pictures), **wishes)
        return path

    return cast("VideoMaker", make)


def bar_picture(index: int, width_px: int = 96, height_px: int = 64) -> Image:
    """Dark grey with a bright bar, four pixels wide, at x = 4 times the index."""
    image = np.full((height_px, width_px, 3), 60, np.uint8)
    image[:, (4 * index) % width_px :][:, :4] = 220
    return image


def _write(
    path: Path,
    images: Sequence[Image],
    *,
    times_ms: Sequence[int] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    colours: dict[str, int] | None = None,
    pixel_aspect: Fraction | None = None,
    rotation: tuple[float, bool] | None = None,
    sound: str | None = None,
    sound_from_s: float = 0.0,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
) -> None:
    colours = colours or {}
    times_ms = times_ms if times_ms is not None else [40 * i for i in range(len(images))]
    with av.open(str(path), "w", options=options or {}) as container:
        stream: Any = container.add_stream(cast("Any", codec), rate=25, options=codec_options or {})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = Fraction(1, 25) if codec == "mpeg4" else _MILLISECOND
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        for name, value in colours.items():
            setattr(stream.codec_context, name, value)
        if rotation is not None:
            stream.set_display_rotation(rotation[0], hflip=rotation[1])
        if sound is not None:
            _add_tone(container, sound, (times_ms[-1] + 40) / 1000, sound_from_s)
        for image, time_ms in zip(images, times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
                format=pix_fmt,
                dst_colorspace=colours.get("colorspace"),
                dst_color_range=colours.get("color_range"),
            )
            frame.pts, frame.time_base = time_ms, _MILLISECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _add_tone(container: Any, codec: str, seconds: float, from_s: float) -> None:
    stream = container.add_stream(codec, rate=_SOUND_RATE_HZ)
    time_s = np.arange(round(seconds * _SOUND_RATE_HZ)) / _SOUND_RATE_HZ
    tone = 8000 * np.sin(2 * np.pi * 440 * time_s) * (time_s >= from_s)
    wave = tone.astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
    frame.sample_rate, frame.pts = _SOUND_RATE_HZ, 0
    resampler = av.AudioResampler(
        format=stream.format, layout="mono", rate=_SOUND_RATE_HZ, frame_size=stream.frame_size or 0
    )
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))
