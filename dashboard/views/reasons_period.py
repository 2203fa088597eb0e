"""What the page of reasons calls its figures: of one year, of a year of a plan, or of all its years. No Dash here."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.services.reasons import Reasons

ALL_YEARS = "all"


@dataclass(frozen=True)
class PeriodWords:
    """Captions with the unit of the period; `told` says what a plan's figures count, empty for one year."""

    money: str
    work: str
    needs: str
    flow: str
    following: str
    changes: str
    change: str
    told: tuple[str, ...] = ()


def period_words(reasons: Reasons, context: PageContext) -> PeriodWords:
    """The words of the period that the reasons are of."""
    period = reasons.period
    if period is None or period.n_years == 1:
        return _of_one_year(reasons, context)
    if period.year is None:
        return _of_all_years(reasons, period.n_years, context)
    return _of_a_year(reasons, period.year, period.n_years, context)


def _amount(reasons: Reasons, context: PageContext) -> str:
    return context.formats.money(reasons.moves.next.amount, reasons.model.currency)


def _of_one_year(reasons: Reasons, context: PageContext) -> PeriodWords:
    _, amount = context.gettext, _amount(reasons, context)
    return PeriodWords(
        money=_("Money a year"),
        work=_("Needs met (persons) by each programme; the sum of all comes first"),
        needs=_("Persons covered; the rows of a need add up to its last one"),
        flow=_("Persons whose need the programmes meet, a year; purple: women, orange: men. Width is number."),
        following=_("Needs met by the next {amount} a year on one programme, all else as it is", amount=amount),
        changes=_("Needs met by each 1,000 of the change; of cuts: no longer met"),
        change=_("Change, a year"),
    )


def _of_all_years(reasons: Reasons, last: int, context: PageContext) -> PeriodWords:
    _ = context.gettext
    told = _("All {last} years together: a person covered in two years counts twice.", last=last)
    return PeriodWords(
        money=_("Money of all years"),
        work=_("Needs met over {last} years (person-years) by each programme; the sum of all comes first", last=last),
        needs=_("Person-years covered over {last} years; the rows of a need add up to its last one", last=last),
        flow=_(
            "Person-years of needs that the programmes meet over {last} years; purple: women, orange: men. Width "
            "is number.",
            last=last,
        ),
        following=_following(reasons, last, context),
        changes=_changes(last, context),
        change=_("Change, all years"),
        told=(told, _lasting(last, context)),
    )


def _of_a_year(reasons: Reasons, year: int, last: int, context: PageContext) -> PeriodWords:
    _ = context.gettext
    return PeriodWords(
        money=_("Money of year {year}", year=year),
        work=_("Needs met in year {year} (persons) by each programme; the sum of all comes first", year=year),
        needs=_("Persons covered in year {year}; the rows of a need add up to its last one", year=year),
        flow=_(
            "Persons whose need the programmes meet in year {year}; purple: women, orange: men. Width is number.",
            year=year,
        ),
        following=_following(reasons, last, context),
        changes=_changes(last, context),
        change=_("Change, year {year}", year=year),
        told=(_("Year {year} of {last}.", year=year, last=last), _lasting(last, context)),
    )


def _following(reasons: Reasons, last: int, context: PageContext) -> str:
    return context.gettext(
        "Needs met until year {last} by the next {amount} on one programme, person-years; all else as it is",
        amount=_amount(reasons, context),
        last=last,
    )


def _changes(last: int, context: PageContext) -> str:
    return context.gettext(
        "Needs met until year {last} by each 1,000 of the change, person-years; of cuts: no longer met", last=last
    )


def _lasting(last: int, context: PageContext) -> str:
    return context.gettext(
        "What works of earlier years still serve is their programme's work. What money does is counted until year "
        "{last}, in person-years; each cut and increase of a year is undone alone.",
        last=last,
    )
