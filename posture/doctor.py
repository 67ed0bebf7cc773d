"""Examines this computer: what posture needs, whether it is there, and how to mend what is not.

Every check is a function that yields findings and takes the part of the world it looks at as an
argument. Nothing outside the standard library is imported here at the top, and libraries are
tried out in a process of their own, so that a missing or crashing one is a finding, not the end
of the examination.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from posture.errors import PostureError
from posture.locales import has_text, text

if TYPE_CHECKING:
    from posture.adapters.model_store import ModelStore

DEFAULT_PORT = 8501
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)

_PLATFORMS = {
    "Linux": ("x86_64", "amd64"),
    "Darwin": ("arm64",),
    "Windows": ("amd64", "x86_64"),
}
# Distribution and, where it matters, the one version that will do.
_DISTRIBUTIONS: Mapping[str, str | None] = {
    "mediapipe": "0.10.31",
    "ai-edge-litert": None,
    "numpy": None,
    "opencv-python": None,
    "av": None,
    "streamlit": None,
    "click": None,
    "rich": None,
    "platformdirs": None,
    "flatbuffers": None,
}
# They bring files of the same names as opencv-python and overwrite them.
_RIVALS = ("opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
_SYSTEM_PACKAGES = "libegl1 libgles2 libgl1 libglib2.0-0"
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 1_000_000_000, 150_000_000

# What each library is tried out with.
_TRIALS = {
    "numpy": "import numpy",
    "opencv": "import cv2, numpy; cv2.cvtColor(numpy.zeros((8, 8, 3), 'uint8'), cv2.COLOR_BGR2RGB)",
    "av": "import av; av.codec.Codec('h264', 'r')",
    "streamlit": "import streamlit",
    "mediapipe": (
        "import mediapipe; from mediapipe.tasks.python import vision; "
        "from mediapipe.tasks.python.core import mediapipe_c_bindings; "
        "mediapipe_c_bindings.load_raw_library()"
    ),
    "litert": "import ai_edge_litert.interpreter",
}
_LANDMARKER_TRIAL = """
import pathlib, sys, numpy
from posture.adapters.landmarker import MediaPipeLandmarker
from posture.datatypes import Frame
picture = numpy.zeros((64, 64, 3), "uint8")
with MediaPipeLandmarker(pathlib.Path(sys.argv[1])) as landmarker:
    landmarker.detect(Frame(0, 0.0, picture))
"""


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: How bad it is.
        key: Key of its sentence below ``doctor.``; ``<key>_mend`` is what to do about it.
        values: What the sentences mention.
    """

    level: Level
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: str) -> str:
        """What was found."""
        return text(f"doctor.{self.key}", lang, **self.values)

    def remedy(self, lang: str) -> str | None:
        """What to do about it; ``None`` when there is nothing to do."""
        key = f"doctor.{self.key}_mend"
        return text(key, lang, **self.values) if has_text(key, lang) else None


def examine(port: int = DEFAULT_PORT) -> Iterator[Finding]:
    """Look at everything, in the order in which one thing needs the other."""
    yield from check_python(sys.version_info[:3])
    yield from check_platform(platform.system(), platform.machine())
    yield from check_distributions(_version)
    yield from check_libraries(_trial_error, platform.system())
    yield from check_data_folder()
    yield from check_models(_trial_error)
    yield from check_shipped_files()
    yield from check_port(port)
    yield from check_camera(platform.system(), Path("/dev"))


def check_python(version: tuple[int, int, int]) -> Iterator[Finding]:
    """Whether the product runs on this Python."""
    values = {"version": ".".join(map(str, version))}
    if OLDEST_PYTHON <= version[:2] <= NEWEST_PYTHON:
        yield Finding(Level.OK, "python.ok", values)
    elif version[:2] > NEWEST_PYTHON:
        yield Finding(Level.WARNING, "python.new", values)
    else:
        yield Finding(Level.PROBLEM, "python.old", values)


def check_platform(system: str, machine: str) -> Iterator[Finding]:
    """Whether the pose library exists for this kind of computer."""
    known = machine.lower() in _PLATFORMS.get(system, ())
    level, key = (Level.OK, "platform.ok") if known else (Level.PROBLEM, "platform.unknown")
    yield Finding(level, key, {"system": system, "machine": machine})


def check_distributions(version: Callable[[str], str | None]) -> Iterator[Finding]:
    """Whether every package is installed, in a version that will do."""
    found = {name: version(name) for name in _DISTRIBUTIONS}
    missing = [name for name, have in found.items() if have is None]
    if missing:
        yield Finding(Level.PROBLEM, "packages.missing", {"names": ", ".join(missing)})
    for name, wanted in _DISTRIBUTIONS.items():
        have = found[name]
        if wanted is not None and have is not None and have != wanted:
            values = {"name": name, "have": have, "wanted": wanted}
            yield Finding(Level.WARNING, "packages.version", values)
    rivals = [name for name in _RIVALS if version(name) is not None]
    if rivals:
        yield Finding(Level.WARNING, "packages.rival", {"names": ", ".join(rivals)})
    if not missing:
        yield Finding(Level.OK, "packages.ok", {"count": len(found)})


def check_libraries(
    trial_error: Callable[[str], str | None], system: str, trials: Mapping[str, str] = _TRIALS
) -> Iterator[Finding]:
    """Whether the libraries load, each in a process of its own."""
    for name, program in trials.items():
        error = trial_error(program)
        if error is None:
            yield Finding(Level.OK, "library.ok", {"name": name})
        elif system == "Linux" and ".so" in error:
            values = {"name": name, "error": error, "packages": _SYSTEM_PACKAGES}
            yield Finding(Level.PROBLEM, "library.system", values)
        else:
            yield Finding(Level.PROBLEM, "library.broken", {"name": name, "error": error})


def check_data_folder() -> Iterator[Finding]:
    """Whether fetched models and sessions can be kept."""
    try:
        from posture.resources import data_folder, made_folder  # noqa: PLC0415 - may be missing
    except ImportError:
        return  # a finding of the packages already
    folder = data_folder()
    values: dict[str, object] = {"folder": folder}
    try:
        with tempfile.TemporaryFile(dir=made_folder(folder)) as probe:
            probe.write(b"posture")
    except (OSError, PostureError):
        yield Finding(Level.PROBLEM, "data.locked", values)
        return
    yield Finding(Level.OK, "data.ok", values)
    yield from check_disk(folder, shutil.disk_usage(folder).free)


def check_disk(folder: Path, free_bytes: int) -> Iterator[Finding]:
    """Whether there is room for models and sessions."""
    values = {"folder": folder, "gigabytes": free_bytes / 1e9}
    if free_bytes < _TOO_LITTLE_BYTES:
        yield Finding(Level.PROBLEM, "disk.full", values)
    elif free_bytes < _LITTLE_BYTES:
        yield Finding(Level.WARNING, "disk.little", values)
    else:
        yield Finding(Level.OK, "disk.ok", values)


def check_models(
    trial_error: Callable[[str, str], str | None], store: ModelStore | None = None
) -> Iterator[Finding]:
    """Whether the pose models are whole, and the usual one runs."""
    try:
        from posture.adapters.model_store import ModelState, ModelStore  # noqa: PLC0415 - as above
    except ImportError:
        return
    try:
        statuses = (store or ModelStore()).verify()
    except PostureError as error:
        yield Finding(Level.PROBLEM, "model.list", {"error": error})
        return
    for status in statuses:
        values = {"name": status.name, "path": status.path}
        if status.state is ModelState.READY:
            yield Finding(Level.OK, "model.ok", values)
        elif status.state is ModelState.DAMAGED:
            yield Finding(Level.PROBLEM, "model.damaged", values)
        elif status.name == "full":
            yield Finding(Level.PROBLEM, "model.missing", values)
        else:
            yield Finding(Level.OK, "model.optional", values)
    ready = [status for status in statuses if status.state is ModelState.READY]
    if ready:
        tried = next((status for status in ready if status.name == "full"), ready[0])
        failure = trial_error(_LANDMARKER_TRIAL, str(tried.path))
        if failure is None:
            yield Finding(Level.OK, "model.runs", {"name": tried.name})
        else:
            yield Finding(Level.PROBLEM, "model.fails", {"name": tried.name, "error": failure})


def check_shipped_files() -> Iterator[Finding]:
    """Whether the product's own files are there."""
    try:
        from posture import resources  # noqa: PLC0415 - as above
    except ImportError:
        return
    missing = [
        path for path in (resources.manifest_path(), resources.app_path()) if not path.exists()
    ]
    if missing:
        yield Finding(Level.PROBLEM, "files.missing", {"names": ", ".join(map(str, missing))})
    else:
        videos = len(resources.sample_videos())
        yield Finding(
            Level.OK, "files.ok", {"folder": resources.shipped_folder(), "videos": videos}
        )


def check_port(port: int) -> Iterator[Finding]:
    """Whether the page's address is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            yield Finding(Level.WARNING, "port.taken", {"port": port, "other": port + 1})
        else:
            yield Finding(Level.OK, "port.ok", {"port": port})


def check_camera(system: str, devices: Path) -> Iterator[Finding]:
    """Whether there is a camera that may be used, as far as that can be told from here."""
    if system == "Linux":
        cameras = sorted(devices.glob("video*"))
        names = ", ".join(camera.name for camera in cameras)
        if not cameras:
            yield Finding(Level.WARNING, "camera.none")
        elif not any(os.access(camera, os.R_OK | os.W_OK) for camera in cameras):
            yield Finding(Level.WARNING, "camera.locked", {"names": names})
        else:
            yield Finding(Level.OK, "camera.found", {"names": names})
    elif system in {"Darwin", "Windows"}:
        yield Finding(Level.OK, f"camera.{system.lower()}")
    yield Finding(Level.OK, "camera.browser")


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _trial_error(program: str, *arguments: str) -> str | None:
    """Run a small program in a Python of its own; what went wrong, or ``None``."""
    command = [sys.executable, "-c", program, *arguments]
    try:
        outcome = subprocess.run(  # noqa: S603 - programs of our own, above
            command, capture_output=True, text=True, errors="replace", timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        return "no answer within two minutes"
    if outcome.returncode == 0:
        return None
    if outcome.returncode < 0:
        return f"it crashed (signal {-outcome.returncode})"
    lines = [line.strip() for line in outcome.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with code {outcome.returncode}"
