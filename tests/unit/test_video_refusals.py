"""What is no video that can be read, and the sentence that says so."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from posture.adapters.video_reader import open_video
from posture.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(InputError) as caught:
        open_video(path)
    return str(caught.value)


def test_missing(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "none.mp4")
    (tmp_path / "a.txt").write_text("x")
    assert "There is no file" in refusal(tmp_path / "a.txt" / "b.mp4")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "no ordinary file" in refusal(tmp_path / "pipe.mp4")


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "e.mp4").touch()
    assert "e.mp4 is empty" in refusal(tmp_path / "e.mp4")


def test_not_allowed(make_video: Any, ordinary_user: Any) -> None:
    path = make_video("private.mp4", 3)
    path.chmod(0)
    with ordinary_user():
        assert "may not be read" in refusal(path)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes.srt", "page.html"])
def test_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n" * 50)
    assert name in refusal(tmp_path / name)


def test_text_is_not_taken_for_text_art(tmp_path: Path) -> None:
    for name in ("list.txt", "about.nfo", "log.ans"):
        (tmp_path / name).write_text("One line of text.\n" * 500)
        assert name in refusal(tmp_path / name)


def test_an_unknown_codec(make_video: Any) -> None:
    path = make_video("strange.mkv", 3)
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_STRANGE/CODEC"))
    assert "cannot be decoded here" in refusal(path)


def test_pictures_beyond_reason(make_video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posture.adapters.video_reader.LARGEST_PICTURE_PX", 96 * 64 - 1)
    assert "96 x 64 pixels, more than can be handled" in refusal(make_video("huge.mp4", 3))


def test_noise(tmp_path: Path) -> None:
    (tmp_path / "n.mp4").write_bytes(np.random.default_rng(0).bytes(200_000))
    assert "n.mp4 is not a video" in refusal(tmp_path / "n.mp4")


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("p.jpg", "mjpeg", "yuvj420p"), ("p.png", "png", "rgb24"), ("p.gif", "gif", "rgb8")],
)
@pytest.mark.parametrize("size", [(1, 1), (96, 64)])
def test_pictures(
    make_video: Any, name: str, codec: str, pix_fmt: str, size: tuple[int, int]
) -> None:
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    options = {"update": "1"} if codec != "gif" else {}
    path = make_video(name, [image], codec=codec, pix_fmt=pix_fmt, options=options)
    assert f"{name} is a single picture" in refusal(path)
    disguised = path.rename(path.with_suffix(".mp4"))
    assert f"{disguised.name} is a single picture" in refusal(disguised)


def test_tiny_pictures(make_video: Any) -> None:
    dot = np.full((1, 1, 3), 90, np.uint8)
    assert "1 x 1 pixels" in refusal(
        make_video("dot.gif", [dot, dot + 60], codec="gif", pix_fmt="rgb8")
    )


def test_sound_only(make_video: Any, tmp_path: Path) -> None:
    both = make_video("both.mp4", 10, sound="aac")
    alone = tmp_path / "alone.m4a"
    with av.open(str(both)) as source, av.open(str(alone), "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert "sound but no picture" in refusal(alone)


def test_header_without_pictures(make_video: Any) -> None:
    path = make_video("h.mp4", 20, options={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    assert "No moving picture can be decoded from h.mp4" in refusal(path)


def test_a_playlist_does_not_reach_the_network(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    assert "list.m3u8" in refusal(path)


@pytest.mark.parametrize("name", ["a:b.mp4", "100%d.mp4", "sjö ☃.mp4", "-x.mp4", " .mp4"])
def test_odd_names_are_no_obstacle(make_video: Any, name: str) -> None:
    with open_video(make_video(name, 3)) as reader:
        assert len(list(reader)) == 3


def test_nothing_is_printed(make_video: Any, tmp_path: Path) -> None:
    path = make_video("g.mp4", 60)
    data = bytearray(path.read_bytes())
    data[600:900] = b"\xff" * 300
    path.write_bytes(bytes(data))
    (tmp_path / "n.mp4").write_bytes(b"\x00\x00\x01\xb3" * 5000)
    script = (
        "import sys\n"
        "from posture.adapters.video_reader import open_video\n"
        "from posture.errors import InputError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        list(open_video(name))\n"
        "    except InputError:\n"
        "        pass\n"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path / "n.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
