"""Each exercise is shown: by a film of its own, or drawn."""

from xml.etree import ElementTree as ET

import pytest

from posture.exercises import exercise_ids
from posture.locales import LANGUAGES
from posture.ui.drawing import drawing
from posture.ui.live import _own_sample


@pytest.mark.parametrize("exercise", exercise_ids())
def test_every_exercise_has_a_film_or_a_drawing(exercise):
    assert (_own_sample(exercise) is not None) != bool(drawing(exercise, "en"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise", ["floor-surface", "floor-middle"])
def test_a_drawing_is_whole_and_lies_within_its_frame(exercise, lang):
    figure = ET.fromstring(drawing(exercise, lang))  # noqa: S314 - our own words
    assert [part.tag for part in figure] == ["svg", "figcaption"]
    left, top, width, height = map(float, figure[0].attrib["viewBox"].split())
    for words in figure.iter("text"):
        assert words.text
        reach = 6.0 * len(words.text)  # half of what is written, at the most
        assert left <= float(words.attrib["x"]) - reach
        assert float(words.attrib["x"]) + reach <= left + width
        assert top <= float(words.attrib["y"]) <= top + height
