"""The live view: choose an exercise or a routine, and practise it in front of the camera."""

from __future__ import annotations

import secrets
from pathlib import Path, PurePath

import streamlit as st

from posture.breath import Emphasis, own_pace
from posture.errors import PostureError
from posture.exercises import exercise_ids, get_exercise
from posture.live.component import live_component
from posture.live.routes import sessions
from posture.live.sessions import Wish
from posture.locales import lines, text
from posture.programmes import ROUTINES, Routine, read_routine
from posture.resources import sample_videos
from posture.ui.drawing import drawing
from posture.ui.frame import is_dark, paragraph
from posture.ui.wording import exercise_name, joined, number

VISITOR, NEW_PASS = "live visitor", "live new pass"
ONE, ROUTINE = "one", "routine"
OWN = "own"
QUICKEST_S, SLOWEST_S = 2.0, 10.0
EXAMPLE = """title = "{title}"
emphasis = "let_go"

[[part]]
exercise = "standing-tilt"
minutes = 2

[[part]]
exercise = "bridge"
minutes = 2
reps = 10
rest_s = 30
"""


def live(lang: str) -> None:
    """Show the choice of exercise or routine, and the camera's part of the page."""
    st.title(text("live.choose.heading", lang), anchor=False)
    paragraph(text("live.choose.lead", lang), "lead")
    choice, about = st.columns([6, 5], gap="medium")
    with choice, st.container(border=True, key="live-choice"):
        what = st.segmented_control(
            text("live.choose.what", lang),
            (ONE, ROUTINE),
            default=ONE,
            required=True,
            format_func=lambda key: text(f"live.choose.{key}", lang),
            key="live-what",
            width="stretch",
        )
        routine = _routine(lang) if what == ROUTINE else None
        wish: Wish | None = None
        if what == ONE:
            wish = _one(lang)
        elif routine is not None:
            wish = _through(routine, lang)
        if wish is not None:
            st.fragment(_camera)(wish)
    with about:
        if routine is not None:
            _parts(routine, lang)
        elif wish is not None:
            _guide(wish.exercise, lang)


# -- one exercise --------------------------------------------------------------------------------


def _one(lang: str) -> Wish:
    """Ask which exercise, and how the breath is led in it."""
    exercise_id = st.selectbox(
        text("live.choose.exercise", lang),
        exercise_ids(),
        format_func=lambda exercise_id: exercise_name(exercise_id, lang),
        key="live exercise",
    )
    paragraph(text(f"exercise.{exercise_id}.short", lang), "quiet")
    exercise = get_exercise(exercise_id)
    if not (exercise.paced or _pacer(lang, usual=False)):
        return Wish(_visitor(), exercise_id, lang)
    emphasis = _emphasis(lang)
    half_s = st.number_input(
        text("live.choose.half", lang),
        QUICKEST_S,
        SLOWEST_S,
        exercise.pace.half_s,
        0.5,
        "%.1f",
        key="live half",
    )
    pace = own_pace(exercise.pace, emphasis, half_s)
    half, rest = (number(s, lang, int(s % 1 > 0)) for s in (pace.half_s, pace.rest_s))
    note = "pacer_note" if pace.rest_s else "pacer_note_restless"
    paragraph(text(f"live.choose.{note}", lang, half=half, rest=rest), "quiet")
    return Wish(_visitor(), exercise_id, lang, emphasis, led=True, half_s=half_s)


def _pacer(lang: str, *, usual: bool) -> bool:
    """Ask whether the breath is led."""
    return st.toggle(
        text("live.choose.pacer", lang),
        value=usual,
        help=text("live.choose.pacer_help", lang),
        key=f"live-pacer-{usual}",
    )


def _emphasis(lang: str) -> Emphasis:
    """Ask what the breath pacer is to make room for."""
    chosen = st.segmented_control(
        text("live.choose.emphasis", lang),
        list(Emphasis),
        default=Emphasis.EVEN,
        required=True,
        format_func=lambda emphasis: text(f"cue.emphasis.{emphasis}", lang),
        key="live emphasis",
        width="stretch",
    )
    paragraph(text(f"cue.emphasis_note.{chosen}", lang), "quiet")
    return Emphasis(chosen)


def _guide(exercise: str, lang: str) -> None:
    """Show how the exercise goes, and where the camera stands."""
    said = f"exercise.{exercise}"
    st.subheader(text("live.choose.place_heading", lang), anchor=False)
    st.markdown(text(f"{said}.camera", lang))
    st.markdown(text(f"{said}.start", lang))
    st.markdown("\n".join(f"1. {step}" for step in lines(f"{said}.how", lang)))
    own = _own_sample(exercise)
    if own is not None:
        name = exercise_name(exercise, lang)
        st.video(str(own), muted=True, alt=text("live.choose.film", lang, exercise=name))
    elif drawn := drawing(exercise, lang):
        st.markdown(drawn, unsafe_allow_html=True)  # st.html leaves out what is drawn
    for key in ("sees", "cannot", "care"):
        paragraph(text(f"{said}.{key}", lang), "quiet")


# -- a routine -----------------------------------------------------------------------------------


def _routine(lang: str) -> Routine | None:
    """Ask which routine; ``None`` as long as there is none."""
    ready = {routine.id: routine for routine in ROUTINES}
    chosen = st.selectbox(
        text("programme.choose", lang),
        (*ready, OWN),
        format_func=lambda key: (
            ready[key].title(lang) if key in ready else text("programme.own", lang)
        ),
        key="live-routine",
    )
    if chosen != OWN:
        paragraph(text(f"programme.{ready[chosen].theme}.short", lang), "quiet")
        return ready[chosen]
    upload = st.file_uploader(text("live.choose.own_file", lang), type=["toml"], key="live own")
    with st.expander(text("live.choose.own_example", lang), expanded=upload is None):
        st.code(EXAMPLE.format(title=text("live.choose.own_title", lang)), language="toml")
        paragraph(text("live.choose.own_ids", lang, ids=joined(exercise_ids(), lang)), "quiet")
    if upload is None:
        return None
    try:
        return read_routine(upload.getvalue(), PurePath(upload.name).stem)
    except PostureError as error:
        st.error(error.said(lang), icon=":material/error:")
        return None


def _through(routine: Routine, lang: str) -> Wish:
    """Ask whether the breath is led in a routine."""
    led = _pacer(lang, usual=True)
    first = routine.parts[0].exercise
    return Wish(_visitor(), first, lang, routine.emphasis, led=led, routine=routine)


def _parts(routine: Routine, lang: str) -> None:
    """Show what a routine is made of."""
    st.subheader(text("live.choose.parts", lang), anchor=False)
    said = []
    for part in routine.parts:
        name = exercise_name(part.exercise, lang)
        length = number(part.minutes, lang, int(part.minutes % 1 > 0))
        line = text("live.choose.part", lang, exercise=name, minutes=length)
        said.append(f"1. {line}  \n   {text(f'exercise.{part.exercise}.short', lang)}")
    st.markdown("\n".join(said))
    paragraph(text("cue.pain", lang), "quiet")


# -- the camera ----------------------------------------------------------------------------------


def _camera(wish: Wish) -> None:
    exercises = [wish.exercise]
    if wish.routine is not None:
        exercises = list(dict.fromkeys(part.exercise for part in wish.routine.parts))
    sample = None if wish.routine is not None else _sample_of(wish.exercise)
    live_component(
        exercises=exercises,
        emphasis=wish.emphasis,
        lang=wish.lang,
        dark=is_dark(),
        sample=sample.name if sample is not None else "",
        new_pass=st.session_state.get(NEW_PASS, ""),
        on_wanted=lambda: _make_pass(wish),
    )


def _visitor() -> str:
    """Return what tells this visitor's page from the others."""
    return str(st.session_state.setdefault(VISITOR, secrets.token_hex(8)))


def _make_pass(wish: Wish) -> None:
    """Give this visitor's browser the right to open one socket."""
    st.session_state[NEW_PASS] = sessions().make_pass(wish)


def _own_sample(exercise: str) -> Path | None:
    """Return a video of ours that shows the exercise."""
    name = exercise.replace("-", "_")
    return next((video for video in sample_videos() if video.stem.startswith(name)), None)


def _sample_of(exercise: str) -> Path | None:
    """Return a video of ours with which the exercise can be tried: its own, or the most alike."""
    wanted = get_exercise(exercise)
    alike = (
        other
        for other in exercise_ids()
        if get_exercise(other).paced is wanted.paced
        and get_exercise(other).position is wanted.position
    )
    samples = (_own_sample(each) for each in (exercise, *alike))
    return next((sample for sample in samples if sample is not None), None)
