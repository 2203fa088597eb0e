"""Words of the budget files page: sources, kinds of change, and what can be wrong with a file, a sentence a rule."""

from __future__ import annotations

from dashboard.i18n import mark

SOURCES = {
    "auto": mark("Find out by the header"),
    "mef": mark("Open expenditure file of the ministry (Peru)"),
    "consulta": mark("Query page of the ministry (Peru)"),
    "table": mark("Any table, with a mapping"),
    "export": mark("Export of this program"),
    "fdp": mark("Fiscal Data Package"),
}
KINDS = {
    "new": mark("New line"),
    "moved": mark("Amount changed"),
    "relabelled": mark("Label changed"),
    "gone": mark("No longer in the file"),
    "unchanged": mark("Unchanged"),
}
STORED_AFTER = {
    "after": mark("Stored after"),
    "keeping": mark("Stored after, lines that are gone kept"),
    "removing": mark("Stored after, lines that are gone removed"),
}
READING = "job-active"  # another file of the same person is being read or imported
SHORT_STAGES = {"pia": mark("PIA"), "pim": mark("PIM"), "accrued": mark("Accrued")}
REFUSED = {
    "file_is_pdf": mark(
        "This is a PDF, from which no table can be read. Get the same figures as CSV or XLSX from where it came."
    ),
    "end_uncertain": mark(
        "The last line has no line end and ends in an amount: if the file was cut off on its way, digits of it are "
        "missing. Get the file again, or confirm below that it is whole."
    ),
    "whole_unconfirmed": mark("Tick the box if the last line is whole; else get the file again."),
    "header_unknown": mark("The header is of no file that is known here. Choose the source, or give a mapping."),
    "header_broken": mark("The header cannot be read. Look for a quotation mark that is never closed."),
    "field_count": mark(
        "Records have fewer fields than the header: columns are shifted. Put the separators back that are missing. If "
        "it is the last line alone, the file was cut off on its way: get it again."
    ),
    "field_surplus": mark(
        "Records have more fields than the header: columns are shifted. Take out the separators that are too many, or "
        "put quotation marks around a text that holds one (a comma in a name, or in an amount)."
    ),
    "upload_large": mark(
        "The file is larger than 100 MB, or a workbook that is larger than 600 MB once unpacked. Save a workbook as "
        "CSV, or use the command line (budget import)."
    ),
    "record_broken": mark("Records cannot be told apart from some line on. Look for a stray quotation mark."),
    "quote_open": mark(
        "A quotation mark is opened and never closed. Close it, or double quotation marks that belong to a text. If "
        "this is the last line, the file was probably cut off on its way: fetch it again."
    ),
    "amount_format": mark("Amounts are written in another format. State decimal mark and thousands in a mapping."),
    "amount_ambiguous": mark(
        "Amounts such as 1.500 can be one and a half or fifteen hundred. Write them without points between thousands, "
        "or state the decimal mark in a mapping."
    ),
    "line_is_total": mark("A row is the total of the others: its money would count twice. Leave it out."),
    "row_repeated": mark("Rows stand twice with all their codes and amounts. Take one of each two out."),
    "value_wrong": mark("Cells hold a value that they cannot hold (a year, a month, a share)."),
    "column_missing": mark("Columns that are looked for are not there."),
    "line_repeated": mark("Lines stand twice. Name each line with enough columns."),
    "line_twice": mark("Lines stand twice. Name each line with enough columns."),
    "no_rows": mark("No row of the file is of what was asked for. Check municipality, year and filters."),
    "gender_share": mark("A gender share lies outside 0 to 100 percent."),
    "gender_share_mixed": mark("Rows of one line state different gender shares."),
    "currency_differs": mark("The amounts are in another currency than this site keeps its budget in."),
    "lines_of_another_entity": mark(
        "The stored lines of a year are of another spending entity than those of the file. Look whether this is the "
        "right file before you replace them."
    ),
    "lines_of_another_grain": mark(
        "The site has lines of a year and the file has none of them: both together would count money twice. Remove the "
        "lines that are gone, or choose another file."
    ),
    "line_feeds_programme": mark("A line that is no longer in the file feeds a programme. Take it out there first."),
    "line_code_long": mark("Lines are named by more characters than can be kept. Use fewer columns."),
    "amount_large": mark("Amounts are too large to be kept exactly. Check the factor and the number format."),
    "municipality_unused": mark("Only the files of the ministry can be narrowed to a municipality."),
    "municipality_code": mark("Cells do not begin with the codes of a municipality."),
    "mapping_missing": mark("A table needs a mapping of its columns."),
    "mapping_name": mark("A mapping needs a name of up to 80 characters."),
    "source_unknown": mark("Choose one of the sources."),
    "key_unknown": mark("The mapping has a key that is not known."),
    "key_missing": mark("The mapping lacks a key."),
    "key_repeated": mark("The mapping has a key twice."),
    "yaml_broken": mark("The mapping is not YAML. Check indentation and colons."),
    "encoding_wrong": mark("The file mixes encodings, or is no text. Save it as UTF-8."),
    "encoding_unknown": mark("The mapping names an encoding that is not known."),
    "gzip_broken": mark("The compressed file cannot be unpacked to its end. It is cut off; get it again."),
    "budget_upload_missing": mark("Choose a file."),
    READING: mark(
        "Another file of yours is being read or imported. Start this one when that one is done or cancelled, or do it "
        "at once."
    ),
    "upload_imported": mark(
        "This file was imported before. Look at the list of imports; upload it again to repeat it."
    ),
    "year_wrong": mark("The year is a number of four digits."),
    "tag_line_gone": mark("The file brings tags of lines that are not in the budget."),
}
WARNINGS = {
    "negative_amount": mark("Negative amounts. They are kept and counted as they stand."),
    "pia_missing": mark(
        "Lines have no opening budget (PIA), while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "pim_missing": mark(
        "Lines have no modified budget (PIM), while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "certified_missing": mark(
        "Lines have no certified amount, while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "committed_missing": mark(
        "Lines have no committed amount, while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "accrued_missing": mark(
        "Lines have no accrued amount, while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "paid_missing": mark(
        "Lines have no paid amount, while others of their year do. "
        "The sum of this stage is that of the others; what is missing is not 0."
    ),
    "row_shifted": mark(
        "The cells of a row are probably shifted by one: what stands here belongs into the column beside it. Put the "
        "row right, or get the file again."
    ),
    "accrued_above_pim": mark("Accrued is above the modified budget (PIM). Nothing was changed."),
    "paid_above_accrued": mark("Paid is above accrued. Nothing was changed."),
    "accrued_above_committed": mark("Accrued is above committed. Nothing was changed."),
    "committed_above_certified": mark("Committed is above certified. Nothing was changed."),
    "certified_above_pim": mark("Certified is above the modified budget (PIM). Nothing was changed."),
    "several_entities": mark("The file has several executing units, and all of them are kept at this site."),
    "other_years": mark(
        "Lines of other years are left out, because one year was asked for. Their rows are counted among the rows kept."
    ),
    "budget_in_months": mark("Rows of the months 1 to 12 carry PIA or PIM; those of month 0 count."),
    "tagged_line_renamed": mark(
        "Tagged lines are called something else than before; their tags stay and count. Check on the review desk "
        "whether each is still the same line."
    ),
    "line_maybe_total": mark("A row may be a total of the others, whose money would count twice. Check it."),
    "row_maybe_repeated": mark(
        "Rows are the same as an earlier one; both are counted. Check that none stands there twice."
    ),
    "row_key_repeated": mark(
        "Rows have all the codes of an earlier one with other amounts; both are counted. Check that none is a "
        "corrected copy."
    ),
    "end_open": mark(
        "The last line has no line end: if the file was cut off on its way, money is missing. Hold its size against "
        "the source."
    ),
    "stage_missing": mark("A main amount is under no known header. It is left out, which is not 0."),
    "encoding_assumed": mark("The file is not UTF-8; it was read as Windows-1252. Check accented letters."),
    "reading_judged": mark("The file is not UTF-8; it was read as Windows-1252. Check accented letters."),
    "rows_summed": mark("Rows repeat the key of an earlier row; they were added to its line."),
    "line_half_named": mark("Rows lack a part of what names their line."),
    "line_code_part_missing": mark("Rows lack a part of what names their line. Check that they are no subtotals."),
    "more_problems": mark("There are further problems of this kind."),
}
