"""What the header of an API's tokens says they are."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    op.add_column("resources", sa.Column("token_typ", sa.Text()), schema=schema)
