"""What most tests start from: the whole application, without a server{% if values.postgres %} or PostgreSQL{% endif %}."""

from collections.abc import Iterator
{%- if values.postgres %}
from pathlib import Path
{%- endif %}

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
{%- if values.postgres %}
from pydantic import SecretStr
from sqlalchemy import create_engine
{%- endif %}

{% if values.postgres -%}
from app.database import Base
{% endif -%}
from app.main import create_app
from app.settings import Settings


@pytest.fixture
{%- if values.postgres %}
def settings(tmp_path: Path) -> Settings:
    """Put SQLite in place of PostgreSQL, with the tables in it."""
    file = tmp_path / "test.db"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return Settings(database_url=SecretStr(f"sqlite+aiosqlite:///{file}"))
{%- else %}
def settings() -> Settings:
    """Return the settings a test runs with."""
    return Settings()
{%- endif %}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Return an application of the test's own."""
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Start the application and talk to it."""
    with TestClient(app) as client:
        yield client
