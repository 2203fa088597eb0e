"""Sentences of the Simulate page that its scripts fill in while it is used. No Dash here."""

from __future__ import annotations

from datetime import date

from dashboard.context import PageContext
from dashboard.services.simulate_models import LoadedModel


def browser_texts(context: PageContext) -> dict[str, str]:
    """Sentences that the scripts fill in while the page is used."""
    parts = (_amount_texts, _met_texts, _total_texts, _choice_texts, _map_texts, _table_texts, _state_texts)
    return {name: text for part in parts for name, text in part(context).items()}


def _amount_texts(context: PageContext) -> dict[str, str]:
    """What is said of an amount that is typed."""
    _ = context.gettext
    return {
        "amount_of": _("{programme}: amount per year"),
        "today_amount": _("Today {amount}"),
        "locked": _("Locked."),
        "amount_missing": _("Enter an amount; 0 if the programme gets nothing."),
        "amount_ambiguous": _(
            "Does the point mark thousands or decimals? Write 1250 or 1,250 for thousands, 1.25 for decimals."
        ),
        "amount_negative": _("An amount cannot be below 0."),
        "amount_unreadable": _("This is not an amount. Write digits, such as 1250000, 1,250,000 or 1250.50."),
        "amount_below": _("{amount} is below the minimum of {low}. The amount was not taken over."),
        "amount_above": _("{amount} is above the maximum of {high}. The amount was not taken over."),
        "against_today": _("{change} against today ({today})"),
    }


def _total_texts(context: PageContext) -> dict[str, str]:
    """What is said of all amounts together, beside the total and when they cross it."""
    _ = context.gettext
    return {
        "weighted": _("weighted by priority {share}"),
        "gap_before": _("today {gap}"),
        "of_total": _("of {total}"),
        "over_total": _(
            "{excess} above the total: take that much from other programmes. It cannot be saved like this."
        ),
        "within_total": _("The amounts keep within the total."),
        "over_announced": _("The amounts now exceed the total."),
        "within_announced": _("The amounts keep within the total again."),
    }


def _choice_texts(context: PageContext) -> dict[str, str]:
    """Choices of which needs are listed, and in which order."""
    _ = context.gettext
    return {
        "largest": _("The {number} largest, and those you change"),
        "changed_needs": _("Only those that this scenario changes"),
        "all_needs": _("All needs"),
        "dimension": _("By dimension"),
        "order_uncovered": _("Most people uncovered today first"),
        "order_gap": _("Largest gap against women today first"),
        "order_name": _("By name"),
        "everybody": _("Women and men"),
    }


def _map_texts(context: PageContext) -> dict[str, str]:
    """The map and its table."""
    _ = context.gettext
    return {
        "map_label": _("Map of people still uncovered. Arrow keys move between the areas."),
        "area_uncovered": _("{area}: {now} people uncovered (today {before}, change {change})"),
        "area_nobody": _("{area}: nobody is concerned"),
        "nobody": _("nobody concerned"),
        "at_least": _("{low} and more"),
        "area_table": _("People uncovered by area: {need}, {group}"),
    }


def _table_texts(context: PageContext) -> dict[str, str]:
    """Caption and headers of the table of coverage."""
    _ = context.gettext
    return {
        "coverage_table": _("Coverage by need and group, and persons who gain and lose against today"),
        "need": _("Need"),
        "group": _("Group"),
        "concerned": _("People concerned"),
        "today": _("Today"),
        "interval": _("Today, 95 % interval"),
        "scenario": _("Scenario"),
        "change": _("Change"),
        "gain": _("Gain, persons"),
        "lose": _("Lose, persons"),
        "area": _("Area"),
    }


def _state_texts(context: PageContext) -> dict[str, str]:
    """What is said of the address, and of an answer that does not come or differs."""
    _ = context.gettext
    return {
        "copied": _("The address is copied."),
        "too_long": _(
            "So many programmes are changed that no address can hold them: it can neither be copied nor downloaded. "
            "Save it as a scenario and share that one."
        ),
        "copy_by_hand": _("The address is selected: copy it with Ctrl+C."),
        "no_answer": _("The server has not confirmed this result yet. What you see was computed in your browser."),
        "differs": _(
            "Browser and server differ by up to {points} percentage points. The server's figures are shown; "
            "please report this."
        ),
        "not_loaded": _("The model could not be loaded. Load the page again; if that does not help, log in again."),
    }


def _met_texts(context: PageContext) -> dict[str, str]:
    """Gains and losses of a group in words, never set off against each other."""
    _ = context.gettext
    return {
        "more_met": _("{more} more needs met"),
        "one_more_met": _("{more} more need met"),
        "fewer_met": _("{fewer} fewer needs met"),
        "one_fewer_met": _("{fewer} fewer need met"),
        "more_and_fewer_met": _("{more} more and {fewer} fewer needs met"),
        "as_many_met": _("as many needs met as today"),
    }


def weight_texts(loaded: LoadedModel, context: PageContext) -> dict[str, str]:
    """What the small text of the weighted coverage says, where the weights are mixed with focus groups."""
    mix = loaded.weight_mix
    if not mix:
        return {}
    part = context.formats.share(mix["focus_share"], 0)
    text = context.gettext("weighted by priority {share} ({part} focus groups)", part=part, share="{share}")
    return {"weighted": text}


def weight_sentence(loaded: LoadedModel, context: PageContext) -> str:
    """Where the model's weights come from."""
    _ = context.gettext
    mix = loaded.weight_mix
    if not mix:
        if (loaded.model.weight == 1).all():
            return _("Every need weighs the same here: no priorities of focus groups are mixed in.")
        return _("The weights of the needs are those stored with the survey's needs.")
    return _(
        "The weights of the needs come {focus} from the focus groups and {survey} from the survey (set on {day}).",
        focus=context.formats.share(mix["focus_share"], 0),
        survey=context.formats.share(1 - mix["focus_share"], 0),
        day=context.formats.date(date.fromisoformat(mix["set_on"])),
    )
