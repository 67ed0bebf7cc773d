"""Practices on disk: whole after a round trip, closed after a crash, never in the way."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from pathlib import Path

import pytest

from posture.datatypes import Facing, PostureSample, Quality, Reason, Rep, RepKind, Stance, Verdict
from posture.errors import InputError
from posture.live.journal import Journal, Why, close_unfinished, finished, read_journal
from posture.live.tally import Tally, numbers_of

ROOT = Path(__file__).parents[3]
# Writes a practice picture after picture, says how far it is on the disk, and never ends.
WRITER = """
import sys, time
from pathlib import Path
from posture.datatypes import PostureSample, Quality, Stance
from posture.live.journal import Journal
journal = Journal(Path(sys.argv[1]), "standing-tilt", "nl", "full")
for index in range(10_000):
    sample = PostureSample(index / 30, Quality.GOOD, None, True, stance=Stance.NEUTRAL,
                           pelvic_tilt_deg=index % 7, pelvic_tilt_sd_deg=2.0)
    journal.add(sample, "rest", ())
    if index % 15 == 14:
        journal.keep()
        print(index, flush=True)
"""


def sample(time_s, tilt_deg=4.0, **other):
    known = {
        "quality": Quality.GOOD,
        "reason": None,
        "person": True,
        "facing": Facing.LEFT,
        "stance": Stance.FORWARD,
        "pelvic_tilt_deg": tilt_deg,
        "pelvic_tilt_sd_deg": 2.5,
    }
    return PostureSample(time_s, **(known | other))


def rep(index):
    return Rep(
        index,
        RepKind.FORWARD,
        start_s=1.0,
        peak_s=nan,
        end_s=2.5,
        amplitude=8.25,
        unit="deg",
        verdict=Verdict.IMPROVE,
        faults=("trunk_leans",),
        hold_s=0.5,
        measures=(("isolation", 0.8),),
    )


def journal(folder):
    return Journal(folder, "standing-tilt", "nl", "full")


def practise(kept, tally):
    """Three pictures, a repetition, a pause, two pictures of which one gave no reading."""
    story = [sample(0.0), sample(0.04), sample(0.08, -3.0, stance=Stance.BACKWARD), None]
    nothing = {"quality": Quality.NONE, "reason": Reason.NOT_SIDE_ON, "stance": None}
    story += [sample(9.0), sample(9.1, nan, **nothing), sample(9.15)]
    for each in story:
        if each is None:
            kept.pause()
            tally.interrupt()
            continue
        kept.add(each, "rest", (rep(1),) if each.time_s > 0.05 else ())
        tally.add(each)
    return [each for each in story if each is not None]


def test_a_practice_is_read_as_it_was_written(tmp_path):
    kept, tally = journal(tmp_path), Tally()
    samples = practise(kept, tally)
    kept.keep()
    assert finished(tmp_path) == ()
    kept.close(Why.STOPPED, (rep(1), rep(2)), numbers_of(tally, (rep(1), rep(2))))
    kept.close(Why.LEFT, (), {})
    (path,) = finished(tmp_path)
    practice = read_journal(path)
    assert (practice.exercise, practice.lang, practice.model) == ("standing-tilt", "nl", "full")
    assert timedelta(0) <= datetime.now(UTC) - practice.begun < timedelta(minutes=1)
    assert practice.why is Why.STOPPED
    assert practice.pauses == (3,)
    assert set(practice.phases) == {"rest"}
    assert repr(practice.samples) == repr(tuple(samples))
    assert repr(practice.reps) == repr((rep(1), rep(2)))
    assert practice.numbers["repetitions"] == 2
    assert practice.numbers["tilt"]["forward_deg"] == 4.0


def test_who_never_began_leaves_no_file(tmp_path):
    kept = journal(tmp_path / "live")
    kept.pause()
    kept.keep()
    kept.close(Why.LEFT, (), {})
    assert not (tmp_path / "live").exists()


def test_a_killed_writer_loses_nothing_that_it_had_kept(tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    kept = [int(writer.stdout.readline()) for _ in range(20)]
    assert close_unfinished(tmp_path) == ()  # somebody is writing it
    assert finished(tmp_path) == ()
    writer.kill()
    kept += [int(line) for line in writer.stdout]
    writer.wait()
    writer.stdout.close()
    (path,) = close_unfinished(tmp_path)
    assert finished(tmp_path) == (path,)
    practice = read_journal(path)
    assert practice.why is Why.CRASHED
    times = [each.time_s for each in practice.samples]
    assert times == [round(index / 30, 4) for index in range(len(times))]
    assert len(times) > kept[-1]
    assert practice.numbers["practised_s"] == pytest.approx(times[-1], abs=0.01)
    assert practice.numbers["stance_seconds"]["neutral"] == pytest.approx(times[-1], abs=0.01)


def test_a_practice_cut_off_has_the_numbers_that_it_would_have_had(tmp_path):
    cut, ended, tally = journal(tmp_path / "cut"), journal(tmp_path / "ended"), Tally()
    practise(cut, Tally())
    practise(ended, tally)
    cut.keep()
    ended.close(Why.STOPPED, (rep(1),), numbers_of(tally, (rep(1),)))
    content = cut.path.read_bytes()
    copy = cut.path.with_name("copy.jsonl")  # nobody holds the copy
    copy.write_bytes(content + b'[9.2,"rest","go')
    assert close_unfinished(copy.parent) == (copy,)
    assert copy.read_bytes().startswith(content + b'{"kind":"end","why":"crashed"')
    expected = read_journal(ended.path).numbers
    assert read_journal(copy).numbers == expected
    assert expected["no_reading_seconds"] == {"not_side_on": 0.05}
    assert close_unfinished(copy.parent) == ()
    cut.close(Why.LEFT, (), {})


def test_a_full_disk_ends_the_journal_and_not_the_practice(tmp_path, caplog):
    place = tmp_path / "live"
    place.write_text("a file where the folder should be", encoding="utf-8")
    kept, tally = journal(place), Tally()
    with caplog.at_level(logging.WARNING):
        practise(kept, tally)
        kept.keep()
        assert kept.trouble
        kept.add(sample(20.0), "rest", ())
        kept.close(Why.STOPPED, (), {})
    assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [b"\x00\xff\n", b"[1]\n", b'{"kind":"rep"}\n', b"{}\n", b""])
def test_what_is_no_journal_is_said_to_be_none_and_left_alone(tmp_path, content, caplog):
    path = tmp_path / "strange.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no journal"):
        read_journal(path)
    with caplog.at_level(logging.WARNING):
        assert close_unfinished(tmp_path) == ()
    assert path.read_bytes() == content
    assert len(caplog.records) == 1


def test_a_missing_file_and_a_missing_folder_are_no_trouble(tmp_path):
    assert finished(tmp_path / "none") == close_unfinished(tmp_path / "none") == ()
    with pytest.raises(InputError, match="cannot be read"):
        read_journal(tmp_path / "none.jsonl")


def test_every_line_is_json_and_unknown_numbers_are_null(tmp_path):
    kept = journal(tmp_path)
    kept.add(sample(0.0, nan), "rest", (rep(1),))
    kept.close(Why.LEFT, (rep(1),), {})
    lines = [json.loads(line) for line in kept.path.read_text(encoding="utf-8").splitlines()]
    header, row, counted, _ = lines
    assert row[header["columns"].index("pelvic_tilt_deg")] is None
    assert counted["rep"]["peak_s"] is None
    assert isnan(read_journal(kept.path).reps[0].peak_s)
