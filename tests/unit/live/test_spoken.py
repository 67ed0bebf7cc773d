"""Browsers without a voice of their own are given recordings of all that is said."""

import io
from itertools import islice

import av
import pytest

from posture.exercises import exercise_ids, get_exercise
from posture.guide import DONE
from posture.live.routes import ASSETS
from posture.locales import LANGUAGES, text
from training.voice import END, FOLDER, recorded, sentences

MOST_BYTES = 2_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_spoken_sentence_is_recorded_and_nothing_else(lang):
    again = "a spoken text was changed; run `python -m training.voice`"
    assert set(recorded(lang)) == set(sentences(lang)), again


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_coach_says_is_among_them(lang):
    said = [text(key, lang) for key in ("cue.resumed", "cue.mended", "reason.nobody")]
    said += [text(f"guide.{step}", lang) for step in ("neutral_standing", DONE)]
    for exercise_id in exercise_ids():
        faults = get_exercise(exercise_id).fault_ids
        said += [text(f"exercise.{exercise_id}.say.{fault}", lang) for fault in faults]
    pieces = {piece for words in said for piece in END.split(words)}
    assert pieces <= set(recorded(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_recording_plays_for_as_long_as_its_words_take(lang):
    for sentence, sound in islice(recorded(lang).items(), 0, None, 20):
        with av.open(io.BytesIO(sound)) as file:
            seconds = sum(frame.samples for frame in file.decode(audio=0)) / 48_000
        assert 0.2 < seconds < 1.0 + 0.12 * len(sentence), sentence


def test_they_are_small():
    assert FOLDER.parent == ASSETS
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES
