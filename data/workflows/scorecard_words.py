"""Words of scorecards: what the system holds, grades, titles and headers of the documents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from data.messages import mark, translate

AMOUNTS = ("pim", "accrued")

EVIDENCE: Mapping[str, str] = {
    "tagged_lines": mark("{lines} lines of {year} with an approved gender tag (PIM: {currency} {pim})"),
    "tagged_objectives": mark(
        "{lines} lines of {year} with marker 2 or 1: objective, indicator, gap stated (PIM: {currency} {pim})"
    ),
    "reviewed_tags": mark("{lines} tags of {year} approved by a second person, with their history"),
    "statement_by_stage": mark("Statement of {year} in this system, by stage ({stages}); it is not published"),
    "execution_by_tag": mark("Execution of {lines} tagged lines of {year}: accrued {currency} {accrued} of PIM {pim}"),
    "estimates_by_sex": mark("{indicators} indicators of women and men in round {round}"),
    "needs_links": mark("{programmes} programmes linked to {needs} needs counted by sex (round {round})"),
    "beneficiaries_by_sex": mark("{programmes} programmes with users by sex"),
    "scenarios_by_sex": mark("{scenarios} scenarios on the budget of {year}, computed for women and men"),
    "earlier_rounds": mark("Changes of needs between the rounds {rounds}"),
    "focus_sessions": mark("{sessions} focus group sessions of women and men"),
}
STAGES: Mapping[str, str] = {
    "pia": mark("PIA"),
    "pim": mark("PIM"),
    "certified": mark("certified"),
    "committed": mark("committed"),
    "accrued": mark("accrued"),
    "paid": mark("paid"),
}
EVIDENCE_PAGES = {  # the page of the dashboard that shows it
    "tagged_lines": "review",
    "tagged_objectives": "review",
    "reviewed_tags": "review",
    "statement_by_stage": "statement",
    "execution_by_tag": "statement",
    "estimates_by_sex": "needs",
    "needs_links": "links",
    "beneficiaries_by_sex": "programmes",
    "scenarios_by_sex": "scenarios",
    "earlier_rounds": "needs",
    "focus_sessions": "focus-groups",
}
GRADES: Mapping[str, str] = {
    "satisfied": mark("Satisfied"),
    "not_satisfied": mark("Not satisfied"),
}
NOT_ASSESSED = mark("Not assessed")
NO_GRADE = mark("This card gives no grade as a whole")
MISSING = mark("answers are missing to: {questions}")
TAKEN_OVER = mark("Proposed by the system, confirmed by a person")
TAKEN_BACK = mark("taken back")
NOTES: Mapping[str, str] = {
    "title": mark("Result"),
    "site": mark("Municipality"),
    "card": mark("Scorecard"),
    "year": mark("Year"),
    "verdict": mark("Result"),
    "answered": mark("Answers"),
    "missing": mark("Not answered"),
    "about": mark("What it is"),
    "source": mark("Source"),
    "verified": mark("What was verified"),
    "rule": mark("How it is graded"),
    "warning": mark("Warning"),
}
RULE = mark("Only answers of people count. What nobody answered is neither yes nor no: it is not assessed.")
PARTS: Mapping[str, str] = {
    "title": mark("Parts"),
    "part": mark("Part"),
    "grade": mark("Grade"),
    "answers": mark("Answers"),
    "missing": mark("Not answered"),
}
QUESTIONS: Mapping[str, str] = {
    "title": mark("Questions"),
    "question": mark("No."),
    "text": mark("Question"),
    "answer": mark("Answer"),
    "evidence": mark("Evidence"),
    "note": mark("Note"),
    "author": mark("Who"),
    "at": mark("When (UTC)"),
    "held": mark("What the system holds"),
}
HISTORY: Mapping[str, str] = {
    "title": mark("History"),
    "question": mark("No."),
    "version": mark("Version"),
    "answer": mark("Answer"),
    "evidence": mark("Evidence"),
    "note": mark("Note"),
    "author": mark("Who"),
    "at": mark("When (UTC)"),
}


def evidence_text(kind: str, facts: Mapping[str, Any], year: int, language: str) -> str:
    """What the system holds, in a sentence; what is not known is a dash."""
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    return translate(language, EVIDENCE[kind], year=year, **shown)


def _shown(name: str, value: Any, language: str) -> str:
    if value is None:
        return "–"
    if name in AMOUNTS:
        return f"{Decimal(value):,.2f}"
    if name == "stages":
        return ", ".join(translate(language, STAGES[stage]) for stage in value)
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
