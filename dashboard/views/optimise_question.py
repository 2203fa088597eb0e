"""What was asked of a search, in words: the form may say something else by now. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.services.simulate import LoadedModel
from dashboard.views.optimise import OBJECTIVES
from dashboard.views.simulate_names import covered_name, group_name, programme_name
from dashboard.views.years_assumptions import signed_share

Asked = Mapping[str, Any]


def question_words(asked: Asked, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    """Aim and every condition, one after another."""
    objective = OBJECTIVES[asked["objective"]]
    parts = [
        context.gettext(objective),
        *_limits(asked, loaded, context),
        *_targets(asked, loaded, areas, context),
        *_sources(asked, loaded, context),
        *_years(asked, context),
    ]
    return " · ".join(parts)


def _limits(asked: Asked, loaded: LoadedModel, context: PageContext) -> Iterator[str]:
    _, formats = context.gettext, context.formats
    if asked["budget"]:
        yield _("at most {money} a year", money=formats.money(float(asked["budget"]), loaded.model.currency))
    if asked["max_change"] is not None:
        yield _("each programme changes by at most {share}", share=formats.share(asked["max_change"], 0))
    if asked["protects_all"]:
        yield _("nobody worse off")
    if asked["max_gap"] is not None:
        yield _("gap of at most {points}", points=formats.points(asked["max_gap"], 2).lstrip("+"))


def _targets(asked: Asked, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> Iterator[str]:
    _, formats = context.gettext, context.formats
    for need, share in asked["targets"].items():
        yield _("at least {share} of “{need}”", share=formats.share(share), need=covered_name(loaded, need, context))
    for target in asked.get("coverages", []):
        text = _(
            "at least {share} of “{need}”",
            share=formats.share(target["share"]),
            need=covered_name(loaded, target["need"], context),
        )
        whom = [group_name(target["group"], context).lower()] if target["group"] else []
        where = [areas.get(target["area"], target["area"])] if target["area"] else []
        yield ", ".join([text, *whom, *where])


def _sources(asked: Asked, loaded: LoadedModel, context: PageContext) -> Iterator[str]:
    _, formats = context.gettext, context.formats
    for source in asked.get("earmarks", []):
        yield _(
            "{source} ({money}) pays only for: {programmes}",
            source=source["source"],
            money=formats.money(float(source["amount"]), loaded.model.currency),
            programmes=programme_names(source["programmes"], loaded, context),
        )
    least = asked.get("min_share")
    if least:
        yield _(
            "at least {share} of all money for: {programmes}",
            share=formats.share(least["share"]),
            programmes=programme_names(least["programmes"], loaded, context),
        )


def programme_names(codes: list[str], loaded: LoadedModel, context: PageContext) -> str:
    return ", ".join(programme_name(loaded, code, context) for code in codes)


def _years(asked: Asked, context: PageContext) -> Iterator[str]:
    _, years = context.gettext, int(asked.get("years", 1))
    if years == 1:
        return
    yield context.ngettext("{number} year", "{number} years", years, number=years)
    for name, words in (
        ("price_growth", _("prices {rate} a year")),
        ("population_growth", _("people {rate} a year")),
        ("budget_growth", _("budget {rate} a year")),
    ):
        if asked.get(name):
            yield words.format(rate=signed_share(asked[name], context))
