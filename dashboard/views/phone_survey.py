"""What the survey found, in a sentence for each of the widest gaps, for a phone. No Dash here."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.auth.person import ANONYMOUS
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.findings import Gap
from dashboard.views.needs import indicator_name, with_interval
from dashboard.views.words import round_sources

MOST_GAPS = 3


@dataclass(frozen=True)
class SurveyWords:
    """Sentences, and where their figures come from."""

    sentences: tuple[str, ...]
    source: str


def survey_words(services: Services, context: PageContext) -> SurveyWords | None:
    """The widest gaps between women and men that are more than chance; as the public sees them, for officials too.

    None where the site has no published round with shares of both.
    """
    if context.site is None:
        return None
    found = services.needs.findings(ANONYMOUS, context.site)
    shares = [gap for gap in found.gaps if not gap.is_mean and gap.gap is not None]
    if found.round is None or not shares:
        return None
    wide = sorted((gap for gap in shares if gap.worse_off), key=lambda gap: (-abs(gap.gap or 0.0), gap.code))
    told = [gap_sentence(gap, context) for gap in wide[:MOST_GAPS]]
    if not told:
        none = context.gettext(
            "No gap between women and men here is larger than what chance in the sample would explain."
        )
        told = [none]
    return SurveyWords(tuple(told), " · ".join(round_sources(found.round, context)))


def gap_sentence(gap: Gap, context: PageContext) -> str:
    """Both shares with their intervals, and who is worse off."""
    _ = context.gettext
    facts = {
        "indicator": indicator_name(gap, context),
        "women": with_interval(gap.women, False, context),
        "men": with_interval(gap.men, False, context),
    }
    if gap.worse_off == "women":
        return _("{indicator}: {women} of women and {men} of men. Women are worse off.", **facts)
    return _("{indicator}: {women} of women and {men} of men. Men are worse off.", **facts)
