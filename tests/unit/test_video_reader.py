"""Reading recorded video: what comes out, when, and what is refused."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.picture import Orientation, fit_box, fit_side
from posture.adapters.video_reader import RisingClock, open_video, read_ahead

if TYPE_CHECKING:
    from pathlib import Path

Image = npt.NDArray[np.uint8]

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (235, 235, 235)


def quarters(width_px: int = 96, height_px: int = 64) -> Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = np.empty((height_px, width_px, 3), np.uint8)
    half_x, half_y = width_px // 2, height_px // 2
    image[:half_y, :half_x], image[:half_y, half_x:] = RED, GREEN
    image[half_y:, :half_x], image[half_y:, half_x:] = BLUE, WHITE
    return image


def corners(image: Image) -> list[tuple[int, int, int]]:
    """The named colour nearest to each quarter's centre, in reading order."""
    height_px, width_px = image.shape[:2]
    named = np.array([RED, GREEN, BLUE, WHITE])
    found = []
    for y in (height_px // 4, 3 * height_px // 4):
        for x in (width_px // 4, 3 * width_px // 4):
            nearest = np.abs(named - image[y, x].astype(int)).sum(axis=1).argmin()
            found.append(tuple(int(v) for v in named[nearest]))
    return found  # type: ignore[return-value]


def times(path: Path) -> list[float]:
    with open_video(path) as reader:
        return [frame.time_s for frame in reader]


class TestFrames:
    def test_every_frame_comes_in_order_with_its_picture(self, make_video: Any) -> None:
        with open_video(make_video("bars.mp4", 20)) as reader:
            frames = list(reader)
        assert [frame.index for frame in frames] == list(range(20))
        for frame in frames:
            columns = frame.image_rgb.mean(axis=(0, 2))
            assert abs(columns.argmax() - (4 * frame.index + 1.5)) <= 2
            assert frame.image_rgb.flags.c_contiguous
            assert frame.image_rgb.dtype == np.uint8

    def test_delivered_frames_survive_closing(self, make_video: Any) -> None:
        path = make_video("bars.mp4", 3)
        with open_video(path) as reader:
            first = next(iter(reader))
            before = first.image_rgb.copy()
        assert np.array_equal(first.image_rgb, before)

    def test_iterating_again_goes_on_where_it_stopped(self, make_video: Any) -> None:
        with open_video(make_video("bars.mp4", 5)) as reader:
            assert next(iter(reader)).index == 0
            assert [frame.index for frame in reader] == [1, 2, 3, 4]
            assert list(reader) == []

    def test_reading_twice_gives_identical_pictures(self, make_video: Any) -> None:
        path = make_video("bars.mp4", 12)
        with open_video(path, max_side_px=50) as one, open_video(path, max_side_px=50) as two:
            for first, second in zip(one, two, strict=True):
                assert first.time_s == second.time_s
                assert np.array_equal(first.image_rgb, second.image_rgb)

    @pytest.mark.parametrize(
        ("name", "codec", "pix_fmt", "named"),
        [
            ("v.mp4", "libx264", "yuv420p", "h264"),
            ("v.mp4", "libx265", "yuv420p", "hevc"),
            ("v.webm", "libvpx-vp9", "yuv420p", "vp9"),
            ("v.mkv", "libsvtav1", "yuv420p", "av1"),
            ("v.avi", "mpeg4", "yuv420p", "mpeg4"),
            ("v.gif", "gif", "rgb8", "gif"),
        ],
    )
    def test_common_formats(
        self, make_video: Any, name: str, codec: str, pix_fmt: str, named: str
    ) -> None:
        path = make_video(name, [quarters()] * 6, codec=codec, pix_fmt=pix_fmt)
        with open_video(path) as reader:
            frames = list(reader)
            assert reader.info.codec == named
            assert reader.damage is None
        assert len(frames) == 6
        assert frames[-1].time_s == pytest.approx(0.2, abs=0.011)
        assert corners(frames[3].image_rgb) == [RED, GREEN, BLUE, WHITE]

    def test_a_size_that_changes_on_the_way_is_fitted_into_the_first(
        self, make_video: Any, tmp_path: Path
    ) -> None:
        wide = make_video("wide.ts", [quarters(128, 64)] * 4).read_bytes()
        large = make_video("large.ts", [quarters(256, 128)] * 4).read_bytes()
        tall = make_video("tall.ts", [quarters(64, 128)] * 4).read_bytes()
        path = tmp_path / "mixed.ts"
        path.write_bytes(wide + large + tall)
        with open_video(path) as reader:
            frames = list(reader)
        assert {frame.image_rgb.shape for frame in frames} == {(64, 128, 3)}
        assert len(frames) == 12
        assert corners(frames[5].image_rgb) == [RED, GREEN, BLUE, WHITE]
        assert frames[-1].image_rgb[:, :40].max() < 20, "a tall picture stands between black bars"


class TestTimes:
    def test_variable_frame_rate_is_kept_exactly(self, make_video: Any) -> None:
        shown_ms = [0, 40, 73, 400, 401, 1500, 1533]
        path = make_video("vfr.mkv", 7, times_ms=shown_ms)
        assert times(path) == [pytest.approx(ms / 1000, abs=1e-9) for ms in shown_ms]

    def test_time_counts_from_the_first_shown_frame(self, make_video: Any) -> None:
        path = make_video("late.mkv", 3, times_ms=[5000, 5040, 5080])
        assert times(path) == [pytest.approx(v) for v in (0.0, 0.04, 0.08)]
        with open_video(path) as reader:
            assert reader.info.start_s == pytest.approx(5.0)

    def test_fractional_rates_do_not_drift(self, tmp_path: Path) -> None:
        path = tmp_path / "ntsc.mp4"
        with av.open(str(path), "w") as container:
            stream: Any = container.add_stream("libx264", rate=Fraction(30000, 1001))
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            for _ in range(61):
                grey = np.full((64, 64, 3), 90, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            container.mux(stream.encode(None))
        assert times(path)[60] == 60 * 1001 / 30000
        with open_video(path) as reader:
            assert reader.info.frame_rate == pytest.approx(30000 / 1001)
            assert reader.info.frame_count_estimate == 61
            assert reader.info.duration_s == pytest.approx(61 * 1001 / 30000)


class TestRisingClock:
    def test_honest_times_pass_unchanged(self) -> None:
        clock = RisingClock(0.04)
        assert [clock.at(t) for t in (2.0, 2.25, 9.5)] == [0.0, 0.25, 7.5]

    def test_repeated_and_falling_times_are_moved_by_a_millisecond(self) -> None:
        clock = RisingClock(0.04)
        found = [clock.at(t) for t in (0.0, 0.04, 0.04, 0.03, 0.12)]
        assert found == pytest.approx([0.0, 0.04, 0.041, 0.042, 0.12])

    def test_a_clock_that_began_anew_goes_on_after_the_last_frame(self) -> None:
        clock = RisingClock(0.04)
        found = [clock.at(t) for t in (0.0, 5.0, 0.0, 0.04, 0.5)]
        assert found == pytest.approx([0.0, 5.0, 5.04, 5.08, 5.54])

    def test_missing_times_follow_one_period_later(self) -> None:
        clock = RisingClock(0.04)
        assert [clock.at(t) for t in (None, None, 0.5)] == pytest.approx([0.0, 0.04, 0.5])

    @given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=2, max_size=60))
    def test_whole_milliseconds_always_rise(self, raw: list[float | None]) -> None:
        clock = RisingClock(1 / 30)
        found = [clock.at(t) for t in raw]
        assert found[0] == 0.0
        milliseconds = [round(t * 1000) for t in found]
        assert all(b > a for a, b in pairwise(milliseconds))


class TestSize:
    def test_large_pictures_are_scaled_down_and_small_ones_left_alone(
        self, make_video: Any
    ) -> None:
        with open_video(make_video("v.mp4", [quarters(400, 200)] * 2), max_side_px=100) as reader:
            info, frames = reader.info, list(reader)
        assert (info.width_px, info.height_px) == (400, 200)
        assert (info.analysed_width_px, info.analysed_height_px) == (100, 50)
        assert frames[0].image_rgb.shape == (50, 100, 3)
        assert corners(frames[0].image_rgb) == [RED, GREEN, BLUE, WHITE]
        with open_video(make_video("s.mp4", [quarters(96, 64)] * 2), max_side_px=100) as reader:
            assert next(iter(reader)).image_rgb.shape == (64, 96, 3)

    def test_odd_sizes(self, make_video: Any) -> None:
        path = make_video("odd.mp4", [quarters(97, 61)] * 3, pix_fmt="yuv444p")
        with open_video(path) as reader:
            assert next(iter(reader)).image_rgb.shape == (61, 97, 3)

    def test_pixel_shape_is_applied(self, make_video: Any) -> None:
        path = make_video("wide.mp4", [quarters()] * 3, pixel_aspect=Fraction(4, 3))
        with open_video(path) as reader:
            assert (reader.info.width_px, reader.info.height_px) == (128, 64)
            assert next(iter(reader)).image_rgb.shape == (64, 128, 3)

    def test_eight_k_pictures_are_read(self, make_video: Any) -> None:
        large = np.broadcast_to(np.array(GREEN, np.uint8), (4320, 7680, 3)).copy()
        fast = {"preset": "ultrafast", "x264-params": "colormatrix=bt709"}
        bt709 = {"colorspace": 1}
        path = make_video("8k.mp4", [large] * 2, colours=bt709, codec_options=fast)
        with open_video(path) as reader:
            frames = list(reader)
        assert len(frames) == 2
        assert frames[0].image_rgb.shape == (540, 960, 3)
        assert np.abs(frames[1].image_rgb.astype(int) - GREEN).max() < 12

    @given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(16, 2000))
    def test_fitting_keeps_the_shape(self, width: int, height: int, side: int) -> None:
        fitted = fit_side((width, height), side)
        assert max(fitted) <= max(side, 1)
        assert min(fitted) >= 1
        scale = max(fitted) / max(width, height)
        assert abs(min(fitted) - min(width, height) * scale) <= 1

    def test_fitting_into_a_box_of_the_same_shape_gives_the_box(self) -> None:
        assert fit_box((1281, 720), (640, 360)) == (640, 360)
        assert fit_box((720, 1280), (640, 360)) == (202, 360)


class TestOrientation:
    @pytest.mark.parametrize(
        ("counter_clockwise_deg", "mirror", "expected", "clockwise_deg", "shape"),
        [
            (0, False, [RED, GREEN, BLUE, WHITE], 0, (64, 96)),
            (90, False, [GREEN, WHITE, RED, BLUE], 270, (96, 64)),
            (180, False, [WHITE, BLUE, GREEN, RED], 180, (64, 96)),
            (-90, False, [BLUE, RED, WHITE, GREEN], 90, (96, 64)),
            (0, True, [GREEN, RED, WHITE, BLUE], 0, (64, 96)),
        ],
    )
    def test_the_picture_stands_upright(
        self,
        make_video: Any,
        counter_clockwise_deg: int,
        mirror: bool,
        expected: list[tuple[int, int, int]],
        clockwise_deg: int,
        shape: tuple[int, int],
    ) -> None:
        path = make_video("r.mp4", [quarters()] * 3, rotation=(counter_clockwise_deg, mirror))
        with open_video(path) as reader:
            image = next(iter(reader)).image_rgb
            info = reader.info
        assert image.shape[:2] == shape == (info.height_px, info.width_px)
        assert image.flags.c_contiguous
        assert corners(image) == expected
        assert (info.rotation_deg, info.mirrored) == (clockwise_deg, mirror)

    def test_turned_pictures_are_scaled_by_their_longest_side(self, make_video: Any) -> None:
        path = make_video("r.mp4", [quarters(200, 100)] * 2, rotation=(90, False))
        with open_video(path, max_side_px=80) as reader:
            assert next(iter(reader)).image_rgb.shape == (80, 40, 3)

    @pytest.mark.parametrize("matrix", [b"", b"\0" * 36, b"\1\2\3"])
    def test_a_senseless_matrix_changes_nothing(self, matrix: bytes) -> None:
        assert Orientation.from_display_matrix(matrix) == Orientation()

    def test_a_slanted_matrix_takes_the_nearest_right_angle(self) -> None:
        near_90 = np.array([9_000, 64_900, 0, -64_900, 9_000, 0, 0, 0, 1 << 30], np.int32)
        assert Orientation.from_display_matrix(near_90.tobytes()).clockwise_deg == 90


class TestColour:
    @pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
    @pytest.mark.parametrize("colour_range", ["tv", "pc"])
    @pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
    def test_labelled_colours_come_back(
        self, make_video: Any, matrix: str, colour_range: str, pix_fmt: str
    ) -> None:
        swscale = {"bt709": (1, 1), "smpte170m": (5, 6), "bt2020nc": (9, 9)}[matrix]
        path = make_video(
            "c.mp4",
            [quarters()] * 3,
            pix_fmt=pix_fmt,
            colours={"colorspace": swscale[0], "color_range": 2 if colour_range == "pc" else 1},
            codec_options={
                "crf": "1",
                "x264-params": f"colormatrix={matrix}:range={colour_range}",
            },
        )
        with open_video(path) as reader:
            image = list(reader)[1].image_rgb
        expected = quarters()
        for y, x in ((16, 24), (16, 72), (48, 24), (48, 72)):
            assert np.abs(image[y, x].astype(int) - expected[y, x]).max() <= 6

    def test_hdr_highlights_and_skin_tones_are_brought_to_screen_levels(
        self, make_video: Any
    ) -> None:
        # PQ code values (10 bit, of 1023): 26 cd/m2 is 0.371, 203 cd/m2 is 0.581.
        codes = [round(255 * v) for v in (0.0, 0.371, 0.581, 0.75)]
        image = np.empty((64, 96, 3), np.uint8)
        for i, code in enumerate(codes):
            image[:, 24 * i : 24 * (i + 1)] = code
        path = make_video(
            "hdr.mkv",
            [image] * 3,
            codec="libx265",
            pix_fmt="yuv420p10le",
            colours={"colorspace": 9, "color_trc": 16, "color_primaries": 9},
            codec_options={"x265-params": "log-level=none:lossless=1"},
        )
        with open_video(path) as reader:
            greys = list(reader)[1].image_rgb.mean(axis=(0, 2))[12::24]
        assert greys[0] < 3
        assert 80 < greys[1] < 125
        assert 175 < greys[2] < 215
        assert greys[3] > 235


class TestDamage:
    @pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.avi"])
    def test_a_file_cut_short_gives_what_is_there_and_says_so(
        self, make_video: Any, name: str
    ) -> None:
        rng = np.random.default_rng(1)
        noise = [rng.integers(0, 255, (64, 96, 3)).astype(np.uint8) for _ in range(50)]
        codec = "mpeg4" if name.endswith("avi") else "libx264"
        front = {"movflags": "faststart"} if name.endswith("mp4") else {}
        path = make_video(name, noise, codec=codec, options=front)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with open_video(path) as reader:
            assert reader.damage is None, "unknown before the end"
            frames = list(reader)
            assert reader.damage is not None
            assert name in reader.damage
        assert 15 <= len(frames) <= 30

    def test_garbage_in_the_middle_loses_only_the_middle(self, make_video: Any) -> None:
        path = make_video("g.mp4", 60, codec_options={"g": "10", "crf": "10"})
        data = bytearray(path.read_bytes())
        start = data.index(b"mdat")
        middle = (start + data.index(b"moov")) // 2
        data[middle : middle + 400] = b"\xff" * 400
        path.write_bytes(bytes(data))
        with open_video(path) as reader:
            frames = list(reader)
            assert reader.damage is not None
            assert "could not be decoded" in reader.damage
        assert 30 <= len(frames) < 60
        assert frames[-1].time_s == pytest.approx(59 * 0.04)

    def test_a_file_that_is_garbage_to_the_end_is_given_up(self, make_video: Any) -> None:
        rng = np.random.default_rng(2)
        noise = [rng.integers(0, 255, (64, 96, 3)).astype(np.uint8) for _ in range(700)]
        path = make_video("bad.mkv", noise, codec_options={"g": "1", "preset": "ultrafast"})
        with av.open(str(path)) as container:
            packets = [bytes(p) for p in container.demux(video=0) if p.size]
        data = path.read_bytes()
        for packet in packets[20:]:
            data = data.replace(packet, bytes(len(packet)))
        path.write_bytes(data)
        with open_video(path) as reader:
            assert len(list(reader)) == 20
            assert "only the first 0.8 s of 28.0 s" in str(reader.damage)

    def test_a_whole_file_is_not_called_damaged(self, make_video: Any) -> None:
        with open_video(make_video("v.webm", 10, codec="libvpx-vp9", sound="libopus")) as reader:
            assert len(list(reader)) == 10
            assert reader.damage is None


class TestInfo:
    def test_sound_is_noticed(self, make_video: Any) -> None:
        with open_video(make_video("s.mp4", 5, sound="aac")) as reader:
            assert reader.info.has_audio
        with open_video(make_video("n.mp4", 5)) as reader:
            assert not reader.info.has_audio

    def test_a_stream_without_promises_says_so(self, make_video: Any) -> None:
        path = make_video("live.mkv", 5, options={"live": "1"})
        with open_video(path) as reader:
            assert isnan(reader.info.duration_s)
            assert reader.info.frame_count_estimate is None
            assert len(list(reader)) == 5
            assert reader.damage is None


def test_reading_ahead_gives_the_same_frames_and_damage(make_video: Any) -> None:
    path = make_video("cut.mp4", 30, times_ms=[33 * i + i % 3 for i in range(30)])
    with open_video(path) as plain, open_video(path) as ahead:
        told = [(one.index, one.time_s, one.image_rgb.tobytes()) for one in plain]
        with closing(read_ahead(ahead)) as frames:
            assert told == [(one.index, one.time_s, one.image_rgb.tobytes()) for one in frames]
        assert ahead.damage == plain.damage


def test_whoever_stops_reading_ahead_can_close_the_video_at_once(make_video: Any) -> None:
    with open_video(make_video("stopped.mp4", 30)) as reader:
        with closing(read_ahead(reader)) as frames:
            assert [next(frames).index, next(frames).index] == [0, 1]
        assert [one.index for one in reader] == list(range(3, 30))
