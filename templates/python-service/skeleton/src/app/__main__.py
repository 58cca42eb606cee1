"""Serve: `python -m app`."""

import uvicorn

from app import logs
from app.main import create_app
from app.settings import Settings

settings = Settings()
logs.configure(settings.log_level)
uvicorn.run(
    create_app(settings),
    host=settings.host,
    port=settings.port,
    log_config=None,  # ours: JSON, one object a line
    access_log=False,  # ours: one line a request, with its id
)
