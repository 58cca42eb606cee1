"""Write the API description: `python -m app.openapi openapi.json`."""

import json
import sys
from pathlib import Path

from app.main import create_app
from app.settings import Settings


def document() -> str:
    """Describe the API as the service serves it on /openapi.json."""
    return json.dumps(create_app(Settings()).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
