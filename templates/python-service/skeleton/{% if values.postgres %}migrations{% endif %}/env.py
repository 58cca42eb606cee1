"""How Alembic reaches the database: through the settings of the service."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from app.database import Base, Database
from app.settings import Settings


def run(connection: Connection) -> None:
    """Apply what is missing, in one transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    """Connect, migrate, disconnect."""
    database = Database(Settings().database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(run)
    await database.close()


asyncio.run(main())
