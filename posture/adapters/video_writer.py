"""Writes a recorded video anew with something drawn on every picture.

Timing and sound stay the recording's own; the result is an MP4 that every browser plays. It is
written beside its place and moved there whole, so that an interruption never leaves half a file.
"""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager, suppress
from errno import EACCES, EDQUOT, EISDIR, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS
from fractions import Fraction
from math import isfinite
from os import strerror
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from posture.adapters.video_reader import open_container, open_video
from posture.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

    from posture.datatypes import ImageArray

    AudioPacket = Packet[AudioStream]

logger = logging.getLogger(__name__)

DEFAULT_MAX_SIDE_PX = 1280

_TICKS_PER_S = 90_000
_TICK = Fraction(1, _TICKS_PER_S)
_BT709 = 1
_LIMITED_RANGE = 1
_FALLBACK_RATE_HZ = 30
# To show any picture a player decodes no more than so many: seeking is snappy, a file of a real
# practice grows by an eighth.
_FRAMES_TO_DECODE = 30
_SOUND_THAT_FITS = frozenset({"aac", "mp3"})
_SOUND_RATES_HZ = frozenset({22_050, 24_000, 32_000, 44_100, 48_000})
_SOUND_RATE_HZ = 48_000


class Draw(Protocol):
    """Draws on one picture."""

    def __call__(self, image_rgb: ImageArray, index: int, /) -> ImageArray:
        """Return the picture to be written, of the same shape.

        Args:
            image_rgb: Upright picture, shape (height, width, 3); may be drawn on.
            index: Count of decoded frames, from 0: the same as in the analysis.
        """
        ...


def write_annotated(
    source_path: Path | str,
    target_path: Path | str,
    draw: Draw,
    *,
    max_side_px: int = DEFAULT_MAX_SIDE_PX,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Write ``source_path`` again, drawn on, with its own timing and sound.

    Args:
        source_path: A recorded video.
        target_path: The MP4 to write (H.264, yuv420p, index at the front); replaced if it exists.
        draw: Called once for every frame, in order.
        max_side_px: Longest side of the pictures; larger ones are scaled down.
        on_progress: Called after every frame with the share that is done, 0 to 1.

    Raises:
        InputError: The source cannot be read.
        OutputError: The target cannot be written.
    """
    source_path, target_path = Path(source_path), Path(target_path)
    with (
        open_video(source_path, max_side_px=max_side_px) as reader,
        _whole(target_path) as part,
        _output(part) as container,
    ):
        info = reader.info
        pictures = _Pictures(
            container, info.analysed_width_px, info.analysed_height_px, info.frame_rate
        )
        with closing(_sound(source_path, container, info.start_s)) as packets:
            sound = _InStep(container, packets)
            for frame in reader:
                pictures.write(draw(frame.image_rgb, frame.index), frame.time_s)
                sound.write_until(frame.time_s)
                if on_progress is not None and info.duration_s > 0:
                    on_progress(min(frame.time_s / info.duration_s, 1.0))
            sound.write_until(pictures.end_s)
            pictures.finish()
    if on_progress is not None:
        on_progress(1.0)


class _Pictures:
    """The picture stream of the target."""

    def __init__(
        self, container: OutputContainer, width_px: int, height_px: int, rate_hz: float
    ) -> None:
        self._container = container
        # Half-size colour planes need even sides; an odd last row or column is left out.
        self._width_px, self._height_px = width_px // 2 * 2, height_px // 2 * 2
        rate = rate_hz if isfinite(rate_hz) else _FALLBACK_RATE_HZ
        self._period_ticks = max(1, round(_TICKS_PER_S / rate))
        self._reformatter = VideoReformatter()
        self.end_s = 0.0
        stream = container.add_stream(
            "libx264",
            rate=Fraction(rate).limit_denominator(1001),
            options={"preset": "veryfast", "crf": "21", "g": str(_FRAMES_TO_DECODE)},
        )
        stream.width, stream.height, stream.pix_fmt = self._width_px, self._height_px, "yuv420p"
        context = stream.codec_context
        context.time_base = _TICK
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE
        self._stream: VideoStream = stream

    def write(self, image_rgb: ImageArray, time_s: float) -> None:
        """Encode one picture, shown from ``time_s`` on."""
        cropped = np.ascontiguousarray(image_rgb[: self._height_px, : self._width_px])
        picture = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(cropped, format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        picture.time_base, picture.pts = _TICK, round(time_s * _TICKS_PER_S)
        picture.duration = self._period_ticks
        self._container.mux(self._stream.encode(picture))
        self.end_s = time_s + self._period_ticks / _TICKS_PER_S

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


class _InStep:
    """Writes sound no further than the pictures have come, so that little waits in memory."""

    def __init__(self, container: OutputContainer, packets: Iterator[AudioPacket]) -> None:
        self._container = container
        self._packets = packets
        self._next = next(packets, None)

    def write_until(self, time_s: float) -> None:
        """Write the packets that start at or before ``time_s``."""
        while self._next is not None and (self._next.pts or 0) * self._next.time_base <= time_s:
            self._container.mux(self._next)
            self._next = next(self._packets, None)


def _sound(source_path: Path, target: OutputContainer, start_s: float) -> Generator[AudioPacket]:
    """The source's sound as packets for the target, timed from the first picture.

    Sound that fits into the target is copied, other sound is encoded anew as AAC. The stream in
    the target exists once the first packet has been asked for. Damaged sound ends early: it must
    not cost the pictures.
    """
    with open_container(source_path) as source:
        stream = next(iter(source.streams.audio), None)
        if stream is None or cast("object", stream.codec_context) is None:
            return
        fits = stream.codec_context.codec.canonical_name in _SOUND_THAT_FITS
        packets = _copied(source, stream, target) if fits else _encoded(source, stream, target)
        offset = round(Fraction(start_s) / _TICK)
        try:
            yield from _shifted(packets, offset)
        except (av.error.FFmpegError, ValueError) as error:
            logger.warning("The sound of %s ends early: %s", source_path.name, error)


def _shifted(packets: Iterator[AudioPacket], offset: int) -> Iterator[AudioPacket]:
    """Packets ``offset`` ticks earlier, without those before zero or out of order."""
    last_dts = -1
    for packet in packets:
        if packet.pts is None or packet.dts is None:
            continue
        shift = round(offset * _TICK / packet.time_base)
        packet.pts -= shift
        packet.dts -= shift
        if packet.dts > last_dts:
            last_dts = packet.dts
            yield packet


def _copied(
    source: InputContainer, stream: AudioStream, target: OutputContainer
) -> Iterator[AudioPacket]:
    out = target.add_stream_from_template(stream)
    for packet in source.demux(stream):
        packet.stream = out
        yield packet


def _encoded(
    source: InputContainer, stream: AudioStream, target: OutputContainer
) -> Iterator[AudioPacket]:
    rate = stream.rate if stream.rate in _SOUND_RATES_HZ else _SOUND_RATE_HZ
    out = target.add_stream("aac", rate=rate)
    out.layout = "mono" if stream.channels == 1 else "stereo"
    resampler = AudioResampler(format="fltp", layout=out.layout, rate=rate, frame_size=1024)
    for packet in source.demux(stream):
        try:
            frames = stream.decode(packet)
        except av.error.FFmpegError as error:
            logger.debug("Some sound cannot be decoded: %s", error)
            continue
        for frame in frames:
            for piece in resampler.resample(frame):
                yield from out.encode(piece)
    for piece in resampler.resample(None):
        yield from out.encode(piece)
    yield from out.encode(None)


@contextmanager
def _whole(target_path: Path) -> Iterator[Path]:
    """A path to write to, beside the target: moved there in the end, removed on failure.

    Raises:
        OutputError: Something could not be written.
    """
    part = target_path.with_name(target_path.name + ".part")
    try:
        part.open("wb").close()  # says at once, and plainly, what is wrong with the folder
        yield part
        part.replace(target_path)
    except (av.error.FFmpegError, OSError) as error:
        raise _not_written(target_path, error.errno) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _output(part: Path) -> Iterator[OutputContainer]:
    """An MP4 to write to, its index in front of the pictures so that it plays at once."""
    container = av.open(f"file:{part}", "w", format="mp4", options={"movflags": "+faststart"})
    try:
        yield container
    except BaseException:
        with suppress(av.error.FFmpegError, OSError):
            container.close()
        raise
    container.close()


def _not_written(path: Path, errno: int | None) -> OutputError:
    if errno in {ENOSPC, EDQUOT}:
        return OutputError("error.film.disk_full", path=path)
    if errno in {EACCES, EPERM, EROFS}:
        return OutputError("error.film.not_allowed", path=path)
    if errno in {ENOENT, ENOTDIR}:
        return OutputError("error.film.no_folder", folder=path.parent)
    if errno == EISDIR:
        return OutputError("error.film.folder", path=path)
    return OutputError("error.film.not_written", path=path, why=strerror(errno or 0))
