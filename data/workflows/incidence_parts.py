"""One programme's money, who uses it, and the streams in which it reaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from budget_model.errors import InputError, Problem
from budget_model.spending.incidence import Incidence, People, Stream, incidence
from data.readers.incidence_questions import HoursSaved, ProgrammeUse
from data.readers.incidence_users import ProgrammeUsers
from data.store.tables import Programme
from data.workflows.incidence_people import NEED, QUESTION, SEXES

WEEKS = 52
NOTHING = "nothing"
REGISTER, REACH, SURVEY = "register", "reach", "survey"
TABLE = "table"


@dataclass(frozen=True)
class ProgrammeIncidence:
    """One programme's money and its users."""

    code: str
    name: Mapping[str, str]
    spent: float  # currency
    fees: float  # currency that users pay
    sex_from: str  # table, register, reach, survey, or nothing
    income_from: str  # table, question, need, or nothing
    users: tuple[float, float] | None  # women and men who use it in a year; None where nobody counts them
    result: Incidence
    hours_saved: HoursSaved | None

    @property
    def net(self) -> float:
        return self.spent - self.fees

    @property
    def cost_per_user(self) -> float | None:
        return self.net / sum(self.users) if self.users and sum(self.users) > 0 else None

    @property
    def hours(self) -> tuple[float, float] | None:
        """Hours of unpaid work in a year that women and men are spared."""
        if self.hours_saved is None or self.users is None:
            return None
        users = sum(self.users)
        return users * self.hours_saved.women * WEEKS, users * self.hours_saved.men * WEEKS


@dataclass(frozen=True)
class UsersTold:
    """People whom a question or a need tells, and the shares of a programme's users that they are."""

    who: np.ndarray  # (I,) 1 for one of them
    reach: tuple[float, float] | None  # women and men as shares of all users; None: not stated

    def weight(self, sex_shares: tuple[float, float] | None, sex: int) -> float:
        """Part of the programme's users of a sex that these are."""
        if self.reach is not None:
            return self.reach[sex]
        return 1.0 if sex_shares is None else sex_shares[sex]


@dataclass(frozen=True)
class ProgrammePart:
    """What is known of one programme before its money is divided."""

    programme: Programme
    use: ProgrammeUse
    spent: Decimal
    users: tuple[UsersTold, ...]
    table: ProgrammeUsers | None = None  # users by sex and fifth that somebody counted

    @property
    def fees(self) -> Decimal:
        return self.use.fees.value if self.use.fees else Decimal(0)

    @property
    def register(self) -> tuple[float, float] | None:
        counts = self.programme.beneficiaries
        return None if not counts or sum(counts.values()) <= 0 else (counts["women"], counts["men"])

    def streams(self, people: People) -> list[Stream]:
        net = float(self.spent - self.fees)
        if self.table is not None:
            return _by_table(net, self.table, people)
        if not self.users:
            return self._without_users(net)
        return self._by_register(net) if self.register else self._by_reach(net)

    def _without_users(self, net: float) -> list[Stream]:
        nobody = np.zeros(1)
        if self.register is None:
            return [Stream(net, nobody)]
        return [Stream(net * count / sum(self.register), nobody, sex) for sex, count in enumerate(self.register)]

    def _by_register(self, net: float) -> list[Stream]:
        counts = self.register or (0.0, 0.0)
        shares = counts[0] / sum(counts), counts[1] / sum(counts)
        found = []
        for sex, share in enumerate(shares):
            weights = [users.weight(shares, sex) for users in self.users]
            weights = weights if sum(weights) > 0 else [1.0] * len(weights)
            amounts = [net * share * weight / sum(weights) for weight in weights]
            found += [Stream(amount, users.who, sex) for amount, users in zip(amounts, self.users, strict=True)]
        return [stream for stream in found if stream.amount > 0]

    def _by_reach(self, net: float) -> list[Stream]:
        totals = [1.0 if users.reach is None else sum(users.reach) for users in self.users]
        found = []
        for users, total in zip(self.users, totals, strict=True):
            amount = net * total / sum(totals) if sum(totals) > 0 else net / len(totals)
            if users.reach is None or total <= 0:
                found.append(Stream(amount, users.who))
            else:
                found += [Stream(amount * share / total, users.who, sex) for sex, share in enumerate(users.reach)]
        return [stream for stream in found if stream.amount > 0]

    @property
    def sex_from(self) -> str:
        if self.table is not None:
            return TABLE
        if self.register is not None:
            return REGISTER
        return REACH if any(users.reach is not None for users in self.users) else SURVEY if self.users else NOTHING

    @property
    def income_from(self) -> str:
        if self.table is not None:
            return TABLE
        return QUESTION if self.use.users is not None else NEED if self.users else NOTHING

    def report(self, people: People) -> ProgrammeIncidence:
        return ProgrammeIncidence(
            code=self.programme.code,
            name=self.programme.name,
            spent=float(self.spent),
            fees=float(self.fees),
            sex_from=self.sex_from,
            income_from=self.income_from,
            users=self._counted(people),
            result=incidence(people, self.streams(people)),
            hours_saved=self.use.hours_saved,
        )

    def _counted(self, people: People) -> tuple[float, float] | None:
        """Users that a table counts, else the register's, else whom a question found. People in need are no users."""
        if self.table is not None:
            women, men = (float(sum(values)) for values in self.table.users)
            return women, men
        if self.register is not None:
            return self.register
        if self.income_from != QUESTION:
            return None
        weight = people.weight * self.users[0].who
        women, men = (float(weight[people.sex == sex].sum()) for sex in range(len(SEXES)))
        return women, men


def _by_table(net: float, table: ProgrammeUsers, people: People) -> list[Stream]:
    """A stream of money for each sex and fifth that the table counts, to everybody of them alike."""
    whole = sum(map(sum, table.users))
    return [
        Stream(net * users / whole, (people.fifth == fifth).astype(np.float64), sex)
        for sex, by_fifth in enumerate(table.users)
        for fifth, users in enumerate(by_fifth)
        if net * users > 0
    ]


def check_fees(parts: Sequence[ProgrammePart], currency: str) -> None:
    problems = [
        Problem(
            "fees_above_spending",
            f"Programme '{part.programme.code}': users pay {part.fees:,.2f} {currency}, which is more than the "
            f"{part.spent:,.2f} {currency} spent on it. Correct one of the two.",
            value=part.programme.code,
            facts={"programme": part.programme.code, "fees": f"{part.fees:,.2f}", "spent": f"{part.spent:,.2f}"},
        )
        for part in parts
        if part.fees > part.spent
    ]
    if problems:
        raise InputError(problems)
