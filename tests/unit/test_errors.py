"""Every error speaks every language, and keeps its words on the way to another process."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from string import Formatter

import pytest

import posture
from posture.errors import InputError, ModelError, NobodyError, PostureError, UsageError
from posture.locales import LANGUAGES, table, text

PACKAGE = Path(posture.__file__).parent
KINDS = {"PostureError", *(kind.__name__ for kind in PostureError.__subclasses__())}
TEXTS = {key for key in table("en") if key.startswith("error.")}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "_data" not in path.parts]


def raised(module: Path) -> list[ast.Call]:
    """Where a module makes errors of ours."""
    return [
        node
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS
    ]


def keys(module: Path) -> set[str]:
    """The keys of errors that a module names, wherever it does."""
    return {
        node.value
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("error.")
        and node.value != "error."
    }


def placeholders(key: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text_of(key)) if name is not None}


def text_of(key: str) -> str:
    found = table("en")[key]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_error_is_made_from_a_bare_sentence(module: Path) -> None:
    for call in raised(module):
        where = f"{module.name}:{call.lineno}"
        assert len(call.args) == 1, where
        (first,) = call.args
        if isinstance(first, ast.Name):  # chosen among keys that the next test looks at
            continue
        assert isinstance(first, ast.Constant), where
        assert first.value in TEXTS, where
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:
            assert given == placeholders(first.value), where


def test_every_key_that_is_named_has_its_text_and_every_text_is_used() -> None:
    assert set().union(*map(keys, modules())) == TEXTS


def test_the_rules_see_the_errors() -> None:
    assert sum(len(raised(module)) for module in modules()) > 90


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_is_said_in_the_language_asked_for(lang: str) -> None:
    error = InputError("error.video.empty", name="a.mp4")
    assert error.said(lang) == text("error.video.empty", lang, name="a.mp4")
    assert "a.mp4" in error.said(lang)


def test_without_a_language_it_is_english() -> None:
    error = UsageError("error.exercise.unknown", id="jump", known="a, b")
    assert str(error) == "There is no exercise 'jump'; choose one of: a, b."
    assert error.said("nl") == "Er is geen oefening 'jump'; kies er een uit: a, b."


def test_what_led_to_it_is_said_in_the_same_language() -> None:
    causes = (ModelError("error.model.no_pip"), ModelError("error.model.no_network"))
    error = ModelError("error.model.not_fetched", name="full", why=causes)
    for lang in LANGUAGES:
        assert error.said(lang).endswith(f" {causes[0].said(lang)} {causes[1].said(lang)}")


def test_an_error_inside_another_text_is_said_in_that_texts_language() -> None:
    error = ModelError("error.model.no_pip")
    assert error.said("nl") in text("doctor.model.list", "nl", error=error)


@pytest.mark.parametrize(
    "error",
    [
        NobodyError("error.window.no_tilt", start_s=1.5, end_s=2.0),
        InputError("error.video.folder", path=Path("videos")),
        InputError("error.history.not_used", error=OSError("no disk")),
        ModelError("error.model.not_fetched", name="full", why=(ModelError("error.model.no_pip"),)),
        InputError("A sentence of its own."),
    ],
)
def test_an_error_survives_the_way_to_another_process(error: PostureError) -> None:
    same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(same) is type(error)
    assert [same.said(lang) for lang in LANGUAGES] == [error.said(lang) for lang in LANGUAGES]
