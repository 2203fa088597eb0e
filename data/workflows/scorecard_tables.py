"""A site's scorecard as notes and tables, for a workbook and for a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from budget_model.spending.scorecards import PartGrade, Scorecard
from data.messages import translate
from data.store.tables import ScorecardAnswer
from data.workflows import scorecard_words as words
from data.workflows.modification_words import SYNTHETIC
from data.workflows.scorecards import QuestionState, SiteCard
from data.writers.tables import Cell, Table

Row = Sequence[Cell]


def card_notes(found: SiteCard, site_name: str, is_synthetic: bool, language: str) -> list[tuple[str, str]]:
    """Result, what it rests on, and where the card comes from."""
    card, grade = found.card, found.grade
    values = {
        "site": site_name,
        "card": f"{text_of(card.label, language)} ({card.id}, {card.version})",
        "year": str(found.year),
        "verdict": verdict_text(found, language),
        "answered": f"{grade.answered} / {len(found.questions)}",
        "missing": ", ".join(grade.missing) or "–",
        "rule": translate(language, words.RULE),
        "about": text_of(card.about, language),
        "source": card.source,
        "verified": text_of(card.verified, language),
    }
    if is_synthetic:
        values["warning"] = translate(language, SYNTHETIC)
    return [(translate(language, words.NOTES[name]), text) for name, text in values.items()]


def card_tables(found: SiteCard, language: str) -> list[Table]:
    """Parts, questions, and the history of the answers."""
    made = (
        (words.PARTS, part_rows(found, language)),
        (words.QUESTIONS, question_rows(found, language)),
        (words.HISTORY, history_rows(found, language)),
    )
    return [Table(translate(language, texts["title"]), header(texts, language), list(rows)) for texts, rows in made]


def header(texts: Mapping[str, str], language: str) -> list[str]:
    """Titles of the columns."""
    return [translate(language, text) for name, text in texts.items() if name != "title"]


def text_of(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in any."""
    return texts.get(language) or next(iter(texts.values()))


def verdict_text(found: SiteCard, language: str) -> str:
    """The verdict; where there is none, which answers are missing, or that the card gives none."""
    card, grade = found.card, found.grade
    if not card.verdicts:
        return translate(language, words.NO_GRADE)
    if grade.verdict is None:
        return f"{translate(language, words.NOT_ASSESSED)}: {missing_text(grade.missing, language)}"
    return next(text_of(one.label, language) for one in card.verdicts if one.code == grade.verdict)


def missing_text(missing: Sequence[str], language: str) -> str:
    """Which answers are missing."""
    return translate(language, words.MISSING, questions=", ".join(missing))


def grade_text(card: Scorecard, part: PartGrade, language: str) -> str:
    """A part's grade in words; of a profile, nothing."""
    if card.kind == "profile":
        return "–"
    if part.grade is None:
        return translate(language, words.NOT_ASSESSED)
    return translate(language, words.GRADES[part.grade]) if part.grade in words.GRADES else part.grade


def part_rows(found: SiteCard, language: str) -> Iterator[Row]:
    """One row a part."""
    for part, grade in zip(found.card.parts, found.grade.parts, strict=True):
        counts = [f"{answer_text(found.card, code, language)}: {n}" for code, n in grade.counts.items() if n]
        yield (
            text_of(part.label, language),
            grade_text(found.card, grade, language),
            ", ".join(counts) or "–",
            ", ".join(grade.missing) or "–",
        )


def answer_text(card: Scorecard, code: str | None, language: str) -> str:
    """An answer in words; none is *not assessed*."""
    option = card.option(code) if code is not None else None
    return text_of(option.label, language) if option else translate(language, words.NOT_ASSESSED)


def question_rows(found: SiteCard, language: str) -> Iterator[Row]:
    """One row a question with its newest answer."""
    for name, state in found.questions.items():
        answer = state.answer
        yield (
            name,
            text_of(state.question.text, language),
            answer_text(found.card, state.value, language) + not_counted_text(found, name, language),
            evidence_of(answer, found.year, language) if state.value is not None and answer else "",
            answer.note if answer else "",
            answer.actor if answer else "",
            moment(answer) if answer else "",
            held_text(state, found.year, language),
        )


def not_counted_text(found: SiteCard, name: str, language: str) -> str:
    """Behind an answer: that it does not count, and why; empty where it counts."""
    if name not in {one for part in found.grade.parts for one in part.not_counted}:
        return ""
    first = found.questions[name].question.only_if
    return f" ({translate(language, words.NOT_COUNTED, first=first)})"


def held_text(state: QuestionState, year: int, language: str) -> str:
    """What the system holds for a question."""
    return "; ".join(words.evidence_text(kind, facts, year, language) for kind, facts in state.evidence.items())


def evidence_of(answer: ScorecardAnswer, year: int, language: str) -> str:
    """Evidence of an answer; where a proposal was taken over, what stood behind it then."""
    told = list(answer.evidence)
    if answer.prefill and answer.prefill_facts is not None:
        held = words.evidence_text(answer.prefill, answer.prefill_facts, year, language)
        told.insert(0, f"{translate(language, words.TAKEN_OVER)}: {held}")
    return "; ".join(told)


def history_rows(found: SiteCard, language: str) -> Iterator[Row]:
    """Every version of every answer."""
    for name, state in found.questions.items():
        for one in state.history:
            shown = answer_text(found.card, one.value, language) if one.value else translate(language, words.TAKEN_BACK)
            evidence = evidence_of(one, found.year, language)
            yield (name, one.version, shown, evidence, one.note, one.actor, moment(one))


def moment(answer: ScorecardAnswer) -> str:
    """When it was given, UTC."""
    return answer.at.strftime("%Y-%m-%d %H:%M")
