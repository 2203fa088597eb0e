"""Step 3 of an import: which column is what, asked field by field or taken from a mapping file."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import card, notice
from dashboard.components.forms import choice, field, file_field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.pages.imports_parts import action, refused_notice
from dashboard.services import Services
from dashboard.views.imports import BAND_PREFIX, SEX_PREFIX, column_of, column_options
from data.workflows.import_found import Found
from data.workflows.import_wizard import MappingQuestion
from data.workflows.mapping_guess import BLANK, OTHER, ColumnInfo
from data.workflows.staging import Stage
from data.workflows.wizard_mapping import MAPPINGS


def mapping_cards(services: Services, stage: Stage, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    question = services.imports.question(context.user, context.site, stage, found, context.language)
    told = _("Filled in as in the last import with this form. Check it.") if question.is_kept else ""
    guess = _(
        "What is marked as a guess was guessed from names, labels and codes. Check it, and change it where wrong."
    )
    form = plain_form(
        action(context, "mapping"),
        [
            hidden("draft", stage.token),
            *round_fields(stage, found, context),
            *people_fields(question, found, context),
            *design_fields(question, stage, context),
            html.Div([submit(_("Keep and show the preview"))], className="buttons"),
        ],
    )
    left_out = ", ".join(question.identities)
    notes = [html.P(_("Not stored, because they may identify people: {names}.", names=left_out))] if left_out else []
    refusals = refused_notice(context)
    asked = card(_("Which column is what"), [html.P(told or guess), *notes, form])
    return [*refusals, asked, mapping_file_card(stage, context)]


def mapping_file_card(stage: Stage, context: PageContext) -> html.Section:
    """A mapping file in place of the answers, as the command line takes it; what is wrong with the last one."""
    _ = context.gettext
    hint = _(
        "YAML, as the command line takes it: also derived columns, new names and columns that do not identify anybody. "
        "It fills in the answers above."
    )
    form = plain_form(
        action(context, "mapping-file"),
        [
            hidden("draft", stage.token),
            file_field("mapping", _("Mapping file"), MAPPINGS, hint),
            html.Div(
                [submit(_("Take the mapping file and show the preview"), kind="outline-primary")], className="buttons"
            ),
        ],
        has_files=True,
    )
    refused = [notice(list(stage.told), "danger", role="alert")] if stage.told else []
    return card(_("Or give a mapping file"), [*refused, form])


def round_fields(stage: Stage, found: Found, context: PageContext) -> list[Any]:
    """What a person states of the round."""
    _ = context.gettext
    facts = stage.facts
    title = found.form.title if found.form else ""
    rate = facts.get("coverage_rate")
    return [
        field("coverage", _("Area that the round covers, in words"), facts.get("coverage_area") or "", required=True),
        field("source", _("Whence the answers come"), facts.get("source") or title, required=True),
        html.Div(
            [
                field("starts_on", _("First day"), facts.get("starts_on") or "", type="date"),
                field("ends_on", _("Last day"), facts.get("ends_on") or "", type="date"),
                field(
                    "rate",
                    _("Households that answered, % of those of the area"),
                    f"{rate * 100:g}" if rate else facts.get("rate_as_typed") or "",
                    hint=_("Leave it empty if it is not known."),
                ),
            ],
            className="form-grid",
        ),
    ]


def people_fields(question: MappingQuestion, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    draft, columns = question.draft, question.columns
    persons, both = (
        column_options(columns, ("persons",), context),
        column_options(columns, ("persons", "households"), context),
    )
    areas = [*draft.areas, "", ""]
    fields: list[Any] = []
    if found.form is None:
        households = column_options(columns, ("households",), context)
        fields.append(
            choice(
                "household",
                label(_("Household of the person"), "household", question, context),
                persons,
                draft.household,
            )
        )
        if "households" in found.raw:
            fields.append(
                choice(
                    "household_id",
                    label(_("Key of the household"), "household_id", question, context),
                    households,
                    draft.household_id,
                )
            )
    fields += [
        choice("sex", label(_("Sex"), "sex", question, context), persons, draft.sex),
        *code_fields(column_of(question, draft.sex), question, context),
        choice("age", label(_("Age"), "age", question, context), persons, draft.age, _("In years; or bands in words.")),
        *band_fields(column_of(question, draft.age), question, context),
        choice("area1", label(_("Area of level 1 (sector)"), "area1", question, context), both, areas[0]),
        choice("area2", label(_("Area of level 2 (neighbourhood)"), "area2", question, context), both, areas[1]),
    ]
    return fields


def label(text: str, name: str, question: MappingQuestion, context: PageContext) -> Any:
    """The field's label, with a mark where its value is only a guess."""
    if name not in question.draft.guessed:
        return text
    return [text, html.Span(context.gettext("guess"), className="guess")]


def code_fields(column: ColumnInfo | None, question: MappingQuestion, context: PageContext) -> list[Any]:
    """Which code is female, which male."""
    _ = context.gettext
    if column is None:
        return [hidden("sex_before", "")]
    options = [
        *(("female", _("female")), ("male", _("male"))),
        (OTHER, _("another or none stated: counted in totals only")),
        ("", _("a mistake: such rows are refused")),
    ]
    texts = question.code_labels.get(column.name, {})
    values = question.draft.sex_values
    choices = [
        choice(f"{SEX_PREFIX}{code}", coded(code, texts), options, values.get(code, "")) for code in column.codes
    ]
    if column.blanks:
        blank = _("no answer ({count} rows)", count=context.formats.number(column.blanks))
        choices.append(choice(f"{SEX_PREFIX}{BLANK}", blank, options, values.get(BLANK, "")))
    legend = html.Legend(_("Codes of sex in {column}", column=column.name))
    return [hidden("sex_before", column.key), html.Fieldset([legend, *choices], className="codes")]


def band_fields(column: ColumnInfo | None, question: MappingQuestion, context: PageContext) -> list[Any]:
    """Names of the age bands, where ages come in words."""
    _ = context.gettext
    if column is None or column.is_number or not column.codes:
        return [hidden("age_before", column.key if column else "")]
    texts, values = question.code_labels.get(column.name, {}), question.draft.band_values
    fields = [field(f"{BAND_PREFIX}{code}", coded(code, texts), values.get(code, "")) for code in column.codes]
    legend = html.Legend(_("Age bands as they shall be called; empty means not known"))
    return [hidden("age_before", column.key), html.Fieldset([legend, *fields], className="codes")]


def coded(code: str, texts: Any) -> str:
    text = texts.get(code, "")
    return f"{code} – {text}" if text and text != code else code


def design_fields(question: MappingQuestion, stage: Stage, context: PageContext) -> list[Any]:
    _ = context.gettext
    draft = question.draft
    options = column_options(question.columns, ("persons", "households"), context)
    units = [options[0], ("household", _("the household itself")), *options[1:]]
    kinds = [("census", _("Everybody was asked (census)")), ("sample", _("A sample was asked"))]
    design = "census" if stage.facts.get("is_census") else "sample"
    return [
        choice("design", _("Design"), kinds, design),
        html.Div(
            [
                choice("weight", label(_("Weight"), "weight", question, context), options, draft.weight),
                choice("strata", label(_("Strata"), "strata", question, context), options, draft.strata),
                choice("psu", label(_("Sampling unit (PSU)"), "psu", question, context), units, draft.psu),
            ],
            className="form-grid",
        ),
    ]
