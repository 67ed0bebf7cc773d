"""Writing a video anew: timing, sound, pictures, and nothing half done."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from posture.adapters.video_reader import open_video
from posture.adapters.video_writer import write_annotated
from posture.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Image = npt.NDArray[np.uint8]


def unchanged(image_rgb: Image, _index: int) -> Image:
    return image_rgb


def sound_wave(path: Path) -> tuple[npt.NDArray[np.float64], int, float]:
    """Samples of the first channel, their rate, and the time of the first one."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    planar = [np.atleast_2d(frame.to_ndarray())[0] for frame in frames]
    start_s = float(frames[0].pts * frames[0].time_base)  # type: ignore[operator]
    return np.concatenate(planar).astype(float), frames[0].sample_rate, start_s


def packet_bytes(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(audio=0) if p.size]


class TestPictures:
    def test_each_frame_is_drawn_on_once_in_order_and_keeps_its_time(
        self, make_video: Any, tmp_path: Path
    ) -> None:
        shown_ms = [0, 40, 73, 400, 433, 1500, 1540]
        source = make_video("vfr.mkv", 7, times_ms=shown_ms)
        seen: list[int] = []

        def white_from_the_fourth(image_rgb: Image, index: int) -> Image:
            seen.append(index)
            return np.full_like(image_rgb, 235) if index >= 3 else image_rgb

        write_annotated(source, tmp_path / "out.mp4", white_from_the_fourth)
        assert seen == list(range(7))
        with open_video(tmp_path / "out.mp4") as reader:
            frames = list(reader)
            assert reader.damage is None
        assert [f.time_s for f in frames] == pytest.approx([ms / 1000 for ms in shown_ms])
        means = [f.image_rgb.mean() for f in frames]
        assert max(means[:3]) < 90
        assert min(means[3:]) > 225

    def test_the_result_plays_in_a_browser(self, make_video: Any, tmp_path: Path) -> None:
        source = make_video("odd.mkv", [np.full((61, 97, 3), 90, np.uint8)] * 3, pix_fmt="yuv444p")
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        data = (tmp_path / "out.mp4").read_bytes()
        assert data.index(b"moov") < data.index(b"mdat"), "the index stands in front"
        with av.open(str(tmp_path / "out.mp4")) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
            assert (stream.width, stream.height) == (96, 60)

    def test_no_picture_is_far_from_one_that_stands_by_itself(
        self, make_video: Any, tmp_path: Path
    ) -> None:
        write_annotated(make_video("still.mp4", 70), tmp_path / "out.mp4", unchanged)
        with av.open(str(tmp_path / "out.mp4")) as container:
            whole = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
        assert len(whole) == 70
        marks = [index for index, one in enumerate(whole) if one]
        assert marks[0] == 0
        assert all(later - earlier <= 30 for earlier, later in pairwise([*marks, 70]))

    def test_colours_and_orientation_survive(self, make_video: Any, tmp_path: Path) -> None:
        image = np.zeros((64, 96, 3), np.uint8)
        image[:32], image[32:] = (220, 120, 40), (40, 90, 200)
        source = make_video(
            "turned.mp4",
            [image] * 3,
            rotation=(180, False),
            codec_options={"crf": "1", "x264-params": "colormatrix=smpte170m"},
        )
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        with open_video(tmp_path / "out.mp4") as reader:
            found = list(reader)[1].image_rgb.astype(int)
            assert reader.info.rotation_deg == 0
        assert np.abs(found[16, 48] - (40, 90, 200)).max() < 10
        assert np.abs(found[48, 48] - (220, 120, 40)).max() < 10

    def test_large_pictures_are_scaled_down(self, make_video: Any, tmp_path: Path) -> None:
        source = make_video("wide.mp4", [np.full((100, 400, 3), 90, np.uint8)] * 2)
        write_annotated(source, tmp_path / "out.mp4", unchanged, max_side_px=200)
        with open_video(tmp_path / "out.mp4") as reader:
            assert (reader.info.width_px, reader.info.height_px) == (200, 50)

    def test_progress_rises_to_one(self, make_video: Any, tmp_path: Path) -> None:
        shares: list[float] = []
        write_annotated(
            make_video("v.mp4", 20), tmp_path / "out.mp4", unchanged, on_progress=shares.append
        )
        assert len(shares) == 21
        assert shares == sorted(shares)
        assert shares[-1] == 1.0

    def test_a_damaged_source_gives_what_can_be_read(self, make_video: Any, tmp_path: Path) -> None:
        source = make_video("cut.mp4", 60, options={"movflags": "faststart"})
        source.write_bytes(source.read_bytes()[:-800])
        with open_video(source) as reader:
            readable = len(list(reader))
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        with open_video(tmp_path / "out.mp4") as reader:
            assert len(list(reader)) == readable < 60
            assert reader.damage is None


class TestSound:
    @pytest.mark.parametrize(("name", "codec"), [("s.mp4", "aac"), ("s.mkv", "libmp3lame")])
    def test_sound_that_fits_is_copied_bit_by_bit(
        self, make_video: Any, tmp_path: Path, name: str, codec: str
    ) -> None:
        source = make_video(name, 50, sound=codec)
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        copied, original = packet_bytes(tmp_path / "out.mp4"), packet_bytes(source)
        assert len(copied) >= len(original) - 3
        assert set(copied) <= set(original)

    @pytest.mark.parametrize(
        ("name", "codec"), [("s.webm", "libopus"), ("s.mkv", "flac"), ("s.avi", "pcm_s16le")]
    )
    def test_other_sound_is_encoded_anew_and_stays_in_step(
        self, make_video: Any, tmp_path: Path, name: str, codec: str
    ) -> None:
        video_codec = {"webm": "libvpx-vp9", "avi": "mpeg4"}.get(name.split(".")[1], "libx264")
        source = make_video(name, 50, codec=video_codec, sound=codec)
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        with av.open(str(tmp_path / "out.mp4")) as container:
            assert container.streams.audio[0].codec_context.name == "aac"
        wave, rate, start_s = sound_wave(tmp_path / "out.mp4")
        assert len(wave) / rate == pytest.approx(2.0, abs=0.08)
        assert abs(start_s) < 0.03
        strength = np.abs(np.fft.rfft(wave[: 2 * rate // 2]))
        loudest_hz = strength.argmax() * rate / (2 * rate // 2)
        assert loudest_hz == pytest.approx(440, abs=2)

    @pytest.mark.parametrize("codec", ["aac", "flac"])
    def test_sound_keeps_its_place_when_the_pictures_start_late(
        self, make_video: Any, tmp_path: Path, codec: str
    ) -> None:
        late_ms = [1000 + 40 * i for i in range(50)]
        source = make_video("late.mkv", 50, times_ms=late_ms, sound=codec, sound_from_s=2.0)
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        wave, rate, start_s = sound_wave(tmp_path / "out.mp4")
        onset_s = start_s + np.flatnonzero(np.abs(wave) > 0.3 * np.abs(wave).max())[0] / rate
        assert onset_s == pytest.approx(1.0, abs=0.05), "a second after the first picture"

    def test_no_sound_stays_no_sound(self, make_video: Any, tmp_path: Path) -> None:
        write_annotated(make_video("n.mp4", 5), tmp_path / "out.mp4", unchanged)
        with open_video(tmp_path / "out.mp4") as reader:
            assert not reader.info.has_audio

    def test_damaged_sound_does_not_cost_the_pictures(
        self, make_video: Any, tmp_path: Path
    ) -> None:
        source = make_video("s.mkv", 50, sound="flac")
        data = bytearray(source.read_bytes())
        for packet in packet_bytes(source)[5:]:
            at = data.find(packet)
            data[at : at + len(packet)] = bytes(len(packet))
        source.write_bytes(bytes(data))
        write_annotated(source, tmp_path / "out.mp4", unchanged)
        with open_video(tmp_path / "out.mp4") as reader:
            assert len(list(reader)) == 50


class TestNothingHalfDone:
    def test_an_existing_result_is_replaced_only_when_the_new_one_is_whole(
        self, make_video: Any, tmp_path: Path
    ) -> None:
        target = tmp_path / "out.mp4"
        target.write_bytes(b"the old one")

        def interrupted(image_rgb: Image, index: int) -> Image:
            if index == 5:
                raise KeyboardInterrupt
            return image_rgb

        source = make_video("v.mp4", 10)
        with pytest.raises(KeyboardInterrupt):
            write_annotated(source, target, interrupted)
        assert target.read_bytes() == b"the old one"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["out.mp4", "v.mp4"]
        write_annotated(source, target, unchanged)
        assert target.stat().st_size > 1000

    def test_a_mistake_in_the_drawing_is_not_hidden(self, make_video: Any, tmp_path: Path) -> None:
        def broken(_image_rgb: Image, _index: int) -> Image:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_annotated(make_video("v.mp4", 3), tmp_path / "out.mp4", broken)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["v.mp4"]

    @pytest.mark.parametrize("room_bytes", [0, 10_000, 60_000])
    def test_a_full_disk(self, make_video: Any, tmp_path: Path, room_bytes: int) -> None:
        rng = np.random.default_rng(0)
        noise = [rng.integers(0, 255, (64, 96, 3)).astype(np.uint8) for _ in range(60)]
        source = make_video("v.mp4", noise, sound="aac")
        with file_size_limit(room_bytes), pytest.raises(OutputError) as caught:
            write_annotated(source, tmp_path / "out.mp4", unchanged)
        assert "out.mp4" in str(caught.value)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["v.mp4"]

    def test_places_that_cannot_be_written_to(self, make_video: Any, tmp_path: Path) -> None:
        source = make_video("v.mp4", 3)
        (tmp_path / "file").touch()
        (tmp_path / "folder.mp4").mkdir()
        cases = {
            tmp_path / "none" / "out.mp4": "no folder",
            tmp_path / "file" / "out.mp4": "no folder",
            tmp_path / "folder.mp4": "is a folder",
        }
        for target, words in cases.items():
            with pytest.raises(OutputError, match=words):
                write_annotated(source, target, unchanged)
        assert not list(tmp_path.rglob("*.part"))

    def test_a_folder_of_somebody_else(
        self, make_video: Any, tmp_path: Path, ordinary_user: Any
    ) -> None:
        source = make_video("v.mp4", 3)
        for folder in (tmp_path, *tmp_path.parents):
            if Path(gettempdir()) in folder.parents:  # whatever lies above is everybody's
                folder.chmod(0o755)
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o555)
        with ordinary_user(), pytest.raises(OutputError, match="may not be written"):
            write_annotated(source, locked / "out.mp4", unchanged)

    def test_no_video_makes_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            write_annotated(tmp_path / "none.mp4", tmp_path / "out.mp4", unchanged)
        assert list(tmp_path.iterdir()) == []


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
