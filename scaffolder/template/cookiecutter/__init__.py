"""
Templates that have only a `cookiecutter.json`.

They are rendered as cookiecutter renders them, to the byte; but in a sandbox, within bounds, and in memory. The code
that a template brings, hooks and extensions, is run only where a person has allowed it.
"""

from scaffolder.template.cookiecutter.bounds import Limits
from scaffolder.template.cookiecutter.brought import Code, ExtensionFailed
from scaffolder.template.cookiecutter.context import AnswerRefused, Origin
from scaffolder.template.cookiecutter.description import Home, chosen, manifest_of, project_directory
from scaffolder.template.cookiecutter.dialect import ExtensionsRefused
from scaffolder.template.cookiecutter.rendering import Rendered, render, render_cookiecutter

__all__ = [
    "AnswerRefused",
    "Code",
    "ExtensionFailed",
    "ExtensionsRefused",
    "Home",
    "Limits",
    "Origin",
    "Rendered",
    "chosen",
    "manifest_of",
    "project_directory",
    "render",
    "render_cookiecutter",
]
