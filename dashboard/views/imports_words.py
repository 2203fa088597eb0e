"""What can be wrong with uploaded files, in words: a sentence a rule. What has none shows its English message."""

from __future__ import annotations

from dashboard.context import PageContext
from dashboard.i18n import mark
from data.workflows.import_found import ProblemGroup

STEPS = (
    mark("1. Files"),
    mark("2. What was found"),
    mark("3. Which column is what"),
    mark("4. Preview"),
    mark("5. Import"),
)
RULES = {
    # the files
    "upload_missing": mark("Choose the files with the answers."),
    "upload_many": mark("Too many files were chosen."),
    "upload_type": mark("Files of this type are not read here."),
    "upload_empty": mark("The file is empty. Export it again."),
    "upload_content": mark(
        "The content is not what the name of the file says, or the file is cut off. Export it again."
    ),
    "upload_large": mark("The file is too large for the page. Use the command line (survey import)."),
    "upload_twice": mark("Two files have this name. Rename one of them."),
    "form_needed": mark(
        "A workbook or JSON file needs the form that it was collected with. Give the form too, or save it as CSV."
    ),
    "workbook_broken": mark("The workbook cannot be opened: it is cut off, damaged or protected. Get the file again."),
    "file_empty": mark("There is nothing in the file. Export the answers again."),
    "microdata": mark("The file cannot be read as a table. Export it again."),
    "microdata.ragged": mark("Rows have more or fewer cells than the header. Look for a stray delimiter or quote."),
    "reading_judged": mark("The file is not UTF-8; it was read as Windows-1252. Check accented letters."),
    "encoding_assumed": mark("The file is not UTF-8; it was read as Windows-1252. Check accented letters."),
    "encoding_wrong": mark("The file mixes encodings, or is no text. Save the whole file as UTF-8."),
    "more_problems": mark("There are further problems of this kind."),
    # the form
    "other_form": mark(
        "This is not an export of this form: most columns are no questions of it. Choose the right one."
    ),
    "members_missing": mark(
        "No repeat of the form lists household members: without them nothing can be said of women and men."
    ),
    "sex_absent": mark(
        "The form does not ask for the sex of the people that it lists, so that nothing can be said of women and men. "
        "Ask it in the form, or give the answers as a table of people with a column of sex."
    ),
    "member_rows_missing": mark(
        "The export has no rows of household members. Give the file or sheet of that repeat too."
    ),
    "survey_empty": mark("The form has no questions."),
    "sheet_missing": mark("A sheet of the form is missing."),
    "header_missing": mark("The sheet has no header that can be read."),
    "column_missing": mark("A column of the form is missing."),
    "column_duplicate": mark("A column stands twice."),
    "type_unknown": mark("The form has questions of a type that no collecting app knows."),
    "name_missing": mark("Rows of the form have no name."),
    "name_invalid": mark("Names in the form have signs that no collecting app takes."),
    "name_duplicate": mark("Names stand twice in one group of the form."),
    "list_missing": mark("A list of choices is not there."),
    "choice_incomplete": mark("Choices have no name or no list."),
    "choice_duplicate": mark("A choice stands twice in its list."),
    "reference_unknown": mark("The form refers to a question that it does not have."),
    "expression_invalid": mark("Expressions of the form cannot be read; they were not used to check answers."),
    "label_missing": mark("Questions have no label in one of the languages."),
    "identifies_people": mark("Questions may identify people. Their answers do not enter the data bank."),
    "version_missing": mark("The form states no version."),
    # the answers
    "submission_duplicate": mark("The same submission stands more than once. Delete the copies and export again."),
    "index_repeated": mark(
        "Different rows have the same number, by which people are joined to their household. Give every row its own, "
        "as in the export of the server, or remove the copies."
    ),
    "rows_alike": mark("Households without a key are alike in every answer. Look whether they were pasted twice."),
    "households_missing": mark("The table of households is missing. Give the main file of the export too."),
    "parent_missing": mark("The household of these rows is not in the export. Export both together, at the same time."),
    "type_wrong": mark("Answers are not of the kind that the question asks for."),
    "code_unknown": mark(
        "Answers are neither codes nor labels of the question. Check the form, its version and language."
    ),
    "labels_read": mark("Answers are labels; they were read as their codes."),
    "labels_mixed": mark("Answers are labels in several languages; they were read as their codes."),
    "versions_mixed": mark("The export mixes versions of the form. Check that codes mean the same in all of them."),
    "version_other": mark(
        "The answers were collected with another version of the form. Check that codes are the same."
    ),
    "options_disagree": mark("The text of several answers and their single columns differ; the text was used."),
    "option_absent": mark(
        "Options of the question have no column in the export. Whether they were chosen is not known: they come in as "
        "missing, not as 0. Options:"
    ),
    "option_empty": mark(
        "Options have an empty cell where others of the same question have 0 or 1. They come in as missing, not as 0."
    ),
    "column_unknown": mark(
        "Columns are no questions of the form, or are not in the file. They are named at the column."
    ),
    "question_absent": mark("Questions of the form have no column in the export."),
    "constraint_broken": mark("Answers break a limit of the form. They come in; the validation shows them again."),
    "required_missing": mark("Answers that the form requires are missing. They come in as missing."),
    # the mapping
    "mapping_missing": mark("Say first which column is what."),
    "mapping_file_missing": mark("Choose a mapping file (YAML) first."),
    "mapping_sex": mark("Choose the column of sex."),
    "mapping_sexes": mark("Say which code of sex is female and which is male."),
    "mapping_coverage": mark("State what area the round covers."),
    "mapping_coverage_short": mark("The area that the round covers is too short: write at least three letters."),
    "mapping_source": mark("State whence the answers come."),
    "mapping_source_short": mark("What is said of the source is too short: write at least three letters."),
    "days_order": mark("The last day is before the first day. Exchange them or mend the wrong one."),
    "day_ahead": mark("A day lies ahead: nobody can have been asked then. State the day on which people were asked."),
    "psu_household": mark(
        "No sampling unit (PSU) is stated: the household counts as the unit that was drawn, so that members of one "
        "household do not count as drawn one by one. If areas or blocks were drawn first, state their column."
    ),
    "mapping_invalid": mark("These answers make no mapping. Check the chosen columns."),
    "key_missing": mark("Rows have no household key."),
    "key_twice": mark("A household key stands in the file more than once."),
    "household_unknown": mark("The household of these people is not in the file of households."),
    "sex_wrong": mark("Codes of sex were not given a meaning. Go back and say what they are, or mend the answers."),
    "sex_blank": mark("Rows have no sex. Go back and say what a blank means, or fill the answers in."),
    "sex_unstated": mark(
        "People are neither female nor male by the meanings given. They count in totals, not among women or men."
    ),
    "json_broken": mark("The file is no JSON to its end; it may be cut off. Get it again."),
    "submission_broken": mark("An entry of the list of submissions holds no answers. Export the submissions again."),
    "age_band_wrong": mark("Codes of age were not given a meaning. Go back and say what they are."),
    "age_wrong": mark("Ages are no numbers from 0 to 120."),
    "age_rounded": mark("Ages are no whole years; they were stored as completed years."),
    "area_wrong": mark("Codes of areas are not known."),
    "area_missing": mark("Rows have no area."),
    "area_parents": mark("An area lies in more than one area above it."),
    "area_files": mark("The levels of areas must be columns of the same table."),
    "area_unknown": mark("The site has no area with this code."),
    "weight_wrong": mark("Weights are missing, negative or no numbers."),
    "single_psu": mark("A stratum has a single sampling unit, so that no sampling error can be computed."),
    "column_twice": mark("A column is in both tables and differs."),
    "file_missing": mark("The file of households is missing."),
    "column_renamed": mark("Columns are stored under another name, because the import makes a column of their name."),
    "identity_dropped": mark("Columns look as if they identify people; they are not stored."),
    "household_empty": mark("Households have no members; they count as households only."),
    "round_exists": mark("The site has a round of this code already. Choose another code."),
    "round_code": mark("The code of a round has up to 40 letters, digits, points, hyphens."),
    "day_wrong": mark("This is no day. Write it as 2026-03-01."),
    "number_wrong": mark("The share of households answered is a number above 0 and up to 100."),
}

HOUSEHOLD_DRAWN = RULES["psu_household"]


def group_sentence(group: ProblemGroup, context: PageContext) -> str:
    """What is wrong, in the reader's language where the rule has a sentence."""
    sentence = RULES.get(group.rule)
    if not sentence:
        return group.message
    return " ".join(part for part in (context.gettext(sentence), ", ".join(group.named)) if part)
