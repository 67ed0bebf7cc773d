"""The import rules between layers, as ARCHITECTURE.md states them."""

import ast
from pathlib import Path

import pytest

import posture

PACKAGE = Path(posture.__file__).parent
WORLD = {
    "mediapipe", "ai_edge_litert", "cv2", "av", "streamlit", "PIL", "rich", "click",
    "platformdirs", "starlette", "sqlalchemy", "alembic", "pyarrow", "pandas", "reportlab",
    "distributed",
}  # fmt: skip
ENTRY = ("__init__", "api", "cli", "live", "report", "ui")
APPLICATION = {
    "analysis", "annotate", "doctor", "guess", "recording", "store", "summary",
}  # fmt: skip


def layer(module):
    """0 domain, 1 adapters, 2 application, 3 entry points."""
    head = module.split(".")[0] if module else ""
    if head.startswith(ENTRY):
        return 3
    if head in APPLICATION:
        return 2
    return 1 if head in {"adapters", "resources"} else 0


def modules():
    return sorted(
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if "_data" not in path.parts
    )


def imports(module):
    tree = ast.parse((PACKAGE / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots; write the whole name"
            yield node.module or ""


@pytest.mark.parametrize("module", modules())
def test_a_layer_imports_only_what_lies_below_it(module):
    for name in imports(module):
        if name.startswith("posture."):
            below = name.removeprefix("posture.")
            assert layer(below) <= layer(module), f"{module} imports {name} from a layer above"


@pytest.mark.parametrize("module", [m for m in modules() if layer(m) == 0])
def test_the_domain_does_not_touch_the_world(module):
    touched = {name.split(".")[0] for name in imports(module)} & WORLD
    assert not touched, f"{module} imports {touched}"


@pytest.mark.parametrize("module", modules())
def test_no_file_grows_past_500_lines(module):
    lines = (PACKAGE / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8").count("\n")
    assert lines <= 500


def test_the_rules_see_every_layer():
    assert {layer(module) for module in modules()} == {0, 1, 2, 3}
