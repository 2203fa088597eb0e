"""The best reallocation in words and rows: what was found, how sure it is, what binds or contradicts. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.simulate_names import covered_name, group_name, programme_name

OBJECTIVES = {
    "total": mark("Meet as many needs as possible"),
    "women": mark("Meet as many of women's needs as possible"),
    "max_min": mark("Help the worst-off group first"),
    "min_gap": mark("Bring women's and men's coverage as close as possible"),
    "min_cost": mark("Keep today's coverage of every need with the least money"),
}
VALUE_LABELS = {
    "total": mark("Needs met, weighted"),
    "women": mark("Women's needs met, weighted"),
    "max_min": mark("Coverage of the worst-off group"),
    "min_gap": mark("Gap between women and men"),
    "min_cost": mark("Money a year"),
}
DECIMALS = 2
DIFFERENCE_DECIMALS = DECIMALS + 1


@dataclass(frozen=True)
class Finding:
    """The answer's head: a sentence, what it rests on, and whether it is a warning."""

    sentence: str
    certainty: str
    is_warning: bool = False


def finding(result: Mapping[str, Any], context: PageContext) -> Finding:
    """What came out, never called the best where that is not proved."""
    _, optimum = context.gettext, result["optimum"]
    if optimum["status"] == "infeasible":
        return Finding(_("No allocation keeps all of these conditions."), _("This is proved."), True)
    if optimum["value"] is None:
        sentence = _("No allocation was found that keeps all of these conditions, nor a proof that there is none.")
        return Finding(sentence, _("Loosen a condition and search again."), True)
    value = value_text(optimum["objective"], optimum["value"], context)
    today = value_text(optimum["objective"], optimum["baseline_value"], context)
    objective = optimum["objective"]
    label = _(VALUE_LABELS[objective])
    sentence = _("{label}: {value} (today {today}).", label=label, value=value, today=today)
    return Finding(sentence, certainty(optimum, context))


def certainty(optimum: Mapping[str, Any], context: PageContext) -> str:
    _, formats = context.gettext, context.formats
    bound = value_text(optimum["objective"], optimum["bound"], context)
    if optimum["status"] == "optimal":
        return _(
            "Proved: under these conditions nothing does better than {bound}; the proposal is at most {gap} away.",
            bound=bound,
            gap=formats.share(max(optimum["gap"], 0.00001), 3),
        )
    if optimum["objective"] == "min_gap":
        return _("A good proposal, not proved to be the best: the gap cannot be smaller than {bound}.", bound=bound)
    return _(
        "A good proposal, not proved to be the best: nothing can do better than {bound}, which is {gap} away.",
        bound=bound,
        gap=formats.share(optimum["gap"], 2),
    )


def value_text(objective: str, value: float | None, context: PageContext) -> str:
    """A value in the unit of the objective."""
    formats = context.formats
    if objective == "min_cost":
        return formats.money(value, _currency(context))
    if objective == "max_min":
        return formats.share(value, DECIMALS)
    if objective == "min_gap":
        return formats.points(value, DIFFERENCE_DECIMALS).lstrip("+")
    return formats.number(value)


def year_rows(result: Mapping[str, Any], context: PageContext) -> list[list[str]]:
    """A row a year of a plan: coverage of each group, allocated, to run works, together."""
    formats, currency = context.formats, _currency(context)
    return [
        [
            str(year["year"]),
            *(formats.share(figures["coverage"], DECIMALS) for figures in year["groups"].values()),
            *(formats.money(year[key], currency) for key in ("allocated", "running_cost", "spent")),
        ]
        for year in result["best"].get("years", [])
    ]


@dataclass(frozen=True)
class GroupTile:
    """Coverage of one group: where the search started, and what is proposed."""

    group: str
    name: str
    proposed: str
    change: str


def group_tiles(result: Mapping[str, Any], context: PageContext) -> list[GroupTile]:
    """Women's and men's coverage of identified needs under the proposal, with the change against the start."""
    if result["best"] is None:
        return []
    formats, tiles = context.formats, []
    for group, figures in result["best"]["groups"].items():
        before = result["start"]["groups"][group]["coverage"]
        now = figures["coverage"]
        change = None if now is None or before is None else now - before
        tiles.append(
            GroupTile(
                group,
                group_name(group, context),
                formats.share(now, DECIMALS),
                formats.points(change, DIFFERENCE_DECIMALS),
            )
        )
    return tiles


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme's money: today, at the start, proposed."""

    code: str
    name: str
    today: str
    start: str
    best: str
    change: str
    is_changed: bool
    is_locked: bool
    years: tuple[str, ...] = ()  # proposed for each year of a plan


def programme_rows(result: Mapping[str, Any], loaded: LoadedModel, context: PageContext) -> list[ProgrammeRow]:
    """Largest increase first, then the cuts, then what stays."""
    formats, currency = context.formats, _currency(context)
    locked = {code for code, is_locked in zip(loaded.model.programmes, loaded.model.locked, strict=True) if is_locked}
    moved = {code: (row["best"] or 0.0) - row["start"] for code, row in result["totals"].items()}
    order = sorted(moved, key=lambda code: (abs(moved[code]) < 1, -moved[code]))
    return [
        ProgrammeRow(
            code=code,
            name=programme_name(loaded, code, context),
            today=formats.money(result["totals"][code]["today"], currency),
            start=formats.money(result["totals"][code]["start"], currency),
            best=formats.money(result["totals"][code]["best"], currency),
            change=signed_money(moved[code], context),
            is_changed=is_moved(result["totals"][code]),
            is_locked=code in locked,
            years=tuple(formats.money(amount, currency) for amount in result["totals"][code].get("years", ())),
        )
        for code in order
    ]


def is_moved(row: Mapping[str, Any]) -> bool:
    """Whether the proposal changes a programme's money, in any year of a plan."""
    if "years" in row:
        return any(abs(best - start) >= 1 for best, start in zip(row["years"], row["start_years"], strict=True))
    return abs((row["best"] or 0.0) - row["start"]) >= 1


def signed_money(value: float, context: PageContext) -> str:
    text = context.formats.money(value, _currency(context))
    return f"+{text}" if round(value) > 0 else text


def need_cells(result: Mapping[str, Any], loaded: LoadedModel, context: PageContext) -> list[list[str]]:
    """Need, and for each group: coverage at the start, proposed, persons who gain and who lose by area."""
    formats, rows = context.formats, []
    before = {row["need"]: row for row in result["start"]["needs"]}
    for row in result["best"]["needs"]:
        cells = [covered_name(loaded, row["need"], context)]
        for group, figures in row["groups"].items():
            cells += [
                formats.share(before[row["need"]]["groups"][group]["coverage"], DECIMALS),
                formats.share(figures["coverage"], DECIMALS),
                formats.number(figures["gained"]),
                formats.number(figures["lost"]),
            ]
        rows.append(cells)
    return rows


BINDING = {
    "budget": mark("The total budget"),
    "floor": mark("Minimum of {programme}"),
    "ceiling": mark("Maximum of {programme}"),
    "assumed": mark("Assumed maximum of {programme}"),
    "max_change": mark("Limit on the change of {programme}"),
    "locked": mark("{programme} is locked"),
    "no_group_worse_off": mark("Nobody worse off: {need}, {group}"),
    "no_group_worse_off_all": mark("Nobody worse off: {need}"),
    "min_coverage": mark("Target: {need}, {group}"),
    "min_coverage_by_area": mark("Target: {need}, {group}, {area}"),
    "min_share": mark("Minimum share of a set of programmes"),
    "earmark": mark("Earmark of the source {source}"),
    "max_gap": mark("Limit on the gap between women and men"),
    "capacity": mark("Capacity of {programme}"),
}
NOBODY: Mapping[str, str] = {}


def binding_cells(
    result: Mapping[str, Any],
    loaded: LoadedModel,
    context: PageContext,
    areas: Mapping[str, str] = NOBODY,
    is_change_limited: bool = False,
) -> list[list[str]]:
    """What keeps the value from being better, with what a loosening would bring; areas together.

    The budget stands first, then the dearest: how many of them are shown is the page's matter, never silently.
    """
    optimum, budget = result["optimum"], BINDING["budget"]
    whole = context.gettext(budget)
    best: dict[str, tuple[float, str]] = {}
    for found in optimum["binding"]:
        row = {**found, "constraint": kind_of(found, result, loaded, is_change_limited)}
        name = binding_name(row, loaded, areas, context)
        price = abs(float(row["price"]))
        if name not in best or price > best[name][0]:
            best[name] = (price, price_text(optimum["objective"], row, context))
    ordered = sorted(best.items(), key=lambda item: (item[0] != whole, -item[1][0]))
    return [[name, text] for name, (_price, text) in ordered]


def budget_price(result: Mapping[str, Any], context: PageContext) -> str:
    """What one more 1,000 of the whole budget would bring; where it does not bind, that it would bring nothing."""
    _, optimum = context.gettext, result["optimum"]
    if optimum["objective"] == "min_cost" or optimum.get("budget") is None:
        return ""
    rows = [row for row in optimum["binding"] if row["constraint"] == "budget"]
    if not rows:
        return _("The budget does not hold it back: more money alone would bring nothing under these conditions.")
    dearest = max(rows, key=lambda row: abs(float(row["price"])))
    return _("More budget would bring: {price}.", price=price_text(optimum["objective"], dearest, context))


def binding_name(row: Mapping[str, Any], loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    code, need = str(row.get("programme", "")), str(row.get("need", ""))
    facts = {
        "programme": programme_name(loaded, code, context) if code else "",
        "need": covered_name(loaded, need, context) if need else "",
        "group": group_name(str(row.get("group", "")), context),
        "area": areas.get(str(row.get("area", "")), str(row.get("area", ""))),
        "source": source_name(row, context),
    }
    kind = str(row["constraint"])
    is_whole_need = kind == "no_group_worse_off" and "group" not in row
    sentence = BINDING.get("no_group_worse_off_all" if is_whole_need else kind)
    return context.gettext(sentence, **facts) if sentence else kind


A_CENT = 0.02


def kind_of(row: Mapping[str, Any], result: Mapping[str, Any], loaded: LoadedModel, is_change_limited: bool) -> str:
    """What a row about a line's limit is: its own, the assumed one, or the limit on change that lies inside both."""
    kind, code, area = str(row["constraint"]), row.get("programme"), row.get("area")
    model = loaded.model
    if kind not in ("floor", "ceiling") or code not in model.programmes or area not in model.areas:
        return kind
    place = model.programmes.index(code), model.areas.index(area)
    year, amount = row.get("year", 1), None
    for line in result["optimum"]["allocation"]:
        if (line["programme"], line["area"], line.get("year", 1)) == (code, area, year):
            amount = float(line["amount"])
    if amount is None:
        return kind
    if kind == "floor":
        return "max_change" if is_change_limited and amount > model.floor[place] + A_CENT else kind
    assumed = model.assumed_maximum
    if assumed is None or code not in assumed.programmes:
        return "max_change" if is_change_limited and amount < model.ceiling[place] - A_CENT else kind
    times = (result["optimum"].get("assumed_maximum") or {}).get("times_today", assumed.times_today)
    if times is not None and model.baseline[place] > 0 and amount >= times * model.baseline[place] - A_CENT:
        return "assumed"
    return "max_change" if is_change_limited else kind


def source_name(row: Mapping[str, Any], context: PageContext) -> str:
    """A funding source by its name; what the budget holds beyond the sources has none."""
    return str(row.get("source") or context.gettext("money without purpose"))


def price_text(objective: str, row: Mapping[str, Any], context: PageContext) -> str:
    """What the first unit of loosening would bring."""
    _, formats = context.gettext, context.formats
    price = abs(float(row["price"]))
    is_money = "currency" in str(row["per"])
    unit = (
        _("for each {money}", money=formats.money(1000, _currency(context)))
        if is_money
        else _("for one percentage point")
    )
    if objective in ("total", "women"):
        return _("{number} needs met {unit}", number=formats.number(price, 2), unit=unit)
    if objective == "min_cost":
        return _("{money} {unit}", money=formats.money(price, _currency(context), 2), unit=unit)
    return _("{points} {unit}", points=formats.points(price, 4), unit=unit)


def frontier_cells(result: Mapping[str, Any], context: PageContext) -> list[list[str]]:
    """One row a point: gap between women and men, needs met, at most, coverage of women and of men."""
    formats = context.formats
    return [
        [
            formats.points(point["gender_gap"], DIFFERENCE_DECIMALS),
            formats.number(point["value"]),
            formats.number(point["bound"]),
            formats.share(point["women"], DECIMALS),
            formats.share(point["men"], DECIMALS),
        ]
        for point in result["points"]
    ]


def frontier_sentence(result: Mapping[str, Any], context: PageContext) -> str:
    points = result["points"]
    _, formats = context.gettext, context.formats
    if not points:
        return _("No allocation keeps all of these conditions.")
    first, last = points[0], points[-1]
    return _(
        "Closing the gap from {wide} to {narrow} costs {needs} of {total} needs met.",
        wide=formats.points(last["gender_gap"], DIFFERENCE_DECIMALS),
        narrow=formats.points(first["gender_gap"], DIFFERENCE_DECIMALS),
        needs=formats.number(max(0.0, last["value"] - first["value"])),
        total=formats.number(last["value"]),
    )


def need_options(loaded: LoadedModel, context: PageContext) -> list[tuple[str, str]]:
    """Needs to set a target for, by what their coverage is called."""
    named = [(code, covered_name(loaded, code, context)) for code in loaded.model.needs]
    return sorted(named, key=lambda item: item[1].lower())


def _currency(context: PageContext) -> str:
    return context.site.currency if context.site else ""
