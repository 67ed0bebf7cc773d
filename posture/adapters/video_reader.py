"""Recorded video, one upright RGB picture at a time, each with the moment it was taken.

The way of a file: :func:`open_video` refuses what is no video with one sentence, decodes the
first pictures, and returns a :class:`VideoReader`; iterating over it gives
:class:`~posture.datatypes.Frame` objects until the file ends. What a player would show is what
comes out: edit lists, rotation, mirroring, pixel shape, colour range and HDR are all applied.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from math import isfinite, isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import av
import av.error
from av.stream import Disposition

from posture.adapters.picture import PictureConverter
from posture.datatypes import Frame
from posture.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

logger = logging.getLogger(__name__)

DEFAULT_MAX_SIDE_PX = 960
SMALLEST_SIDE_PX = 16
LARGEST_PICTURE_PX = 64_000_000  # nearly twice 8K

_SMALLEST_STEP_S = 0.001  # the pose model counts whole milliseconds
_CLOCK_RESTART_S = 1.0
_FALLBACK_PERIOD_S = 1 / 30
_FASTEST_RATE_HZ = 1000.0
_MOST_FAILURES_IN_A_ROW = 500
_SLOWEST_READ_S = 60.0
_TEXT_ART_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What is known about a video before it has been read to the end.

    Attributes:
        path: The file.
        width_px: Width as displayed: upright, with square pixels, before any scaling down.
        height_px: Height as displayed.
        analysed_width_px: Width of the delivered pictures.
        analysed_height_px: Height of the delivered pictures.
        frame_rate: Nominal pictures per second; NaN where the file does not say.
        duration_s: Promised length; NaN where the file does not say.
        start_s: Time of the first shown picture on the file's own clock.
        frame_count_estimate: For a progress bar; ``None`` where nothing is known.
        has_audio: Whether there is sound.
        codec: Name of the video codec, such as ``h264``.
        rotation_deg: Clockwise turn that was applied: 0, 90, 180 or 270.
        mirrored: Whether the pictures were mirrored, as the file asks.
    """

    path: Path
    width_px: int
    height_px: int
    analysed_width_px: int
    analysed_height_px: int
    frame_rate: float
    duration_s: float
    start_s: float
    frame_count_estimate: int | None
    has_audio: bool
    codec: str
    rotation_deg: int
    mirrored: bool


class RisingClock:
    """Turns a file's timestamps into seconds from the first frame that always rise.

    Honest times pass unchanged, gaps included. A repeated or slightly falling time is moved to
    one millisecond after the frame before it, so that no decoded frame is lost. A fall of more
    than a second is a recording whose clock began anew: what follows is shifted to go on one
    period after the last frame. A missing time is guessed as one period after the last frame.

    Args:
        period_s: Nominal time between two frames.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._offset_s: float | None = None
        self._last_s = 0.0

    def at(self, raw_s: float | None) -> float:
        """Time of the next frame, seconds from the first, for its time on the file's clock."""
        if self._offset_s is None:
            self._offset_s = -(raw_s if raw_s is not None else 0.0)
            return 0.0
        expected_s = self._last_s + self._period_s
        time_s = expected_s if raw_s is None else raw_s + self._offset_s
        if time_s < self._last_s - _CLOCK_RESTART_S:
            self._offset_s += expected_s - time_s
            time_s = expected_s
        self._last_s = max(time_s, self._last_s + _SMALLEST_STEP_S)
        return self._last_s


class VideoReader:
    """An opened video: iterate over it once to get its frames, close it afterwards.

    Made by :func:`open_video`.

    Attributes:
        info: What the file says about itself.
    """

    def __init__(
        self, path: Path, container: InputContainer, stream: VideoStream, max_side_px: int
    ) -> None:
        self._container = container
        self._stream = stream
        self._failures = 0
        self._broken_off = False
        self._finished = False
        self._end_s = 0.0
        self._promised_s = _promised_s(stream)
        decoded = self._decode()
        ahead = list(islice(decoded, 2))
        _refuse_unless_moving(path, ahead, damaged=self._failures > 0 or self._broken_off)
        self._converter = PictureConverter(ahead[0], stream.sample_aspect_ratio, max_side_px)
        self._converter.to_rgb(ahead[0])  # an unusable pixel format must show now
        self.info = self._describe(path, ahead[0])
        self._frames = self._deliver(chain(ahead, decoded))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        """Every decoded frame in the order shown; iterating again goes on, it does not rewind."""
        return self._frames

    def close(self) -> None:
        """Give the file back. Frames already delivered stay valid."""
        self._frames.close()
        self._container.close()

    @property
    def damage(self) -> str | None:
        """One sentence about what could not be read, known once the last frame was delivered."""
        if not self._finished:
            return None
        name, promised_s = self.info.path.name, self._promised_s
        missing_s = promised_s - self._end_s
        if missing_s > max(0.5, 0.01 * promised_s) or (self._broken_off and missing_s > 0):
            return (
                f"{name} is damaged or incomplete: only the first {self._end_s:.1f} s of "
                f"{promised_s:.1f} s could be read; copy or record it again to have the rest."
            )
        if self._failures or self._broken_off:
            return (
                f"{name} is damaged: some of its pictures could not be decoded and are missing "
                "from the results; copy or record it again to have them."
            )
        return None

    def _deliver(self, decoded: Iterator[VideoFrame]) -> Generator[Frame]:
        period_s = 1 / self.info.frame_rate if self.info.frame_rate > 0 else _FALLBACK_PERIOD_S
        clock = RisingClock(period_s)
        index = 0
        for picture in decoded:
            try:
                image_rgb = self._converter.to_rgb(picture)
            except av.error.FFmpegError as error:
                logger.debug("A picture cannot be converted: %s", error)
                self._failures += 1
                continue
            time_s = clock.at(self._seconds(picture.pts))
            self._end_s = time_s + (self._seconds(picture.duration) or period_s)
            yield Frame(index=index, time_s=time_s, image_rgb=image_rgb)
            index += 1
        self._finished = True

    def _decode(self) -> Iterator[VideoFrame]:
        """Decoded pictures until the file ends or fails for good."""
        failures_in_a_row = 0
        try:
            for packet, following in pairwise(self._container.demux(self._stream)):
                if packet.is_corrupt and not following.size:
                    self._broken_off = True  # the end holds half a picture; leave it out
                    break
                pictures = self._decode_packet(packet)
                yield from pictures or ()
                failures_in_a_row = failures_in_a_row + 1 if pictures is None else 0
                if failures_in_a_row >= _MOST_FAILURES_IN_A_ROW:
                    self._broken_off = True
                    break
        except av.error.FFmpegError as error:
            logger.debug("Reading ended early: %s", error)
            self._broken_off = True
        yield from self._decode_packet(None) or ()  # what the decoder still holds

    def _decode_packet(self, packet: Packet[VideoStream] | None) -> list[VideoFrame] | None:
        """The pictures that a packet makes ready; ``None`` when it cannot be decoded."""
        try:
            return self._stream.decode(packet)
        except av.error.FFmpegError as error:
            logger.debug("A packet cannot be decoded: %s", error)
            self._failures += 1
            return None

    def _seconds(self, ticks: int | None) -> float | None:
        """Ticks of the stream's clock as seconds; exact up to one rounding."""
        if ticks is None or self._stream.time_base is None:
            return None
        return float(ticks * self._stream.time_base)

    def _describe(self, path: Path, first: VideoFrame) -> VideoInfo:
        rate, duration_s, converter = _frame_rate(self._stream), self._promised_s, self._converter
        if isnan(duration_s) and self._container.duration:  # with sound it may promise too much
            duration_s = self._container.duration / av.time_base
        return VideoInfo(
            path=path,
            width_px=converter.displayed_px[0],
            height_px=converter.displayed_px[1],
            analysed_width_px=converter.result_px[0],
            analysed_height_px=converter.result_px[1],
            frame_rate=rate,
            duration_s=duration_s,
            start_s=self._seconds(first.pts) or 0.0,
            frame_count_estimate=_frame_count(self._stream.frames, duration_s * rate),
            has_audio=bool(self._container.streams.audio),
            codec=self._stream.codec_context.codec.canonical_name,
            rotation_deg=converter.orientation.clockwise_deg,
            mirrored=converter.orientation.mirrored,
        )


def open_video(path: Path | str, *, max_side_px: int = DEFAULT_MAX_SIDE_PX) -> VideoReader:
    """Open a recorded video for reading from its first to its last frame.

    Args:
        path: The file.
        max_side_px: Longest side of the delivered pictures; larger ones are scaled down.

    Returns:
        A reader to iterate over once; use it in a ``with`` statement.

    Raises:
        InputError: The file is missing, unreadable or no video; one sentence says which.
    """
    path = Path(path)
    with _refusing(path):
        _refuse_what_is_no_file(path)
        container = open_container(path)
        try:
            stream = _video_stream(path, container)
            stream.thread_type = "AUTO"
            return VideoReader(path, container, stream, max_side_px)
        except BaseException:
            container.close()
            raise


def read_ahead(reader: VideoReader) -> Generator[Frame]:
    """The same frames, each decoded while the one before it is looked at.

    Close it before the reader: it decodes in a thread of its own.
    """
    frames = iter(reader)
    with ThreadPoolExecutor(1, thread_name_prefix="posture-decode") as thread:
        coming = thread.submit(next, frames, None)
        while (frame := coming.result()) is not None:
            coming = thread.submit(next, frames, None)
            yield frame


def open_container(path: Path) -> InputContainer:
    """Open a media file for reading, and nothing but that file.

    Raises:
        av.error.FFmpegError: It is no media file that is known.
    """
    return av.open(
        f"file:{path}",  # without the prefix, a colon in the name would mean a protocol
        mode="r",
        options={"protocol_whitelist": "file"},  # a playlist must not reach the network
        metadata_errors="replace",
        timeout=_SLOWEST_READ_S,
    )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say in one sentence why a file cannot be opened."""
    try:
        yield
    except PermissionError as error:
        raise InputError("error.video.not_allowed", path=path) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError("error.video.not_there", path=path) from error
    except av.error.InvalidDataError as error:
        raise InputError("error.video.no_video", name=path.name) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        logger.debug("Opening failed", exc_info=True)
        raise InputError("error.video.not_opened", name=path.name) from error


def _refuse_what_is_no_file(path: Path) -> None:
    """Refuse what no decoder should touch: folders, pipes, devices, nothing at all."""
    size = path.stat().st_size
    if path.is_dir():
        raise InputError("error.video.folder", path=path)
    if not path.is_file():
        raise InputError("error.video.no_file", path=path)
    with path.open("rb"):
        pass
    if size == 0:
        raise InputError("error.video.empty", name=path.name)


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    """The stream with moving pictures; cover art of a sound file does not count."""
    if container.format.name in _TEXT_ART_FORMATS:
        raise InputError("error.video.text", name=path.name)
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        has_sound = bool(container.streams.audio)
        why = "error.video.only_sound" if has_sound else "error.video.no_picture"
        raise InputError(why, name=path.name)
    stream = next((s for s in streams if s.disposition & Disposition.default), streams[0])
    if cast("object", stream.codec_context) is None:
        raise InputError("error.video.no_decoder", name=path.name)
    return stream


def _refuse_unless_moving(path: Path, ahead: list[VideoFrame], *, damaged: bool) -> None:
    """Refuse what has fewer than two pictures, or pictures of an unusable size."""
    if not ahead or (damaged and len(ahead) < 2):
        raise InputError("error.video.damaged", name=path.name)
    if len(ahead) < 2:
        raise InputError("error.video.still", name=path.name)
    width_px, height_px = ahead[0].width, ahead[0].height
    if min(width_px, height_px) < SMALLEST_SIDE_PX:
        raise InputError(
            "error.video.too_small", name=path.name, width_px=width_px, height_px=height_px
        )
    if width_px * height_px > LARGEST_PICTURE_PX:
        raise InputError(
            "error.video.too_large", name=path.name, width_px=width_px, height_px=height_px
        )


def _frame_rate(stream: VideoStream) -> float:
    """Nominal pictures per second; NaN where the file does not say or says nonsense."""
    rates = (stream.guessed_rate, stream.average_rate)
    return next((float(rate) for rate in rates if rate and 0 < rate < _FASTEST_RATE_HZ), nan)


def _promised_s(stream: VideoStream) -> float:
    """Length that the file promises for the pictures alone, seconds; NaN where it does not."""
    if stream.duration is not None and stream.duration > 0 and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    tagged = next((v for k, v in stream.metadata.items() if k.upper().startswith("DURATION")), "")
    try:
        hours, minutes, seconds = (float(part) for part in tagged.split(":"))
    except ValueError:
        return nan
    return 3600 * hours + 60 * minutes + seconds


def _frame_count(in_header: int, by_time: float) -> int | None:
    """Estimated frames: the smaller claim, for edit lists hide frames that the header counts."""
    claims = [in_header, round(by_time) if isfinite(by_time) else 0]
    return min((claim for claim in claims if claim > 0), default=None)
