"""Is there something that already does this?"""

from __future__ import annotations

from scaffolder.similar.finder import find_similar, query_like
from scaffolder.similar.findings import NEVER_SIMILAR, Findings, Match, Query, Reason, Thresholds

__all__ = ["NEVER_SIMILAR", "Findings", "Match", "Query", "Reason", "Thresholds", "find_similar", "query_like"]
