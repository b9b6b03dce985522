"""What Alembic runs around the steps; ``authserver.models.migrations`` fills it in."""

from alembic import context

attributes = context.config.attributes
context.configure(**attributes["options"])
with context.begin_transaction():
    if attributes["is_postgres"]:
        # Here and not in a step, since the table of versions lies in the schema.
        context.execute("SET LOCAL search_path TO auth, extensions, public")
        for schema in ("auth", "extensions"):
            # IF NOT EXISTS would ask for the right to make schemas all the same.
            context.execute(
                f"DO $$ BEGIN IF to_regnamespace('{schema}') IS NULL "
                f"THEN CREATE SCHEMA {schema}; END IF; END $$"
            )
    context.run_migrations()
