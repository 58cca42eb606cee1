"""What can be set from outside: environment variables, `APP_` before each name."""

from typing import Literal

{% if values.postgres -%}
from pydantic import SecretStr
{% endif -%}
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, when the service starts; described in docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="APP_", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    {%- if values.postgres %}
    database_url: SecretStr = SecretStr("postgresql+psycopg://app:app@127.0.0.1:5432/app")
    {%- endif %}
