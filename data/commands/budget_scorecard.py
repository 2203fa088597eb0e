"""`budget scorecard`: SDG 5.c.1, PEFA and OECD areas of a site: shown, answered with evidence, written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from data.commands.files import OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.messages import translate
from data.readers.scorecards import read_scorecards
from data.store.scorecards import GivenAnswer
from data.store.sites import load_site
from data.workflows.modification_words import SYNTHETIC
from data.workflows.scorecard_tables import card_notes, card_tables, part_rows, text_of, verdict_text
from data.workflows.scorecards import QuestionState, SiteCard, answer_question, load_card
from data.writers.pdf import pdf_bytes
from data.writers.tables import file_bytes

site_option = click.option("--site", required=True, help="Slug of the site.")
year_option = click.option("--year", type=int, required=True, help="The year that is assessed.")
card_option = click.option("--card", required=True, help="Id of a scorecard (scorecard list).")


@click.group("scorecard")
def scorecard() -> None:
    """Scorecards of gender-responsive budgeting. People answer, with evidence; what is not answered is not assessed."""


@scorecard.command("list")
@json_option
@refuse_cleanly
def list_(as_json: bool) -> None:
    """The scorecards that are known here.

    \b
    Example:
      python -m budget_model budget scorecard list
    """
    rows = [
        {
            "id": one.id,
            "version": one.version,
            "kind": one.kind,
            "questions": len(one.questions()),
            "label": dict(one.label),
            "source": one.source,
            "verified": dict(one.verified),
        }
        for one in read_scorecards().values()
    ]
    if as_json:
        print_json({"scorecards": rows})
    else:
        print_table(("id", "kind", "questions"), [(row["id"], row["kind"], row["questions"]) for row in rows])


@scorecard.command("show")
@site_option
@year_option
@card_option
@json_option
@refuse_cleanly
def show(site: str, year: int, card: str, as_json: bool) -> None:
    """Answers, what the system holds, and the grade that the answers support.

    \b
    Example:
      python -m budget_model budget scorecard show --site villa --year 2026 --card sdg_5c1 --json
    """
    with opened_store() as opened, opened.factory() as session:
        found = load_card(session, load_site(session, site).id, card, year)
    if as_json:
        print_json({"site": site, **card_document(found)})
        return
    print_table(("part", "grade", "answers", "not answered"), part_rows(found, "en"))
    click.echo(f"\n{text_of(found.card.label, 'en')}, {year}: {verdict_text(found, 'en')}.")


def card_document(found: SiteCard) -> dict[str, Any]:
    """The card as JSON; what is not assessed is null."""
    return {
        "card": found.card.id,
        "card_version": found.card.version,
        "year": found.year,
        "verdict": found.grade.verdict,
        "missing": list(found.grade.missing),
        "parts": [
            {
                "part": one.part,
                "grade": one.grade,
                "answers": dict(one.counts),
                "missing": list(one.missing),
                "not_counted": list(one.not_counted),
            }
            for one in found.grade.parts
        ],
        "questions": [_question(name, state) for name, state in found.questions.items()],
        "outdated": list(found.outdated),
    }


def _question(name: str, state: QuestionState) -> dict[str, Any]:
    answer = state.answer
    return {
        "question": name,
        "answer": state.value,
        "version": state.version,
        "evidence": list(answer.evidence) if answer else [],
        "note": answer.note if answer else "",
        "author": answer.actor if answer else None,
        "at": answer.at.isoformat(timespec="seconds") if answer else None,
        "taken_over": answer.prefill if answer else None,
        "proposal": state.proposal,
        "lacking": list(state.lacking),
        "held": {kind: dict(facts) for kind, facts in state.evidence.items()},
    }


@scorecard.command("answer")
@site_option
@year_option
@card_option
@click.option("--question", required=True, help="Id of the question.")
@click.option("--value", help="Code of the answer; left out: the answer is taken back, not assessed.")
@click.option("--evidence", multiple=True, help="A document or an address; may stand several times.")
@click.option("--note", default="", help="What else is to be said.")
@click.option("--take-over", "prefill", help="Kind of what the system holds, to confirm its proposal with.")
@click.option("--as", "actor", default=COMMAND_LINE, help="Log-in name of the person who answers.")
@json_option
@refuse_cleanly
def answer(
    site: str,
    year: int,
    card: str,
    question: str,
    value: str | None,
    evidence: tuple[str, ...],
    note: str,
    prefill: str | None,
    actor: str,
    as_json: bool,
) -> None:
    """Answer a question as a new version; earlier ones stay in its history.

    \b
    Example:
      python -m budget_model budget scorecard answer --site villa --year 2026 --card sdg_5c1 \\
        --question 2.1 --value yes --evidence "Directiva 004-2026" --as alcaldia
    """
    given = GivenAnswer(question, value, evidence, note, prefill)
    with opened_store() as opened:
        with opened.factory() as session:
            state = load_card(session, load_site(session, site).id, card, year).questions.get(question)
        based_on = state.version if state else 0
        version = answer_question(opened.factory, site, card, year, given, actor, based_on)
    if as_json:
        print_json({"site": site, "card": card, "year": year, "question": question, "version": version})
    else:
        click.echo(f"Kept: {card} {question}, {year}, version {version}.")


@scorecard.command("export")
@click.argument("file", type=OUTPUT_FILE, metavar="FILE.xlsx|FILE.pdf|FILE.csv")
@site_option
@year_option
@card_option
@click.option("--language", type=click.Choice(("es", "en")), default="es", show_default=True)
@json_option
@refuse_cleanly
def export(file: Path, site: str, year: int, card: str, language: str, as_json: bool) -> None:
    """Write a scorecard with its answers, evidence and history.

    \b
    Example:
      python -m budget_model budget scorecard export ods5c1.pdf --site villa --year 2026 --card sdg_5c1
    """
    with opened_store() as opened, opened.factory() as session:
        place = load_site(session, site)
        found = load_card(session, place.id, card, year)
        notes = card_notes(found, place.name, place.is_synthetic, language)
        warning = translate(language, SYNTHETIC) if place.is_synthetic else ""
    tables = card_tables(found, language)
    ending = file.suffix.lower()
    if ending not in (".pdf", ".xlsx", ".csv"):
        message = f"'{file.name}' ends neither in .pdf, .xlsx nor .csv. Choose one of them."
        raise InputError(Problem("file_ending", message, file=file.name))
    title = f"{text_of(found.card.label, language)}, {year}"
    made = (
        pdf_bytes(title, language, notes, tables, warning) if ending == ".pdf" else file_bytes(file.name, notes, tables)
    )
    file.write_bytes(made)
    if as_json:
        print_json({"site": site, "year": year, "card": card, "file": str(file)})
        return
    progress(f"Written: {file}")
