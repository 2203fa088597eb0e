"""What words are looked for in: code and labels of a line in small letters without accents."""

import json

import sqlalchemy as sa
from alembic import op

from budget_model.spelling import plain

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None
ROWS_AT_ONCE = 5_000


def upgrade() -> None:
    op.add_column("budget_line", sa.Column("plain_words", sa.Text(), nullable=True))
    _fill_words()
    with op.batch_alter_table("budget_line") as batch:
        batch.alter_column("plain_words", existing_type=sa.Text(), nullable=False)


def _fill_words() -> None:
    """The words of each line, in parts so that a large store needs little memory."""
    bind, last = op.get_bind(), 0
    read = sa.text("SELECT id, code, labels FROM budget_line WHERE id > :last ORDER BY id LIMIT :number")
    write = sa.text("UPDATE budget_line SET plain_words = :words WHERE id = :id")
    while rows := bind.execute(read, {"last": last, "number": ROWS_AT_ONCE}).all():
        bind.execute(write, [{"id": row[0], "words": _words(row[1], row[2])} for row in rows])
        last = rows[-1][0]


def _words(code, labels) -> str:
    found = json.loads(labels) if isinstance(labels, str) else labels
    return "\n".join(plain(text) for text in (code, *found.values()))


def downgrade() -> None:
    with op.batch_alter_table("budget_line") as batch:
        batch.drop_column("plain_words")
