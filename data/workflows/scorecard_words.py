"""Words of scorecards: what the system holds, grades, titles and headers of the documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from data.messages import mark, mark_plural, translate, translate_plural
from data.workflows.scorecard_evidence import ROUND_COUNTS_YEARS

AMOUNTS = ("pim", "accrued")

# Kind -> the fact that is counted, and the sentence for one and for more of it.
COUNTED: Mapping[str, tuple[str, tuple[str, str]]] = {
    "tagged_lines": (
        "lines",
        mark_plural(
            "{lines} line of {year} with an approved gender tag (PIM: {currency} {pim})",
            "{lines} lines of {year} with an approved gender tag (PIM: {currency} {pim})",
        ),
    ),
    "tagged_objectives": (
        "lines",
        mark_plural(
            "{lines} line of {year} with marker 2 or 1: objective, indicator, gap stated (PIM: {currency} {pim})",
            "{lines} lines of {year} with marker 2 or 1: objective, indicator, gap stated (PIM: {currency} {pim})",
        ),
    ),
    "reviewed_tags": (
        "lines",
        mark_plural(
            "{lines} tag of {year} approved by a second person, with its history",
            "{lines} tags of {year} approved by a second person, with their history",
        ),
    ),
    "execution_by_tag": (
        "lines",
        mark_plural(
            "Execution of {lines} tagged line of {year}: accrued {currency} {accrued} of PIM {pim}",
            "Execution of {lines} tagged lines of {year}: accrued {currency} {accrued} of PIM {pim}",
        ),
    ),
    "estimates_by_sex": (
        "indicators",
        mark_plural(
            "{indicators} indicator of women and men in round {round}",
            "{indicators} indicators of women and men in round {round}",
        ),
    ),
    "needs_links": (
        "programmes",
        mark_plural(
            "{programmes} programme linked to needs counted by sex (needs: {needs}; round {round})",
            "{programmes} programmes linked to needs counted by sex (needs: {needs}; round {round})",
        ),
    ),
    "beneficiaries_by_sex": (
        "programmes",
        mark_plural("{programmes} programme with users by sex", "{programmes} programmes with users by sex"),
    ),
    "scenarios_by_sex": (
        "scenarios",
        mark_plural(
            "{scenarios} scenario on the budget of {year}, computed for women and men",
            "{scenarios} scenarios on the budget of {year}, computed for women and men",
        ),
    ),
    "focus_sessions": (
        "sessions",
        mark_plural(
            "{sessions} focus group session of women and men", "{sessions} focus group sessions of women and men"
        ),
    ),
}
EVIDENCE: Mapping[str, str] = {
    "statement_by_stage": mark("Statement of {year} in this system, by stage ({stages}); it is not published"),
    "earlier_rounds": mark("Changes of needs between the rounds {rounds}"),
}
LACKING: Mapping[str, str] = {  # kind -> what would have to be there
    "tagged_lines": mark("no line of {year} has an approved tag with a marker"),
    "tagged_objectives": mark("no line of {year} has an approved tag with marker 2 or 1"),
    "reviewed_tags": mark("no tag with a marker of {year} was approved by a second person"),
    "statement_by_stage": mark("no line of {year} with marker 2 or 1 has an amount"),
    "execution_by_tag": mark("no line of {year} with marker 2 or 1 has a PIM and an accrued amount"),
    "estimates_by_sex": mark("no survey round of {first}–{year} has figures of women and men"),
    "needs_links": mark(
        "no programme that a budget line of {year} feeds meets a need that a survey round of {first}–{year} counted"
    ),
    "beneficiaries_by_sex": mark("no programme that a budget line of {year} feeds has users by sex"),
    "scenarios_by_sex": mark("no scenario is saved on the budget of {year}"),
    "earlier_rounds": mark("no two survey rounds, the later one of {first}–{year}, can be compared"),
    "focus_sessions": mark("no focus group was held in {year}"),
}
NOT_HELD = mark("Not held for {year}: {lacking}.")
NOT_COUNTED = mark("not counted, as question {first} is not answered yes")
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
    if kind not in COUNTED:
        return translate(language, EVIDENCE[kind], year=year, **shown)
    counted, forms = COUNTED[kind]
    return translate_plural(language, forms, int(facts.get(counted, 0)), year=year, **shown)


def lacking_text(kinds: Iterable[str], year: int, language: str) -> str:
    """What the system does not hold for a year, in a sentence; empty where it lacks nothing."""
    first = year - ROUND_COUNTS_YEARS
    told = [translate(language, LACKING[kind], year=year, first=first) for kind in kinds]
    return translate(language, NOT_HELD, year=year, lacking="; ".join(told)) if told else ""


def _shown(name: str, value: Any, language: str) -> str:
    if value is None:
        return "–"
    if name in AMOUNTS:
        return f"{Decimal(value):,.2f}"
    if name == "stages":
        return ", ".join(translate(language, STAGES[stage]) for stage in value)
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
