"""What was asked of a search, in words: the form may say something else by now. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.context import PageContext
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.optimise import OBJECTIVES, kind_of
from dashboard.views.optimise_conflicts import asked_share
from dashboard.views.simulate_names import covered_name, group_name, programme_name
from dashboard.views.years_assumptions import signed_share

Asked = Mapping[str, Any]


def question_words(asked: Asked, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> str:
    """Aim and every condition, one after another."""
    objective = OBJECTIVES[asked["objective"]]
    parts = [
        context.gettext(objective),
        *_limits(asked, loaded, context),
        *_maximum(asked, loaded, context),
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
        yield _("each programme changes by at most {share}", share=asked_share(asked["max_change"], context))
    if asked["protects_all"]:
        yield _("nobody worse off")
    if asked["max_gap"] is not None:
        yield _("gap of at most {points}", points=formats.points(asked["max_gap"], 2).lstrip("+"))


def _maximum(asked: Asked, loaded: LoadedModel, context: PageContext) -> Iterator[str]:
    """The limit that nobody stated; searches of earlier days kept the model's own."""
    assumed = loaded.model.assumed_maximum
    if assumed is None or not assumed.programmes:
        return
    times = asked.get("times_today", assumed.times_today)
    _ = context.gettext
    if times is None:
        yield _("no maximum assumed for programmes that state none")
        return
    yield _(
        "assumed: a programme without a stated maximum grows to at most {times} times today's money in each area",
        times=times_text(times, context),
    )


def assumed_sentence(asked: Asked, result: Asked, loaded: LoadedModel, context: PageContext) -> str:
    """What the best value rests on without anybody having stated it; empty where there is no such limit."""
    _, assumed = context.gettext, loaded.model.assumed_maximum
    times = None if assumed is None else asked.get("times_today", assumed.times_today)
    if assumed is None or times is None or not assumed.programmes:
        return ""
    is_limited = asked.get("max_change") is not None
    rows = result["optimum"]["binding"]
    bound = {row.get("programme") for row in rows if kind_of(row, result, loaded, is_limited) == "assumed"}
    return _(
        "No maximum is stated for {count} of {all} programmes. Each of them was allowed at most {times} times today's "
        "money in each area; {bound} of them stand at that limit in some area. Change or lift it under “Conditions”.",
        count=context.formats.number(len(assumed.programmes)),
        all=context.formats.number(len(loaded.model.programmes)),
        times=times_text(times, context),
        bound=context.formats.number(len(bound & set(assumed.programmes))),
    )


def times_text(times: float, context: PageContext) -> str:
    """How many times, without decimals that say nothing."""
    return context.formats.number(times, 0 if times == round(times) else 2)


def _targets(asked: Asked, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> Iterator[str]:
    _ = context.gettext
    for need, share in asked["targets"].items():
        yield _(
            "at least {share} of “{need}”", share=asked_share(share, context), need=covered_name(loaded, need, context)
        )
    for target in asked.get("coverages", []):
        text = _(
            "at least {share} of “{need}”",
            share=asked_share(target["share"], context),
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
            share=asked_share(least["share"], context),
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
