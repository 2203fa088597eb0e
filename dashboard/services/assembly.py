"""The participatory budget: what everybody may see of it, and what officials do to it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.assembly.proposals import FEASIBLE, MERGED, ProposalRecord
from budget_model.assembly.quorum import protected
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, SIGNED_IN, may, require
from dashboard.services.assembly_processes import ProcessInfo, VotePeople, process_info, vote_people
from dashboard.services.assembly_scores import NO_SCORES, ScoreBoard, score_board, sensitive_needs
from data.readers.pabulib_sections import MOST_BYTES
from data.readers.photos import Photo
from data.readers.process_file import ProcessFile
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.indicators import list_indicators
from data.store.rounds import PUBLISHED
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyProposal, AssemblyVote, SurveyRound
from data.workflows.processes import save_process
from data.workflows.proposal_scores import interval_of_sum, score_process
from data.workflows.proposals import SavedProposals, import_proposals, proposal_tables, record_of, save_proposal
from data.workflows.stored_votes import ImportedVote, VoteToImport, import_vote
from data.workflows.told_votes import counted_outcome, told_vote
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
class Merged:
    """A proposal that became part of another one."""

    code: str
    title: Texts
    into: str


@dataclass(frozen=True)
class AssemblyBoard:
    """A year of the participatory budget. `process` is None where the site has none."""

    years: tuple[int, ...]
    process: ProcessInfo | None
    proposals: tuple[ProposalInfo, ...]  # the public: feasible ones only
    has_vote: bool
    may_edit: bool
    merged: tuple[Merged, ...] = ()  # into proposals that this person may see


@dataclass(frozen=True)
class Choices:
    """What the forms offer: codes with names."""

    zones: tuple[tuple[str, str], ...]
    needs: tuple[tuple[str, Texts], ...]
    sectors: tuple[tuple[str, str], ...] = ()  # areas of the first level


@dataclass(frozen=True)
class VoteInfo:
    """A counted vote, groups that are too small left out. `titles`: of its projects, by language. Figures of groups are
    the middles of their `ranges`, or None where they would tell ballots."""

    id: int
    zone: str  # name; empty: the whole site
    ballots: int
    result: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Any]]
    is_group_hidden: bool
    is_rounded: bool  # numbers of voters too, so that the few who are in no group are not told
    has_own_lists: bool  # who would have won by one group's ballots alone
    by_age: Mapping[str, Mapping[str, Any]]  # age band -> voters, satisfaction, share of money, exclusion
    by_zone: Mapping[str, Mapping[str, Any]]  # likewise by the code or name that the ballots carry
    study: Mapping[str, Any] | None
    titles: Mapping[str, Texts]
    hash: str
    is_synthetic: bool
    quorum: Mapping[str, Any] | None = None  # frozen when it was counted, protected; None: none was announced
    least_group: int = 0  # of voters; smaller ones are not told
    people: VotePeople | None = None  # frozen likewise; None: of a vote that was counted without them


SHOWN_OF_RESULT = ("rule", "vote_type", "ballots", "projects")


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
            rows = store.list_proposals(session, chosen.id)
            shown = proposal_infos(session, site.id, rows, may_edit)
            return AssemblyBoard(
                years,
                process_info(session, chosen, may_edit),
                shown,
                bool(store.list_votes(session, chosen.id)),
                may_edit,
                merged_of(rows, {one.record.code for one in shown}),
            )

    def years(self, user: Person, site: SiteRef) -> tuple[int, ...]:
        """Years with a participatory budget, the latest first."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            return tuple(one.year for one in store.list_processes(session, site.id))

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
            areas = list_areas(session, site.id)
            zones = tuple((area.code, area.name) for area in areas if area.level)
            sectors = tuple((area.code, area.name) for area in areas if area.level == 1)
            return Choices(zones, tuple(need_labels(session, site.id).items()), sectors)

    def save_proposal(
        self,
        user: Person,
        site: SiteRef,
        year: int,
        cells: Mapping[str, str],
        seen: int,
        photo: Photo | None = None,
    ) -> str:
        require(user, PLANNERS, site, EDIT)
        return save_proposal(self._store.factory, site.slug, year, cells, user.login, seen=seen, photo=photo)

    def import_proposals(self, user: Person, site: SiteRef, year: int, name: str, stream: IO[bytes]) -> SavedProposals:
        require(user, PLANNERS, site, EDIT)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"proposals{Path(name).suffix.lower()[:6]}"
            file.write_bytes(whole_content(stream, name))
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
            survey_round = session.get_one(SurveyRound, found.round_id) if found else None
            if found is None or survey_round is None or (is_public and survey_round.state != PUBLISHED):
                return NO_SCORES
            rows = store.list_proposals(session, process.id)
            sensitive = sensitive_needs(session, site.id) if is_public else frozenset()
            return score_board(found, rows, sensitive, survey_round.code)

    def list_scores(
        self, user: Person, site: SiteRef, year: int, codes: Sequence[str]
    ) -> tuple[ScoreBoard, Mapping[str, Sequence[float]] | None]:
        """The scores of a year; and P5 and P95 of what these proposals do each alone, added up, of those whose score
        this person may see."""
        shown = self.scores(user, site, year)
        with self._store.factory() as session:
            found = store.find_scores(session, store.load_process(session, site.id, year).id)
            return shown, interval_of_sum(found, [code for code in codes if code in shown.scores]) if found else None

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
            areas = list_areas(session, site.id)
            names = {area.id: area.name for area in areas if area.level}
            zones = {area.code: area.name for area in areas}
            return tuple(
                with_names(vote_info(vote, process.least_group, titles, names.get(vote.area_id, "")), zones)
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


def whole_content(stream: IO[bytes], name: str) -> bytes:
    """What somebody sent, to its end; InputError where it is larger than what is read: nothing is cut."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 2**20
        message = f"The file is larger than {most} MiB. Bring the proposals in as several files."
        raise InputError(Problem("proposals-large", message, file=Path(name).name[:80], facts={"most": most}))
    return content


def merged_of(rows: Sequence[AssemblyProposal], shown: Collection[str]) -> tuple[Merged, ...]:
    """Proposals that were merged into one of those that are shown."""
    return tuple(
        Merged(row.code, row.title, row.merged_into)
        for row in rows
        if row.state == MERGED and row.merged_into and row.merged_into in shown
    )


def need_labels(session: Session, site_id: int) -> dict[str, Texts]:
    """Code -> label of every indicator that counts who lacks something."""
    rows = list_indicators(session, site_id)
    return {row.code: row.definition.get("label") or {"es": row.code} for row in rows}


def vote_info(vote: AssemblyVote, least: int, titles: Mapping[str, Texts], zone: str) -> VoteInfo:
    told = told_vote(vote, least)
    projects = vote.result["projects"]
    return VoteInfo(
        id=vote.id,
        zone=zone,
        ballots=vote.ballots,
        result={key: vote.result[key] for key in SHOWN_OF_RESULT} | {"outcome": counted_outcome(vote)},
        groups=told.groups,
        is_group_hidden=told.is_hidden,
        is_rounded=told.is_rounded,
        has_own_lists=told.has_own_lists,
        by_age=told.by_age or {},
        by_zone=told.by_zone or {},
        study=vote.study if told.has_own_lists else without_groups(vote.study),
        titles={code: titles.get(code) or {"es": one["name"] or code} for code, one in projects.items()},
        hash=vote.record["hash"],
        is_synthetic=vote.is_synthetic,
        quorum=protected(vote.result["quorum"], least) if vote.result.get("quorum") else None,
        people=vote_people(vote.result, told.groups, least, bool(zone)),
        least_group=least,
    )


def with_names(vote: VoteInfo, zones: Mapping[str, str]) -> VoteInfo:
    """The vote with names where it was kept by codes of zones."""
    by_zone = {zones.get(label, label): one for label, one in vote.by_zone.items()}
    if vote.quorum is None or len(by_zone) < len(vote.by_zone):
        return vote
    told = [{**one, "zone": zones.get(one["zone"], one["zone"])} for one in vote.quorum["zones"]]
    return replace(vote, by_zone=by_zone, quorum={**vote.quorum, "zones": told})


def without_groups(study: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A study without how far women's and men's own lists are apart, which tells of these lists."""
    return None if study is None else {**study, "benchmark": None}
