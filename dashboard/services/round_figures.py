"""The figures of a survey round: indicators computed from its answers, and what of them the public is shown.

Both take an official or administrator of the site, who is asked for before anything is read or computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import is_part
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from data.settings import PROJECT
from data.store.definitions import PendingDefinition, pending_definitions
from data.store.figures import stored_figures
from data.store.publications import find_publication
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.indicators import IndicatorRun, run_indicators
from data.workflows.publication import PublicationRun, publish_figures
from data.workflows.round_states import PUBLISHED, PUBLISHERS
from data.workflows.staging import safe_name

if TYPE_CHECKING:
    from dashboard.services import Store

LARGEST_CATALOGUE = 2**20  # bytes
CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"


@dataclass(frozen=True)
class FiguresInfo:
    """What a round has. `bands`: names of its age bands, the youngest first; `shown`, `hidden`: protected figures."""

    indicators: int
    bands: tuple[str, ...]
    shown: int
    hidden: int
    are_public: bool  # whether figures for the public were made, be they as few as none
    pending: tuple[PendingDefinition, ...] = ()  # computed on the published round, and not public yet


class RoundFiguresService:
    """Computing the core indicators of a round, and making its figures for the public."""

    def __init__(self, store: Store):
        self._store = store

    def run(
        self, user: Person, site: SiteRef, code: str, ages: str = "", catalogue: tuple[str, bytes] | None = None
    ) -> IndicatorRun:
        """Compute the core indicators, or those of a catalogue of the site's own.

        ages : years at which age bands begin (`0, 15, 60`); empty leaves those it has
        catalogue : name and content of a file as the command line takes it

        Raises InputError where the ages are none, the catalogue is faulty (every problem with its line), or the round
        lacks what every indicator needs.
        """
        require(user, PUBLISHERS, site, "compute the indicators of a round")
        name = safe_name(catalogue[0]) if catalogue else CORE_CATALOGUE.name
        content = catalogue[1] if catalogue else CORE_CATALOGUE.read_bytes()
        text = catalogue_text(name, content)
        place = (self._store.factory, self._store.bank_folder, site.slug, code)
        return run_indicators(*place, text, user.login, name, band_starts(ages))

    def publish(self, user: Person, site: SiteRef, code: str, reason: str = "") -> PublicationRun:
        """Make the protected figures of a published round; figures that are out already stay as they are.

        reason : needed where further indicators or new versions are published, as is another person than the one who
            computed them

        Raises InputError for a round that is no published one: publishing it makes them.
        """
        require(user, PUBLISHERS, site, "make figures for the public")
        with self._store.factory() as session:
            state = load_round(session, load_site(session, site.slug).id, code).state
        if state != PUBLISHED:
            message = f"Round {code} is not published. Publishing it makes its figures for the public."
            raise InputError(Problem("figures.not_published", message, value=code, facts={"round": code}))
        return publish_figures(self._store.factory, self._store.bank_folder, site.slug, code, user.login, reason)


def catalogue_text(name: str, content: bytes) -> str:
    """The text of a catalogue; InputError for one that is no UTF-8 or too large."""
    if len(content) > LARGEST_CATALOGUE:
        raise InputError(Problem("catalogue.large", "A catalogue has up to 1 MB. Split it.", file=name))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "The catalogue is not UTF-8 from this line on. Save it again with the encoding UTF-8."
        raise InputError(Problem("encoding_wrong", message, file=name, line=line)) from None


def band_starts(text: str) -> tuple[int, ...] | None:
    """`0, 15, 60` → (0, 15, 60); None where nothing was written."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 4 for part in parts):
        message = f"Write the years at which age bands begin with commas between them, such as 0, 15, 60. Found: {text}"
        raise InputError(Problem("age_bands.text", message, value=text[:60], facts={"found": text[:60]}))
    return tuple(int(part) for part in parts) or None


def figures_info(session: Session, survey_round: SurveyRound) -> FiguresInfo:
    """What is stored of a round's figures."""
    stored = stored_figures(session, survey_round.id)
    return FiguresInfo(
        sum(not is_part(code) for code in stored.codes),
        tuple(sorted((band for band in stored.age_bands if band != "all"), key=_first_year)),
        stored.by_status.get("shown", 0),
        stored.by_status.get("protected", 0),
        find_publication(session, survey_round.id) is not None,
        tuple(one for one in pending_definitions(session, survey_round) if not is_part(one.code)),
    )


def _first_year(band: str) -> tuple[int, str]:
    start = band.partition("-")[0].rstrip("+")
    return (int(start) if start.isdecimal() else 0, band)
