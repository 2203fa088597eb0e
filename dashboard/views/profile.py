"""What a profile shows: figures as texts and as places on a bar, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from budget_model.survey.classes import UNCERTAIN, certainty
from dashboard.context import PageContext
from dashboard.services.findings import Gap, SexFigure
from dashboard.services.profile import Extreme, Population, Profile, ProfileNeed, lack_of
from dashboard.views.lack import as_lack, gap_of_lack
from dashboard.views.needs import disadvantage_of_women, with_interval
from dashboard.views.trend import TrendRow, trend_rounds, trend_row
from dashboard.views.words import round_name, unit_name

NORMAL_95 = 1.959964
MOST_GAPS = 3


@dataclass(frozen=True)
class BandRow:
    """A row of the pyramid; widths are shares (0-1) of the widest bar, None where nothing is shown."""

    band: str
    women: str
    men: str
    women_width: float | None
    men_width: float | None


@dataclass(frozen=True)
class NeedRow:
    """A need: shares of those who have the indicator's value, as texts and as places (0-1) on the line."""

    name: str
    women: str
    men: str
    together: str
    women_at: float | None
    men_at: float | None
    together_at: float | None
    rest_at: float | None
    gap: str
    compared: str
    change: str


@dataclass(frozen=True)
class ProfileView:
    """The page in the reader's language."""

    title: str
    lead: tuple[str, ...]
    people: str
    women: str
    men: str
    pyramid: tuple[BandRow, ...]
    needs: tuple[NeedRow, ...]
    compared_title: str
    change_title: str | None  # None: no earlier round to compare with
    means: tuple[tuple[str, ...], ...]  # indicator, unit, women, men, gap
    has_together: bool  # whether an indicator is known for women and men together only
    gaps: tuple[str, ...]
    trend_rounds: tuple[str, ...] = ()  # codes, the earliest first; empty: there is nothing to compare
    trends: tuple[TrendRow, ...] = ()


def profile_view(profile: Profile, context: PageContext) -> ProfileView:
    """The profile with its needs named as what is lacking."""
    _ = context.gettext
    profile = replace(profile, needs=tuple(as_lack(need) for need in profile.needs))
    area = profile.area
    is_site = area is None or area.level == 0
    compared = _("Worst and best area") if is_site else _("Rest of the site")
    if not is_site and not any(value is not None for need in profile.needs for value in need.rest):
        compared = _("Whole site")
    people = profile.population
    rounds = trend_rounds([need.trend for need in profile.needs])
    return ProfileView(
        title=area.name if area else "",
        lead=lead(profile, context),
        people=context.formats.number(people.everybody if people else None),
        women=context.formats.number(people.women if people else None),
        men=context.formats.number(people.men if people else None),
        pyramid=pyramid(people, context),
        needs=tuple(need_row(need, profile, context) for need in profile.needs),
        compared_title=compared,
        change_title=change_title(profile, context),
        gaps=gap_sentences(profile, context),
        means=tuple(mean_row(gap, context) for gap in profile.means),
        has_together=any(is_together_only(need) for need in profile.needs),
        trend_rounds=tuple(round_name(one, context) for one in rounds),
        trends=tuple(
            trend_row(row_name(need.gap, context), need.trend, rounds, context)
            for need in profile.needs
            if rounds and not is_together_only(need)
        ),
    )


def is_together_only(need: ProfileNeed) -> bool:
    """Published for women and men together, not by sex."""
    return need.gap.women is None and need.gap.men is None


def change_title(profile: Profile, context: PageContext) -> str | None:
    has_change = any(figure for need in profile.needs for figure in need.before)
    if profile.before is None or not has_change:
        return None
    return context.gettext("Change since {round}", round=round_name(profile.before, context))


def lead(profile: Profile, context: PageContext) -> tuple[str, ...]:
    """The most widespread need that can be told, and the widest gap, in words."""
    _, formats = context.gettext, context.formats
    is_census = bool(profile.round and profile.round.is_census)
    known = [
        need
        for need in profile.needs
        if need.everybody is None or told(need.everybody, is_census, context)[1] is not None
    ]
    if not known:
        return ()
    gap = known[0].gap
    facts = {"indicator": name_of(gap, context), "share": formats.share(lack_of(gap, known[0].everybody))}
    if gap.direction == "up":  # those who lack it have no name in the catalogue
        facts["share"] = formats.share(1 - (lack_of(gap, known[0].everybody) or 0.0))
        widespread = _("Most widespread need: what “{indicator}” stands for; only {share} have it.", **facts)
    else:
        widespread = _("Most widespread need: {indicator} ({share} of those concerned).", **facts)
    return (widespread, *gap_sentences(profile, context)[:1])


def name_of(gap: Gap, context: PageContext) -> str:
    return context.in_language(gap.label)


def row_name(gap: Gap, context: PageContext) -> str:
    name = name_of(gap, context)
    return name if gap.direction == "down" else context.gettext("{indicator} (higher is better)", indicator=name)


def gap_sentences(profile: Profile, context: PageContext) -> tuple[str, ...]:
    """The widest gaps that are more than chance, against women or against men."""
    _, formats = context.gettext, context.formats
    shares = [gap_of_lack(gap) for gap in profile.gaps]
    real = [gap for gap in shares if gap.worse_off]
    if not real and any(gap.gap is not None for gap in shares):
        return (_("No gap between women and men here is larger than what chance in the sample would explain."),)
    widest = sorted(real, key=lambda gap: -abs(disadvantage_of_women(gap)))[:MOST_GAPS]
    against = {
        "women": _("{indicator}: {gap} against women ({women} of women, {men} of men)."),
        "men": _("{indicator}: {gap} against men ({women} of women, {men} of men)."),
    }
    return tuple(
        against[gap.disadvantaged or "women"].format(
            indicator=name_of(gap, context),
            gap=formats.points(abs(gap.gap or 0.0)).lstrip("+"),
            women=formats.share(gap.women.estimate if gap.women else None),
            men=formats.share(gap.men.estimate if gap.men else None),
        )
        for gap in widest
        if gap.gap
    )


def mean_row(gap: Gap, context: PageContext) -> tuple[str, ...]:
    """An indicator that is a mean: its unit, women, men, and women minus men in that unit (≈: no more than chance)."""
    difference = context.formats.signed(gap.gap, 3) + (" ≈" if gap.worse_off is None and gap.gap else "")
    sides = (with_interval(side, True, context) for side in (gap.women, gap.men))
    return (row_name(gap, context), unit_name(gap.unit, context), *sides, difference)


def pyramid(people: Population | None, context: PageContext) -> tuple[BandRow, ...]:
    """Bands from the oldest to the youngest, bars against the widest."""
    if people is None or not people.bands:
        return ()
    widest = max((count or 0.0 for band in people.bands for count in (band.women, band.men)), default=0.0) or 1.0

    def width(count: float | None) -> float | None:
        return None if count is None else count / widest

    number, protected = context.formats.number, context.gettext("protected")
    return tuple(
        BandRow(
            band.band,
            protected if band.women is None else number(band.women),
            protected if band.men is None else number(band.men),
            width(band.women),
            width(band.men),
        )
        for band in reversed(people.bands)
    )


def need_row(need: ProfileNeed, profile: Profile, context: PageContext) -> NeedRow:
    gap = need.gap
    is_census = bool(profile.round and profile.round.is_census)
    women, men, everybody = (told(figure, is_census, context) for figure in (gap.women, gap.men, need.everybody))
    is_together = is_together_only(need)
    unknown = (context.formats.share(None), None)
    women, men = (unknown, unknown) if is_together else (women, men)
    together = everybody if is_together else unknown
    is_known = women[1] is not None and men[1] is not None
    return NeedRow(
        name=row_name(gap, context),
        women=women[0],
        men=men[0],
        together=together[0],
        women_at=women[1],
        men_at=men[1],
        together_at=together[1],
        rest_at=_middle(need.rest),
        gap=gap_text(gap, context) if is_known else context.formats.points(None),
        compared=compared_text(need, profile, context),
        change=change_text(need, context),
    )


def told(figure: SexFigure | None, is_census: bool, context: PageContext) -> tuple[str, float | None]:
    """The figure as a text and its place on the line; what is too uncertain is said to be so, as on the map."""
    text = with_interval(figure, False, context)
    if figure is None or figure.estimate is None:
        return text, None
    interval = (figure.ci_low, figure.ci_high)
    if not is_census and certainty(figure.estimate, figure.standard_error, interval, is_share=True) == UNCERTAIN:
        return context.gettext("too uncertain to show"), None
    return text, figure.estimate


def gap_text(gap: Gap, context: PageContext) -> str:
    """In points; ≈ where chance could explain it."""
    return context.formats.points(gap.gap) + (" ≈" if gap.worse_off is None and gap.gap else "")


def _middle(rest: tuple[float | None, float | None]) -> float | None:
    known = [value for value in rest if value is not None]
    return sum(known) / len(known) if known else None


def compared_text(need: ProfileNeed, profile: Profile, context: PageContext) -> str:
    """The rest of the site by sex; for the site itself the areas at both ends."""
    formats = context.formats
    if need.worst and need.best:
        return f"{_extreme(need.worst, context)} / {_extreme(need.best, context)}"
    if any(value is not None for value in need.rest):
        return " / ".join(formats.share(value) for value in need.rest)
    is_area = profile.area is not None and profile.area.level > 0
    return formats.share(need.site.estimate) if is_area and need.site else "–"


def _extreme(extreme: Extreme, context: PageContext) -> str:
    return f"{extreme.area.name} {context.formats.share(extreme.estimate)}"


def change_text(need: ProfileNeed, context: PageContext) -> str:
    """Women's and men's change in points; ≈ where chance could explain it."""
    texts = []
    for now, before in zip((need.gap.women, need.gap.men), need.before, strict=True):
        if now is None or before is None or now.estimate is None or before.estimate is None:
            texts.append("–")
            continue
        change = now.estimate - before.estimate
        errors = [figure.error for figure in (now, before) if figure.error is not None]
        is_noise = bool(errors) and abs(change) <= NORMAL_95 * sum(error**2 for error in errors) ** 0.5
        texts.append(context.formats.points(change) + (" ≈" if is_noise else ""))
    return " / ".join(texts)
