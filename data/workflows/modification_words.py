"""Words of a proposed modification: why money stays where it is, titles and headers of its workbook."""

from __future__ import annotations

from collections.abc import Mapping

from data.messages import mark

REASONS: Mapping[str, str] = {
    "takers_full": mark("The programmes that may take it already have all that they were to get"),
    "not_allowed": mark("The rules of the source do not let it pay for what gains"),
    "no_receiver": mark("No programme that gains has a line that could take it"),
    "reserved": mark("It is certified, committed, accrued or paid already"),
    "reserved_unknown": mark("The file does not say how much is certified, committed, accrued or paid"),
    "locked": mark("The line is earmarked by its approved tag"),
    "source_unknown": mark("The line has no funding source recorded"),
    "same_line": mark("The only line that could take it is the one that gives it: change the shares of its programmes"),
    "no_rule": mark("No rule says what this source may pay for"),
    "no_lines": mark(
        "No budget line stands behind this amount (a stated amount, a line shared above the whole, or rounding)"
    ),
    "givers_used_up": mark("The lines that may pay for it have given all that is free"),
    "givers_source_unknown": mark("The lines that lose have no funding source recorded"),
    "givers_no_rule": mark("No rule says what the source of the lines that lose may pay for"),
    "no_giver": mark("No line that loses could pay for it"),
}
SIDES: Mapping[str, str] = {"out": mark("loses"), "in": mark("gains")}
BASES: Mapping[str, str] = {
    "this_year": mark("Modification of the current year: only what is not certified, committed, accrued or paid moves"),
    "next_year": mark("For the opening budget of the year after: whole lines move"),
}
RULE_BASES: Mapping[str, str] = {
    "law": mark("law"),
    "assumption": mark("ASSUMPTION, to be verified"),
}
NEW_LINE = mark("new line, like {code}, with this source")
YEAR_OF_PLAN = mark(", year 1 of a plan of {years} years")  # behind the name of a scenario
PROPOSAL = mark("PROPOSAL. It changes no budget: the budget office checks it and takes it further.")
SYNTHETIC = mark("SYNTHETIC DATA: no figure here describes real people.")
NOTES: Mapping[str, str] = {
    "title": mark("Notes"),
    "what": mark("What this is"),
    "site": mark("Municipality"),
    "scenario": mark("Scenario"),
    "owner": mark("Saved by"),
    "saved_at": mark("Saved (UTC)"),
    "year": mark("Budget year"),
    "basis": mark("Basis"),
    "currency": mark("Currency"),
    "moved_out": mark("The scenario takes away"),
    "moved_in": mark("The scenario adds"),
    "placed": mark("Placed by line"),
    "unplaced_out": mark("Not placed, of what loses"),
    "unplaced_in": mark("Not placed, of what gains"),
    "rules": mark("Rules of the sources"),
    "verified": mark("What of the rules was verified"),
    "files": mark("Source of the lines"),
    "warning": mark("Warning"),
}
TRANSFERS: Mapping[str, str] = {
    "title": mark("Transfers"),
    "number": mark("No."),
    "source": mark("Source (fund)"),
    "amount": mark("Amount"),
    "from_programme": mark("Programme that loses"),
    "from_line": mark("From line"),
    "from_name": mark("Name of the line"),
    "from_class": mark("Class of expenditure"),
    "to_programme": mark("Programme that gains"),
    "to_line": mark("To line"),
    "to_name": mark("Name of the line"),
    "to_class": mark("Class of expenditure"),
    "rules": mark("Rules that apply"),
}
LINES: Mapping[str, str] = {
    "title": mark("By line"),
    "line": mark("Line"),
    "name": mark("Name"),
    "source": mark("Source (fund)"),
    "pim": mark("Modified budget (PIM)"),
    "reserved": mark("Reserved already"),
    "minus": mark("Taken"),
    "plus": mark("Given"),
    "after": mark("Proposed PIM"),
}
AFTER: Mapping[str, str] = {
    "title": mark("After writing back"),
    "programme": mark("Programme"),
    "today": mark("Today"),
    "wanted": mark("What the scenario wants"),
    "got": mark("With today's shares"),
    "difference": mark("Difference"),
    "got_with_shares": mark("With the shares to change"),
    "difference_with_shares": mark("Difference that is left"),
}
SHARES: Mapping[str, str] = {
    "title": mark("Shares to change"),
    "line": mark("Line"),
    "name": mark("Name of the line"),
    "programme": mark("Programme"),
    "today": mark("Share today"),
    "wanted": mark("New share"),
    "what": mark("What to do"),
}
SHARE_STEPS: Mapping[str, str] = {
    "set": mark("Change the share"),
    "add": mark("Link the new line"),
    "remove": mark("Take the link away"),
    "none": mark("No share from 0 to 1 gives what the scenario wants"),
}
SOURCES: Mapping[str, str] = {
    "title": mark("By source"),
    "source": mark("Source (fund)"),
    "minus": mark("Taken in all"),
    "plus": mark("Given in all"),
    "difference": mark("Difference"),
}
UNPLACED: Mapping[str, str] = {
    "title": mark("Not placed"),
    "programme": mark("Programme"),
    "side": mark("Gains or loses"),
    "amount": mark("Amount"),
    "reason": mark("Why"),
    "rules": mark("Rules"),
    "lines": mark("Lines"),
}
RULES: Mapping[str, str] = {
    "title": mark("Rules"),
    "rule": mark("Rule"),
    "basis": mark("Basis"),
    "law": mark("Law"),
    "look_in": mark("Where to verify"),
    "why": mark("What it says"),
}
