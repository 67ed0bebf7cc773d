import av
import numpy as np
import pytest

from posture.adapters.live_film import Film, FilmSettings, plays, settle
from posture.adapters.video_reader import open_video


def picture(index, side=64):
    image = np.full((side, 96, 3), 90, np.uint8)
    image[:, 2 * index % 90 : 2 * index % 90 + 6] = 230
    return image


def times(path):
    with open_video(path) as video:
        return [frame.time_s for frame in video]


TIMES_S = [7.0, 7.05, 7.11, 7.2, 9.4, 9.45]


def test_every_picture_stands_at_its_own_time_from_the_first_on(tmp_path):
    film = Film(tmp_path / "live" / "a.mp4")
    for index, time_s in enumerate(TIMES_S):
        film.add(picture(index), time_s)
    film.close()
    film.close()
    settle(film.path, tmp_path / "whole.mp4")
    assert film.trouble == ""
    wanted = [time_s - TIMES_S[0] for time_s in TIMES_S]
    assert times(tmp_path / "whole.mp4") == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [30, 5])
def test_a_film_that_was_cut_off_lacks_its_last_second_at_most(tmp_path, rate_hz):
    film = Film(tmp_path / "a.mp4")
    for index in range(round(4.5 * rate_hz)):
        film.add(picture(index), index / rate_hz)
    whole = film.path.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole)
    film.close()
    settle(cut, tmp_path / "settled.mp4")
    assert times(tmp_path / "settled.mp4")[-1] >= 3.3
    cut.write_bytes(whole[:-7])
    settle(cut, tmp_path / "settled.mp4")
    assert times(tmp_path / "settled.mp4")[-1] >= 2.3


def test_smaller_pictures_go_on_in_the_same_film(tmp_path):
    film = Film(tmp_path / "a.mp4")
    film.add(picture(0), 0.0)
    film.add(picture(1, side=48), 0.1)
    film.close()
    with av.open(str(film.path)) as written:
        assert {(f.width, f.height) for f in written.decode(video=0)} == {(96, 64)}


@pytest.mark.parametrize(
    "settings",
    [FilmSettings(least_free_bytes=1 << 62), FilmSettings(largest_bytes=1)],
    ids=["no room", "too large"],
)
def test_a_full_disk_ends_the_film_and_nothing_else(tmp_path, settings, caplog):
    film = Film(tmp_path / "a.mp4", settings)
    for index in range(100):
        film.add(picture(index), index / 30)
    assert film.trouble
    assert len([r for r in caplog.records if "film" in r.message]) == 1
    assert film.path.stat().st_size < 100_000


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "live").write_text("a file", encoding="utf-8")
    film = Film(tmp_path / "live" / "a.mp4")
    film.add(picture(0), 0.0)
    assert film.trouble


def test_it_is_known_whether_a_film_plays(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    film = Film(tmp_path / "b.mp4")
    film.add(picture(0), 0.0)
    film.close()
    assert [plays(tmp_path / f"{name}.mp4") for name in "abc"] == [False, True, False]
