"""`scenario optimise`: the best reallocation, or plan of several years, of a site, kept whole or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from sqlalchemy.orm import Session

from budget_model.coverage.optimise_report import assumed_sentence
from budget_model.errors import InputError, Problem
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.commands.scenario_words import growth_options, stated_growth, years_option
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.users import load_user
from data.workflows.growth import growth_document
from data.workflows.maxima import TIMES_TODAY
from data.workflows.models import latest_round_id, snapshot
from data.workflows.optimum import (
    OBJECTIVES,
    Part,
    Question,
    Started,
    optimum_answer,
    pose,
    read_question,
    years_taken,
)
from data.workflows.plans import save_plan


class TimesToday(click.ParamType):
    """A number, or the word none."""

    name = "number|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if str(value).lower() == "none":
            return None
        return click.FLOAT.convert(value, param, ctx)


@click.command("optimise")
@click.argument("site")
@click.option("--objective", type=click.Choice(OBJECTIVES), default="total", show_default=True)
@click.option("--budget", metavar="AMOUNT", help="Most that may be spent a year; default: today's total.")
@click.option("--max-change", type=float, help="Share of each amount that it may change by, such as 0.2.")
@click.option("--protect-all", "protects_all", is_flag=True, help="No group may be worse off in any need.")
@click.option("--max-gap", type=float, help="Most that women's and men's coverage may differ, as a share.")
@click.option(
    "--times-today",
    type=TimesToday(),
    default=TIMES_TODAY,
    show_default=True,
    help="A programme without a stated maximum may grow to so many times today's money in each area; none lifts it.",
)
@years_option
@growth_options
@click.option("--save", "name", metavar="NAME", help="Keep the proposal as a scenario, with the money of every year.")
@click.option("--owner", metavar="LOGIN", help="Whose scenario it is; needed with --save.")
@click.option("--note", default="", help="Kept with the scenario.")
@click.option("--programme", "programmes", multiple=True, help="Take over this programme only; may be repeated.")
@click.option("--year", "years", type=int, multiple=True, help="Take over this year only; may be repeated.")
@json_option
@refuse_cleanly
def optimise(
    site: str,
    n_years: int,
    price_growth: float | None,
    population_growth: float | None,
    budget_growth: float | None,
    name: str | None,
    owner: str | None,
    note: str,
    programmes: tuple[str, ...],
    years: tuple[int, ...],
    as_json: bool,
    **limits: Any,
) -> None:
    """The best reallocation of a site's money under conditions, with its certificate.

    What --programme and --year leave out stays at today's amounts carried on; what is kept must still keep all limits.

    \b
    Examples:
      python -m budget_model scenario optimise nairobi --max-change 0.2 --protect-all
      python -m budget_model scenario optimise nairobi --years 3 --save "Plan to 2029" --owner alcaldia
    """
    if name and not owner:
        raise click.UsageError("--save needs --owner LOGIN.")
    growth = stated_growth(price_growth, population_growth, budget_growth)
    asked = {**limits, "years": n_years, **growth_document(growth)}
    with opened_store() as store:
        with transaction(store.factory) as session:
            site_id = load_site(session, site).id
            model_sha256 = snapshot(session, site_id, latest_round_id(session, site_id)).sha256
            question = read_question({**asked, "model": model_sha256})
            started = pose(session, site_id, question)
            if not name:
                session.rollback()  # looking changes nothing: the snapshot stays only with a scenario
        answer, saved = optimum_answer(started), None
        if name and owner:
            part = Part(programmes or started.model.programmes, years)
            with transaction(store.factory) as session:
                taken = _taken(question, started, answer, part)
                saved = _save(session, site_id, question, taken, (name, owner, note))
    if as_json:
        print_json({**answer["optimum"], "model": model_sha256, "scenario": saved, "totals": answer["totals"]})
    else:
        _print_for_people(started, answer, saved)


def _taken(question: Question, started: Started, answer: Mapping[str, Any], part: Part) -> Sequence[Any]:
    model = started.model
    rows = answer["optimum"]["allocation"]
    if not rows:
        raise InputError(Problem("optimum-nothing-found", "No proposal was found, so that there is none to keep."))
    unknown = [
        *sorted(set(part.programmes) - set(model.programmes)),
        *(y for y in part.years if not 1 <= y <= question.n_years),
    ]
    if unknown:
        message = f"The proposal has no programme or year '{unknown[0]}'. It has {', '.join(model.programmes)}"
        raise InputError(Problem("optimum-part", f"{message} and the years 1 to {question.n_years}."))
    return years_taken(started, rows, part)


def _save(session: Session, site_id: int, question: Question, years: Sequence[Any], words: tuple[str, str, str]) -> int:
    name, owner, note = words
    person = load_user(session, owner)
    return save_plan(
        session, site_id, question.model_sha256, name, person, years, question.growth, note, question.maximum
    ).id


def _print_for_people(started: Started, answer: Mapping[str, Any], saved: int | None) -> None:
    model, optimum = started.model, answer["optimum"]
    if not optimum["allocation"]:
        click.echo(f"Status: {optimum['status']}")
        for conflict in optimum["conflicts"]:
            click.echo(f"  - {conflict['message']}")
        return
    n_years = started.n_years
    if assumed_sentence(model):
        click.echo(assumed_sentence(model))
    columns = [f"year {year}" for year in range(1, n_years + 1)] if n_years > 1 else ["best"]
    rows = [
        (code, f"{row['today']:,.2f}", *(f"{amount:,.2f}" for amount in row.get("years", [row["best"]])))
        for code, row in answer["totals"].items()
    ]
    print_table(("programme", "today, all years" if n_years > 1 else "today", *columns), rows)
    click.echo(f"\nStatus: {optimum['status']}; value {optimum['value']:,.4f}, bound {optimum['bound']:,.4f}")
    click.echo(f"Gap to the bound: {100 * optimum['gap']:.4f} %; {model.currency}, projection of the model")
    if saved is not None:
        click.echo(f"Saved as scenario {saved}.")
