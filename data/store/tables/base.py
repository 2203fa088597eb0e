"""The declarative base, its naming convention, and the column types that both databases keep exactly."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, MetaData, Numeric
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
DIGITS = 18  # fit into the 64 bits of SQLite's whole numbers
MONEY_DECIMALS = 4
MANY_DIGITS = 60


class Base(DeclarativeBase):
    """Root of the tables."""

    metadata = MetaData(naming_convention=NAMING)


class ExactNumber(TypeDecorator[Decimal]):
    """A decimal with so many digits in all and so many after the point; a number that does not fit is refused.

    PostgreSQL keeps it as NUMERIC. SQLite has no exact decimal, so there it is a whole number of the smallest unit,
    which also compares and sums exactly (and refuses to sum beyond 64 bits).
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int, decimals: int):
        super().__init__(digits, decimals)
        self.digits, self.decimals = digits, decimals

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(BigInteger() if is_sqlite else Numeric(self.digits, self.decimals))

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        number, units = self.checked(value)
        return units if dialect.name == "sqlite" else number

    def checked(self, value: Decimal | int | str) -> tuple[Decimal, int]:
        """The number, and how many of the smallest unit it is; TypeError or ValueError where it cannot be kept."""
        if isinstance(value, float | bool):
            raise TypeError(f"A stored number must be exact: pass a Decimal instead of {value!r}.")
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError(f"{number} cannot be stored: it is not a number.")
        with localcontext(prec=MANY_DIGITS):  # no digit is rounded on its way
            scaled = number.scaleb(self.decimals)
            if abs(scaled) >= 10**self.digits:
                raise ValueError(f"{number} is too large: it has more than {self.digits - self.decimals} whole digits.")
            if scaled != scaled.to_integral_value():
                raise ValueError(f"{number} has more than {self.decimals} decimals.")
        return number, int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        with localcontext(prec=MANY_DIGITS):
            number = Decimal(value).scaleb(-self.decimals) if dialect.name == "sqlite" else Decimal(value)
            return self.shown(number)

    def shown(self, number: Decimal) -> Decimal:
        """The number as it is given to whoever loads it."""
        return number


class Money(ExactNumber):
    """An exact amount with up to four decimals, below 100,000,000,000,000; given with two where two are enough."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(DIGITS, MONEY_DECIMALS)

    def shown(self, number: Decimal) -> Decimal:
        in_cents = number.quantize(Decimal("0.01"))
        return in_cents if number == in_cents else number


class Share(ExactNumber):
    """An exact share of a whole (0-1) with up to six decimals."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(9, 6)


class Degrees(ExactNumber):
    """Longitude or latitude, exact to six decimals."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(9, 6)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone; SQLite would otherwise forget that it was UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("A stored moment needs a time zone.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
