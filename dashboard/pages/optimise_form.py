"""The conditions of a best reallocation as fields: aim, money, change, years, and rows that can be added.

Rows have ids of a part and a number, so that a callback gets all of a part at once; a row that is left empty asks for
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, State, dcc, html

from budget_model.coverage.portable_outlook import MAX_YEARS
from dashboard.context import PageContext
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.optimise import OBJECTIVES, need_options
from dashboard.views.simulate_names import budget_of, group_name, programme_name
from dashboard.views.simulate_start import Start
from data.readers.typed_numbers import plain_text, typed_share
from data.workflows.maxima import TIMES_TODAY

NONE = "-"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    START = "optimise-start-from"
    OBJECTIVE = "optimise-objective"
    BUDGET = "optimise-budget"
    CHANGE = "optimise-change"
    PROTECT = "optimise-protect"
    TIMES = "optimise-times"
    GAP = "optimise-gap"
    YEARS = "optimise-years"
    PRICES = "optimise-prices"
    PEOPLE = "optimise-people"
    MONEY = "optimise-money"
    SHARE_OF = "optimise-share-of"
    SHARE = "optimise-share"
    TARGETS = "optimise-targets"
    ADD_TARGET = "optimise-add-target"
    SOURCES = "optimise-sources"
    ADD_SOURCE = "optimise-add-source"


SINGLE = (
    Ids.START,
    Ids.OBJECTIVE,
    Ids.BUDGET,
    Ids.CHANGE,
    Ids.TIMES,
    Ids.PROTECT,
    Ids.GAP,
    Ids.YEARS,
    Ids.PRICES,
    Ids.PEOPLE,
    Ids.MONEY,
    Ids.SHARE_OF,
    Ids.SHARE,
)
TARGET_PARTS = ("target-need", "target-area", "target-group", "target-share")
SOURCE_PARTS = ("source-name", "source-amount", "source-programmes")


def row_id(part: str, number: int) -> dict[str, Any]:
    return {"part": part, "row": number}


STATES = (
    *(State(part, "data" if part is Ids.START else "value") for part in SINGLE),
    *(State({"part": part, "row": ALL}, "value") for part in (*TARGET_PARTS, *SOURCE_PARTS)),
)


def question_of(values: Sequence[Any]) -> Mapping[str, Any]:
    """The values of `STATES` as the parameters of a job; what cannot be read goes on and is refused in words."""
    single = dict(zip(SINGLE, values, strict=False))
    rows = [value if isinstance(value, list) else [] for value in values[len(SINGLE) :]]
    targets, sources = rows[: len(TARGET_PARTS)], rows[len(TARGET_PARTS) :]
    held = single[Ids.START] if isinstance(single[Ids.START], dict) else {}
    return {
        "model": held.get("model"),
        "changes": held.get("changes") or {},
        "objective": single[Ids.OBJECTIVE],
        "budget": plain_text(single[Ids.BUDGET]),
        "max_change": typed_share(single[Ids.CHANGE]),
        "times_today": plain_text(single[Ids.TIMES]),
        "protects_all": bool(single[Ids.PROTECT]),
        "max_gap": typed_share(single[Ids.GAP]),
        "coverages": [row for row in map(_target, zip(*targets, strict=False)) if row],
        "earmarks": [row for row in map(_source, zip(*sources, strict=False)) if row],
        "min_share": _least_share(single[Ids.SHARE_OF], single[Ids.SHARE]),
        "years": whole(single[Ids.YEARS]),
        "price_growth": typed_share(single[Ids.PRICES]),
        "population_growth": typed_share(single[Ids.PEOPLE]),
        "budget_growth": typed_share(single[Ids.MONEY]),
    }


def _target(cells: Sequence[Any]) -> dict[str, Any] | None:
    need, area, group, share = cells
    if _nothing(need) and plain_text(share) is None:
        return None
    return {"need": chosen(need), "area": chosen(area), "group": chosen(group), "share": typed_share(share)}


def _source(cells: Sequence[Any]) -> dict[str, Any] | None:
    name, amount, programmes = cells
    if plain_text(name) is None and plain_text(amount) is None and not programmes:
        return None
    return {"source": name or "", "amount": plain_text(amount), "programmes": programmes or []}


def _least_share(programmes: Any, share: Any) -> dict[str, Any] | None:
    if plain_text(share) is None and not programmes:
        return None
    return {"programmes": programmes if isinstance(programmes, list) else [], "share": typed_share(share)}


def _nothing(value: Any) -> bool:
    return value in (None, "", NONE)


def chosen(value: Any) -> Any:
    return None if _nothing(value) else value


def whole(value: Any) -> Any:
    """A native select gives texts."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 4 else value


# ---- fields ----------------------------------------------------------------------------------------------------------


def form(start: Start, context: PageContext) -> list[Any]:
    _, formats = context.gettext, context.formats
    workbench, loaded = start.workbench, start.workbench.loaded
    currency = loaded.model.currency
    total = formats.money(budget_of(loaded.model), currency)
    from_where = (
        _("The search starts from the amounts of the address; limits on change are counted from there.")
        if start.changes
        else _("The search starts from today's budget of {total}.", total=total)
    )
    held = {"model": loaded.sha256, "changes": dict(start.changes)}
    objectives = [{"value": code, "label": _(words)} for code, words in OBJECTIVES.items()]
    return [
        dcc.Store(id=Ids.START, data=held),
        html.P(from_where),
        html.Fieldset(
            [
                html.Legend(_("What should it do?")),
                dbc.RadioItems(id=Ids.OBJECTIVE, options=objectives, value="total"),
            ]
        ),
        number(Ids.BUDGET, _("Most that may be spent a year"), currency, _("Empty: as much as at the start.")),
        number(Ids.CHANGE, _("Most that a programme may change by"), "%", _("Of its money at the start."), "20"),
        maximum(loaded, context),
        dbc.Checklist(
            id=Ids.PROTECT,
            options=[{"value": "yes", "label": _("Neither women nor men may be worse off in any need")}],
            value=[],
            switch=True,
        ),
        number(Ids.GAP, _("Most that women's and men's coverage may differ"), _("percentage points")),
        targets(loaded, workbench.area_names, context),
        years(context),
        html.Details([html.Summary(_("Funding sources")), *sources(loaded, context)]),
        html.Details([html.Summary(_("A least share for some programmes")), *least_share(loaded, context)]),
    ]


def typed(part: str | dict[str, Any], value: str = "") -> dbc.Input:
    """A field whose text is read as a number on the server (`data.readers.typed_numbers` says why)."""
    return dbc.Input(
        id=part, type="text", inputmode="decimal", autocomplete="off", maxlength=24, value=value, debounce=True
    )


def maximum(loaded: LoadedModel, context: PageContext) -> html.Div:
    """The limit on growth that is assumed where nobody stated a maximum. What is no such number goes on to the server,
    which refuses it: a field that turned it into nothing would lift the limit."""
    _, assumed = context.gettext, loaded.model.assumed_maximum
    hint = _(
        "An assumption, for the {count} programmes without a stated maximum. Empty: no such limit, only need, capacity "
        "and the budget.",
        count=context.formats.number(len(assumed.programmes) if assumed else 0),
    )
    label = _("Each programme may grow to at most (times today's money, in each area)")
    return html.Div(
        [
            html.Label(label, htmlFor=Ids.TIMES, className="form-label"),
            typed(Ids.TIMES, str(TIMES_TODAY)),
            html.P(hint, className="hint"),
        ],
        className="field",
    )


def number(part: str, label: str, unit: str, hint: str = "", value: str = "") -> html.Div:
    """A field for a number with its unit."""
    parts = [html.Label([label, f" ({unit})"], htmlFor=part, className="form-label"), typed(part, value)]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className="field")


def labelled(text: str, made: Any) -> html.Label:
    """A field inside its own label: ids of rows are no ids that a label could point to."""
    return html.Label([html.Span(text, className="form-label"), made], className="row-field")


def targets(loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> html.Fieldset:
    """Lowest coverages; one row at first."""
    _ = context.gettext
    return html.Fieldset(
        [
            html.Legend(_("Targets")),
            html.P(_("Lowest coverage of a need. A row without need asks for nothing."), className="hint"),
            html.Div([target_row(0, loaded, areas, context)], id=Ids.TARGETS),
            adding(Ids.ADD_TARGET, _("Add a target")),
        ]
    )


def target_row(number: int, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> html.Div:
    _, model = context.gettext, loaded.model
    needs = [(NONE, _("none")), *need_options(loaded, context)]
    places = [(NONE, _("the whole municipality")), *((code, areas.get(code, code)) for code in model.areas)]
    groups = [(NONE, _("women and men, each")), *((code, group_name(code, context)) for code in model.groups)]
    share = typed(row_id("target-share", number))
    return html.Div(
        [
            labelled(_("Need"), picker("target-need", number, needs)),
            labelled(_("Where"), picker("target-area", number, places)),
            labelled(_("Whom"), picker("target-group", number, groups)),
            labelled(_("At least (%)"), share),
        ],
        className="added-row",
        role="group",
        **{"aria-label": _("Target {number}", number=number + 1)},
    )


def picker(part: str, number: int, options: Sequence[tuple[str, str]]) -> dbc.Select:
    texts = [{"value": value, "label": text} for value, text in options]
    return dbc.Select(id=row_id(part, number), options=texts, value=options[0][0])


def sources(loaded: LoadedModel, context: PageContext) -> list[Any]:
    """What the law lets a source pay for; no row at first."""
    _ = context.gettext
    hint = _(
        "What a source holds and which programmes the law lets it pay for. What the budget holds beyond the sources "
        "pays for everything."
    )
    rows = html.Div([source_row(0, loaded, context)], id=Ids.SOURCES)
    return [html.P(hint, className="hint"), rows, adding(Ids.ADD_SOURCE, _("Add a source"))]


def source_row(number: int, loaded: LoadedModel, context: PageContext) -> html.Div:
    _ = context.gettext
    name = dbc.Input(id=row_id("source-name", number), type="text", maxLength=80, debounce=True)
    amount = typed(row_id("source-amount", number))
    boxes = dbc.Checklist(id=row_id("source-programmes", number), options=programme_options(loaded, context), value=[])
    return html.Div(
        [
            labelled(_("Name of the source"), name),
            labelled(_("Holds a year ({currency})", currency=loaded.model.currency), amount),
            html.Fieldset([html.Legend(_("May pay for")), boxes], className="ticked"),
        ],
        className="added-row",
        role="group",
        **{"aria-label": _("Source {number}", number=number + 1)},
    )


def programme_options(loaded: LoadedModel, context: PageContext) -> list[dict[str, str]]:
    return [{"value": code, "label": programme_name(loaded, code, context)} for code in loaded.model.programmes]


def least_share(loaded: LoadedModel, context: PageContext) -> list[Any]:
    _ = context.gettext
    boxes = dbc.Checklist(id=Ids.SHARE_OF, options=programme_options(loaded, context), value=[])
    return [
        number(Ids.SHARE, _("Together at least, of all money spent"), "%", _("Empty: no such share.")),
        html.Fieldset([html.Legend(_("For these programmes together")), boxes], className="ticked"),
    ]


def years(context: PageContext) -> html.Div:
    """A plan of several years, and what grows in it."""
    _ = context.gettext
    options = [
        {"value": str(year), "label": context.ngettext("{number} year", "{number} years", year, number=year)}
        for year in range(1, MAX_YEARS + 1)
    ]
    fields = [
        growth(Ids.PRICES, _("Prices")),
        growth(Ids.PEOPLE, _("Population")),
        growth(Ids.MONEY, _("Budget")),
    ]
    hint = html.P(_("Growth a year after year 1, in %. Empty: as the model says; most say nothing."), className="hint")
    chooser = dbc.Select(id=Ids.YEARS, options=options, value="1")
    label = html.Label(_("Plan for how many years?"), htmlFor=Ids.YEARS, className="form-label")
    fold = html.Details([html.Summary(_("Assumptions on growth")), html.Div(fields, className="added-row"), hint])
    return html.Div([label, chooser, fold], className="field")


def growth(part: str, label: str) -> html.Div:
    return html.Div([html.Label(f"{label} (%)", htmlFor=part, className="form-label"), typed(part)])


def adding(part: str, text: str) -> html.Button:
    return html.Button(text, id=part, type="button", className="btn btn-outline-secondary btn-sm")
