"""What can be set, and that it is written down."""

from pathlib import Path

import pytest

from app.settings import Settings

OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "9000")
    assert Settings().port == 9000


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`APP_{name.upper()}`" in OPERATIONS.read_text(encoding="utf-8")
