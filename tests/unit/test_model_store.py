"""The model store with a small list of models: real pip, real files, a real web server."""

from __future__ import annotations

import errno
import hashlib
import http.server
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flatbuffers
import pytest
from mediapipe.tasks.metadata import schema_py_generated as schema

from posture.adapters.model_manifest import Manifest, read_manifest, shipped_manifest
from posture.adapters.model_sources import download
from posture.adapters.model_store import (
    MIRROR_VARIABLE,
    FetchProgress,
    FetchStep,
    ModelState,
    ModelStore,
)
from posture.adapters.pose_bundle import build_bundle
from posture.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEEL_NAME = "posetoy-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
DEAD_ADDRESS = "http://127.0.0.1:9"


def tiny_model(weights: bytes) -> bytes:
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [], []
    model.buffers = [schema.BufferT()]
    model.buffers[0].data = list(weights)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


DETECTOR, FULL, HEAVY = tiny_model(b"detector"), tiny_model(b"full" * 9), tiny_model(b"heavy" * 9)
BUILT = {"full": build_bundle(DETECTOR, FULL), "heavy": build_bundle(DETECTOR, HEAVY)}
OFFICIAL = b"the maker's own bundle" * 40_000


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def manifest_file(tmp_path: Path) -> Path:
    """A list with two models, in wheel 'posetoy' and npm package 'posetoy'."""

    def part(content: bytes, **members: str) -> dict[str, Any]:
        return {"sha256": sha256(content), "bytes": len(content), "members": members}

    def bundle(name: str) -> dict[str, Any]:
        return {
            "file": f"pose_landmarker_{name}.task",
            "detector": "detector",
            "landmarker": name,
            "sha256": sha256(BUILT[name]),
            "bytes": len(BUILT[name]),
            "official": {
                "url": f"{DEAD_ADDRESS}/pose_landmarker_{name}.task",
                "bytes": len(OFFICIAL),
                "sha256": [sha256(OFFICIAL)],
            },
        }

    package = {"name": "posetoy", "version": "1.0", "bytes": 4000}
    content = {
        "packages": {
            "wheel": package
            | {"client": "pip", "python": "3.12", "platform": "manylinux_2_28_x86_64"},
            "npm": package | {"client": "npm"},
        },
        "parts": {
            "detector": part(DETECTOR, wheel="toy/detector.tflite"),
            "full": part(FULL, wheel="toy/full.tflite"),
            "heavy": part(HEAVY, npm="package/heavy.tflite"),
        },
        "bundles": {"full": bundle("full"), "heavy": bundle("heavy")},
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def manifest(manifest_file: Path) -> Manifest:
    return read_manifest(manifest_file)


@pytest.fixture
def store(tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """An empty store; pip finds packages in the folder 'index' alone."""
    (tmp_path / "index").mkdir()
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    return ModelStore(tmp_path / "data", manifest)


def put_wheel(tmp_path: Path, detector: bytes = DETECTOR, full: bytes = FULL) -> Path:
    path = tmp_path / "index" / WHEEL_NAME
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("toy/detector.tflite", detector)
        wheel.writestr("toy/full.tflite", full)
        wheel.writestr(
            "posetoy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: posetoy\nVersion: 1.0\n"
        )
        wheel.writestr("posetoy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    return path


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program 'npm' that hands out one archive; returns where that archive is to stand."""
    if sys.platform == "win32":
        pytest.skip("the stand-in for npm is a shell script")
    archive, folder = tmp_path / "posetoy-1.0.tgz", tmp_path / "bin"
    folder.mkdir()
    script = folder / "npm"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = pack ] || exit 9\ncp "{archive}" . || '
        '{ echo "npm error 404 Not Found" >&2; exit 1; }\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return archive


def put_npm_package(archive: Path, tmp_path: Path) -> None:
    network = tmp_path / "heavy.tflite"
    network.write_bytes(HEAVY)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(network, "package/heavy.tflite")


class Server(http.server.ThreadingHTTPServer):
    """Serves OFFICIAL under every name; breaks off after ``break_after`` bytes, once."""

    break_after: int | None = None
    ranges: list[str | None]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        if "missing" in self.path:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if start >= len(OFFICIAL):
            self.send_error(416)
            return
        content = OFFICIAL[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        stop, self.server.break_after = self.server.break_after, None
        self.wfile.write(content[:stop])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.ranges = []
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def files_in(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {".lock"}


# --- the list that is shipped ------------------------------------------------------------------


def test_the_shipped_list_has_three_whole_models() -> None:
    manifest = shipped_manifest()
    assert list(manifest.bundles) == ["lite", "full", "heavy"]
    for bundle in manifest.bundles.values():
        assert all(len(digest) == 64 for digest in bundle.accepted_sha256)
        assert {bundle.detector, bundle.landmarker} <= set(manifest.parts)
    for part in manifest.parts.values():
        assert set(part.members) <= set(manifest.packages)


def test_full_needs_nothing_but_the_python_package_index() -> None:
    manifest = shipped_manifest()
    full = manifest.bundles["full"]
    assert all("wheel" in manifest.parts[name].members for name in (full.detector, full.landmarker))


def test_a_damaged_list_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    for content in ("", "[]", '{"bundles": {}}'):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ModelError, match="install the product again"):
            read_manifest(path)


# --- looking -----------------------------------------------------------------------------------


def test_a_missing_model_names_the_command_to_run(store: ModelStore) -> None:
    with pytest.raises(ModelError, match=r"run: posture models fetch heavy$"):
        store.path("heavy")
    assert {status.state for status in store.list()} == {ModelState.MISSING}


def test_an_unknown_model_is_refused_with_the_known_ones(store: ModelStore) -> None:
    with pytest.raises(ModelError, match="'huge'; choose one of: full, heavy"):
        store.path("huge")


def test_a_damaged_model_is_never_handed_out(store: ModelStore, tmp_path: Path) -> None:
    path = store.fetch("full", mirror=str(put_bundle(tmp_path, "full")))
    assert store.path("full") == path
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelError, match="is damaged; run: posture models fetch full"):
        store.path("full")
    assert [status.state for status in store.verify()] == [ModelState.DAMAGED, ModelState.MISSING]


def test_verify_reads_again_even_when_size_and_time_are_the_same(
    store: ModelStore, tmp_path: Path
) -> None:
    path = store.fetch("full", mirror=str(put_bundle(tmp_path, "full")))
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.verify()[0].state is ModelState.DAMAGED


# --- a copy named by the user ------------------------------------------------------------------


def put_bundle(tmp_path: Path, name: str, content: bytes | None = None) -> Path:
    path = tmp_path / "mirror" / f"pose_landmarker_{name}.task"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(BUILT[name] if content is None else content)
    return path


def test_a_mirror_may_be_a_file_or_a_folder(store: ModelStore, tmp_path: Path) -> None:
    file = put_bundle(tmp_path, "full")
    put_bundle(tmp_path, "heavy")
    assert store.fetch("full", mirror=str(file)).read_bytes() == BUILT["full"]
    assert store.fetch("heavy", mirror=str(file.parent)).read_bytes() == BUILT["heavy"]
    assert files_in(store.folder) == {"pose_landmarker_full.task", "pose_landmarker_heavy.task"}


def test_a_mirror_may_be_named_in_the_environment(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(put_bundle(tmp_path, "full").parent))
    assert store.fetch("full").read_bytes() == BUILT["full"]


def test_a_mirror_may_be_an_address_and_the_makers_bundle_is_accepted(
    store: ModelStore, server: Server
) -> None:
    assert store.fetch("full", mirror=address(server)).read_bytes() == OFFICIAL
    assert store.sha256("full") == sha256(OFFICIAL)


def test_a_wrong_mirror_is_thrown_away_and_the_next_source_tried(
    store: ModelStore, tmp_path: Path
) -> None:
    put_wheel(tmp_path)
    steps: list[FetchProgress] = []
    wrong = put_bundle(tmp_path, "full", b"something else")
    assert store.fetch("full", mirror=str(wrong), progress=steps.append) == store.path("full")
    failures = [str(step.detail) for step in steps if step.step is FetchStep.FAILED]
    assert "hash is not on the list" in failures[0]
    assert "127.0.0.1:9 cannot be reached" in failures[1]
    assert steps[-1].step is FetchStep.DONE
    assert wrong.read_bytes() == b"something else"


def test_a_mirror_that_is_not_there_is_named(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere cannot be read: No such file"):
        store.fetch("full", mirror=str(tmp_path / "nowhere"))
    assert files_in(store.folder) == set()


# --- downloads ---------------------------------------------------------------------------------


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    server: Server, tmp_path: Path
) -> None:
    server.break_after = 300_000
    seen: list[tuple[int, int | None]] = []
    part = download(f"{address(server)}/x", tmp_path / "x", lambda *n: seen.append(n))
    assert part.read_bytes() == OFFICIAL
    assert server.ranges == [None, "bytes=300000-"]
    assert seen[-1] == (len(OFFICIAL), len(OFFICIAL))


def test_a_later_download_uses_what_an_earlier_one_left(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(OFFICIAL[:1000])
    part = download(f"{address(server)}/x", tmp_path / "x", lambda *_: None)
    assert part.read_bytes() == OFFICIAL
    assert server.ranges == ["bytes=1000-"]


def test_a_left_over_that_is_too_long_is_started_afresh(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(OFFICIAL + b"more")
    part = download(f"{address(server)}/x", tmp_path / "x", lambda *_: None)
    assert part.read_bytes() == OFFICIAL


def test_a_file_that_is_not_offered_is_said_so(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="answers 404"):
        download(f"{address(server)}/missing", tmp_path / "x", lambda *_: None)


def test_a_left_over_with_wrong_content_does_not_stand_in_the_way(
    store: ModelStore, server: Server, tmp_path: Path
) -> None:
    store.folder.mkdir()
    (store.folder / "mirror-pose_landmarker_full.task.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="hash is not on the list"):
        store.fetch("full", mirror=address(server))
    assert store.fetch("full", mirror=address(server)).read_bytes() == OFFICIAL
    assert not list(tmp_path.rglob("*.part"))


# --- packages ----------------------------------------------------------------------------------


def test_full_is_built_from_the_wheel(store: ModelStore, tmp_path: Path) -> None:
    put_wheel(tmp_path)
    assert store.fetch("full").read_bytes() == BUILT["full"]
    assert files_in(store.folder) == {"pose_landmarker_full.task", "parts/detector.tflite"}


def test_a_model_that_is_here_is_not_fetched_again(store: ModelStore, tmp_path: Path) -> None:
    wheel = put_wheel(tmp_path)
    store.fetch("full")
    wheel.unlink()
    steps: list[FetchProgress] = []
    store.fetch("full", progress=steps.append)
    assert [step.step for step in steps] == [FetchStep.DONE]


def test_heavy_is_built_from_both_packages(store: ModelStore, tmp_path: Path, npm: Path) -> None:
    put_wheel(tmp_path)
    put_npm_package(npm, tmp_path)
    assert store.fetch("heavy").read_bytes() == BUILT["heavy"]


def test_packages_stay_until_the_model_is_whole(
    store: ModelStore, tmp_path: Path, npm: Path
) -> None:
    wheel = put_wheel(tmp_path)
    with pytest.raises(ModelError, match=r"npm could not fetch posetoy 1.0: npm error 404"):
        store.fetch("heavy")
    wheel.unlink()
    put_npm_package(npm, tmp_path)
    assert store.fetch("heavy").read_bytes() == BUILT["heavy"]
    assert not (store.folder / "downloads").exists()


def test_a_machine_without_npm_is_told_so(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_wheel(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match=r"npm, which fetches posetoy, is not installed"):
        store.fetch("heavy")


def test_a_package_index_without_the_package_is_told_so(store: ModelStore) -> None:
    with pytest.raises(ModelError, match=r"pip could not fetch posetoy 1.0: .*No matching"):
        store.fetch("full")
    assert files_in(store.folder) == set()


def test_no_network_is_told_so(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", DEAD_ADDRESS)
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(ModelError, match=r"posetoy 1.0: its registry cannot be reached"):
        store.fetch("full")


@pytest.mark.parametrize("kind", ["garbage", "wrong network", "network missing"])
def test_a_package_with_wrong_content_is_refused_and_forgotten(
    store: ModelStore, tmp_path: Path, kind: str
) -> None:
    folder = store.folder / "downloads" / "wheel"
    folder.mkdir(parents=True)
    wheel = put_wheel(tmp_path, detector=b"wrong" if kind == "wrong network" else DETECTOR)
    if kind == "network missing":
        with zipfile.ZipFile(wheel, "w") as empty:
            empty.writestr("other", b"")
    (folder / WHEEL_NAME).write_bytes(b"garbage" if kind == "garbage" else wheel.read_bytes())
    with pytest.raises(ModelError, match=r"is damaged and was removed|is not the network"):
        store.fetch("full")
    assert files_in(store.folder) == set()
    put_wheel(tmp_path)
    assert store.fetch("full").read_bytes() == BUILT["full"]


# --- the folder --------------------------------------------------------------------------------


def test_a_full_disk_is_said_so_and_nothing_half_is_left(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_wheel(tmp_path)
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name.startswith("built-"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(ModelError, match="The disk is full"):
            store.fetch("full")
    assert store.status("full").state is ModelState.MISSING
    assert store.fetch("full").read_bytes() == BUILT["full"]


def test_two_processes_that_fetch_at_once_do_no_harm(
    store: ModelStore, tmp_path: Path, manifest_file: Path
) -> None:
    put_wheel(tmp_path)
    program = (
        "import sys; from pathlib import Path\n"
        "from posture.adapters.model_manifest import read_manifest\n"
        "from posture.adapters.model_store import ModelStore\n"
        "steps = []\n"
        "store = ModelStore(Path(sys.argv[1]), read_manifest(Path(sys.argv[2])))\n"
        "print(store.fetch('full', progress=lambda p: steps.append(p.step)), len(steps))\n"
    )
    command = [sys.executable, "-c", program, str(store.folder), str(manifest_file)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=120)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert {path for path, _ in told} == {str(store.folder / "pose_landmarker_full.task")}
    assert min(int(steps) for _, steps in told) == 1, "the second found the work done"
    assert store.path("full").read_bytes() == BUILT["full"]
