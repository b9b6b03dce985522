"""What need not wait for the disk, and that the rest does (decision 0026)."""

from datetime import UTC, datetime

from sqlalchemy import create_engine

from authserver.core.spent_proofs import _taken
from authserver.models.engines import engine_options
from tests.support.live import migrate
from tests.support.postgres import Cluster


def test_only_the_taking_of_a_proof_is_not_flushed(postgres: Cluster) -> None:
    """What else the connection does is flushed as it was."""
    plain = postgres.create_database(prepare=migrate)
    url = plain.replace("postgresql://", "postgresql+psycopg2://")
    engine = create_engine(url, **engine_options(url, pool_size=1))
    params = {"fingerprint": b"f" * 32, "expires_at": datetime.now(UTC)}
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("SET synchronous_commit TO 'local'")
        assert _taken["postgresql"].all(connection, params)
        shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
    engine.dispose()
    assert shown == "local"
