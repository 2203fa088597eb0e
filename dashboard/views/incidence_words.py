"""Words of the incidence page: assumptions by their key, and what can be wrong with a file or with the data."""

from __future__ import annotations

from collections.abc import Sequence

from budget_model.errors import Problem
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.views.budget_imports import place_words

ASSUMPTIONS = {
    "cost": mark("A service is worth to its users what it costs, and costs the same for each of them."),
    "table": mark(
        "Where a table counts a programme's users by sex and fifth of income, its money is divided by that table."
    ),
    "register": mark("Where a programme has a register, its money is divided between women and men by the register."),
    "question": mark("Where a question tells who uses a programme, its users are those who said so."),
    "reach": mark(
        "Where there is no register, women and men among the users are those of the programme's stated reach."
    ),
    "survey": mark("Where neither is known, women and men among the users are those whom the survey finds."),
    "need": mark(
        "Where no question was asked, users are taken to be spread over incomes like the people who lack what the "
        "programme serves; of several needs each counts with the share of users that its reach states."
    ),
    "nothing": mark("Money of programmes whose users are not known is left out of the groups and shown apart."),
    "fifths": mark(
        "People are ranked by the income per head of their household; people of one income are never parted."
    ),
    "income": mark("People whose income or sex is not known are left out."),
}
ORIGINS = {
    "table": mark("table of users"),
    "register": mark("register"),
    "question": mark("question of the survey"),
    "reach": mark("stated reach"),
    "survey": mark("survey"),
    "need": mark("people in need (assumption)"),
    "nothing": mark("not known"),
}
KINDS = {"users": mark("Users by sex and fifth"), "questions": mark("Questions, fees, hours")}
PROBLEMS = {
    "programme_unknown": mark("This site has no programme “{programme}”. Check its code on the page Programmes."),
    "amount_missing": mark(
        "Line “{line}” of {year} has no figure of this stage ({stage}). Choose another stage or year."
    ),
    "income_missing": mark("Round “{round}” has no column “{column}”, by which people would be ranked."),
    "income_unknown": mark("Nobody in this round has a known income."),
    "fees_above_spending": mark(
        "Programme “{programme}”: its users pay {fees}, more than the {spent} spent on it. Correct one of the two."
    ),
    "round_missing": mark("The site has no survey round with needs. Import answers and run the indicators first."),
    "programmes_missing": mark("The site has no programmes yet. Enter them in the programme workbench."),
    "input-kind": mark("“{value}” is neither a table (.csv, .xlsx) nor a questions file (.yaml)."),
    "input-large": mark("The file is larger than {most} MB."),
    "input-nothing": mark("There is nothing of this kind to withdraw."),
    "users-column": mark("The table lacks the column {columns}. Its columns are {known}."),
    "users-empty": mark("The table has no row. Write one for each programme, sex and fifth."),
    "users-twice": mark("This programme, sex and fifth stands twice. Keep one of the rows."),
    "users-programme": mark("The code of the programme is missing."),
    "users-sex": mark("“{value}” is no sex here. Write women or men."),
    "users-fifth": mark("“{value}” is no fifth. Write 1 (the poorest) to 5."),
    "users-number": mark("“{value}” is not a number of users. Write it plainly, 0 or more, such as 1250."),
    "users-source": mark("The source is missing. Name the record or the study, or write “assumption: …”."),
    "users-incomplete": mark("Programme “{programme}” lacks {cells}. Write all ten rows; what is not known is not 0."),
    "users-nobody": mark("Programme “{programme}” has no user at all. Leave it out where nobody counts its users."),
}


def problem_sentences(problems: Sequence[Problem], context: PageContext) -> list[str]:
    """Each problem with its place in the file."""
    found = []
    for problem in problems:
        words, place = PROBLEMS.get(problem.rule), place_words(problem, context)
        told = context.gettext(words, **problem.facts) if words and _has_facts(words, problem) else problem.message
        found.append(f"{place}: {told}" if place else told)
    return found


def _has_facts(words: str, problem: Problem) -> bool:
    try:
        words.format(**problem.facts)
    except (KeyError, IndexError):
        return False
    return True
