"""The pose models on this computer: which are there, whether they are whole, and how to get one.

A model is a bundle in the user's data folder. Nothing leaves this module that has not the hash of
the shipped list. A fetch tries the sources in order (a copy named by the user, the vendor, the
vendor's packages), and only a whole, verified file takes the bundle's name, in one step.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from logging import getLogger
from typing import TYPE_CHECKING, Final

from posture.adapters.files import locked, sha256_of
from posture.adapters.model_manifest import MODEL_NAMES, shipped_manifest
from posture.adapters.model_sources import (
    FetchProgress,
    FetchStep,
    from_mirror,
    from_packages,
    from_vendor,
)
from posture.errors import ModelError
from posture.resources import data_folder, made_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posture.adapters.model_manifest import Bundle, Manifest
    from posture.adapters.model_sources import Report

__all__ = [
    "MIRROR_VARIABLE",
    "MODEL_NAMES",
    "FetchProgress",
    "FetchStep",
    "ModelState",
    "ModelStatus",
    "ModelStore",
]

MIRROR_VARIABLE: Final = "POSTURE_MODEL_MIRROR"

_log = getLogger(__name__)


class ModelState(StrEnum):
    """Whether a model can be used."""

    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model on this computer.

    Attributes:
        name: ``lite``, ``full`` or ``heavy``.
        state: Whether it can be used.
        path: Where it is, or would be.
        size_bytes: Its size; the size it will have where it is missing.
        sha256: Its hash; empty where it is missing.
    """

    name: str
    state: ModelState
    path: Path
    size_bytes: int
    sha256: str = ""


class ModelStore:
    """The models in one folder.

    Args:
        folder: Where they lie; the user's data folder unless named.
        manifest: Which models there are; the list that comes with the product unless named.
    """

    def __init__(self, folder: Path | None = None, manifest: Manifest | None = None) -> None:
        self.folder = folder if folder is not None else data_folder() / "models"
        self._manifest = manifest if manifest is not None else shipped_manifest()
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def path(self, name: str) -> Path:
        """Return a model's file, verified. Needs no network.

        Raises:
            ModelError: It is unknown, missing or damaged; the sentence names the command to run.
        """
        status = self.status(name)
        if status.state is ModelState.MISSING:
            raise ModelError("error.model.missing", name=name)
        if status.state is ModelState.DAMAGED:
            raise ModelError("error.model.damaged", path=status.path, name=name)
        return status.path

    def sha256(self, name: str) -> str:
        """Return the hash of a model's file.

        Raises:
            ModelError: As :meth:`path`.
        """
        self.path(name)
        return self.status(name).sha256

    def status(self, name: str) -> ModelStatus:
        """Look at one model.

        Raises:
            ModelError: There is no model of this name.
        """
        bundle = self._manifest.bundle(name)
        path = self.folder / bundle.file_name
        try:
            digest, size_bytes = self._digest(path), path.stat().st_size
        except FileNotFoundError:
            return ModelStatus(name, ModelState.MISSING, path, bundle.size_bytes)
        except OSError:
            return ModelStatus(name, ModelState.DAMAGED, path, bundle.size_bytes)
        good = digest in bundle.accepted_sha256
        state = ModelState.READY if good else ModelState.DAMAGED
        return ModelStatus(name, state, path, size_bytes, digest)

    def list(self) -> tuple[ModelStatus, ...]:
        """Look at all models. Files that did not change since the last look are not read again."""
        return tuple(self.status(name) for name in self._manifest.bundles)

    def verify(self) -> tuple[ModelStatus, ...]:
        """Read every model from end to end and compare its hash with the list."""
        self._known.clear()
        return self.list()

    def fetch(
        self,
        name: str,
        *,
        mirror: str | None = None,
        progress: Callable[[FetchProgress], None] | None = None,
        keep_packages: bool = False,
    ) -> Path:
        """Get a model, unless it is here already, and return its file.

        A fetch that breaks off leaves the old state; the next one goes on where it stopped. Two
        processes that fetch at once wait for each other.

        Args:
            name: ``lite``, ``full`` or ``heavy``.
            mirror: A ``.task`` file, a folder that holds it, or an address of either; the
                environment variable ``POSTURE_MODEL_MIRROR`` unless named.
            progress: Called with every step and, during downloads, several times a second.
            keep_packages: Keep downloaded packages for a further model to come.

        Raises:
            ModelError: No source gave the model; the sentence says why for each.
            OutputError: The data folder cannot be made.
        """
        bundle = self._manifest.bundle(name)
        report = progress if progress is not None else _quiet
        made_folder(self.folder)
        try:
            with locked(self.folder / ".lock"):
                if self.status(name).state is not ModelState.READY:
                    self._fetch(bundle, mirror or os.environ.get(MIRROR_VARIABLE), report)
                if not keep_packages:
                    self._tidy()
        except PermissionError as error:
            raise ModelError("error.model.locked", path=error.filename) from error
        report(FetchProgress(FetchStep.DONE, name, str(self.folder / bundle.file_name)))
        return self.folder / bundle.file_name

    def _fetch(self, bundle: Bundle, mirror: str | None, report: Report) -> None:
        """Try each source in order until one gives a file with a known hash."""
        sources: list[Callable[[], Path]] = []
        if mirror:
            sources.append(lambda: from_mirror(bundle, mirror, self.folder, report))
        sources.append(lambda: from_vendor(bundle, self.folder, report))
        sources.append(lambda: from_packages(bundle, self._manifest, self.folder, report))
        failures = []
        for source in sources:
            try:
                candidate = _checked(source(), bundle)
            except ModelError as error:
                _log.info("model %s: %s", bundle.name, error)
                report(FetchProgress(FetchStep.FAILED, bundle.name, error))
                failures.append(error)
                continue
            candidate.replace(self.folder / bundle.file_name)
            return
        raise ModelError("error.model.not_fetched", name=bundle.name, why=tuple(failures))

    def _tidy(self) -> None:
        """Remove packages, half downloads, and networks that stand in one bundle only."""
        shutil.rmtree(self.folder / "downloads", ignore_errors=True)
        for half in self.folder.glob("*.part"):
            half.unlink()
        for bundle in self._manifest.bundles.values():
            (self.folder / "parts" / f"{bundle.landmarker}.tflite").unlink(missing_ok=True)

    def _digest(self, path: Path) -> str:
        """A file's hash, remembered while size and time of the file stay the same."""
        stat = path.stat()
        stamp = (stat.st_size, stat.st_mtime_ns)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = (stamp, sha256_of(path))
            self._known[path] = known
        return known[1]


def _checked(candidate: Path, bundle: Bundle) -> Path:
    if sha256_of(candidate) in bundle.accepted_sha256:
        return candidate
    candidate.unlink()
    raise ModelError("error.model.wrong_file", name=bundle.name)


def _quiet(_: FetchProgress) -> None:
    """Nobody watches."""
