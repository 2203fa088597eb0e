"""The documents keep up with the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from dashboard.pages import PAGES

ROOT = Path(__file__).resolve().parent.parent


def names_in(requirements: str) -> list[str]:
    lines = (ROOT / requirements).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[<=>\s#]", line)[0] for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize("requirements", ["requirements.in", "requirements-test.in"])
def test_every_direct_requirement_has_its_licence_in_the_docs(requirements):
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [name for name in names_in(requirements) if name not in text] == []


def test_every_direct_requirement_is_pinned_with_a_hash():
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    missing = [n for n in names_in("requirements.in") if not re.search(rf"^{re.escape(n)}==.*\\$", pinned, re.M | re.I)]
    assert missing == []


def test_links_between_documents_lead_somewhere():
    broken = []
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def section(title: str) -> str:
    """The part of the architecture below a heading."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return next(part for part in re.split(r"^## ", text, flags=re.M) if part.startswith(title))


def defined_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_functions_that_the_architecture_names_are_there():
    """`module.function` of the workflows, and of the model below its package, wherever the module is one of ours."""
    missing = []
    for title, folders in {
        "Pure functions": sorted((ROOT / "budget_model").glob("*/")),
        "Workflows": [ROOT / "data" / "workflows", ROOT / "data" / "store"],
    }.items():
        for module, name in re.findall(r"`(?:\w+\.)?(\w+)\.(\w+)(?=[`(])", section(title)):
            files = [folder / f"{module}.py" for folder in folders if (folder / f"{module}.py").exists()]
            if files and name != "py" and not any(name in defined_in(file) for file in files):
                missing.append(f"{module}.{name}")
    assert missing == []


def test_rooms_of_the_model_that_the_architecture_names_hold_what_it_says():
    missing = []
    for row in section("Pure functions").splitlines():
        rooms, _, functions = row.strip("| ").partition(" | ")
        modules = [ROOT / "budget_model" / f"{room.strip().replace('.', '/')}" for room in rooms.split(",")]
        files = [file for room in modules for file in (room.with_suffix(".py"), *room.glob("*.py")) if file.exists()]
        known = set().union(*map(defined_in, files)) if files else set()
        named = re.findall(r"`([a-z_]+)\(", functions) if files else []
        missing += [f"{rooms}: {name}" for name in named if name not in known]
    assert missing == []


def test_every_room_and_every_repository_stands_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = [f for room in ("budget_model", "data", "dashboard") for f in (ROOT / room).glob("*/")]
    files = [f for room in ("data", "data/store") for f in (ROOT / room).glob("*.py")]
    names = {path.stem for path in (*folders, *files)} - {"__init__", "__pycache__"}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", text)) == []


def test_every_page_has_its_address_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    addresses = next(line for line in text.splitlines() if line.startswith("Addresses: "))
    assert [page.NAME for page in PAGES if not re.search(rf"/{page.NAME}`", addresses)] == []


def test_every_document_is_named_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in sorted((ROOT / "docs").glob("*.md")) if f"docs/{file.name}" not in text] == []
