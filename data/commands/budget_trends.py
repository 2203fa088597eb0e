"""`budget trends`, `budget prices`, `budget suggest`: what the pages of these names show, for scripts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.spending.digest import RULES
from budget_model.spending.lines import STAGES, amount_text
from budget_model.spending.population import Population
from budget_model.spending.suggest import Guess, Learned
from data.commands.budget_note import note_documents
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.messages import translate
from data.store.sites import load_site
from data.workflows.budget_notes import active_notes
from data.workflows.digest_words import SILENT
from data.workflows.statement import DEFAULT_SCHEME
from data.workflows.suggestions import SuggestedLine, learn_from_site, suggest_lines
from data.workflows.trends import (
    Trend,
    TrendYear,
    YearAlerts,
    alert_year,
    keep_index,
    keep_population,
    load_alerts,
    load_trend,
)

site_option = click.option("--site", required=True, help="Slug of the site.")


@click.command("trends")
@site_option
@click.option("--scheme", default=DEFAULT_SCHEME, show_default=True, help="Id of the one scheme that counts the money.")
@click.option("--stage", type=click.Choice(STAGES), default="pim", show_default=True)
@click.option("--year", type=int, help="Alerts of this year; default: the newest of which anything is tagged.")
@json_option
@refuse_cleanly
def trends(site: str, scheme: str, stage: str, year: int | None, as_json: bool) -> None:
    """Counted money of every year: as tagged, by one taxonomy, at constant prices; how it changed; alerts of one year.

    Where nothing of a year is tagged its counted money is unknown: a dash, and null with --json.

    \b
    Example:
      python -m budget_model budget trends --site villa --scheme eu_eige --stage accrued --json
    """
    with opened_store() as opened, opened.factory() as session:
        found = load_trend(session, load_site(session, site), scheme, stage)
        site_id = load_site(session, site).id
        alerts = _alerts_of(session, site_id, found, year, scheme)
        notes = note_documents(session, active_notes(session, [site_id]))
    if as_json:
        print_json({"site": site, **trend_document(found), **alerts_document(alerts), "notes": notes})
        return
    header = ("year", "budget", "as tagged", "one taxonomy", "real", "untagged")
    lacking = [(year, *("–" for _ in header[1:])) for year in found.without_stage]
    print_table(header, sorted([_row(one) for one in found.years] + lacking))
    if lacking:
        click.echo(f"No line of {', '.join(str(row[0]) for row in lacking)} has the stage {stage}: unknown, not 0.")
    for one in notes:
        click.echo(f"Note {one['note']}, {one['when']} ({one['stage'] or 'all stages'}): {one['text']}")
    _print_alerts(alerts)


def _alerts_of(session: Session, site_id: int, found: Trend, year: int | None, scheme: str) -> YearAlerts | None:
    """Alerts of the year that is asked for; None where the site has no year. InputError for one that it lacks."""
    years = [one.year for one in found.years]
    if year is not None and year not in years:
        known = ", ".join(map(str, years)) or "none"
        message = f"There is no year {year} with this stage at the site. There are: {known}."
        raise InputError(Problem("year_unknown", message, value=str(year)))
    chosen = alert_year(found.years) if year is None else year
    return None if chosen is None else load_alerts(session, site_id, chosen, scheme)


def alerts_document(found: YearAlerts | None) -> dict[str, Any]:
    """Alerts as JSON: the rates that a rule compares (null: it compares none), and rules that could not be asked."""
    if found is None:
        return {"alert_year": None, "alerts": [], "rules_not_asked": list(RULES)}
    alerts = [
        {
            "rule": one.rule,
            "year": one.year,
            "own": _text(one.own),
            "rest": _text(one.rest),
            "lines": [line.key[1] for line in one.lines],
        }
        for one in found.alerts
    ]
    return {"alert_year": found.year, "alerts": alerts, "rules_not_asked": list(found.silent)}


def _print_alerts(found: YearAlerts | None) -> None:
    if found is None:
        return
    for alert in found.alerts:
        rates = "" if alert.own is None else f" ({alert.own:.1%} of what counts, {alert.rest:.1%} of the rest)"
        click.echo(f"Alert '{alert.rule}' in {alert.year}: {len(alert.lines)} lines{rates}.")
    if not found.alerts and len(found.silent) < len(RULES):
        click.echo(f"No alert in {found.year}: the rules that could be asked found nothing.")
    for rule in found.silent:
        click.echo(f"Not asked, '{rule}': {translate('en', SILENT[rule], year=found.year)}")


def _row(one: TrendYear) -> tuple[Any, ...]:
    series = one.series
    amounts = (series.total, one.as_tagged, one.constant, one.real_constant, series.untagged)
    return (one.year, *("–" if amount is None else f"{amount:,.2f}" for amount in amounts))


def trend_document(found: Trend) -> dict[str, Any]:
    """The years as JSON: exact decimals as text."""
    return {
        "stage": found.stage,
        "currency": found.currency,
        "base_year": found.base_year,
        "price_source": found.index.source if found.index else None,
        "population_source": found.population.source if found.population else None,
        "years_without_stage": list(found.without_stage),
        "years": [{**_year(one), **_per_head(one, found.population)} for one in found.years],
    }


def _year(one: TrendYear) -> dict[str, Any]:
    series, change = one.series, one.series.change
    names = ("total", "money", "retag", "entered", "left")
    return {
        "year": one.year,
        "total": amount_text(series.total),
        "as_tagged": None if one.as_tagged is None else amount_text(one.as_tagged),
        "constant": None if one.constant is None else amount_text(one.constant),
        "constant_unknown": amount_text(one.series.constant_unknown),
        "untagged": amount_text(series.untagged),
        "real": _text(one.real),
        "real_constant": _text(one.real_constant),
        "change": None if change is None else {name: amount_text(getattr(change, name)) for name in names},
    }


def _per_head(one: TrendYear, population: Population | None) -> dict[str, Any]:
    """Counted money per woman and per person; null where the population of the year is not held."""
    count = population.counts.get(one.year) if population else None
    per_woman = population.per_woman(one.as_tagged, one.year) if population else None
    per_person = population.per_person(one.as_tagged, one.year) if population else None
    return {
        "women": count.women if count else None,
        "men": count.men if count else None,
        "as_tagged_per_woman": _text(per_woman),
        "as_tagged_per_person": _text(per_person),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


@click.command("prices")
@click.argument("file", type=INPUT_FILE)
@site_option
@click.option("--source", required=True, help="Who measured the index, and where it was published.")
@json_option
@refuse_cleanly
def prices(file: Path, site: str, source: str, as_json: bool) -> None:
    """Keep a table `year,index` as the site's own price index, in place of its country's.

    \b
    Example:
      python -m budget_model budget prices ipc.csv --site villa --source "INEI, IPC of Metropolitan Lima, averages"
    """
    with opened_store() as opened:
        kept = keep_index(opened.factory, site, file.read_text(encoding="utf-8-sig"), source, COMMAND_LINE)
    if as_json:
        levels = {str(year): str(level) for year, level in sorted(kept.items())}
        print_json({"site": site, "source": source.strip(), "index": levels})
        return
    progress(f"{len(kept)} years kept.")


@click.command("population")
@click.argument("file", type=INPUT_FILE)
@site_option
@click.option("--source", required=True, help="Who counted or projected it, and where it was published.")
@json_option
@refuse_cleanly
def population(file: Path, site: str, source: str, as_json: bool) -> None:
    """Keep a table `year,women,men` as the municipality's population, for amounts per woman and per person.

    Years that the table lacks have no such amount; none is filled in.

    \b
    Example:
      python -m budget_model budget population poblacion.csv --site villa --source "INEI, projections by district"
    """
    with opened_store() as opened:
        kept = keep_population(opened.factory, site, file.read_text(encoding="utf-8-sig"), source, COMMAND_LINE)
    if as_json:
        counts = {str(year): {"women": one.women, "men": one.men} for year, one in sorted(kept.items())}
        print_json({"site": site, "source": source.strip(), "population": counts})
        return
    progress(f"{len(kept)} years kept.")


@click.command("suggest")
@site_option
@click.option("--year", type=int, required=True, help="Untagged lines of this year.")
@json_option
@refuse_cleanly
def suggest(site: str, year: int, as_json: bool) -> None:
    """Suggestions for untagged lines, by rules and by a classifier of the site's approved lines. Nothing is stored.

    \b
    Example:
      python -m budget_model budget suggest --site villa --year 2026 --json
    """
    with opened_store() as opened, opened.factory() as session:
        site_id = load_site(session, site).id
        learned = learn_from_site(session, site_id)
        found = suggest_lines(session, site_id, year, learned)
    if as_json:
        lines = [line_document(line) for line in found]
        facets = {name: facet_document(one) for name, one in learned.facets.items()}
        quality = quality_document(learned.marker)
        print_json({"site": site, "year": year, "quality": quality, "facets": facets, "lines": lines})
        return
    rows = [(line.key[1], _rules(line), line.guess.value if line.guess else "–") for line in found if line.is_likely]
    print_table(("line", "rules", "marker by classifier"), rows)
    quality = learned.marker.quality
    told = (
        f"right {quality.accuracy:.1%}, guessing {quality.majority_accuracy:.1%}" if quality else "too little to learn"
    )
    click.echo(f"{len(found)} untagged lines; classifier: {told}.")


def _rules(line: SuggestedLine) -> str:
    return ", ".join(f"{hit.rule.id} ({hit.term})" for hit in line.hits) or "–"


def line_document(line: SuggestedLine) -> dict[str, Any]:
    """A line's suggestions as JSON."""
    return {
        "code": line.key[1],
        "rules": [{"rule": hit.rule.id, "term": hit.term, "suggests": hit.rule.suggests} for hit in line.hits],
        "marker": guess_document(line.guess) if line.guess else None,
        "facets": {name: guess_document(guess) for name, guess in line.facets.items()},
    }


def guess_document(guess: Guess) -> dict[str, Any]:
    return {"value": guess.value, "confidence": guess.confidence, "words": list(guess.words), "speaks": guess.speaks}


def facet_document(learned: Learned) -> dict[str, Any]:
    """Quality of a facet's classifier; where there is none, `lacking` has the texts by value."""
    lacking = dict(learned.lacking) if learned.model is None else None
    return {"quality": quality_document(learned), "lacking": lacking}


def quality_document(learned: Learned) -> dict[str, Any] | None:
    """Cross-validated quality as JSON; null where there is too little to learn from."""
    one = learned.quality
    if one is None:
        return None
    classes = [
        {
            "value": part.value,
            "texts": part.texts,
            "precision": part.precision,
            "recall": part.recall,
            "f1": part.f1,
            "majority_f1": one.majority_f1(part.value),
        }
        for part in one.classes
    ]
    return {
        "texts": one.texts,
        "folds": one.folds,
        "accuracy": one.accuracy,
        "majority": one.majority,
        "majority_accuracy": one.majority_accuracy,
        "balanced_accuracy": one.balanced_accuracy,
        "macro_f1": one.macro_f1,
        "majority_macro_f1": one.majority_macro_f1,
        "spoken_share": one.spoken_share,
        "spoken_accuracy": one.spoken_accuracy,
        "classes": classes,
    }
