"""Column types that reject wrong values: datetimes without a time zone, floats as money, text as UUID."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine


class WholeNumber(TypeDecorator[int]):
    """An integer (minor units, thousandths or hundredths of one) as BIGINT. Raises TypeError for anything but int."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return INTEGER for SQLite, which has only this type (64 bits), else BIGINT."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def bind_processor(self, dialect: Dialect) -> Callable[[int | None], int | None]:
        """Return the function that raises TypeError for a value that is not an int."""
        return whole


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC: ``timestamptz`` on PostgreSQL, sortable ISO 8601 text with microseconds on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the database's own type where it has one."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else TIMESTAMP(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return the function that makes the instant one in UTC, and raises TypeError for a naive one."""
        return _instant_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return the function that makes an aware instant in UTC of what is stored."""
        return _instant_of


class UuidKey(TypeDecorator[UUID]):
    """A UUID made by the client: ``uuid`` on PostgreSQL, a BLOB of 16 bytes on SQLite."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the database's own type where it has one."""
        return dialect.type_descriptor(LargeBinary(16) if dialect.name == "sqlite" else Uuid())

    def bind_processor(self, dialect: Dialect) -> Callable[[UUID | None], Any] | None:
        """Return the function that makes the key bytes for SQLite, else what the server's own type needs."""
        return _key_bytes if dialect.name == "sqlite" else self.impl_instance.bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None]:
        """Return the function that makes a UUID of what is stored."""
        return _key_of


# Each is called for every value of every row that is written or read, without TypeDecorator's own functions.


def whole(value: int | None) -> int | None:
    """Return a whole number, or None. Raises TypeError for anything else."""
    if value is not None and type(value) is not int:
        raise TypeError(f"a whole number is needed, not {value!r}")
    return value


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise TypeError("an instant needs its time zone")
    return value.astimezone(UTC)


def _instant_text(value: datetime | None) -> str | None:
    utc = _in_utc(value)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z" if utc is not None else None


def _key_bytes(value: UUID | None) -> bytes | None:
    return value.bytes if value is not None else None


def _instant_of(value: Any) -> datetime | None:
    if value is None:
        return None
    found: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo is UTC else found.astimezone(UTC)


def _key_of(value: Any) -> UUID | None:
    return UUID(bytes=value) if isinstance(value, bytes) else value
