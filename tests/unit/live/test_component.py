"""The browser's part asks for texts by key; every key must be there, in every language."""

import re

import pytest

from posture.datatypes import Reason, RepKind, Stance
from posture.exercises import exercise_ids, get_exercise
from posture.live.coach import Stage
from posture.live.component import texts_for
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
        "phase.waiting",
        "phase.paused",
        hint_key(exercise, "start"),
        *(f"live.stage.{stage}" for stage in Stage if stage is not Stage.DONE),
        *(f"stance.{stance}" for stance in Stance),
        *(f"reason.{reason}" for reason in Reason),
        *(f"page.kind.{kind}" for kind in RepKind),
        *(f"breath.{breath}" for breath in ("inhale", "exhale", "rest")),
        *(f"live.trouble.{trouble}" for trouble in CAMERA_TROUBLES),
    }
    assert keys <= set(texts)


def test_an_exercise_has_its_own_words_for_the_breath():
    own = texts_for("floor-deep", "en")["breath.exhale"]
    assert own.startswith("Breathe out: ")


def test_nothing_in_the_browser_is_loaded_from_elsewhere():
    for path in ASSETS.iterdir():
        assert not re.search(r"https?://(?!localhost)", path.read_text(encoding="utf-8")), path.name
