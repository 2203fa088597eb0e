"""Focus groups of a site: what women and men said in them, beside what the survey found, and how both are mixed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget_model.needs.focus_groups import (
    GROUPS,
    LEAST_PARTICIPANTS,
    GroupPriorities,
    RankAgreement,
    rank_agreement,
    ranks_of,
)
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, SIGNED_IN, may, require
from dashboard.services.findings import NORMAL_95, AreaRef, RoundInfo
from dashboard.services.needs import round_info
from data.readers.focus_groups import FocusGroupRecord
from data.store import focus_groups as store
from data.store.areas import list_areas
from data.store.needs import load_needs
from data.store.rounds import latest_round
from data.store.tables import FocusGroupSession
from data.workflows.focus_groups import (
    SavedSession,
    edit_session,
    record_of,
    save_sessions,
    scored_needs,
    withdraw_session,
)
from data.workflows.priorities import Mix, load_mix, load_priorities, set_mix, weight_table

if TYPE_CHECKING:
    from dashboard.services import Store

RECORDERS = PLANNERS | {"surveyor"}  # may enter sessions; planners may change the mix
SITE_LEVEL = 0
Texts = Mapping[str, str]


@dataclass(frozen=True)
class NeedInfo:
    """A need that a session may put on the table."""

    code: str
    label: Texts
    dimension: str


@dataclass(frozen=True)
class SurveyNeed:
    """Persons of a group who lack it, by the survey; no interval for a full count. Rank 1: the most persons."""

    persons: float
    low: float | None
    high: float | None
    rank: float


@dataclass(frozen=True)
class SessionInfo:
    """The newest version of a session. Where too few took part, `scores`, `bands`, `findings`, `quotes` are empty."""

    code: str
    version: int
    saved_at: datetime
    saved_by: str
    reason: str
    held_on: date
    area: str
    place: str
    composition: str
    facilitator: str
    method: str
    participants: Mapping[str, int]  # sex -> persons
    is_small: bool
    bands: Mapping[str, Mapping[str, int]]
    scores: Mapping[str, Mapping[str, float]]
    findings: str
    quotes: tuple[str, ...]
    is_synthetic: bool


@dataclass(frozen=True)
class FocusBoard:
    """Everything on the page. Mappings by group, then by need."""

    needs: tuple[NeedInfo, ...]
    areas: tuple[AreaRef, ...]  # below the site
    survey_round: RoundInfo | None
    survey: Mapping[str, Mapping[str, SurveyNeed]]
    priorities: Mapping[str, GroupPriorities | None]
    agreements: Mapping[str, RankAgreement]  # women_men, women_survey, men_survey: where both rankings are there
    sessions: tuple[SessionInfo, ...]
    mix: Mix
    weights: Mapping[str, Mapping[str, float]]  # of the needs of the latest round
    may_record: bool
    may_mix: bool


@dataclass(frozen=True)
class SessionToEdit:
    """A session with the version that an edit starts from."""

    record: FocusGroupRecord
    version: int


class FocusGroupService:
    """Sessions, priorities, agreement of ranks, and the mix."""

    def __init__(self, given: Store):
        self._store = given

    def board(self, user: Person, site: SiteRef) -> FocusBoard:
        """What everybody who works at the site may see."""
        require(user, SIGNED_IN, site, "see focus groups")
        with self._store.factory() as session:
            found = latest_round(session, site.id, has_needs=True)
            survey = survey_needs(session, found.id) if found else {group: {} for group in GROUPS}
            priorities, mix = load_priorities(session, site.id), load_mix(session, site.id)
            areas = [AreaRef(a.id, a.code, a.name, a.level) for a in list_areas(session, site.id)]
            return FocusBoard(
                needs=need_infos(session, site.id),
                areas=tuple(area for area in areas if area.level > SITE_LEVEL),
                survey_round=round_info(found) if found else None,
                survey=survey,
                priorities=priorities,
                agreements=agreements_of(priorities, survey),
                sessions=session_infos(session, site.id, {area.id: area.name for area in areas}),
                mix=mix,
                weights=mixed_weights(priorities, survey, float(mix.focus_share)),
                may_record=may(user, RECORDERS, site),
                may_mix=may(user, PLANNERS, site),
            )

    def priorities(self, user: Person, site: SiteRef) -> Mapping[str, GroupPriorities | None]:
        """Priorities over all sessions, for the Needs page; never those of so few that they could be recognised."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            return load_priorities(session, site.id)

    def to_edit(self, user: Person, site: SiteRef, code: str) -> SessionToEdit:
        """A session as it was entered. NotFoundError where the site has none of that code."""
        require(user, RECORDERS, site, "enter focus groups")
        with self._store.factory() as session:
            found = store.load_version(session, site.id, code)
            return SessionToEdit(record_of(session, found), found.version)

    def save(
        self,
        user: Person,
        site: SiteRef,
        record: FocusGroupRecord,
        *,
        based_on: int | None,
        accepted: Collection[str],
        reason: str,
    ) -> SavedSession:
        """Store a new session, or with `based_on` the next version of one.

        Raises InputError with every problem; rules `focus.hint.…` are places that look like persons.
        """
        require(user, RECORDERS, site, "enter focus groups")
        factory = self._store.factory
        if based_on is None:
            [done] = save_sessions(factory, site.slug, [record], user.login, accepted=accepted, reason=reason)
            return done
        return edit_session(factory, site.slug, record, user.login, based_on=based_on, accepted=accepted, reason=reason)

    def withdraw(self, user: Person, site: SiteRef, code: str, based_on: int, reason: str) -> SavedSession:
        """Take a session out of the priorities; it stays on record."""
        require(user, RECORDERS, site, "enter focus groups")
        return withdraw_session(self._store.factory, site.slug, code, user.login, reason=reason, based_on=based_on)

    def set_mix(self, user: Person, site: SiteRef, focus_share: Decimal, weighting: str, reason: str) -> Mix:
        """Set how far the focus groups count in the weights of the model."""
        require(user, PLANNERS, site, "change the weights of the model")
        return set_mix(self._store.factory, site.slug, focus_share, weighting, user.login, reason)


def need_infos(session: Session, site_id: int) -> tuple[NeedInfo, ...]:
    """Needs that count persons, in the order of the catalogue."""
    found = scored_needs(session, site_id)
    return tuple(
        NeedInfo(code, texts_of(one, code), str(one.get("dimension") or "other")) for code, one in found.items()
    )


def texts_of(definition: Mapping[str, object], code: str) -> Texts:
    label = definition.get("label")
    return label if isinstance(label, dict) else {"es": code}


def survey_needs(session: Session, round_id: int) -> dict[str, dict[str, SurveyNeed]]:
    """Group -> need -> persons of the whole site who lack it, with 95 % interval and rank."""
    frame = load_needs(session, round_id, level=SITE_LEVEL)
    frame = frame.sort_values("version").drop_duplicates(["indicator", "group"], keep="last")
    found: dict[str, dict[str, SurveyNeed]] = {group: {} for group in GROUPS}
    for group in GROUPS:
        rows = frame[(frame["group"] == group) & (frame["universe"] > 0)]
        ranks = ranks_of(dict(zip(rows["indicator"], rows["deficit"], strict=True)))
        for row in rows.itertuples():
            half = None if row.deficit_se != row.deficit_se else NORMAL_95 * row.deficit_se
            low = None if half is None else max(0.0, row.deficit - half)
            high = None if half is None else min(row.universe, row.deficit + half)
            found[group][row.indicator] = SurveyNeed(row.deficit, low, high, ranks[row.indicator])
    return found


def agreements_of(
    priorities: Mapping[str, GroupPriorities | None], survey: Mapping[str, Mapping[str, SurveyNeed]]
) -> dict[str, RankAgreement]:
    """Rank agreement of women with men, and of each with the survey's number of persons of their own group."""
    found = {}
    women, men = (priorities.get(group) for group in GROUPS)
    if women and men:
        found["women_men"] = rank_agreement(women.shares, men.shares)
    for group in GROUPS:
        said, persons = priorities.get(group), {need: one.persons for need, one in survey.get(group, {}).items()}
        if said and persons:
            found[f"{group}_survey"] = rank_agreement(said.shares, persons)
    return found


def mixed_weights(
    priorities: Mapping[str, GroupPriorities | None], survey: Mapping[str, Mapping[str, SurveyNeed]], focus_share: float
) -> dict[str, dict[str, float]]:
    """Group -> need -> weight that the model gives it, the survey's part being 1."""
    needs = sorted({need for found in survey.values() for need in found})
    factors = weight_table(priorities, needs)
    return {
        group: {need: 1 + focus_share * (factor - 1) for need, factor in found.items()}
        for group, found in factors.items()
    }


def session_infos(session: Session, site_id: int, area_names: Mapping[int, str]) -> tuple[SessionInfo, ...]:
    sessions = store.list_sessions(session, site_id)
    scores = store.load_scores(session, [one.id for one in sessions])
    return tuple(session_info(one, scores[one.id], area_names) for one in sessions)


def session_info(
    one: FocusGroupSession, scores: Mapping[str, Mapping[str, float]], area_names: Mapping[int, str]
) -> SessionInfo:
    counts = {sex: sum(bands.values()) for sex, bands in one.participants.items()}
    is_small = min(counts.values(), default=0) < LEAST_PARTICIPANTS
    return SessionInfo(
        code=one.code,
        version=one.version,
        saved_at=one.saved_at,
        saved_by=one.saved_by,
        reason=one.reason,
        held_on=one.held_on,
        area=area_names[one.area_id],
        place=one.place,
        composition=one.composition,
        facilitator=one.facilitator,
        method=one.method,
        participants=counts,
        is_small=is_small,
        bands={} if is_small else one.participants,
        scores={} if is_small else scores,
        findings="" if is_small else one.findings,
        quotes=() if is_small else tuple(one.quotes),
        is_synthetic=one.is_synthetic,
    )
