#!/usr/bin/env python3
"""Sets everything up and opens the page; the second time it only opens the page.

    python3 start.py                set up, then open the page (options go to 'posture app')
    python3 start.py setup          set up only
    python3 start.py test           set up the tools too, then run every check
    python3 start.py test ARGS      the same, with ARGS handed to pytest (--cov measures coverage)
    python3 start.py doctor         say what is wrong on this computer and how to mend it
    python3 start.py lock           renew the lock files in requirements/

It needs git's checkout and Python 3.11 to 3.14, and nothing else: it makes a virtual environment
in .venv, installs the locked dependencies, fetches the pose model, and on Debian and Ubuntu
installs missing system libraries. What it may not do itself it names in one sentence.
"""

# Only the standard library, and only what Python 3.8 can read, so that an old Python gets a clear
# sentence instead of a syntax error.

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "posture-setup.json"
WINDOWS = os.name == "nt"
OLDEST, NEWEST = (3, 11), (3, 14)
LOCK_SOURCES = "pyproject.toml requirements/build.in"
NEEDED_BYTES = {"app": 1_200_000_000, "dev": 1_600_000_000}

# Library to load -> Debian package that brings it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
# The browser tests' driver needs one more.
TEST_LIBRARIES = {"libatomic.so.1": "libatomic1"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
BROWSER_VARIABLE = "POSTURE_BROWSER"
# In the order of the folders: the browser's tests first, which take longest by waiting.
IN_TWO_PROCESSES = ("--numprocesses=2", "--no-loadscope-reorder")
# Where Debian keeps the programs of each version.
POSTGRESQL = Path("/usr/lib/postgresql")


class SetupError(Exception):
    """What is missing and what to do about it, in one sentence."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit code."""
    command = arguments[0] if arguments and not arguments[0].startswith("-") else "app"
    rest = list(arguments[1:] if arguments and arguments[0] == command else arguments)
    if command == "app" and rest and rest[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    commands = {
        "app": open_page,
        "setup": only_set_up,
        "test": check_everything,
        "doctor": examine,
        "lock": lock,
    }
    if command not in commands:
        print(__doc__)
        print(f"There is no '{command}'; choose one of: {', '.join(commands)}.")
        return 2
    try:
        check_machine()
        return commands[command](rest)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; the same command goes on where it stopped.")
        return 130


# --- the four commands -------------------------------------------------------------------------


def open_page(options: Sequence[str]) -> int:
    """Set up and open the page."""
    set_up("app")
    command = [str(venv_program("python")), "-c", POSTURE, "app", *options]
    if not WINDOWS:
        replace_process(command)  # so that whoever ends this program ends the page
    try:
        return run(command)
    except KeyboardInterrupt:
        return 0


def only_set_up(_: Sequence[str]) -> int:
    """Set up."""
    set_up("app")
    say("Everything is set up. Open the page with: python3 start.py")
    return 0


def check_everything(pytest_options: Sequence[str]) -> int:
    """Set up the tools and run every check; all of them, also when one fails."""
    set_up("dev")
    install_postgresql()
    environment = browser_environment()
    checks = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", *IN_TWO_PROCESSES, *pytest_options],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if run_in_venv("-m", *command, environment=environment) != 0:
            failed.append(name)
    if failed:
        say(f"Failed: {', '.join(failed)}.")
        return 1
    say("Every check passed.")
    return 0


def examine(options: Sequence[str]) -> int:
    """Say what is wrong, without changing anything."""
    if not venv_program("python").exists():
        raise SetupError("Nothing is set up yet; run: python3 start.py setup")
    return run_in_venv("-c", "from posture.cli_doctor import doctor; doctor()", *options)


def lock(_: Sequence[str]) -> int:
    """Write the lock files anew, for every platform and Python at once."""
    uv = shutil.which("uv") or str(venv_program("uv"))
    if not Path(uv).exists():
        raise SetupError("Renewing the lock files needs uv; run: python3 -m pip install uv")
    options = "--universal --python-version 3.11 --fork-strategy fewest --generate-hashes --upgrade"
    plain = "--no-emit-index-url --no-header --no-annotate --quiet"
    for kind, extra in (("app", ""), ("dev", "--extra dev")):
        target = f"requirements/{kind}.txt"
        say(f"Writing {target}")
        command = f"pip compile {options} {plain} {extra} --output-file {target} {LOCK_SOURCES}"
        code = run([uv, *command.split()])
        if code != 0:
            return code
    return 0


# --- setting up --------------------------------------------------------------------------------

POSTURE = "from posture.cli import run; run()"


def set_up(kind: str) -> None:
    """Bring everything into place for ``app`` or ``dev``; quick when it is there already."""
    install_libraries({**LIBRARIES, **TEST_LIBRARIES} if kind == "dev" else LIBRARIES)
    made = make_environment()
    stamps = {} if made else read_stamps()
    key = stamp_key(kind)
    if stamps.get(kind) != key:
        check_disk(kind)
        install_dependencies(kind)
        stamps[kind] = key
        if kind == "dev":
            stamps["app"] = stamp_key("app")  # whatever the page needs is among the tools
        STAMP.write_text(json.dumps(stamps), encoding="utf-8")
    fetch_models("full")
    if kind == "dev":
        fetch_more_models("lite", "heavy")


def check_machine() -> None:
    """Refuse, in one sentence, a Python or a computer that cannot work."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        use_another_python()
    system, machine = platform.system(), platform.machine().lower()
    known = {
        "Linux": {"x86_64", "amd64"},
        "Darwin": {"arm64"},
        "Windows": {"amd64", "x86_64"},
    }
    if machine not in known.get(system, set()):
        raise SetupError(
            f"The pose library has no version for this computer ({system} {machine}); it runs on "
            "Linux and Windows with an Intel or AMD processor and on Macs with an Apple processor."
        )
    if sys.maxsize < 2**32:
        raise SetupError("This is a 32-bit Python; install a 64-bit Python 3.11 or newer.")


def use_another_python() -> None:
    """Start again with a fitting Python of this computer, if there is one."""
    have = "{}.{}".format(*sys.version_info[:2])
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and works(found, minor):
            say(f"This is Python {have}; going on with {found}.")
            raise SystemExit(subprocess.call([found, __file__, *sys.argv[1:]]))
    wanted = "{}.{} to {}.{}".format(*OLDEST, *NEWEST)
    raise SetupError(
        f"This is Python {have}, and Python {wanted} is needed; install one from your system's "
        "packages (Debian/Ubuntu: sudo apt install python3 python3-venv; macOS: brew install "
        "python@3.13; Windows: winget install Python.Python.3.13) and run this again with it."
    )


def works(python: str, minor: int) -> bool:
    """Whether a program really is that Python (a version manager's stand-in may be empty)."""
    test = f"import sys; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.call([python, "-c", test], stderr=subprocess.DEVNULL) == 0


def check_disk(kind: str) -> None:
    """Refuse to begin what will not fit."""
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES[kind] and not (VENV / "pyvenv.cfg").exists():
        raise SetupError(
            f"The disk has {free / 1e9:.1f} GB left and about {NEEDED_BYTES[kind] / 1e9:.1f} GB "
            "are needed; make room and run this again."
        )


def install_libraries(
    wanted: Mapping[str, str], load: Callable[[str], object] = ctypes.CDLL
) -> None:
    """Install the system libraries that cannot be loaded yet (Linux only)."""
    if platform.system() != "Linux":
        return
    missing = missing_libraries(wanted, load)
    if missing:
        why = f"The system libraries {', '.join(missing)} are missing"
        install_packages([wanted[name] for name in missing], why)
        left = missing_libraries(wanted, load)
        if left:
            raise SetupError(f"The system libraries {', '.join(left)} cannot be loaded.")


def missing_libraries(names: Iterable[str], load: Callable[[str], object]) -> list[str]:
    """Names of the system libraries that cannot be loaded."""
    missing = []
    for name in names:
        try:
            load(name)
        except OSError:
            missing.append(name)
    return missing


def install_packages(packages: Sequence[str], why: str) -> None:
    """Install Debian packages, without questions; or say which line would."""
    line = "apt-get install -y --no-install-recommends {}".format(" ".join(packages))
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"{why}: install with your system's package manager what Debian calls "
            f"{' '.join(packages)}, then run this again."
        )
    prefix = administrator()
    if prefix is None:
        raise SetupError(f"{why}: type 'sudo {line}' and run this again.")
    say(f"{why}; installing {' '.join(packages)}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = [*prefix, "apt-get", "-o", "DPkg::Lock::Timeout=300", *line.split()[1:]]
    if run(command, environment=environment, quiet=True) == 0:
        return
    run([*prefix, "apt-get", "update"], environment=environment, quiet=True)
    if run(command, environment=environment, quiet=True) != 0:
        raise SetupError(
            f"{why} and could not be installed; type '{' '.join(prefix)} {line}' to see why."
        )


def administrator() -> list[str] | None:
    """What to put before a command that needs the administrator; ``None`` if we may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and run(["sudo", "-n", "true"], quiet=True) == 0:
        return ["sudo", "-n"]
    return None


def make_environment() -> bool:
    """Make the virtual environment unless there is a working one; whether it was made."""
    test = f"import sys, pip; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    if venv_program("python").exists() and run_in_venv("-c", test, quiet=True) == 0:
        return False
    say("Making a virtual environment in .venv")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if has_module("ensurepip") and run(command) == 0:
        return True
    minor = sys.version_info[1]
    install_packages([f"python3.{minor}-venv"], "Python cannot make virtual environments")
    if run(command) != 0:
        raise SetupError("Python cannot make a virtual environment; see its message above.")
    return True


def has_module(name: str) -> bool:
    """Whether this Python has a module."""
    from importlib.util import find_spec  # noqa: PLC0415 - not worth its time when not needed

    return find_spec(name) is not None


def install_dependencies(kind: str) -> None:
    """Install the locked dependencies and the product itself."""
    say("Installing the locked dependencies (some minutes the first time)")
    pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    # The lock is whole; looking for what else a package wants, pip would meet newer versions of
    # what is locked (as of a package with extras) and refuse them.
    locked = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    if run_in_venv(*pip, *locked, "-r", f"requirements/{kind}.txt") != 0:
        raise SetupError(
            "The dependencies could not be installed, see pip's message above; "
            "without a connection to a package index this cannot work."
        )
    own = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--editable", "."]
    if run_in_venv(*pip, *own) != 0:
        raise SetupError("The product could not be installed, see pip's message above.")


def fetch_models(*names: str) -> None:
    """Fetch pose models that are not here yet."""
    if run_in_venv("-c", FETCH, *names) != 0:
        raise SetupError("The pose model is missing, see the message above.")


def fetch_more_models(*names: str) -> None:
    """Fetch further pose models where they can be had; their tests are skipped otherwise."""
    for name in names:
        if run_in_venv("-c", FETCH, name) != 0:
            say(f"The tests of the pose model '{name}' will be skipped.")


# Looking costs a tenth of a second, starting the whole command line more than one.
FETCH = """
import sys
from posture.adapters.model_store import ModelState, ModelStore
store = ModelStore()
missing = [name for name in sys.argv[1:] if store.status(name).state is not ModelState.READY]
if missing:
    from posture.cli_models import models
    from posture.errors import PostureError
    try:
        models(["fetch", *missing])
    except PostureError as error:
        sys.exit(f"posture: {error}")
"""


def browser_environment() -> dict[str, str]:
    """Find or install a browser for the browser tests; the variables that name it to them."""
    browser = find_browser() or playwright_browser()
    if browser is None and is_debian():
        install_packages(["chromium"], "There is no browser for the browser tests")
        browser = find_browser()
    if browser is None:
        say("Fetching a browser for the browser tests")
        apt = shutil.which("apt-get") is not None and administrator() is not None
        libraries = ["--with-deps"] if apt else []
        run_in_venv("-m", "playwright", "install", *libraries, "chromium")
        browser = playwright_browser()
    if browser is None:
        raise SetupError(
            "There is no browser for the browser tests; install Chrome and run this again."
        )
    return {**os.environ, BROWSER_VARIABLE: browser}


def install_postgresql(which: Callable[[str], str | None] = shutil.which) -> None:
    """Install the database of the history's tests where that needs no questions.

    Only its programs: no server is set up or started on this computer.
    """
    if which("initdb") or list(POSTGRESQL.glob("*/bin/initdb")) or not is_debian():
        return
    prefix = administrator()
    if prefix is None:
        say("The tests with PostgreSQL will be skipped; its package is 'postgresql'.")
        return
    keep_quiet = (
        "mkdir -p /etc/postgresql-common/createcluster.d && "
        "echo 'create_main_cluster = false' "
        "> /etc/postgresql-common/createcluster.d/posture-tests.conf"
    )
    run([*prefix, "sh", "-c", keep_quiet])
    try:
        install_packages(["postgresql"], "There is no PostgreSQL for the history's tests")
    except SetupError as error:
        say(f"The tests with PostgreSQL will be skipped: {error}")


def playwright_browser() -> str | None:
    """Path of the browser that playwright fetched earlier."""
    ask = "from playwright.sync_api import sync_playwright as s; p = s().start(); "
    tell = "print(p.chromium.executable_path); p.stop()"
    told = subprocess.run(
        [str(venv_program("python")), "-c", ask + tell],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    ).stdout.strip()
    return told if told and Path(told).is_file() else None


def find_browser(
    which: Callable[[str], str | None] = shutil.which, paths: Sequence[str] = BROWSER_PATHS
) -> str | None:
    """Path of an installed Chrome or Chromium."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return named
    found = [which(name) for name in BROWSERS] + [path for path in paths if Path(path).is_file()]
    return next((path for path in found if path), None)


def is_debian() -> bool:
    """Whether apt's package 'chromium' is a browser (Ubuntu's is an empty shell around a snap)."""
    try:
        return "\nID=debian" in "\n" + Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False


# --- helpers -----------------------------------------------------------------------------------


def stamp_key(kind: str) -> str:
    """What the installed environment depends on, as one hash."""
    digest = hashlib.sha256()
    for name in (f"requirements/{kind}.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def read_stamps() -> dict[str, str]:
    """What was installed last time; nothing when that is not known."""
    try:
        stamps = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def venv_program(name: str) -> Path:
    """A program of the virtual environment."""
    return VENV / "Scripts" / f"{name}.exe" if WINDOWS else VENV / "bin" / name


def run_in_venv(
    *arguments: str, environment: dict[str, str] | None = None, quiet: bool = False
) -> int:
    """Run the virtual environment's Python in the project's root; return its exit code."""
    return run([str(venv_program("python")), *arguments], environment=environment, quiet=quiet)


def run(
    command: Sequence[str], *, environment: dict[str, str] | None = None, quiet: bool = False
) -> int:
    """Run a program in the project's root, without a keyboard; return its exit code."""
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.call(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
    )


def replace_process(command: Sequence[str]) -> None:
    """Become another program, in the project's root; does not return."""
    os.chdir(ROOT)
    os.execv(command[0], list(command))  # noqa: S606 - the product's own program


def say(sentence: str) -> None:
    """Tell the user something, at once."""
    print(f"==> {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
