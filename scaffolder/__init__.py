"""
Where a new service begins.

From Python: `Scaffolder` has the use cases, one method each; `Catalog` what exists and who owns it; `action` makes an
action of a plugin's function; the other names are what these take. Each is imported when it is asked for, so that
`import scaffolder` costs nothing.
"""

TYPE_CHECKING = False  # `typing` would take as long as everything else that `scaffolder --version` needs
if TYPE_CHECKING:
    from scaffolder.app import Scaffolder
    from scaffolder.app.draft import Draft
    from scaffolder.catalog import Catalog, EntityRef
    from scaffolder.gateways.home import Home
    from scaffolder.settings import Settings
    from scaffolder.similar import Query
    from scaffolder.task.decorated import PluginContext, PluginUndoContext, action

__version__ = "0.1.0"
__all__ = [
    "Catalog",
    "Draft",
    "EntityRef",
    "Home",
    "PluginContext",
    "PluginUndoContext",
    "Query",
    "Scaffolder",
    "Settings",
    "__version__",
    "action",
]

_MODULES = {
    "Catalog": "scaffolder.catalog",
    "Draft": "scaffolder.app.draft",
    "EntityRef": "scaffolder.catalog",
    "Home": "scaffolder.gateways.home",
    "PluginContext": "scaffolder.task.decorated",
    "PluginUndoContext": "scaffolder.task.decorated",
    "Query": "scaffolder.similar",
    "Scaffolder": "scaffolder.app",
    "Settings": "scaffolder.settings",
    "action": "scaffolder.task.decorated",
}


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)
