"""Words of the validation page: states, records, and the sentences of problems by rule (for `shown_errors`)."""

from __future__ import annotations

from dashboard.i18n import mark

STATES = {"draft": mark("Draft"), "validated": mark("Validated"), "published": mark("Published")}
LEVELS = {"person": mark("Person"), "household": mark("Household"), "round": mark("Round or enumerator")}
RECORDS = {"person": mark("Person"), "household": mark("Household")}
# Figures that the rules make of the members of a household, and the distance from what is usual.
DERIVED = {
    "members": mark("members"),
    "members_without_age": mark("members without an age"),
    "adults": mark("adults"),
    "heads": mark("heads"),
    "members_without_relation": mark("members without a relation to the head"),
    "partners_of_head": mark("partners of the head"),
    "head_age": mark("age of the head"),
    "partner_age": mark("age of the partner"),
    "earnings_of_members": mark("members with income"),
    "women_with_births": mark("women with births"),
    "roster": mark("members, with sex, age and relation"),
    "z": mark("distance from the usual (robust z)"),
}

PROBLEMS: dict[str, str] = {
    "corrections.empty": mark("The file has no corrections. Its first line names: record,id,column,old,new,reason."),
    "corrections.csv": mark("Line {line}: this is not CSV from here on ({error}). Save the file again as CSV."),
    "corrections.many": mark("The file has more than {most} corrections. Split it."),
    "corrections.large": mark("The file is larger than {most} MB. Split it."),
    "corrections.header": mark("The column '{name}' is missing. The columns are: record,id,column,old,new,reason."),
    "corrections.column": mark("The column '{name}' is not known. The columns are: record,id,column,old,new,reason."),
    "corrections.short": mark("Line {line} has fewer cells than the header. Fill it up."),
    "corrections.record": mark("Line {line}: the record is '{value}'. Write person or household."),
    "corrections.id": mark("Line {line}: the id '{value}' is not a whole number."),
    "corrections.no_column": mark("Line {line} names no column. Write which answer to correct, or * for the record."),
    "corrections.reason": mark("Line {line}: the reason is missing. Say how it is known."),
    "corrections.long": mark("Line {line} has a cell that is too long."),
    "corrections.remove": mark(
        "Line {line}: with column * only a removal is possible. Leave old empty and write new = remove."
    ),
    "corrections.same": mark("Line {line}: old and new are the same ('{value}'). Remove the line or change one."),
    "corrections.unknown_record": mark(
        "Line {line}: this round has no such record with the id {id} (any more). Check both."
    ),
    "corrections.fixed": mark("Line {line}: '{name}' is an id or part of the sample design and is not corrected."),
    "corrections.computed": mark("Line {line}: '{name}' is computed from other answers. Correct those."),
    "corrections.no_such_column": mark("Line {line}: such a record has no answer '{name}'."),
    "corrections.unknown_column": mark("Line {line}: such a record has no answer '{name}'. Did you mean '{nearest}'?"),
    "corrections.of_household": mark(
        "Line {line}: '{name}' is an answer of the household. Correct it there: record household, its id."
    ),
    "corrections.kind": mark("Line {line}: '{name}' holds a kind of answer that cannot be corrected here."),
    "corrections.repeated": mark("Line {line} corrects the same answer as line {before}. Keep one of the two."),
    "corrections.of_removed": mark("Line {line}: the same file removes this record. Keep one of the two."),
    "corrections.old_missing": mark(
        "Line {line}: the file says that '{name}' of record {id} has no answer, and the round has '{found}'."
    ),
    "corrections.old_not_there": mark(
        "Line {line}: the file says that '{name}' of record {id} is '{old}', and the round has no answer."
    ),
    "corrections.old_differs": mark(
        "Line {line}: the file says that '{name}' of record {id} is '{old}', and the round has '{found}'."
    ),
    "corrections.new_kind": mark("Line {line}: '{new}' is no value that '{name}' can hold."),
    "corrections.sex": mark("Line {line}: the sex is female or male. Found: '{new}'."),
    "corrections.area": mark("Line {line}: no area of the site has the code '{new}' at this level."),
    "corrections.new_answer": mark(
        "Line {line}: nobody in the round answered '{new}' to '{name}'. Did you mean '{nearest}'?"
    ),
    "state.published": mark("Round {round} is published and does not change any more. Import a new round."),
    "state.is_published": mark("Round {round} is published. What is published never changes; import a new round."),
    "state.not_draft": mark("Round {round} is validated. Send it back to draft, with a reason, first."),
    "state.no_such_step": mark("Round {round} cannot take this step. The way is draft, validated, published."),
    "state.not_checked": mark("The rules have not been run on the answers as they are now. Run them first."),
    "state.errors_remain": mark(
        "{errors} cases still break a rule of severity error. Correct them, or write why they stand."
    ),
    "state.few_rules": mark(
        "Only {applied} of {rules} rules could be applied, so that few errors were looked for. Write why the round is "
        "validated all the same, or bring in the columns that the rules need."
    ),
    "state.reason_missing": mark("Going back to draft needs a reason. Write it."),
    "state.reason_long": mark("The reason is too long."),
    "state.second_person": mark("You validated this round. Publishing takes a second person."),
    "state.no_representation": mark(
        "No organisation with women took part in the validation on record. Record it, or write why there was none."
    ),
    "state.stale_estimates": mark(
        "Answers were corrected after the indicators were run. Run the indicators again, then publish."
    ),
    "republish.reason": mark(
        "Round {round} is published, and this would change what the public sees: {names}. Write the reason."
    ),
    "republish.nobody": mark("Changing what the public sees takes a person with an account who publishes it."),
    "republish.second_person": mark("You computed {names}. Publishing them takes a second person."),
    "publication_empty": mark("This round has no indicators yet. Compute them first."),
    "figures.not_published": mark("Round {round} is not published. Publishing it makes its figures for the public."),
    "age_bands.text": mark("Write the years at which age bands begin with commas between them, such as 0, 15, 60."),
    "age_bands.starts": mark("Age bands begin at rising ages from 0 on. Write them in their order."),
    "age_bands.no_age": mark("This round holds no age in years, so that its age bands cannot be chosen."),
    "age_bands.published": mark("Round {round} is published; its figures by age stay as they are."),
    "representation.organisation": mark("Name the organisation, in up to 200 characters."),
    "representation.conclusions": mark("Write what was concluded, in up to 4,000 characters."),
    "representation.number": mark("Write how many women and how many men took part, as whole numbers from 0."),
    "representation.nobody": mark("State how many women and men took part: both are 0."),
    "representation.day": mark("State the day on which it was held; it cannot lie ahead."),
    "representation.contact": mark(
        "The text holds a telephone, document number or e-mail address. Take it out: no person is named here."
    ),
    "representation.name": mark("Saved. '{name}' looks like the name of a person: please name nobody here."),
}
