"""Words of the focus groups page: who took part, methods, ages, agreement, and the sentences of problems by rule."""

from __future__ import annotations

from dashboard.i18n import mark

COMPOSITIONS = {"women": mark("Women"), "men": mark("Men"), "mixed": mark("Women and men")}
METHODS = {"points": mark("Points"), "ranks": mark("Ranks")}
WEIGHTINGS = {
    "participants": mark("Each session counts by its participants"),
    "session": mark("Each session counts the same"),
}
AGE_BANDS = {
    "0-17": mark("Under 18"),
    "18-29": mark("18 to 29"),
    "30-44": mark("30 to 44"),
    "45-59": mark("45 to 59"),
    "60+": mark("60 and over"),
    "unknown": mark("Age unknown"),
}
PAIRS = {
    "women_men": mark("Women and men in the focus groups"),
    "women_survey": mark("Women in the focus groups and the survey's persons (women)"),
    "men_survey": mark("Men in the focus groups and the survey's persons (men)"),
}
AGREEMENT = {
    "broad": mark("largely the same order"),
    "partial": mark("partly the same order"),
    "none": mark("hardly any common order"),
    "opposite": mark("rather the opposite order"),
    "few": mark("too few needs in common to say"),
    "unknown": mark("cannot be computed"),
}
BETWEEN_GROUPS = {
    "broad": mark("Women and men put the needs largely in the same order."),
    "partial": mark("Women and men put the needs partly in the same order."),
    "none": mark("The orders of women and men have hardly anything in common."),
    "opposite": mark("Women and men put the needs rather in opposite orders."),
    "few": mark("Women and men had too few needs in common to compare their orders."),
    "unknown": mark("The orders of women and men cannot be compared."),
}

FIRST = {
    "women": mark("Women in the focus groups put first: {need} ({share})."),
    "men": mark("Men in the focus groups put first: {need} ({share})."),
}
TOO_FEW = {
    "women": mark("Priorities of women are shown, and count, from {least} participants in all."),
    "men": mark("Priorities of men are shown, and count, from {least} participants in all."),
}
TOOK_PART = {
    "women": mark("women: sessions {sessions}, participants {persons}"),
    "men": mark("men: sessions {sessions}, participants {persons}"),
}

PROBLEMS: dict[str, str] = {
    "focus.date": mark("“{value}” is not a day on which the session can have been held. Choose a day up to today."),
    "focus.composition": mark("Say who took part: women, men, or women and men."),
    "focus.method": mark("Say how priorities were given: points or ranks."),
    "focus.code": mark("“{value}” cannot be a code. Use up to 40 letters, digits, points and hyphens."),
    "focus.code_twice": mark("The session stands twice. Give each one a code of its own."),
    "focus.place": mark("The place is missing or too long. Write 1 to 200 characters."),
    "focus.facilitator": mark("The organisation that led it is missing or too long. Write 1 to 200 characters."),
    "focus.findings": mark("The findings are too long. Shorten them to {most} characters."),
    "focus.quotes": mark("Keep to {most} quotes of up to 1000 characters each."),
    "focus.area": mark("The site has no area “{value}”. Choose one of the list."),
    "focus.band": mark("“{value}” is not a known age band."),
    "focus.number": mark("“{value}” is not a number of participants. Write a whole number from 0 to 500."),
    "focus.nobody.women": mark("No women are among the participants. Write how many took part."),
    "focus.nobody.men": mark("No men are among the participants. Write how many took part."),
    "focus.other_sex.women": mark("A session of men has women among its participants. Choose “Women and men”."),
    "focus.other_sex.men": mark("A session of women has men among its participants. Choose “Women and men”."),
    "focus.other_group.women": mark("A session of men has priorities of women. Choose “Women and men”."),
    "focus.other_group.men": mark("A session of women has priorities of men. Choose “Women and men”."),
    "focus.need": mark("The site has no need “{value}”."),
    "focus.no_scores.women": mark("There are no priorities of women. Give points or a rank to at least one need."),
    "focus.no_scores.men": mark("There are no priorities of men. Give points or a rank to at least one need."),
    "focus.all_zero.women": mark("All points of women are 0. Say which need matters."),
    "focus.all_zero.men": mark("All points of men are 0. Say which need matters."),
    "focus.score": mark("{need}: “{value}” cannot be. Write a number from {low} on."),
    "focus.score_text": mark("{need}: “{value}” is not a number. Write digits, such as 3 or 2.5, or leave it empty."),
    "focus.reason": mark("Say why the session is withdrawn."),
    "focus.outdated": mark(
        "{actor} saved version {version} of this session meanwhile. Open it again and repeat your change."
    ),
    "focus.hint.name": mark("“{found}” looks like a person's name."),
    "focus.hint.titled": mark("“{found}” looks like a person's name."),
    "focus.hint.identity": mark("“{found}” looks like the number of an identity document."),
    "focus.hint.phone": mark("“{found}” looks like a telephone number."),
    "focus.hint.email": mark("“{found}” looks like an e-mail address."),
    "focus.mix": mark("“{value}” is not a share. Write a whole number of per cent from 0 to 100."),
    "focus.weighting": mark("Say what a session counts by."),
    "focus.mix_reason": mark("Say why the mix is set like this, and who agreed."),
    "focus.mix_no_sessions": mark("There is no session at this site yet. Enter one before its priorities count."),
}
