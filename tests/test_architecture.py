"""The doors between the rooms: imports point wsgi → dashboard → data → budget_model, and never back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {"budget_model": {"budget_model"}, "data": {"data", "budget_model"}}
ROOMS = {"wsgi", "dashboard", "data", "budget_model"}
IMPURE = {
    "dash",
    "flask",
    "sqlalchemy",
    "requests",
    "socket",
    "time",
    "random",
    "sqlite3",
    "pathlib",
    "os",
    "io",
    "datetime",
}


def imported_names(file: Path) -> set[str]:
    """Top-level names of all modules that a file imports, wherever in the file it does so."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def files_of(room: str) -> list[Path]:
    return [file for file in sorted((ROOT / room).rglob("*.py")) if file != ROOT / "budget_model" / "__main__.py"]


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_imports_point_downwards_only(room):
    wrong = {str(f.relative_to(ROOT)): imported_names(f) & (ROOMS - ALLOWED[room]) for f in files_of(room)}
    assert not {file: names for file, names in wrong.items() if names}


def test_the_model_is_pure():
    wrong = {str(f.relative_to(ROOT)): imported_names(f) & IMPURE for f in files_of("budget_model")}
    assert not {file: names for file, names in wrong.items() if names}


def test_only_the_dashboard_knows_dash():
    wrong = [str(f.relative_to(ROOT)) for f in files_of("data") if {"dash", "flask"} & imported_names(f)]
    assert not wrong


def test_the_dashboard_asks_the_store_and_writes_no_sql():
    """`sqlalchemy` in the dashboard is the session that a service hands on; questions stand in the store."""
    wrong = {}
    for file in files_of("dashboard"):
        taken = [
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy"
            for alias in node.names
        ]
        wrong[str(file.relative_to(ROOT))] = [
            name for name in taken if not name.startswith(("sqlalchemy.orm.", "sqlalchemy.exc."))
        ]
    assert not {file: names for file, names in wrong.items() if names}


def test_migrations_are_one_chain():
    """Two steps with one number, or two that follow the same one, would leave a database half built."""
    after: dict[str, str] = {}
    for file in sorted((ROOT / "data" / "migrations" / "versions").glob("[0-9]*.py")):
        text = file.read_text(encoding="utf-8")
        revision, down = (
            re.search(rf'^{word} = (?:"(\w+)"|None)', text, re.M) for word in ("revision", "down_revision")
        )
        assert revision is not None, file.name
        assert down is not None, file.name
        assert file.name.startswith(f"{revision[1]}_"), file.name
        assert (down[1] or "") not in after, f"{file.name} and {after[down[1] or '']} follow the same step"
        after[down[1] or ""] = file.name
    reached = ""
    while reached in after:
        reached = after.pop(reached).partition("_")[0]
    assert after == {}, "steps that no other leads to"
