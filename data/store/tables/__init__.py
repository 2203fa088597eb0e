"""The tables, a group a file. Importing this package registers them all on `Base.metadata`."""

from data.store.tables.assembly import (
    AssemblyParticipants,
    AssemblyPhoto,
    AssemblyProcess,
    AssemblyProposal,
    AssemblyScore,
    AssemblyVote,
    WinnerLine,
)
from data.store.tables.ballots import Ballot, BallotBox, BallotCode, BallotCodeBatch, BallotTally, WrongCode
from data.store.tables.base import Base
from data.store.tables.budget import BudgetLine, Programme, ProgrammeLineShare, ProgrammeNeedLink, ProgrammeVersion
from data.store.tables.budget_imports import BudgetImport, BudgetImportChange, BudgetMapping
from data.store.tables.budget_notes import BudgetNote, BudgetNoteSite, BudgetNoteVersion
from data.store.tables.criteria import AssemblyMark
from data.store.tables.digests import DigestIssue, DigestSubscription
from data.store.tables.focus_groups import FocusGroupPriority, FocusGroupSession, PriorityMix
from data.store.tables.forms import FormVersion
from data.store.tables.incidence import IncidenceInput
from data.store.tables.jobs import Job
from data.store.tables.line_sums import BudgetLineChange, BudgetLineSum
from data.store.tables.mappings import SurveyMappingRecord
from data.store.tables.municipalities import DistrictPopulation, MunicipalBudget
from data.store.tables.people import AuditEntry, LoginAttempt, Role, User, UserRole
from data.store.tables.populations import PopulationCount
from data.store.tables.prices import PriceLevel
from data.store.tables.publication import Publication, PublishedFigure
from data.store.tables.scenarios import Allocation, ModelSnapshot, Scenario
from data.store.tables.scorecards import ScorecardAnswer
from data.store.tables.sites import Area, Site
from data.store.tables.survey import Estimate, HeadEstimate, Indicator, Need, SexContrast, SurveyRound
from data.store.tables.tags import LineRating, LineTag, LineTagVersion
from data.store.tables.validation import Correction, RoundEvent, RoundRepresentation, ValidationRun

__all__ = [
    "Allocation",
    "Area",
    "AssemblyMark",
    "AssemblyParticipants",
    "AssemblyPhoto",
    "AssemblyProcess",
    "AssemblyProposal",
    "AssemblyScore",
    "AssemblyVote",
    "AuditEntry",
    "Ballot",
    "BallotBox",
    "BallotCode",
    "BallotCodeBatch",
    "BallotTally",
    "Base",
    "BudgetImport",
    "BudgetImportChange",
    "BudgetLine",
    "BudgetLineChange",
    "BudgetLineSum",
    "BudgetMapping",
    "BudgetNote",
    "BudgetNoteSite",
    "BudgetNoteVersion",
    "Correction",
    "DigestIssue",
    "DigestSubscription",
    "DistrictPopulation",
    "Estimate",
    "FocusGroupPriority",
    "FocusGroupSession",
    "FormVersion",
    "HeadEstimate",
    "IncidenceInput",
    "Indicator",
    "Job",
    "LineRating",
    "LineTag",
    "LineTagVersion",
    "LoginAttempt",
    "ModelSnapshot",
    "MunicipalBudget",
    "Need",
    "PopulationCount",
    "PriceLevel",
    "PriorityMix",
    "Programme",
    "ProgrammeLineShare",
    "ProgrammeNeedLink",
    "ProgrammeVersion",
    "Publication",
    "PublishedFigure",
    "Role",
    "RoundEvent",
    "RoundRepresentation",
    "Scenario",
    "ScorecardAnswer",
    "SexContrast",
    "Site",
    "SurveyMappingRecord",
    "SurveyRound",
    "User",
    "UserRole",
    "ValidationRun",
    "WinnerLine",
    "WrongCode",
]
