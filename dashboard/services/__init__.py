"""Use cases, one subject a file: load, run the model, store; each checks the role; they return domain objects.

`make_services` builds the container once; a new subject is one field and one line here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from dashboard.services.accounts import AccountService
from dashboard.services.assembly import AssemblyService
from dashboard.services.ballots import BallotService
from dashboard.services.budget import BudgetService
from dashboard.services.budget_imports import BudgetImportService
from dashboard.services.budget_notes import BudgetNoteService
from dashboard.services.criteria import CriteriaService
from dashboard.services.data_bank import DataBankService
from dashboard.services.digests import DigestService
from dashboard.services.focus_groups import FocusGroupService
from dashboard.services.follow_up import FollowUpService
from dashboard.services.imports import ImportService
from dashboard.services.incidence import IncidenceService
from dashboard.services.indicator import IndicatorService
from dashboard.services.instrument import InstrumentService
from dashboard.services.jobs import JobService
from dashboard.services.links import LinkService
from dashboard.services.map import MapService
from dashboard.services.municipalities import MunicipalityService
from dashboard.services.needs import NeedsService
from dashboard.services.optimise import OptimiseService
from dashboard.services.overview import OverviewService
from dashboard.services.profile import ProfileService
from dashboard.services.programmes import ProgrammeService
from dashboard.services.proposals import ProposalService
from dashboard.services.reasons import ReasonService
from dashboard.services.round_figures import RoundFiguresService
from dashboard.services.scenarios import ScenarioService
from dashboard.services.scorecards import ScorecardService
from dashboard.services.simulate import SimulateService
from dashboard.services.sites import SiteService
from dashboard.services.statement import StatementService
from dashboard.services.suggestions import SuggestionService
from dashboard.services.tags import TagService
from dashboard.services.trends import TrendService
from dashboard.services.validation import ValidationService
from dashboard.services.workbench import WorkbenchService
from dashboard.services.years import YearsService
from data.jobs.kind import Kinds
from data.jobs.kinds import KINDS
from data.jobs.queue import JobBoard, make_queue
from data.settings import StoreSettings
from data.store.engine import make_engine, session_factory


@dataclass(frozen=True)
class Store:
    """The doors to what is stored: sessions, the folder of survey answers, the queue of background work, a secret."""

    factory: sessionmaker[Session]
    bank_folder: Path
    queue: JobBoard
    secret: str | None = field(default=None, repr=False)  # key of the hashes of codes with which people vote


@dataclass(frozen=True)
class Services:
    """Everything a page may ask for."""

    store: Store
    accounts: AccountService
    sites: SiteService
    overview: OverviewService
    needs: NeedsService
    indicator: IndicatorService
    map: MapService
    profile: ProfileService
    budget: BudgetService
    budget_imports: BudgetImportService
    tags: TagService
    statement: StatementService
    suggestions: SuggestionService
    trends: TrendService
    notes: BudgetNoteService
    digests: DigestService
    municipalities: MunicipalityService
    links: LinkService
    scorecards: ScorecardService
    programmes: ProgrammeService
    simulate: SimulateService
    scenarios: ScenarioService
    validation: ValidationService
    round_figures: RoundFiguresService
    instrument: InstrumentService
    imports: ImportService
    data_bank: DataBankService
    focus_groups: FocusGroupService
    jobs: JobService
    optimise: OptimiseService
    reasons: ReasonService
    incidence: IncidenceService
    workbench: WorkbenchService
    years: YearsService
    assembly: AssemblyService
    criteria: CriteriaService
    ballots: BallotService
    follow_up: FollowUpService
    proposals: ProposalService


def open_store(settings: StoreSettings) -> Store:
    factory = session_factory(make_engine(settings.database_url))
    return Store(factory, settings.bank_folder, make_queue(settings), settings.secret)


def make_services(store: Store, kinds: Kinds = KINDS) -> Services:
    needs, simulate = NeedsService(store), SimulateService(store)
    scenarios, jobs = ScenarioService(store, simulate), JobService(store, kinds)
    return Services(
        store=store,
        accounts=AccountService(store),
        sites=SiteService(store),
        overview=OverviewService(store, needs),
        needs=needs,
        indicator=IndicatorService(store),
        map=MapService(store),
        profile=ProfileService(store),
        budget=BudgetService(store),
        budget_imports=BudgetImportService(store),
        tags=TagService(store),
        statement=StatementService(store),
        suggestions=SuggestionService(store),
        trends=TrendService(store),
        notes=BudgetNoteService(store),
        digests=DigestService(store),
        municipalities=MunicipalityService(store),
        links=LinkService(store),
        scorecards=ScorecardService(store),
        programmes=ProgrammeService(store),
        simulate=simulate,
        scenarios=scenarios,
        validation=ValidationService(store),
        round_figures=RoundFiguresService(store),
        instrument=InstrumentService(store),
        imports=ImportService(store),
        data_bank=DataBankService(store),
        focus_groups=FocusGroupService(store),
        jobs=jobs,
        optimise=OptimiseService(store, jobs, scenarios),
        reasons=ReasonService(simulate, jobs),
        incidence=IncidenceService(store),
        workbench=WorkbenchService(store),
        years=YearsService(store, simulate, scenarios),
        assembly=AssemblyService(store),
        criteria=CriteriaService(store),
        ballots=BallotService(store),
        follow_up=FollowUpService(store),
        proposals=ProposalService(store),
    )
