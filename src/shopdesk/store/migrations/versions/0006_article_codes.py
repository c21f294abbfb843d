"""Bar codes compared as GTINs, and the patterns of the shop's own weight and price labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import UuidKey

revision = "0006"
down_revision = "0005"

_PRODUCTS = sa.table(
    "products", sa.column("key", UuidKey()), sa.column("barcode", sa.String()), sa.column("gtin", sa.String())
)
_AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("products", sa.Column("gtin", sa.String(length=14), server_default="", nullable=False))
    op.add_column("shop", sa.Column("in_store_codes", sa.String(length=200), server_default="", nullable=False))
    _fill()
    op.create_index("ix_products_gtin", "products", ["gtin"])


def downgrade() -> None:
    op.drop_index("ix_products_gtin", table_name="products")
    op.execute("ALTER TABLE shop DROP COLUMN in_store_codes")
    op.execute("ALTER TABLE products DROP COLUMN gtin")


def _fill() -> None:
    """Fill in the GTINs. Two products may have the same one: the doctor lists them."""
    connection = op.get_bind()
    columns = _PRODUCTS.c
    found = connection.execute(sa.select(columns.key, columns.barcode).where(columns.barcode != "")).all()
    rows = [{"which": key, "gtin": gtin} for key, barcode in found if (gtin := _gtin(barcode.strip()))]
    change = sa.update(_PRODUCTS).where(columns.key == sa.bindparam("which")).values(gtin=sa.bindparam("gtin"))
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(change, rows[start : start + _AT_ONCE])


def _gtin(code: str) -> str:
    """Return the 14 digits of a bar code with a right check digit, or "", as ``domain.barcode.gtin`` did then."""
    if len(code) not in {8, 12, 13, 14} or not code.isdecimal():
        return ""
    code = "".join(str(int(digit)) for digit in code)  # digits of other scripts
    if len(code) == 8 and code[0] in "01":
        expanded = code[0] + _expanded(code[1:-1]) + code[-1]
        forms = [expanded, code] if code[0] == "0" else [code, expanded]
    else:
        forms = [code]
    return next((form.zfill(14) for form in forms if _is_right(form)), "")


def _is_right(code: str) -> bool:
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code))) % 10 == 0


def _expanded(six: str) -> str:
    last = six[5]
    if last in "012":
        return f"{six[:2]}{last}0000{six[2:5]}"
    if last == "3":
        return f"{six[:3]}00000{six[3:5]}"
    return f"{six[:4]}00000{six[4]}" if last == "4" else f"{six[:5]}0000{last}"
