"""What a birth imports, so that a process that is forked has it."""

import importlib
import pkgutil

import scaffolder
import tests.matrix.person  # noqa: F401

for _module in pkgutil.walk_packages(scaffolder.__path__, "scaffolder."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)
import github.Requester  # noqa: E402, F401
