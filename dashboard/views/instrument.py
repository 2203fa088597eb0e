"""Questions of a questionnaire as rows, and what each indicator needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from budget_model.survey.questions import Form, Question, Section
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.instrument import Instrument, VersionInfo

KINDS = {
    "integer": mark("whole number"),
    "decimal": mark("number"),
    "text": mark("text"),
    "select_one": mark("one answer"),
    "select_multiple": mark("several answers"),
    "rank": mark("ranking"),
    "date": mark("date"),
    "calculate": mark("calculated"),
    "note": mark("note"),
    "metadata": mark("written by the tablet"),
    "acknowledge": mark("consent"),
    "geopoint": mark("position"),
}
MOST_CHOICES = 12


@dataclass(frozen=True)
class SectionView:
    """A group or repeat with the rows of its questions."""

    title: str
    note: str
    rows: list[list[str]]


def label_in(texts: Mapping[str, str], language: str) -> str:
    """The text in a language: forms write `Español (es)` or `es`; else the first that there is."""
    fits = [text for name, text in texts.items() if name == language or name.lower().endswith(f"({language})")]
    return next((text for text in [*fits, *texts.values()] if text), "")


def language_names(version: VersionInfo, context: PageContext) -> str:
    return ", ".join(name or context.gettext("not stated") for name in version.languages)


def version_rows(versions: tuple[VersionInfo, ...], context: PageContext) -> list[list[str]]:
    _ = context.gettext
    return [
        [
            one.title or one.form_id,
            one.version or "–",
            context.formats.number(one.questions),
            language_names(one, context),
            context.formats.date(one.published_at.date()) if one.published_at else _("comes with the product"),
            one.published_by,
            ", ".join(one.modules),
        ]
        for one in versions
    ]


def section_views(form: Form, context: PageContext) -> list[SectionView]:
    """Questions by the section that they stand in, in the order of the form; both languages of the questions."""
    sections = {section.path: section for section in form.sections}
    found: dict[tuple[str, ...], list[list[str]]] = {}
    for question in form.questions:
        found.setdefault(question.path[:-1], []).append(_row(form, question, context))
    return [
        SectionView(_title(path, sections, context), _note(sections.get(path), context), rows)
        for path, rows in found.items()
    ]


def _row(form: Form, question: Question, context: PageContext) -> list[str]:
    other = "en" if context.language == "es" else "es"
    here, there = label_in(question.labels, context.language), label_in(question.labels, other)
    kind = context.gettext(KINDS[question.kind]) if question.kind in KINDS else question.kind
    choices = form.choices(question) if question.is_select else ()
    texts = [f"{one.name} = {label_in(one.labels, context.language)}" for one in choices[:MOST_CHOICES]]
    more = [context.gettext("… {count} in all", count=len(choices))] if len(choices) > MOST_CHOICES else []
    condition = question.cells.get("relevant", "")
    return [question.name, kind, here, there if there != here else "", "; ".join([*texts, *more]), condition]


def _title(path: tuple[str, ...], sections: Mapping[tuple[str, ...], Section], context: PageContext) -> str:
    names = []
    for length in range(1, len(path) + 1):
        section = sections.get(path[:length])
        names.append((label_in(section.labels, context.language) if section else "") or path[length - 1])
    return " › ".join(names) or context.gettext("Outside of sections")


def _note(section: Section | None, context: PageContext) -> str:
    _ = context.gettext
    if section is None:
        return ""
    parts = [_("Asked of each one again.")] if section.kind == "repeat" else []
    condition = section.cells.get("relevant")
    return " ".join([*parts, *([_("Only if: {condition}", condition=condition)] if condition else [])])


def indicator_rows(instrument: Instrument, context: PageContext) -> tuple[list[list[str]], list[list[str]]]:
    """Indicators that can be had with the questions that they need; and those that cannot, with what is missing."""
    possible, lacking = [], []
    for definition, needs in instrument.indicators:
        name = f"{context.in_language(definition.label)} ({definition.id})"
        questions = ", ".join(needs.questions)
        if needs.is_possible:
            possible.append([name, questions])
        else:
            lacking.append([name, questions, why_not(needs.missing, context)])
    return possible, lacking


def why_not(missing: tuple[str, ...], context: PageContext) -> str:
    return context.ngettext(
        "The form has no question or calculation {names}.",
        "The form has no questions or calculations {names}.",
        len(missing),
        names=", ".join(missing),
    )
