"""What could be met at best with the money there is, beside what the tried amounts meet. No Dash here."""

from __future__ import annotations

import numpy as np

from budget_model.coverage.reachable import BestReachable, met_by_programmes
from dashboard.context import PageContext
from dashboard.services.simulate_tries import Run
from dashboard.views.simulate_names import budget_of


def best_sentence(run: Run, context: PageContext) -> str:
    """One or two sentences; nothing is called the best where that is not proved."""
    _, best = context.gettext, run.loaded.best
    if not best.is_possible:
        return _("The limits of this model contradict each other: there is no best value to compare with.")
    if run.problems:
        return _("These amounts break a limit, so they are not held against the best that can be reached.")
    met = met_by_programmes(run.loaded.calibrated, run.result.coverage)
    if not np.isfinite(best.met) or best.met <= 0:
        return _("No allocation to compare with was found.")
    told = _proved(run, best, met, context) if best.is_proved else _searched(run, best, met, context)
    return " ".join([told, *_assumed(run, context)])


def _assumed(run: Run, context: PageContext) -> list[str]:
    """The limit that the best value keeps although nobody stated it."""
    assumed = run.loaded.model.assumed_maximum
    if assumed is None or assumed.times_today is None or not assumed.programmes:
        return []
    told = context.gettext(
        "Assumed: a programme without a stated maximum grows to at most {times} times today's money in each area.",
        times=context.formats.number(assumed.times_today),
    )
    return [told]


def _facts(run: Run, best: BestReachable, met: float, context: PageContext) -> dict[str, str]:
    formats, model = context.formats, run.loaded.model
    most = max(best.met, met)  # what is tried can be had, so it counts where it beats what a search has found
    return {
        "money": formats.money(budget_of(model), model.currency),
        "best": formats.number(most),
        "met": formats.number(met),
        "share": formats.share(np.floor(1000 * met / most) / 1000),  # never rounded up to all of it
        "bound": formats.number(max(best.bound, most)),
        "needs": needs_word(run, context),
    }


def needs_word(run: Run, context: PageContext) -> str:
    _ = context.gettext
    return _("needs") if (run.loaded.model.weight == 1).all() else _("needs, weighted by priority")


def _proved(run: Run, best: BestReachable, met: float, context: PageContext) -> str:
    return context.gettext(
        "The best reachable with {money} meets {best} {needs} through these programmes; this allocation meets {met} "
        "({share}).",
        **_facts(run, best, met, context),
    )


def _searched(run: Run, best: BestReachable, met: float, context: PageContext) -> str:
    return context.gettext(
        "The best that was found with {money} meets {best} {needs} through these programmes, and none can meet more "
        "than {bound}; this allocation meets {met} ({share} of what was found).",
        **_facts(run, best, met, context),
    )
