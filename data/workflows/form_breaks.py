"""What the form's own limits and duties found in the answers at the import: kept with the round, shown at validation.

The counts are those of the import: the form's conditions need answers that the bank does not hold (several answers as
one text, what was left out because it identifies people), so that they are not computed anew after corrections.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from budget_model.errors import Problem
from budget_model.survey.questions import Form
from data.messages import LOCALES, mark, translate
from data.workflows.bank import PROVENANCE

Texts = Mapping[str, str]
WORDS: Texts = {  # rule of the form's check -> what is said of a question
    "constraint_broken": mark("'{question}': answers outside the limit of the form ({limit}), counted at the import"),
    "required_missing": mark("'{question}': answers that the form requires are missing, counted at the import"),
}


def breaks_to_keep(form: Form, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """One entry a rule and question, shaped as a validation rule with its cases; no answers in it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for problem in problems:
        if problem.rule not in WORDS or problem.column not in form.by_name:
            continue
        question = form.by_name[problem.column][0]
        limit = question.cells.get("constraint", "")
        words = {
            language: translate(language, WORDS[problem.rule], question=question.name, limit=limit)
            for language in LOCALES
        }
        entry = {
            "id": f"form.{problem.rule}.{question.name}",
            "level": "person" if question.repeat else "household",
            "severity": "warning",
            "message": words,
            "cases": 0,
        }
        kept = found.setdefault((problem.rule, question.name), entry)
        kept["cases"] += int(problem.facts.get("count") or 1)
    return list(found.values())


def kept_breaks(bank_folder: Path, bank_path: str) -> list[dict[str, Any]]:
    """The entries that a round's record holds; none where it came in without a form."""
    file = Path(bank_folder) / bank_path / PROVENANCE
    record = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return list(record.get("form_checks") or ())
