"""The spoken sentences of live practice as sound, for browsers that have no voice of their own.

    python -m training.voice          # needs espeak-ng (apt-get install espeak-ng)

Writes, for each language, ``posture/live/assets/spoken/<lang>.ogg``, one Opus recording for each
sentence, the one after the other, and ``<lang>.json``: where each sentence lies in it, in bytes.
Whoever changes a text that is spoken runs this again; ``tests/unit/live/test_spoken.py`` says when.
Sentences that are there already stay as they are.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.resampler import AudioResampler

from posture.exercises import exercise_ids
from posture.live.routes import ASSETS
from posture.locales import LANGUAGES, table

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ASSETS / "spoken"
COUNTED = 30
RATE_HZ = 16_000
BIT_RATE = 13_000
WORDS_A_MINUTE = 145
LOUDEST = 0.85
SILENCE = 0.01
MARGIN_S = 0.03

_VOICES = {"en": "en-gb", "nl": "nl"}
# Keys of what is said aloud: the guide, reasons, the coach, faults, breath, routines, troubles.
_SPOKEN = re.compile(
    r"guide\.(?!percent).*|reason\.(?!excluded).*|cue\.(resumed|praise|mended)|cue\.breath.*"
    r"|exercise\.[a-z-]+\.(say\..*|breath.*|inhale|exhale|rest|short|start)"
    r"|programme\.(explain|rest|rest_and_move|done)"
    r"|live\.(trouble\.(unplugged|gone|restarted|broken)|notice\.(cut|restored)"
    r"|summary\.(never_began|none))"
)
END = re.compile(r"(?<=[.!?])\s+")


def sentences(lang: str) -> tuple[str, ...]:
    """Return every sentence that may be said aloud, each once; a count is one too."""
    found: dict[str, None] = dict.fromkeys(str(number) for number in range(1, COUNTED + 1))
    for words in _spoken(lang):
        found.update(dict.fromkeys(END.split(words.strip())))
    return tuple(found)


def _spoken(lang: str) -> Iterator[str]:
    names = [table(lang)[f"exercise.{each}.name"] for each in exercise_ids()]
    for key, value in table(lang).items():
        if not _SPOKEN.fullmatch(key):
            continue
        for words in (value,) if isinstance(value, str) else value:
            if "{exercise}" in words:
                yield from (words.format(exercise=name) for name in names)
            else:
                yield words


def main() -> None:
    """Say everything in every language."""
    FOLDER.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        known = recorded(lang)
        places: dict[str, tuple[int, int]] = {}
        at = 0
        with (FOLDER / f"{lang}.ogg").open("wb") as out:
            for sentence in sentences(lang):
                sound = known.get(sentence) or _packed(_trimmed(_said(sentence, lang)))
                out.write(sound)
                places[sentence] = (at, at + len(sound))
                at += len(sound)
        index = json.dumps(places, ensure_ascii=False, indent=0, separators=(",", ":"))
        (FOLDER / f"{lang}.json").write_text(index + "\n", encoding="utf-8")
        print(f"{lang}: {len(places)} sentences, {at / 1000:.0f} kB")


def recorded(lang: str) -> dict[str, bytes]:
    """Return the recordings that there are, by their sentences."""
    index = FOLDER / f"{lang}.json"
    if not index.exists():
        return {}
    sounds = index.with_suffix(".ogg").read_bytes()
    places = json.loads(index.read_text(encoding="utf-8"))
    return {sentence: sounds[begin:end] for sentence, (begin, end) in places.items()}


def _said(sentence: str, lang: str) -> np.ndarray:
    """Return a sentence as the voice says it: samples of -1 to 1 at ``RATE_HZ``."""
    command = ["espeak-ng", "-v", _VOICES[lang], "-s", str(WORDS_A_MINUTE), "--stdout", sentence]
    wave = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our texts
    resampler = AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    with av.open(io.BytesIO(wave), "r") as source:
        pieces = [piece for frame in source.decode(audio=0) for piece in resampler.resample(frame)]
    pieces += resampler.resample(None)
    return np.concatenate([piece.to_ndarray()[0] for piece in pieces])


def _trimmed(samples: np.ndarray) -> np.ndarray:
    """Return it as loud as all others, without the silence around it."""
    samples = samples * (LOUDEST / np.abs(samples).max())
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    margin = round(MARGIN_S * RATE_HZ)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def _packed(samples: np.ndarray) -> bytes:
    """Return samples as an Ogg Opus file."""
    target = io.BytesIO()
    with av.open(target, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        options = {"application": "voip", "frame_duration": "60"}
        stream = container.add_stream("libopus", rate=RATE_HZ, options=options)
        stream.layout, stream.bit_rate = "mono", BIT_RATE
        row = samples[None].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(row, format="flt", layout="mono")
        frame.rate = RATE_HZ
        for each in (frame, None):
            container.mux(stream.encode(each))
    return target.getvalue()


if __name__ == "__main__":
    main()
