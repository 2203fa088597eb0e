"""The participatory budget: what everybody may see of it, and what officials do to it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.assembly.proposals import FEASIBLE, ProposalRecord
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, SIGNED_IN, may, require
from data.readers.pabulib import MOST_BYTES
from data.readers.process_file import ProcessFile
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.indicators import list_indicators
from data.store.populations import find_population
from data.store.rounds import PUBLISHED
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyProposal, AssemblyScore, AssemblyVote, Indicator, SurveyRound
from data.workflows.processes import save_process
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import SavedProposals, import_proposals, proposal_tables, record_of, save_proposal
from data.workflows.stored_votes import ImportedVote, VoteToImport, import_vote
from data.writers.tables import file_bytes

if TYPE_CHECKING:
    from dashboard.services import Store

EDIT, SEE = "change the participatory budget", "see the participatory budget"
Texts = Mapping[str, str]


@dataclass(frozen=True)
class ProposalInfo:
    """A version of a proposal. `saved_by` is empty for the public."""

    record: ProposalRecord
    zone: str  # name; empty: the whole site
    need: Texts  # label of the need it answers; empty: none named
    version: int
    saved_at: datetime
    saved_by: str
    is_synthetic: bool


@dataclass(frozen=True)
class PeopleCount:
    """Participants of a sex; None: too few to be shown."""

    sex: str
    persons: int | None


@dataclass(frozen=True)
class Inhabitants:
    """Women and men of a site in the year nearest to that of a process, with where the numbers come from."""

    year: int
    women: int
    men: int
    source: str


@dataclass(frozen=True)
class ProcessInfo:
    """What was announced for a year. Money in currency."""

    year: int
    version: int
    phases: tuple[tuple[str, date, date], ...]
    envelope: Decimal | None
    zones: tuple[tuple[str, str, Decimal], ...]  # code, name, envelope
    rule: str
    ties: str
    least_votes: int | None
    least_group: int
    citation: str
    effective_on: date | None
    participants: tuple[PeopleCount, ...]
    people: tuple[tuple[str, str, str, int], ...]  # sex, age, zone code, persons; for those who edit only
    by_age: tuple[tuple[str, int], ...]  # participants by age band; empty where a group is too small
    by_zone: tuple[tuple[str, int], ...]  # by name of the zone, "" for those told without one; empty likewise
    inhabitants: Inhabitants | None
    is_synthetic: bool


@dataclass(frozen=True)
class AssemblyBoard:
    """A year of the participatory budget. `process` is None where the site has none."""

    years: tuple[int, ...]
    process: ProcessInfo | None
    proposals: tuple[ProposalInfo, ...]  # the public: feasible ones only
    has_vote: bool
    may_edit: bool


@dataclass(frozen=True)
class Choices:
    """What the forms offer: codes with names."""

    zones: tuple[tuple[str, str], ...]
    needs: tuple[tuple[str, Texts], ...]


@dataclass(frozen=True)
class VoteInfo:
    """A counted vote, groups that are too small left out. `titles`: of its projects, by language."""

    id: int
    zone: str  # name; empty: the whole site
    ballots: int
    result: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Any]]
    is_group_hidden: bool
    by_age: Mapping[str, Mapping[str, Any]]  # age band -> voters, satisfaction, share of money, exclusion
    by_zone: Mapping[str, Mapping[str, Any]]  # likewise by the code or name that the ballots carry
    study: Mapping[str, Any] | None
    titles: Mapping[str, Texts]
    hash: str
    is_synthetic: bool


@dataclass(frozen=True)
class ScoreBoard:
    """What the proposals of a year would do. `scores` and `without` (why there is none) by code, as stored.

    Proposals that were changed since, and for the public those of sensitive needs, are in neither. `lists`: by the
    number of a vote. None of it where nothing was computed, or nothing that this person may see.
    """

    scores: Mapping[str, Mapping[str, Any]]
    without: Mapping[str, str]
    lists: Mapping[str, Mapping[str, Any]]
    programmes: Mapping[str, Texts]
    source: str
    draws: int
    saved_at: datetime | None


NO_SCORES = ScoreBoard({}, {}, {}, {}, "", 0, None)


class AssemblyService:
    """Reads are open to everybody, feasible proposals and counted votes only; changes are for officials."""

    def __init__(self, given: Store):
        self._store = given

    def board(self, user: Person, site: SiteRef, year: int | None = None) -> AssemblyBoard:
        """A year, or the latest; NotFoundError for a year that has none."""
        require(user, EVERYBODY, site, SEE)
        may_edit = may(user, PLANNERS, site)
        with self._store.factory() as session:
            processes = store.list_processes(session, site.id)
            years = tuple(one.year for one in processes)
            if year is not None and year not in years:
                raise NotFoundError("participatory budget", str(year))
            chosen = next((one for one in processes if year in (None, one.year)), None)
            if chosen is None:
                return AssemblyBoard((), None, (), False, may_edit)
            return AssemblyBoard(
                years,
                process_info(session, chosen, may_edit),
                proposal_infos(session, site.id, store.list_proposals(session, chosen.id), may_edit),
                bool(store.list_votes(session, chosen.id)),
                may_edit,
            )

    def versions(self, user: Person, site: SiteRef, year: int, code: str) -> tuple[ProposalInfo, ...]:
        """A proposal, its newest version first; the public is shown what it may see: that version, if feasible."""
        require(user, EVERYBODY, site, SEE)
        may_edit = may(user, PLANNERS, site)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            rows = store.list_proposal_versions(session, process.id, code)
            found = proposal_infos(session, site.id, rows if may_edit else rows[:1], may_edit)
        if not found:
            raise NotFoundError("proposal of the assembly", code)
        return found

    def choices(self, user: Person, site: SiteRef) -> Choices:
        require(user, PLANNERS, site, EDIT)
        with self._store.factory() as session:
            zones = tuple((area.code, area.name) for area in list_areas(session, site.id) if area.level)
            return Choices(zones, tuple(need_labels(session, site.id).items()))

    def save_proposal(self, user: Person, site: SiteRef, year: int, cells: Mapping[str, str], seen: int) -> str:
        require(user, PLANNERS, site, EDIT)
        return save_proposal(self._store.factory, site.slug, year, cells, user.login, seen=seen)

    def import_proposals(self, user: Person, site: SiteRef, year: int, name: str, stream: IO[bytes]) -> SavedProposals:
        require(user, PLANNERS, site, EDIT)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"proposals{Path(name).suffix.lower()[:6]}"
            file.write_bytes(stream.read(MOST_BYTES))
            return import_proposals(self._store.factory, site.slug, year, file, user.login, Path(name).name)

    def table(self, user: Person, site: SiteRef, year: int, kind: str) -> bytes:
        """The proposals that this person may see as a file: `csv` or `xlsx`."""
        require(user, EVERYBODY, site, SEE)
        may_edit = may(user, PLANNERS, site)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            zones = {area.id: area.code for area in list_areas(session, site.id) if area.level}
            rows = [row for row in store.list_proposals(session, process.id) if may_edit or row.state == FEASIBLE]
            pairs = [(row, record_of(row, zones)) for row in rows]
            notes, tables = proposal_tables(load_site(session, site.slug), year, pairs, with_people=may_edit)
        return file_bytes(f"proposals.{kind}", notes, tables)

    def scores(self, user: Person, site: SiteRef, year: int) -> ScoreBoard:
        """What was computed for a year. The public sees it where the round that it rests on is published."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            found = store.find_scores(session, process.id)
            is_public = not may(user, SIGNED_IN, site)
            if found is None or (is_public and session.get_one(SurveyRound, found.round_id).state != PUBLISHED):
                return NO_SCORES
            rows = store.list_proposals(session, process.id)
            sensitive = sensitive_needs(session, site.id) if is_public else frozenset()
            return score_board(found, rows, sensitive)

    def score(self, user: Person, site: SiteRef, year: int) -> None:
        require(user, PLANNERS, site, EDIT)
        score_process(self._store.factory, site.slug, year, user.login)

    def save_process(self, user: Person, site: SiteRef, year: int, content: ProcessFile, seen: int | None) -> None:
        require(user, PLANNERS, site, EDIT)
        save_process(self._store.factory, site.slug, year, content, user.login, seen=seen)

    def import_vote(self, user: Person, site: SiteRef, year: int, given: VoteToImport) -> ImportedVote:
        require(user, PLANNERS, site, EDIT)
        return import_vote(self._store.factory, site.slug, year, given, user.login)

    def votes(self, user: Person, site: SiteRef, year: int) -> tuple[VoteInfo, ...]:
        """Counted votes of a year, the whole site's first."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            titles = {row.code: row.title for row in store.list_proposals(session, process.id)}
            names = {area.id: area.name for area in list_areas(session, site.id) if area.level}
            return tuple(
                vote_info(vote, process.least_group, titles, names.get(vote.area_id, ""))
                for vote in store.list_votes(session, process.id)
            )

    def vote_year(self, user: Person, site: SiteRef, vote_id: int) -> int:
        """The year of a vote; NotFoundError where the site has no such vote."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            vote = store.load_vote(session, site.id, vote_id)
            return session.get_one(AssemblyProcess, vote.process_id).year

    def record(self, user: Person, site: SiteRef, vote_id: int) -> Mapping[str, Any]:
        """The sealed record: ballots that tell nothing of their voters."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            return store.load_vote(session, site.id, vote_id).record

    def file(self, user: Person, site: SiteRef, vote_id: int) -> tuple[bytes, str]:
        """The file as it came in, with what it tells of voters: for officials."""
        require(user, PLANNERS, site, "see single ballots")
        with self._store.factory() as session:
            vote = store.load_vote(session, site.id, vote_id)
            return vote.content, vote.source_file


# --- what is shown ---------------------------------------------------------------------------------------------------


def process_info(session: Session, process: AssemblyProcess, may_edit: bool) -> ProcessInfo:
    areas = {area.id: area for area in list_areas(session, process.site_id)}
    names = {area.code: area.name for area in areas.values()}
    rows = store.list_participants(session, process.id)
    people = tuple(
        (row.sex, row.age_band, areas[row.area_id].code if areas[row.area_id].level else "", row.persons)
        for row in rows
    )
    return ProcessInfo(
        year=process.year,
        version=process.version,
        phases=tuple(
            (one["phase"], date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"]))
            for one in process.phases
        ),
        envelope=process.envelope,
        zones=tuple((code, names.get(code, code), Decimal(text)) for code, text in process.zone_envelopes.items()),
        rule=process.rule,
        ties=process.ties,
        least_votes=process.least_votes,
        least_group=process.least_group,
        citation=process.citation,
        effective_on=process.effective_on,
        participants=people_by_sex(people, process.least_group),
        people=people if may_edit else (),
        by_age=counts_of([(age, persons) for _sex, age, _zone, persons in people], process.least_group),
        by_zone=counts_of(
            [(names.get(zone, ""), persons) for _sex, _age, zone, persons in people], process.least_group
        ),
        inhabitants=inhabitants(session, process),
        is_synthetic=process.is_synthetic,
    )


def counts_of(people: Sequence[tuple[str, int]], least: int) -> tuple[tuple[str, int], ...]:
    """Sums by group; none at all where a group is too small, so that no difference tells it, or where there is one."""
    sums: dict[str, int] = {}
    for group, persons in people:
        sums[group] = sums.get(group, 0) + persons
    told = {group: persons for group, persons in sums.items() if persons}
    return () if len(told) < 2 or min(told.values()) < least else tuple(sorted(told.items()))


def inhabitants(session: Session, process: AssemblyProcess) -> Inhabitants | None:
    """The site's population in the year of the process or the nearest one; the earlier of two as near."""
    population = find_population(session, process.site_id)
    if population is None:
        return None
    year = min(population.counts, key=lambda one: (abs(one - process.year), one))
    count = population.counts[year]
    return Inhabitants(year, count.women, count.men, population.source)


def people_by_sex(people: Sequence[tuple[str, str, str, int]], least: int) -> tuple[PeopleCount, ...]:
    """Participants by sex; where a group is too small none is shown, so that no difference tells it."""
    sums: dict[str, int] = {}
    for sex, _age, _zone, persons in people:
        sums[sex] = sums.get(sex, 0) + persons
    is_small = any(0 < persons < least for persons in sums.values())
    return tuple(PeopleCount(sex, None if is_small else persons) for sex, persons in sorted(sums.items()))


def proposal_infos(
    session: Session, site_id: int, rows: Sequence[AssemblyProposal], may_edit: bool
) -> tuple[ProposalInfo, ...]:
    areas = {area.id: area for area in list_areas(session, site_id)}
    codes = {area.id: area.code for area in areas.values() if area.level}
    labels = need_labels(session, site_id)
    return tuple(
        ProposalInfo(
            record_of(row, codes),
            areas[row.area_id].name if areas[row.area_id].level else "",
            labels.get(row.need_code, {"es": row.need_code}) if row.need_code else {},
            row.version,
            row.saved_at,
            row.saved_by if may_edit else "",
            row.is_synthetic,
        )
        for row in rows
        if may_edit or row.state == FEASIBLE
    )


def sensitive_needs(session: Session, site_id: int) -> frozenset[str]:
    """Needs that any version of their definition marks as sensitive: a later one does not open earlier scores."""
    query = select(Indicator.code, Indicator.definition).where(Indicator.site_id == site_id)
    return frozenset(code for code, definition in session.execute(query) if definition.get("sensitive"))


def score_board(found: AssemblyScore, rows: Sequence[AssemblyProposal], sensitive: frozenset[str]) -> ScoreBoard:
    """What was stored, without what was changed since and without sensitive needs."""
    content = found.content
    hidden = {row.code for row in rows if row.need_code in sensitive}
    current = {row.code for row in rows if content["versions"].get(row.code) == row.version} - hidden
    return ScoreBoard(
        {code: one for code, one in content["scores"].items() if code in current},
        {code: reason for code, reason in content["without"].items() if code in current},
        {} if hidden & set(content["scores"]) else content["lists"],
        content["programmes"],
        content["source"],
        content["draws"],
        found.saved_at,
    )


def need_labels(session: Session, site_id: int) -> dict[str, Texts]:
    """Code -> label of every indicator that counts who lacks something."""
    rows = list_indicators(session, site_id)
    return {row.code: row.definition.get("label") or {"es": row.code} for row in rows}


def vote_info(vote: AssemblyVote, least: int, titles: Mapping[str, Texts], zone: str) -> VoteInfo:
    groups, is_hidden = shown_groups(vote.result, least)
    projects = vote.result["projects"]
    return VoteInfo(
        id=vote.id,
        zone=zone,
        ballots=vote.ballots,
        result={key: value for key, value in vote.result.items() if not key.startswith("by_")},
        groups=groups,
        is_group_hidden=is_hidden,
        by_age=large_groups(vote.result.get("by_age"), vote.ballots, least),
        by_zone=large_groups(vote.result.get("by_zone"), vote.ballots, least),
        study=vote.study,
        titles={code: titles.get(code) or {"es": one["name"] or code} for code, one in projects.items()},
        hash=vote.record["hash"],
        is_synthetic=vote.is_synthetic,
    )


def large_groups(
    groups: Mapping[str, Mapping[str, Any]] | None, ballots: int, least: int
) -> dict[str, Mapping[str, Any]]:
    """Groups of at least so many voters. All who are left out are that many too, or nobody: else the smallest of those
    that are shown is left out as well, since what the ballots of all give would tell the few."""
    shown = {label: one for label, one in (groups or {}).items() if one["voters"] >= least}
    while shown and 0 < ballots - sum(one["voters"] for one in shown.values()) < least:
        del shown[min(shown, key=lambda label: (shown[label]["voters"], label))]
    return shown


def shown_groups(result: Mapping[str, Any], least: int) -> tuple[dict[str, dict[str, Any]], bool]:
    """Groups of at least so many voters, and whether one is left out.

    The shares of the money add up to one: where those who are left out (a small group, or the few who stated nothing)
    are too few, the shares of the others are left out too, since what is missing would be theirs.
    """
    groups = result["by_sex"] or {}
    shown = {label: dict(one) for label, one in groups.items() if one["voters"] >= least}
    rest = result["ballots"] - sum(one["voters"] for one in shown.values())
    if 0 < rest < least:
        for one in shown.values():
            one["money_share"] = None
    return shown, len(shown) < len(groups)
