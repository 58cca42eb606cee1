"""Puts the application together."""

{% if values.postgres -%}
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

{% endif -%}
from fastapi import FastAPI

from app import __version__, health, metrics, notes, problems
from app.about import DESCRIPTION, NAME
{%- if values.postgres %}
from app.database import Database, SqlNotes
{%- else %}
from app.memory import MemoryNotes
{%- endif %}
from app.metrics import Metrics
from app.middleware import RequestMiddleware
from app.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Build one application that shares nothing with any other."""
    app = FastAPI(
        title=NAME,
        description=DESCRIPTION,
        version=__version__,
        generate_unique_id_function=lambda route: route.name,
        responses=problems.RESPONSES,
        {%- if values.postgres %}
        lifespan=close_database,
        {%- endif %}
    )
    provide(app, settings)
    app.add_middleware(RequestMiddleware, metrics=app.state.metrics)
    for module in (health, metrics, notes):
        app.include_router(module.router)
    problems.install(app)
    return app


def provide(app: FastAPI, settings: Settings) -> None:
    """Place what the endpoints work with where they find it."""
    app.state.settings = settings
    app.state.metrics = Metrics()
    {%- if values.postgres %}
    app.state.database = Database(settings.database_url)
    app.state.notes = SqlNotes(app.state.database)
    app.state.checks = {"database": app.state.database.check}
    {%- else %}
    app.state.notes = MemoryNotes()
    app.state.checks = {}
    {%- endif %}
{%- if values.postgres %}


@asynccontextmanager
async def close_database(app: FastAPI) -> AsyncIterator[None]:
    """Give the connections back when the service stops."""
    yield
    await app.state.database.close()
{%- endif %}
