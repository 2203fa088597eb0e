"""One page a file: `layout`, plain functions, `register_callbacks(app, services)`.

The navigation shows pages by their `GROUP`, in each group in the order of PAGES.
"""

from __future__ import annotations

from dashboard.pages import (
    assembly_boxes,
    assembly_follow_up,
    assembly_list,
    assembly_process,
    assembly_proposals,
    assembly_results,
    budget,
    budget_imports,
    calculations,
    certainty,
    compare,
    data_bank,
    digest,
    focus_groups,
    imports,
    incidence,
    indicator,
    instrument,
    links,
    modification,
    municipalities,
    needs,
    optimise,
    overview,
    profile,
    programmes,
    reasons,
    review,
    scenarios,
    scorecards,
    simulate,
    sites,
    statement,
    suggestions,
    trends,
    validation,
    workbench,
    years,
)
from dashboard.pages import map as poverty_map
from dashboard.router import Page

SITE_LIST: Page = sites
PAGES: tuple[Page, ...] = (
    # what is lacking
    overview,
    needs,
    indicator,
    poverty_map,
    profile,
    focus_groups,
    # survey
    instrument,
    imports,
    validation,
    data_bank,
    # budget
    budget,
    budget_imports,
    review,
    suggestions,
    statement,
    trends,
    digest,
    municipalities,
    scorecards,
    links,
    programmes,
    workbench,
    incidence,
    # simulation
    simulate,
    optimise,
    scenarios,
    years,
    certainty,
    compare,
    modification,
    reasons,
    calculations,
    # assembly
    assembly_process,
    assembly_proposals,
    assembly_list,
    assembly_boxes,
    assembly_results,
    assembly_follow_up,
)
