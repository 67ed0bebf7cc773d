import errno
import os
import shutil
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest
import sqlalchemy as sa

from posture.adapters import export_parquet
from posture.corrections import Corrections
from posture.errors import InputError, OutputError, PostureError, UsageError
from posture.store import Source, open_store, records
from posture.store.archive import export_archive, import_archive
from posture.store.database import sqlite_url
from posture.store.store import DATABASE
from tests.unit.store.seen import full_analysis
from tests.unit.ui.recordings import recording

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_what_was_added_comes_back(store):
    analysis = full_analysis()
    added = store.add(analysis, started_at=MONDAY, notes=" Voelde goed. ", tags=["les", " les "])
    record = store.get(added)
    assert record.started_at == MONDAY
    assert record.source is Source.RECORDED
    assert record.exercise == "standing-tilt"
    assert record.notes == "Voelde goed."
    assert record.tags == ("les",)
    assert record.reps == analysis.reps
    assert record.rep_sds == (2.0, 2.0)
    assert record.good_reps == 1
    assert record.duration_s == pytest.approx(8.0)
    assert record.tilt_sd_deg == 2.0
    assert record.summary == analysis.summary()
    assert store.analysis(added).summary() == analysis.summary()


def test_it_is_still_there_after_opening_again(url, tmp_path):
    with open_store(url, folder=tmp_path) as store:
        added = store.add(full_analysis())
        before = store.get(added)
    with open_store(url, folder=tmp_path) as store:
        assert store.get(added) == before


def test_unknown_numbers_stay_unknown(store):
    record = store.get(store.add(recording([], neutral="")))
    assert isnan(record.reading_share)
    assert isnan(record.tilt_forward_deg)


def test_a_practice_without_a_moment_of_its_own_gets_the_videos(store, tmp_path):
    video = tmp_path / "v.mp4"
    video.write_bytes(b"video")
    os.utime(video, (MONDAY.timestamp(), MONDAY.timestamp()))
    record = store.get(store.add(full_analysis(video)))
    assert record.started_at == MONDAY
    assert store.ids_of_video(record.video_sha256) == (record.id,)
    os.utime(video, (4e9, 4e9))
    assert store.get(store.add(full_analysis(video))).started_at <= datetime.now(UTC)


def test_the_video_is_kept_only_where_asked(store, tmp_path):
    video = tmp_path / "clip.MOV"
    video.write_bytes(b"video")
    without = store.get(store.add(full_analysis(video)))
    assert store.video(without) is None
    with_it = store.get(store.add(full_analysis(video), keep_video=True))
    video.unlink()
    assert store.video(with_it).read_bytes() == b"video"
    assert store.analysis(with_it.id).path == store.video(with_it)
    with pytest.raises(InputError, match="gone"):
        store.add(full_analysis(video), keep_video=True)


def test_pages_are_the_latest_first(store):
    ids = [store.add(full_analysis(), started_at=MONDAY + timedelta(days=n)) for n in range(5)]
    page = store.find(limit=2, offset=1)
    assert [record.id for record in page.sessions] == [ids[3], ids[2]]
    assert page.total == 5
    assert all(len(record.reps) == 2 for record in page.sessions)


def test_searching_looks_at_words_in_any_order_case_and_accent(store):
    mine = store.add(full_analysis(), notes="Rustige ochtend, één kuil", tags=["Les 3"])
    store.add(full_analysis(exercise="bridge"))
    assert [r.id for r in store.find("les OCHTEND een").sessions] == [mine]
    assert store.find("bekken kantelen").total == store.find("standing-tilt").total == 1
    assert store.find("hefbrug").total == store.find("lift bridge").total == 1
    assert store.find("ochtend avond").total == 0


@pytest.mark.parametrize("sign", ["%", "_", "'", "\\", '"', ";"])
def test_signs_of_the_database_mean_nothing_special(store, sign):
    store.add(full_analysis(), notes="helemaal gewoon")
    assert store.find(sign + sign).total == 0
    with_sign = store.add(full_analysis(), notes=f"a{sign}{sign}b")
    assert [r.id for r in store.find(sign + sign).sessions] == [with_sign]


def test_choosing_by_exercise_source_and_time(store):
    old = store.add(full_analysis(), started_at=MONDAY)
    new = store.add(
        full_analysis(exercise="bridge"), started_at=MONDAY + timedelta(days=1), source=Source.LIVE
    )
    found = {
        "exercise": store.find(exercise="bridge"),
        "source": store.find(source=Source.LIVE),
        "since": store.find(since=MONDAY + timedelta(hours=1)),
    }
    assert all([r.id for r in page.sessions] == [new] for page in found.values())
    assert [r.id for r in store.find(until=MONDAY + timedelta(days=1)).sessions] == [old]


def test_notes_and_tags_change_and_are_found(store):
    added = store.add(full_analysis(), notes="oud", tags=["a"])
    assert store.annotate(added, notes="nieuw") == store.get(added)
    assert store.get(added).tags == ("a",)
    store.annotate(added, tags=["b", "c"])
    assert store.get(added).notes == "nieuw"
    assert store.find("nieuw c").total == 1
    assert store.find("oud").total == 0


def test_too_much_is_refused_and_changes_nothing(store):
    added = store.add(full_analysis(), notes="kort")
    with pytest.raises(UsageError, match="shorten"):
        store.annotate(added, notes="x" * 20_001)
    with pytest.raises(UsageError, match="tags"):
        store.annotate(added, tags=["x" * 61])
    assert store.get(added).notes == "kort"


def test_corrections_change_the_numbers_and_leave_the_original(store):
    original = full_analysis()
    added = store.add(original, started_at=MONDAY, notes="n", tags=["t"])
    corrected = full_analysis(amplitude=6.0, exercise="pelvis-wave")
    store.correct(added, {"exercise": "pelvis-wave", "removed": [2]}, corrected)
    record = store.get(added)
    assert record.corrections == {"exercise": "pelvis-wave", "removed": [2]}
    assert record.exercise == "pelvis-wave"
    assert record.reps == corrected.reps
    assert (record.started_at, record.notes, record.tags) == (MONDAY, "n", ("t",))
    assert store.analysis(added).reps == original.reps
    store.correct(added, None, store.analysis(added))
    assert store.get(added).reps == original.reps
    assert store.get(added).corrections is None


def test_correcting_does_not_read_the_video_again(store, tmp_path, monkeypatch):
    video = tmp_path / "v.mp4"
    video.write_bytes(b"video")
    added = store.add(full_analysis(video), keep_video=True)
    before = store.get(added)
    monkeypatch.setattr(records, "sha256_of", lambda _: pytest.fail("read again"))
    store.correct(added, {"exercise": "bridge"}, full_analysis(store.video(before)))
    assert store.get(added).video_sha256 == before.video_sha256
    assert store.get(added).video_name == "v.mp4"


def test_a_corrected_analysis_is_not_taken_for_the_original(store):
    corrected = replace(full_analysis(), corrections=Corrections(exercise="bridge"))
    with pytest.raises(UsageError, match="original"):
        store.add(corrected)
    assert store.ids() == ()


def test_deleting_is_for_real(store, tmp_path):
    video = tmp_path / "v.mp4"
    video.write_bytes(b"video")
    kept = store.add(full_analysis(), notes="blijft")
    added = store.add(full_analysis(video), notes="geheimpje", keep_video=True)
    folder = store.session_folder(added)
    assert folder.is_dir()
    store.delete(added)
    assert not folder.exists()
    assert store.ids() == (kept,)
    assert store.find("geheimpje").total == 0
    with pytest.raises(InputError, match="no such session"):
        store.get(added)
    with pytest.raises(InputError, match="no such session"):
        store.delete(added)
    for file in store.folder.rglob("*"):
        assert file.is_dir() or b"geheimpje" not in file.read_bytes(), file


@pytest.mark.parametrize("bad", ["", "../" + "a" * 29, "A" * 32, "g" * 32, "a" * 33])
def test_an_id_is_never_a_path(store, bad):
    with pytest.raises(UsageError, match="32 digits"):
        store.delete(bad)


def test_threads_may_share_it(store):
    def add():
        for _ in range(3):
            store.add(full_analysis(seconds=3))

    workers = [threading.Thread(target=add) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(store.ids()) == 12


def test_a_history_moves_to_another_database(store, tmp_path):
    ids = [store.add(full_analysis(), notes=f"één {n}", tags=["les"]) for n in range(2)]
    store.correct(ids[0], {"removed": [1]}, full_analysis(amplitude=4.0))
    export_archive(store, tmp_path / "all.zip")
    with open_store(folder=tmp_path / "other") as other:
        assert set(import_archive(other, tmp_path / "all.zip").added) == set(ids)
        assert [other.get(one) for one in ids] == [store.get(one) for one in ids]
        export_archive(other, tmp_path / "again.zip")
    for one in ids:
        store.delete(one)
    import_archive(store, tmp_path / "again.zip")
    export_archive(store, tmp_path / "third.zip")
    assert (tmp_path / "third.zip").read_bytes() == (tmp_path / "all.zip").read_bytes()


def test_what_no_session_knows_is_swept_at_opening(url, tmp_path):
    with open_store(url, folder=tmp_path) as store:
        added = store.add(full_analysis())
        orphan = store.folder / "sessions" / ("0" * 32)
        shutil.copytree(store.session_folder(added), orphan)
        half = store.folder / "sessions" / ("1" * 32 + ".part")
        half.mkdir()
    with open_store(url, folder=tmp_path) as store:
        assert not orphan.exists()
        assert not half.exists()
        assert len(store.analysis(added).results) == 80


def test_all_that_is_added_together_or_none(store):
    record = store.get(store.add(full_analysis()))

    def broken(folder):
        (folder / "samples.parquet").write_bytes(b"half")
        raise InputError("broken")

    before = sorted(store.folder.rglob("*"))
    with pytest.raises(InputError, match="broken"):
        store.add_all([(record_with(record, "2"), None), (record_with(record, "3"), broken)])
    assert store.ids() == (record.id,)
    assert sorted(store.folder.rglob("*")) == before


def record_with(record, digit):
    return replace(record, id=digit * 32, samples_sha256="")


def test_a_full_disk_is_one_sentence_and_leaves_nothing(store, monkeypatch):
    before = store.add(full_analysis())

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(export_parquet.pq, "write_table", full)
    with pytest.raises(OutputError, match="no space left on device"):
        store.add(full_analysis())
    assert store.ids() == (before,)
    assert len(list((store.folder / "sessions").iterdir())) == 1


def test_a_full_database_is_one_sentence_and_loses_nothing(tmp_path):
    with open_store(folder=tmp_path) as store:
        added = store.add(full_analysis())
        with store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        store.engine.dispose()

        @sa.event.listens_for(store.engine, "connect")
        def small(connection, _):
            connection.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(OutputError, match=r"full; make room"):
            store.annotate(added, notes="x" * 20_000)
        assert store.get(added).notes == ""


def test_a_database_locked_by_another_is_one_sentence(tmp_path):
    with open_store(folder=tmp_path, wait_s=0.1) as store:
        added = store.add(full_analysis())
        other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(OutputError, match="another program; wait"):
                store.annotate(added, notes="x")
            assert store.get(added).notes == "", "reading goes on meanwhile"
            with pytest.raises(OutputError, match="another program; wait"):
                store.add(full_analysis())
        finally:
            other.close()
        assert len(list((tmp_path / "sessions").iterdir())) == 1
        assert store.annotate(added, notes="x").notes == "x"


def test_a_newer_schema_is_refused_and_left_as_it_is(url, tmp_path):
    with open_store(url, folder=tmp_path) as store:
        store.add(full_analysis())
        with store.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    files = sorted(tmp_path.rglob("*.parquet"))
    with pytest.raises(InputError, match="newer posture; update"):
        open_store(url, folder=tmp_path)
    assert sorted(tmp_path.rglob("*.parquet")) == files


def test_what_is_no_history_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "notes.sqlite"
    path.write_text("this is no database at all, and it is long enough to be looked at")
    with pytest.raises(InputError, match="not a history"):
        open_store(sqlite_url(path), folder=tmp_path)
    assert path.read_text().startswith("this is no database")
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(InputError, match="something else"):
        open_store(sqlite_url(path), folder=tmp_path)


def test_a_damaged_database_is_one_sentence(tmp_path):
    with open_store(folder=tmp_path) as store:
        store.add(full_analysis())
    content = bytearray((tmp_path / DATABASE).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(InputError, match="damaged; move it away"):
        open_store(folder=tmp_path).find()


@pytest.mark.parametrize(
    "address", ["nonsense", "oracle+nothing://x", "sqlite:////nowhere/at/all.sqlite"]
)
def test_a_wrong_address_is_one_sentence(address, tmp_path):
    with pytest.raises(PostureError) as refused:
        open_store(address, folder=tmp_path)
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_one_sentence_without_the_password(tmp_path):
    with pytest.raises(InputError, match="check that the database runs") as refused:
        open_store("postgresql://me:secret@localhost:1/history", folder=tmp_path)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="POSTURE_DATA_DIR"):
        open_store(folder=tmp_path / "file" / "history")
