"""The film of a live practice, written as it happens.

An MP4 in pieces of a second: whatever ends the process, it plays as far as it came. A disk that
fills ends the film, not the practice. :func:`settle` makes it an ordinary file.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.error
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from posture.datatypes import ImageArray

logger = logging.getLogger(__name__)

ENDING = ".mp4"
_TICKS_PER_S = 90_000
_TICK = Fraction(1, _TICKS_PER_S)
_BT709 = 1
_PIECE_S = 1.0
_PIECES = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
_WHOLE = {"movflags": "+faststart"}
# Quick rather than small: it is done beside the pose model (3 ms a picture). Some
# 3 MB a minute from a steady camera, more from a noisy one.
_CODEC = {"preset": "superfast", "tune": "zerolatency", "crf": "24", "forced-idr": "1"}


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """How much room a film may take. Chosen by us.

    Attributes:
        largest_bytes: Largest film; more than two hours.
        least_free_bytes: Room that must be left on the disk.
        look_every_s: How often that is looked at, in the film's own time.
    """

    largest_bytes: int = 2_000_000_000
    least_free_bytes: int = 1_000_000_000
    look_every_s: float = 2.0


class Film:
    """One practice's film. It is used by one thread at a time, and never raises for the disk.

    Args:
        path: Where it is written; its folder is made.
        settings: How much room it may take.
    """

    def __init__(self, path: Path, settings: FilmSettings | None = None) -> None:
        self.path = path
        self.trouble = ""
        self._settings = settings or FilmSettings()
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._reformatter = VideoReformatter()
        self._from_s = nan
        self._looked_s = -inf
        self._piece_from_s = -inf
        self._closed = False

    def add(self, image_rgb: ImageArray, time_s: float) -> None:
        """Write one picture; the first is second 0 of the film. Times must rise.

        Args:
            image_rgb: Shape (height, width, 3); later ones are brought to the first one's size.
            time_s: When it was taken.
        """
        if self._closed:
            return
        try:
            if isnan(self._from_s):
                self._from_s = time_s
                self._open(image_rgb)
            self._look_at_the_disk(time_s)
            self._write(image_rgb, time_s - self._from_s)
        except (av.error.FFmpegError, OSError) as error:
            self.trouble = error.strerror or str(error)
            logger.warning("The film of a practice ends here: %s", self.trouble)
            self.close()

    def close(self) -> None:
        """Write the last piece. Harmless when called twice."""
        self._closed = True
        container, stream, self._container, self._stream = self._container, self._stream, None, None
        if container is None:
            return
        with suppress(av.error.FFmpegError, OSError):
            if stream is not None and not self.trouble:
                container.mux(stream.encode(None))
        with suppress(av.error.FFmpegError, OSError):
            container.close()

    def _open(self, image_rgb: ImageArray) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        container = av.open(f"file:{self.path}", "w", format="mp4", options=_PIECES)
        self._container = container
        stream = container.add_stream("libx264", rate=30, options=_CODEC)
        height, width = image_rgb.shape[:2]
        stream.width, stream.height, stream.pix_fmt = width // 2 * 2, height // 2 * 2, "yuv420p"
        context = stream.codec_context
        context.time_base, context.thread_count = _TICK, 1
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = 1
        self._stream = stream

    def _look_at_the_disk(self, time_s: float) -> None:
        if time_s - self._looked_s < self._settings.look_every_s:
            return
        self._looked_s = time_s
        if self.path.stat().st_size > self._settings.largest_bytes:
            raise OSError(0, "it has become very large")
        if shutil.disk_usage(self.path.parent).free < self._settings.least_free_bytes:
            raise OSError(0, "the disk is nearly full")

    def _write(self, image_rgb: ImageArray, time_s: float) -> None:
        if self._container is None or self._stream is None:
            return
        picture = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(image_rgb), format="rgb24"),
            width=self._stream.width,
            height=self._stream.height,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        if time_s - self._piece_from_s >= _PIECE_S:
            self._piece_from_s = time_s
            picture.pict_type = PictureType.I
        picture.time_base, picture.pts = _TICK, round(time_s * _TICKS_PER_S)
        self._container.mux(self._stream.encode(picture))


def plays(film: Path) -> bool:
    """Whether there is a film with at least one picture to be seen."""
    try:
        with av.open(f"file:{film}") as source:
            return any(packet.dts is not None for packet in source.demux(video=0))
    except (av.error.FFmpegError, OSError, IndexError):
        return False


def settle(film: Path, target: Path) -> None:
    """Write a film that plays as an ordinary MP4, index in front; its pictures stay as they are.

    Raises:
        OSError: The target cannot be written.
    """
    with (
        av.open(f"file:{film}") as source,
        av.open(f"file:{target}", "w", format="mp4", options=_WHOLE) as container,
    ):
        stream = source.streams.video[0]
        out = container.add_stream_from_template(stream)
        with suppress(av.error.InvalidDataError, av.error.EOFError):  # cut off by a crash
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.stream = out
                    container.mux(packet)
