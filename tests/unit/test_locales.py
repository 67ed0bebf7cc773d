"""Both languages say the same things."""

from __future__ import annotations

from string import Formatter

import pytest

from posture.datatypes import Reason, Stance
from posture.errors import UsageError
from posture.locales import LANGUAGES, has_text, lines, table, text


def placeholders(value: str | tuple[str, ...]) -> set[str]:
    whole = value if isinstance(value, str) else "".join(value)
    return {name for _, name, _, _ in Formatter().parse(whole) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    assert set(table("en")) == set(table("nl"))


@pytest.mark.parametrize("key", sorted(table("en")))
def test_a_text_has_the_same_shape_in_both_languages(key: str) -> None:
    english, dutch = table("en")[key], table("nl")[key]
    assert type(english) is type(dutch)
    assert placeholders(english) == placeholders(dutch)
    if isinstance(english, tuple):
        assert len(english) == len(dutch) > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_ragged(lang: str) -> None:
    for key, value in table(lang).items():
        for line in (value,) if isinstance(value, str) else value:
            assert line == line.strip() != "", key
            assert "  " not in line, key


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence(reason: Reason, lang: str) -> None:
    assert text(f"reason.{reason}", lang).endswith(".")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stance_has_a_word(lang: str) -> None:
    words = {text(f"stance.{stance}", lang) for stance in Stance}
    assert len(words) == len(Stance)


def test_the_stances_are_called_as_in_the_hand_out() -> None:
    assert text("stance.forward", "nl") == "voorover"
    assert text("stance.backward", "en") == "backward"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'fr'.*en, nl"):
        text("reason.nobody", "fr")


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(KeyError, match=r"reason\.bored"):
        text("reason.bored", "en")
    assert not has_text("reason.bored", "en")
    with pytest.raises(KeyError, match="no list"):
        lines("reason.nobody", "en")
