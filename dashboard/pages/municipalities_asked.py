"""What the page of municipalities is asked: its choices, their ids, and links that choose without a new page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dash import html

from budget_model.spending.municipal_comparison import Selection
from dashboard.components import Link
from dashboard.context import PageContext
from data.workflows.municipal_comparison import Question

NAME = "municipalities"
ALL = "all"
CHOICES = ("year", "by", "prices", "department", "size", "governs", "scheme", "province")


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "municipalities-year"
    BY = "municipalities-by"
    PRICES = "municipalities-prices"
    DEPARTMENT = "municipalities-department"
    SIZE = "municipalities-size"
    GOVERNS = "municipalities-governs"
    SCHEME = "municipalities-scheme"
    PROVINCE = "municipalities-province"
    MUNICIPALITY = "municipalities-municipality"
    CONTENT = "municipalities-content"
    ONE = "municipalities-one"
    ONE_ASKED = "municipalities-one-asked"
    DOWNLOADS = "municipalities-downloads"


@dataclass(frozen=True)
class Asked:
    """What is compared, ALL being every one; `province` and `municipality` are empty where none is chosen."""

    year: int
    by: str
    prices: str
    department: str
    size: str
    governs: str
    scheme: str
    province: str = ""
    municipality: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Of an address of this page or its files; the municipality is added where it is meant."""
        found = {name: str(getattr(self, name)) for name in CHOICES}
        return {name: value for name, value in found.items() if value}

    @property
    def selection(self) -> Selection:
        department, governs, size = ("" if one == ALL else one for one in (self.department, self.governs, self.size))
        return Selection(department, self.province, governs, size)

    @property
    def question(self) -> Question:
        return Question(self.year, self.by, self.selection, self.prices)


def chosen(text: str, name: str, value: str, asked: Asked, context: PageContext) -> Link:
    """A link to this page with one choice changed; where scripts run, the choice changes without a new page.

    name : department, province or municipality
    """
    query = replace(asked, **{name: value}).query
    if name == "municipality" and value:
        query["municipality"] = value
    focus = Ids.ONE if name == "municipality" else Ids.CONTENT
    data = {"choose": f"municipalities-{name}", "value": value, "focus": str(focus)}
    return Link(text, context.address(NAME, **query), data)


def choosing_link(text: str, name: str, value: str, asked: Asked, context: PageContext) -> html.A:
    """As `chosen`, as a component."""
    link = chosen(text, name, value, asked, context)
    data: dict[str, Any] = {f"data-{key}": value for key, value in link.data.items()}
    return html.A(link.text, href=link.href, **data)
