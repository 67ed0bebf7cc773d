import json
import zipfile
from datetime import UTC, datetime

import pytest

from posture.errors import InputError, OutputError
from posture.store import open_store
from posture.store.archive import MANIFEST, export_archive, import_archive
from posture.store.database import sqlite_url
from tests.unit.store.seen import full_analysis


@pytest.fixture
def url(tmp_path):
    """Which database it is makes no difference here; test_store.py moves between the two."""
    return sqlite_url(tmp_path / "history.sqlite")


@pytest.fixture
def filled(store, tmp_path):
    """A history of three sessions: plain, corrected, and with its video."""
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"a video")
    store.add(full_analysis(), notes="één", tags=["les"])
    corrected = store.add(full_analysis())
    store.correct(corrected, {"removed": [1]}, full_analysis(amplitude=4.0))
    store.add(full_analysis(video), keep_video=True, started_at=datetime(2025, 1, 1, tzinfo=UTC))
    return store


@pytest.fixture
def other(tmp_path):
    with open_store(folder=tmp_path / "other") as opened:
        yield opened


@pytest.fixture
def archive(filled, tmp_path):
    path = tmp_path / "all.zip"
    export_archive(filled, path, with_videos=True)
    return path


def everything(store):
    return {session_id: store.get(session_id) for session_id in store.ids()}


def test_out_in_and_out_again_is_identical(filled, other, archive, tmp_path):
    told = []
    imported = import_archive(other, archive, on_progress=told.append)
    assert imported.added == filled.ids()
    assert told == [1.0]
    assert everything(other) == everything(filled)
    for session_id in filled.ids():
        assert other.analysis(session_id).reps == filled.analysis(session_id).reps
    export_archive(other, tmp_path / "again.zip", with_videos=True)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_videos_stay_behind_unless_asked(filled, other, tmp_path):
    export_archive(filled, tmp_path / "plain.zip")
    with zipfile.ZipFile(tmp_path / "plain.zip") as inside:
        assert not any("video" in name for name in inside.namelist())
    import_archive(other, tmp_path / "plain.zip")
    assert not any(record.video_file for record in everything(other).values())


def test_one_session_can_be_shared(filled, other, tmp_path):
    chosen = filled.ids()[1]
    export_archive(filled, tmp_path / "one.zip", [chosen])
    assert import_archive(other, tmp_path / "one.zip").added == (chosen,)
    assert other.ids() == (chosen,)


def test_what_is_here_stays_as_it_is_here(filled, archive):
    mine = filled.ids()[0]
    filled.annotate(mine, notes="changed since")
    imported = import_archive(filled, archive)
    assert imported.added == ()
    assert imported.already_here == filled.ids()
    assert filled.get(mine).notes == "changed since"


def test_a_backup_brings_back_what_was_deleted(filled, archive):
    gone = filled.ids()[2]
    before = filled.get(gone)
    filled.delete(gone)
    assert import_archive(filled, archive).added == (gone,)
    assert filled.get(gone) == before
    assert len(filled.analysis(gone).results) == 80


def rewritten(archive, target, change):
    """The archive once more, with its files by name changed."""
    with zipfile.ZipFile(archive) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as new:
        for name, content in files.items():
            new.writestr(name, content)
    return target


def manifest_with(**more):
    def change(files):
        files[MANIFEST] = json.dumps(json.loads(files[MANIFEST]) | more).encode()

    return change


def with_file(name):
    def change(files):
        files[name] = b"x"

    return change


def without(part):
    def change(files):
        del files[next(name for name in files if part in name)]

    return change


def altered(part):
    def change(files):
        name = next(name for name in files if part in name)
        files[name] = bytes([files[name][0] ^ 1]) + files[name][1:]

    return change


REFUSALS = {
    "climbs": (with_file("../evil"), "lead out"),
    "climbs within": (with_file("sessions/../../evil"), "lead out"),
    "absolute": (with_file("/etc/evil"), "lead out"),
    "backslash": (with_file("..\\evil"), "lead out"),
    "drive": (with_file("C:evil"), "lead out"),
    "stranger": (with_file("sessions/readme.txt"), "damaged"),
    "newer": (manifest_with(version=2), "newer posture; update"),
    "other format": (manifest_with(format="recipes"), "damaged"),
    "no version": (manifest_with(version="1"), "damaged"),
    "no files": (manifest_with(files=None), "damaged"),
    "no manifest": (without(MANIFEST), "damaged"),
    "samples gone": (without("samples"), "damaged"),
    "record gone": (without("record"), "damaged"),
    "samples altered": (altered("samples"), "damaged"),
    "record altered": (altered("record"), "damaged"),
    "video altered": (altered("video"), "damaged"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bad_archive_is_refused_in_one_sentence_and_changes_nothing(
    name, archive, other, tmp_path
):
    change, sentence = REFUSALS[name]
    bad = rewritten(archive, tmp_path / "bad.zip", change)
    mine = other.add(full_analysis())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=sentence) as refused:
        import_archive(other, bad)
    assert "\n" not in str(refused.value)
    assert other.ids() == (mine,)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_record_that_lies_is_refused(archive, other, tmp_path):
    """With right hashes, but made by somebody else."""
    import hashlib  # noqa: PLC0415

    def change(files):
        name = next(name for name in files if "record" in name)
        record = json.loads(files[name])
        record["video_file"] = "../../../evil"
        files[name] = json.dumps(record).encode()
        manifest = json.loads(files[MANIFEST])
        digest = hashlib.sha256(files[name]).hexdigest()
        manifest["files"][name] = {"bytes": len(files[name]), "sha256": digest}
        files[MANIFEST] = json.dumps(manifest).encode()

    bad = rewritten(archive, tmp_path / "bad.zip", change)
    with pytest.raises(InputError, match="damaged"):
        import_archive(other, bad)
    assert other.ids() == ()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(archive, other, tmp_path, share):
    content = archive.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=r"damaged.*ask for it again"):
        import_archive(other, cut)
    assert other.ids() == ()


def test_an_archive_with_a_password_is_refused(archive, other):
    content = bytearray(archive.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + flags] |= 1
    archive.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        import_archive(other, archive)


def test_no_archive_at_all_is_one_sentence(other, tmp_path):
    with pytest.raises(InputError, match="no file"):
        import_archive(other, tmp_path / "nothing.zip")


def test_damaged_samples_are_not_handed_on(filled, tmp_path):
    chosen = filled.ids()[0]
    (filled.session_folder(chosen) / "samples.parquet").write_bytes(b"damaged")
    target = tmp_path / "all.zip"
    target.write_bytes(b"the last backup")
    with pytest.raises(InputError, match="damaged; bring them back"):
        export_archive(filled, target)
    assert target.read_bytes() == b"the last backup"
    assert not list(tmp_path.glob("*.part"))


def test_a_place_that_cannot_be_written_is_one_sentence(filled, tmp_path):
    with pytest.raises(OutputError, match="choose another place"):
        export_archive(filled, tmp_path / "nowhere" / "all.zip")
