"""The groups of the header's navigation, in their order. A page module says which one is its own with `GROUP`."""

from __future__ import annotations

from enum import Enum

from dashboard.i18n import mark


class Group(Enum):
    """The value is the message id of the name that people read."""

    LACKING = mark("What is lacking")
    SURVEY = mark("Survey")
    BUDGET = mark("Budget")
    SIMULATION = mark("Simulation")
    ASSEMBLY = mark("Assembly")
    ADMINISTRATION = mark("Administration")
