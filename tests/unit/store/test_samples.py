import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from posture.adapters.export_parquet import COLUMNS, write_parquet
from posture.bodies import bodies_of
from posture.corrections import Corrections
from posture.datatypes import PostureSample, TimeWindow
from posture.errors import InputError, OutputError
from posture.store.samples import (
    read_bodies,
    read_numbers,
    read_samples,
    read_seen,
    write_samples,
)
from tests.unit.store.seen import full_analysis
from tests.unit.ui.recordings import recording


@pytest.fixture(autouse=True)
def every_digit():
    with np.printoptions(threshold=10**9, precision=17):
        yield


def test_an_analysis_comes_back_without_a_difference(tmp_path):
    analysis = full_analysis()
    write_samples(analysis, tmp_path / "samples.parquet")
    again = read_samples(tmp_path / "samples.parquet")
    assert repr(again) == repr(analysis)
    assert again.summary() == analysis.summary()
    seen = again.results[0].observation
    assert seen.landmarks_px.dtype == seen.contour.back.dtype == np.float32


def test_corrections_come_back_too(tmp_path):
    corrections = Corrections(exercise="bridge", deleted=(TimeWindow(1.0, 2.5),))
    analysis = replace(full_analysis(), corrections=corrections)
    write_samples(analysis, tmp_path / "samples.parquet")
    assert repr(read_samples(tmp_path / "samples.parquet")) == repr(analysis)


def test_the_same_analysis_gives_the_same_bytes(tmp_path):
    write_samples(full_analysis(), tmp_path / "one.parquet")
    write_samples(read_samples(tmp_path / "one.parquet"), tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_an_analysis_without_a_picture_comes_back_too(tmp_path):
    analysis = recording([], neutral="")
    write_samples(analysis, tmp_path / "samples.parquet")
    assert repr(read_samples(tmp_path / "samples.parquet")) == repr(analysis)


def test_the_numbers_can_be_read_first_and_what_was_seen_later(tmp_path):
    analysis = full_analysis()
    write_samples(analysis, tmp_path / "samples.parquet")
    numbers = read_numbers(tmp_path / "samples.parquet")
    assert all(one.observation.landmarks_px is None for one in numbers.results)
    assert [one.observation.index for one in numbers.results] == [
        one.observation.index for one in analysis.results
    ]
    assert repr([one.sample for one in numbers.results]) == repr(
        [one.sample for one in analysis.results]
    )
    assert numbers.summary() == analysis.summary()
    assert repr(read_seen(numbers, tmp_path / "samples.parquet")) == repr(analysis)


@pytest.mark.parametrize("analysis", [full_analysis(), recording([], neutral="")])
def test_what_is_drawn_of_a_body_can_be_read_alone(analysis, tmp_path):
    write_samples(analysis, tmp_path / "samples.parquet")
    read = read_bodies(tmp_path / "samples.parquet")
    seen = bodies_of([one.observation for one in analysis.results])
    for field in fields(seen):
        np.testing.assert_array_equal(getattr(read, field.name), getattr(seen, field.name))


@pytest.mark.parametrize("read", [read_numbers, read_bodies])
def test_a_part_of_a_file_that_is_none_of_ours_is_refused_too(read, tmp_path):
    (tmp_path / "samples.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError):
        read(tmp_path / "samples.parquet")


def test_a_session_is_read_without_loading_pandas(tmp_path):
    write_samples(full_analysis(), tmp_path / "samples.parquet")
    program = """
import sys
from pathlib import Path
from posture.store.samples import read_samples
read_samples(Path(sys.argv[1]))
sys.exit("pandas" in sys.modules)
"""
    words = [sys.executable, "-c", program, str(tmp_path / "samples.parquet")]
    assert subprocess.run(words, check=False).returncode == 0


def test_the_video_may_lie_somewhere_else_by_then(tmp_path):
    write_samples(full_analysis(), tmp_path / "samples.parquet")
    again = read_samples(tmp_path / "samples.parquet", tmp_path / "video.mp4")
    assert again.path == again.info.path == tmp_path / "video.mp4"


def test_every_number_of_a_sample_has_its_column():
    names = {column.name for column in COLUMNS}
    assert {field.name for field in fields(PostureSample)} <= names


def test_every_column_says_its_meaning_and_angles_their_unit(tmp_path):
    write_parquet(full_analysis().results, tmp_path / "samples.parquet")
    schema = pq.read_schema(tmp_path / "samples.parquet")
    for field in schema:
        assert field.metadata[b"meaning"], field.name
        assert (field.metadata[b"unit"] == b"deg") == field.name.endswith("_deg")
        assert (field.metadata[b"unit"] == b"s") == field.name.endswith("_s")


def test_pandas_reads_it_and_no_reading_is_missing(tmp_path):
    analysis = full_analysis()
    write_parquet(analysis.results, tmp_path / "samples.parquet")
    table = pd.read_parquet(tmp_path / "samples.parquet")
    assert len(table) == len(analysis.results)
    assert table["pelvic_tilt_deg"].isna().sum() == 2
    assert table["reason"].dropna().tolist() == ["nobody", "back_covered"]
    assert pq.read_table(tmp_path / "samples.parquet")["pelvic_tilt_deg"].null_count == 2


def test_a_column_that_came_later_is_unknown_in_older_files(tmp_path):
    path = tmp_path / "samples.parquet"
    write_samples(full_analysis(), path)
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["measure.trunk_lean_deg", "knee_spread"]), path)
    again = read_samples(path)
    assert np.isnan(again.results[0].observation.measures.trunk_lean_deg)
    assert np.isnan(again.results[0].sample.knee_spread)


def test_a_file_from_before_the_surface_was_read_has_none(tmp_path):
    path = tmp_path / "samples.parquet"
    analysis = full_analysis()
    write_samples(analysis, path)
    pq.write_table(pq.read_table(path).drop_columns(["surface_shift", "surface_key"]), path)
    seen = [result.observation for result in read_samples(path).results]
    assert {(one.surface_shift, one.surface_key) for one in seen} == {(None, -1)}
    assert seen[0].legs_crossed is analysis.results[0].observation.legs_crossed


@pytest.mark.parametrize("content", [b"", b"PAR1 but no more", None])
def test_damaged_samples_are_one_sentence(tmp_path, content):
    path = tmp_path / "samples.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="backup"):
        read_samples(path)


def test_samples_of_a_newer_version_are_refused(tmp_path):
    path = tmp_path / "samples.parquet"
    write_samples(full_analysis(), path)
    table = pq.read_table(path)
    about = table.schema.metadata[b"posture"].replace(
        b'"samples_version": 1', b'"samples_version": 2'
    )
    pq.write_table(table.replace_schema_metadata({b"posture": about}), path)
    with pytest.raises(InputError, match="newer"):
        read_samples(path)


def test_a_folder_that_is_gone_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match="choose another folder"):
        write_parquet(full_analysis().results, tmp_path / "nowhere" / "samples.parquet")
