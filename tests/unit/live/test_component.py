"""The browser's part asks for texts by key; every key must be there, in every language."""

import re

import pytest

from posture.breath import Breath, Emphasis
from posture.datatypes import Reason, RepKind, Stance
from posture.exercises import exercise_ids, get_exercise
from posture.guide import instruction
from posture.live.coach import Stage
from posture.live.component import exercise_texts, shared_texts
from posture.live.routes import ASSETS
from posture.locales import LANGUAGES
from posture.view_coach import hint_key

MARKED = re.compile(r'data-(?:text|label)="([^"]+)"')
NAMED = re.compile(r'"((?:live|page|overlay)\.[a-z_]+(?:\.[a-z_]+)*)"')
CAMERA_TROUBLES = ("denied", "none", "busy", "insecure", "unplugged", "unknown", "sample", "gone")


def keys_in_assets():
    html = (ASSETS / "live.html").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js")))
    return {*MARKED.findall(html), *NAMED.findall(scripts)} - {"live.js"}


def texts_for(exercise_id, lang):
    return shared_texts(lang) | exercise_texts(exercise_id, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_that_the_browser_names_is_there(lang):
    asked = keys_in_assets()
    assert {"live.door.camera", "live.notice.cut", "overlay.no_reading"} <= asked
    assert asked <= set(texts_for("standing-tilt", lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", exercise_ids())
def test_whatever_a_moment_may_say_is_there(exercise_id, lang):
    texts = texts_for(exercise_id, lang)
    exercise = get_exercise(exercise_id)
    keys = {
        "exercise",
        hint_key(exercise, "start"),
        *(f"live.stage.{stage}" for stage in Stage if stage is not Stage.DONE),
        *(f"stance.{stance}" for stance in Stance),
        *(f"reason.{reason}" for reason in Reason),
        *(f"page.kind.{kind}" for kind in RepKind),
        *(f"{way}.{breath}" for way in ("breath", "breathe") for breath in Breath),
        *(f"about.{part}" for part in ("short", "camera", "start", "how", "care")),
        *(f"guide.{instruction(exercise, step)}" for step in exercise.calibration),
        *(f"phase.{phase}" for phase in ("waiting", "paused")),
        *(f"live.trouble.{trouble}" for trouble in CAMERA_TROUBLES),
    }
    assert keys <= set(texts)


def test_an_exercise_has_its_own_words_for_the_breath():
    own = texts_for("floor-deep", "en")["breath.exhale"]
    assert own.startswith("Breathe out: ")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_emphasis_changes_what_is_said_once_the_exercise_is_known(lang):
    said = [exercise_texts("floor-deep", lang, emphasis) for emphasis in Emphasis]
    assert len({texts["breathe.exhale"] for texts in said}) == len(Emphasis)
    assert len({texts["breath.exhale"] for texts in said}) == 1


def test_nothing_in_the_browser_is_loaded_from_elsewhere():
    for path in ASSETS.glob("*.*"):
        assert not re.search(r"https?://(?!localhost)", path.read_text(encoding="utf-8")), path.name
