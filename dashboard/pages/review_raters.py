"""Review desk: how far raters agree, and the page on which somebody rates lines without seeing their tags."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import html

from budget_model.errors import InputError
from budget_model.spending.agreement import Agreement
from budget_model.spending.schemes import Scheme
from dashboard.components import Column, card, data_table, no_data, notice, page_header, select
from dashboard.components.forms import hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.tags import UnratedLine
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.review import line_name
from dashboard.views.review_tags import code_label
from dashboard.views.words import label_key_name

RATED = ("oecd_dac", "sharp", "pe_lio", "pe_beneficiary")  # schemes in which people judge by looking at the line


class RaterIds(StrEnum):
    """Components of the part."""

    SCHEME = "review-agreement"
    FOUND = "review-agreement-found"


def rater_part(services: Services, context: PageContext, year: int, may_rate: bool) -> html.Details:
    """The folded part with the agreement in a scheme, and links to rate blind."""
    _ = context.gettext
    schemes = services.tags.schemes()
    options = [{"value": name, "label": context.in_language(schemes[name].label)} for name in RATED]
    links = [
        html.Li(html.A(context.in_language(schemes[name].label), href=context.address(rate=name, year=str(year))))
        for name in RATED
    ]
    told = _("Rate lines without seeing their tags (it changes no tag; it tells how far people agree):")
    rate = [html.P(told), html.Ul(links, className="downloads-list")] if may_rate else []
    parts = [
        html.Summary(_("Do raters agree?")),
        select(RaterIds.SCHEME, _("Scheme"), options, RATED[0]),
        html.Div(agreement_part(services, context, RATED[0], year), id=RaterIds.FOUND, role="status"),
        *rate,
    ]
    return html.Details(parts, className="panel")


def agreement_part(services: Services, context: PageContext, scheme_id: str, year: int) -> list[Any]:
    """The agreement in a scheme, in a sentence and by pairs of raters."""
    _ = context.gettext
    found = services.tags.agreement(context.user, context.site, scheme_id, year)
    parts: list[Any] = [html.P(agreement_sentence(found, context), className="finding")]
    if found.pairs:
        number = context.formats.number
        columns = [Column(_("Raters")), *(Column(name, True) for name in (_("Lines"), _("Same value"), "κ"))]
        rows = [
            [" – ".join(one.raters), number(one.units), number(one.agreed), number(one.kappa, 2)] for one in found.pairs
        ]
        parts.append(data_table(_("Cohen's kappa of every two raters"), columns, rows))
    return parts


def agreement_sentence(found: Agreement, context: PageContext) -> str:
    _, number = context.gettext, context.formats.number
    if not found.units:
        return _("No line was judged by two people on their own yet: nothing can be said about agreement.")
    facts = {"lines": number(found.units), "raters": number(len(found.raters)), "ratings": number(found.ratings)}
    if found.alpha is None:
        return _(
            "{ratings} ratings of {lines} lines by {raters} raters: all the same value, so that agreement cannot be "
            "told from chance.",
            **facts,
        )
    return _(
        "Krippendorff's alpha {alpha} (1: full agreement, 0: chance): {ratings} ratings of {lines} lines by {raters} "
        "raters.",
        alpha=number(found.alpha, 2),
        **facts,
    )


# --- blind rating --------------------------------------------------------------------------------------------------


def rating_layout(services: Services, context: PageContext, scheme_id: str) -> html.Div:
    """One line without its tag, and the classes of a scheme to choose from."""
    _ = context.gettext
    years = services.tags.years(context.user, context.site)
    asked = context.query.get("year", "")
    year = int(asked) if asked.isdigit() and int(asked) in years else max(years, default=0)
    scheme = services.tags.schemes().get(scheme_id)
    back = html.A(_("Back to the review desk"), href=context.address(year=str(year)))
    header = page_header(_("Blind rating"), _("Judge the line by itself. What its tag says is not shown."), [back])
    if scheme is None or not scheme.screened_codes():
        return html.Div([header, no_data(_("There is no such scheme."), _("Choose one on the review desk."))])
    line = services.tags.next_unrated(context.user, context.site, scheme_id, year)
    refused = (
        [notice([_("Choose one of the classes.")], "danger", role="alert")] if context.query.get("refused") else []
    )
    if line is None:
        return html.Div([header, no_data(_("You have judged every line of this year in this scheme."), "")])
    return html.Div([header, *refused, rating_card(line, scheme, context)])


def rating_card(line: UnratedLine, scheme: Scheme, context: PageContext) -> html.Section:
    _ = context.gettext
    currency, money = currency_of(context), context.formats.money
    labels = [
        (label_key_name(name, context), text)
        for name, text in line.labels.items()
        if text and not name.endswith("_code")
    ]
    amounts = [(name, money(line.amounts[stage], currency, 2)) for stage, name in stage_names(context).items()]
    choices = [
        submit(code_label(scheme, code, context), "value", code, "outline-secondary")
        for code in scheme.screened_codes()
    ]
    form = plain_form(
        f"{context.address('review')}/rate",
        [
            hidden("scheme", scheme.id),
            hidden("year", str(line.year)),
            hidden("code", line.code),
            html.P(html.Strong(context.in_language(scheme.label))),
            html.Div(choices, className="buttons"),
        ],
    )
    about = html.P(context.in_language(scheme.about), className="hint")
    tables = [
        data_table(_("What the line is"), [Column(_("Label")), Column(_("Text"))], [*labels, (_("Code"), line.code)]),
        data_table(
            _("Amounts by stage, {year}", year=line.year), [Column(_("Stage")), Column(_("Amount"), True)], amounts
        ),
    ]
    return card(line_name(line.labels, line.code), [form, about, html.Div(tables, className="columns")])


def rate(services: Services, context: PageContext, posted: Posted) -> str:
    """Keep a rating, and go to the next line."""
    fields: Mapping[str, str] = posted.fields
    scheme, year = fields.get("scheme", ""), fields.get("year", "")
    again = {"rate": scheme, "year": year}
    try:
        key = (int(year) if year.isdigit() else 0, fields.get("code", ""))
        services.tags.rate(context.user, context.site, key, scheme, fields.get("value", ""))
    except InputError:
        return context.address("review", **again, refused="value")
    return context.address("review", **again)
