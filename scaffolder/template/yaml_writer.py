"""Writes YAML that both YAML 1.1 and 1.2 read back as the same values."""

from __future__ import annotations

from typing import Any

import yaml

from scaffolder.template.yaml_reader import CoreLoader

STRING = "tag:yaml.org,2002:str"


class Writer(yaml.CSafeDumper):
    """Quotes what either version would take for something else than text."""


def _represent_text(writer: Writer, text: str) -> yaml.ScalarNode:
    plain = any(pattern.match(text) for _, pattern in CoreLoader.yaml_implicit_resolvers.get(text[:1], []))
    style = "|" if "\n" in text else '"' if plain else None
    return writer.represent_scalar(STRING, text, style=style)


Writer.add_representer(str, _represent_text)


def write_document(value: Any) -> str:
    """Return a JSON value as YAML, keys in their order."""
    written = yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=100)
    return str(written)
