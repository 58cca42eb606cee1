"""
Git repositories: made, read, pushed, attached to a directory, mirrored.

`git_command` starts git, `git_directory` is one repository, `git_work_tree` gives a directory its `.git`,
`git_mirror` keeps copies of other people's repositories, `git_attributes` knows what a clone makes of their files,
`git_identity` says who commits.
"""

from scaffolder.gateways.git_attributes import as_checked_out
from scaffolder.gateways.git_command import (
    LEAST_VERSION,
    AddressInvalid,
    GitFailed,
    GitMissing,
    GitTooOld,
    check_address,
    require,
    version,
)
from scaffolder.gateways.git_directory import GitDirectory, PathForbidden, RefInvalid, RefNotFound, check_ref
from scaffolder.gateways.git_identity import Identity, IdentityInvalid, identity
from scaffolder.gateways.git_mirror import RepositoryRefused, Unreachable, commit_of, copy_of, mirror
from scaffolder.gateways.git_work_tree import WorkTreeTaken, attach_work_tree

__all__ = [
    "LEAST_VERSION",
    "AddressInvalid",
    "GitDirectory",
    "GitFailed",
    "GitMissing",
    "GitTooOld",
    "Identity",
    "IdentityInvalid",
    "PathForbidden",
    "RefInvalid",
    "RefNotFound",
    "RepositoryRefused",
    "Unreachable",
    "WorkTreeTaken",
    "as_checked_out",
    "attach_work_tree",
    "check_address",
    "check_ref",
    "commit_of",
    "copy_of",
    "identity",
    "mirror",
    "require",
    "version",
]
