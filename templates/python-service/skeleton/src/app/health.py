"""
Whether the service lives, and whether it can work.

*Live* is asked to decide on a restart: it looks at nothing but the process.
*Ready* is asked to decide on traffic: it looks at what the service needs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from app.problems import problem

SECONDS = 2.0

Check = Callable[[], Awaitable[None]]
router = APIRouter(prefix="/health", include_in_schema=False)
logger = logging.getLogger(__name__)


@router.get("/live")
async def live() -> dict[str, str]:
    """Answer: that is all it takes."""
    return {"status": "live"}


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Answer 503 while anything that the service needs is out of reach."""
    checks: dict[str, Check] = request.app.state.checks
    failing = [name for name, check in checks.items() if not await passes(check)]
    if failing:
        return problem(503, "Not ready.", failing)
    return JSONResponse({"status": "ready"})


async def passes(check: Check) -> bool:
    """Tell whether the check ends in time and without an error."""
    try:
        async with asyncio.timeout(SECONDS):
            await check()
    except Exception:
        logger.warning("readiness check failed", exc_info=True)
        return False
    return True
