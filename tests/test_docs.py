"""The documents keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
