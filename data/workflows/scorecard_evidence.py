"""What the system really holds that bears on the questions of scorecards. Evidence for people, never an answer.

Each kind says what is there for a year, or None where nothing is: tags and amounts of the lines of that year,
programmes that a line of that year feeds, the survey round that ended in that year or in the `ROUND_COUNTS_YEARS`
before it, focus groups held in that year. What came later is no evidence of a year. Amounts are text of exact decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from budget_model.spending.counting import TaggedLine
from budget_model.spending.lines import STAGES, amount_text
from budget_model.spending.tags import NOT_SCREENED
from data.store.focus_groups import list_sessions
from data.store.rounds import list_rounds, round_that_counts
from data.store.tables import (
    BudgetLine,
    Estimate,
    Indicator,
    ModelSnapshot,
    Need,
    Programme,
    ProgrammeLineShare,
    ProgrammeNeedLink,
    Scenario,
    Site,
    SurveyRound,
)
from data.workflows.tagged_lines import tagged_lines

Facts = Mapping[str, Any]
SEXES = ("female", "male")
FOR_EQUALITY = ("2", "1")  # markers whose tags state objective, indicator and gap
ROUND_COUNTS_YEARS = 3  # a survey that is to be repeated every three years speaks for the years between


def held_evidence(session: Session, site_id: int, year: int) -> dict[str, Facts]:
    """Kind -> facts of everything that is held; kinds of which nothing is there are left out."""
    tagged = [line for line in tagged_lines(session, site_id, year) if line.tag is not None]
    found: dict[str, Facts | None] = {name: of_tags(tagged) for name, of_tags in OF_TAGS.items()}
    found |= {name: held(session, site_id, year) for name, held in OF_THE_SITE.items()}
    unit = {"currency": session.get_one(Site, site_id).currency}
    return {
        name: {**facts, **unit} if "pim" in facts else dict(facts) for name, facts in found.items() if facts is not None
    }


def _tagged_lines(lines: list[TaggedLine]) -> Facts | None:
    screened = _screened(lines)
    return {"lines": len(screened), **_sums(screened, ("pim",))} if screened else None


def _reviewed_tags(lines: list[TaggedLine]) -> Facts | None:
    """Only approved tags come here, and approval takes a second person."""
    screened = _screened(lines)
    return {"lines": len(screened)} if screened else None


def _screened(lines: list[TaggedLine]) -> list[TaggedLine]:
    """A tag that only locks a line, say, has nothing to do with equality."""
    return [line for line in lines if line.tag and line.tag.marker != NOT_SCREENED]


def _tagged_objectives(lines: list[TaggedLine]) -> Facts | None:
    own = _for_equality(lines)
    return {"lines": len(own), **_sums(own, ("pim",))} if own else None


def _statement_by_stage(lines: list[TaggedLine]) -> Facts | None:
    own = _for_equality(lines)
    stages = [stage for stage in STAGES if any(line.amounts.get(stage) is not None for line in own)]
    return {"lines": len(own), "stages": stages} if stages else None


def _execution_by_tag(lines: list[TaggedLine]) -> Facts | None:
    own = [line for line in _for_equality(lines) if None not in (line.amounts.get("pim"), line.amounts.get("accrued"))]
    return {"lines": len(own), **_sums(own, ("pim", "accrued"))} if own else None


def _for_equality(lines: list[TaggedLine]) -> list[TaggedLine]:
    return [line for line in lines if line.tag and line.tag.marker in FOR_EQUALITY]


def _sums(lines: list[TaggedLine], stages: tuple[str, ...]) -> dict[str, str | None]:
    """Sum by stage as text; None where no line has the stage."""
    found: dict[str, str | None] = {}
    for stage in stages:
        amounts = [amount for line in lines if (amount := line.amounts.get(stage)) is not None]
        found[stage] = amount_text(sum(amounts, Decimal(0))) if amounts else None
    return found


def _rounds_with_needs(session: Session, site_id: int, year: int) -> list[SurveyRound]:
    """Rounds that had ended by the end of the year, the newest first; one that says no day belongs to no year."""
    with_needs = set(session.scalars(select(Need.round_id).distinct()))
    rounds = [one for one in list_rounds(session, site_id) if one.id in with_needs]
    return [one for one in rounds if (ended := _year_of(one)) is not None and ended <= year]


def _year_of(survey_round: SurveyRound) -> int | None:
    day = survey_round.ends_on or survey_round.starts_on
    return day.year if day else None


def _round_of(session: Session, site_id: int, year: int) -> SurveyRound | None:
    """The round that speaks for a year; None where the last one ended too long before."""
    rounds = _rounds_with_needs(session, site_id, year)
    return round_that_counts([one for one in rounds if (_year_of(one) or 0) >= year - ROUND_COUNTS_YEARS])


def _programmes_of(site_id: int, year: int) -> Select[tuple[int]]:
    """Programmes that a line of the year feeds."""
    return (
        select(Programme.id)
        .join(ProgrammeLineShare, ProgrammeLineShare.programme_id == Programme.id)
        .join(BudgetLine, BudgetLine.id == ProgrammeLineShare.budget_line_id)
        .where(Programme.site_id == site_id, BudgetLine.year == year)
    )


def _estimates_by_sex(session: Session, site_id: int, year: int) -> Facts | None:
    found = _round_of(session, site_id, year)
    if found is None:
        return None
    query = select(func.count(distinct(Estimate.indicator_id))).where(Estimate.round_id == found.id)
    count = session.scalar(query.where(Estimate.sex.in_(SEXES)))
    return {"round": found.code, "indicators": count} if count else None


def _needs_links(session: Session, site_id: int, year: int) -> Facts | None:
    """Programmes that meet a need which a round counted for women and men apart."""
    found = _round_of(session, site_id, year)
    if found is None:
        return None
    counted = _need_codes(session, found)
    rows = session.execute(
        select(ProgrammeNeedLink.programme_id, ProgrammeNeedLink.indicator_code).where(
            ProgrammeNeedLink.programme_id.in_(_programmes_of(site_id, year))
        )
    )
    linked = [(programme, code) for programme, code in rows if code in counted]
    if not linked:
        return None
    programmes, needs = {row[0] for row in linked}, {row[1] for row in linked}
    return {"round": found.code, "programmes": len(programmes), "needs": len(needs)}


def _need_codes(session: Session, survey_round: SurveyRound) -> set[str]:
    query = select(Indicator.code).join(Need, Need.indicator_id == Indicator.id)
    return set(session.scalars(query.where(Need.round_id == survey_round.id).distinct()))


def _beneficiaries_by_sex(session: Session, site_id: int, year: int) -> Facts | None:
    own = Programme.id.in_(_programmes_of(site_id, year))
    count = session.scalar(select(func.count()).where(own, Programme.beneficiaries.is_not(None)))
    return {"programmes": count} if count else None


def _scenarios_by_sex(session: Session, site_id: int, year: int) -> Facts | None:
    query = (
        select(func.count()).select_from(Scenario).join(ModelSnapshot, ModelSnapshot.sha256 == Scenario.model_sha256)
    )
    count = session.scalar(query.where(Scenario.site_id == site_id, ModelSnapshot.budget_year == year))
    return {"scenarios": count} if count else None


def _earlier_rounds(session: Session, site_id: int, year: int) -> Facts | None:
    """The round of the year with those before it: from two on, changes can be told."""
    codes = sorted(one.code for one in _rounds_with_needs(session, site_id, year))
    return {"rounds": codes} if len(codes) > 1 and _round_of(session, site_id, year) else None


def _focus_sessions(session: Session, site_id: int, year: int) -> Facts | None:
    sessions = [one for one in list_sessions(session, site_id) if one.held_on.year == year]
    return {"sessions": len(sessions)} if sessions else None


OF_TAGS: Mapping[str, Callable[[list[TaggedLine]], Facts | None]] = {
    "tagged_lines": _tagged_lines,
    "tagged_objectives": _tagged_objectives,
    "reviewed_tags": _reviewed_tags,
    "statement_by_stage": _statement_by_stage,
    "execution_by_tag": _execution_by_tag,
}
OF_THE_SITE: Mapping[str, Callable[[Session, int, int], Facts | None]] = {
    "estimates_by_sex": _estimates_by_sex,
    "needs_links": _needs_links,
    "beneficiaries_by_sex": _beneficiaries_by_sex,
    "scenarios_by_sex": _scenarios_by_sex,
    "earlier_rounds": _earlier_rounds,
    "focus_sessions": _focus_sessions,
}
KINDS = (*OF_TAGS, *OF_THE_SITE)
