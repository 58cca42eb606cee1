"""GitHub as a forge, on an emulator that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from scaffolder.gateways.forge import Forge, RepositorySpec, RepositoryTaken
from scaffolder.gateways.github.refusals import NotAllowed
from tests.gateways.forge_contract import MAIN, SHOP, ForgeContract, source

if TYPE_CHECKING:
    from scaffolder.gateways.git import GitDirectory
    from scaffolder.gateways.github.forge import GitHubForge
    from tests.emulate.front import Emulated

__all__ = ["source"]  # a fixture of the contract


class TestForge(ForgeContract):
    """The contract, but for what the emulator does not do: it takes names by the letter."""

    @pytest.mark.parametrize("name", ["shop"])
    def test_anothers_repository_is_never_adopted(self, forge: Forge, name: str) -> None:
        forge.ensure_repository(SHOP, marker="task-1")

        with pytest.raises(RepositoryTaken, match="acme/shop"):
            forge.ensure_repository(RepositorySpec("acme", name), marker="task-2")

    def test_is_found_in_any_letter_case(self, forge: Forge) -> None:
        """The emulator tells letter cases apart, as GitHub does not: once it does as GitHub, this can go."""
        forge.ensure_repository(SHOP, marker="task-1")

        assert forge.find("ACME/Shop") is None

    def test_what_was_pushed_is_withdrawn(self, forge: Forge, source: GitDirectory) -> None:
        """All but the default branch."""
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, source.refs())

        assert MAIN in forge.withdraw("acme/shop", source.refs())

        assert forge.refs("acme/shop") == {MAIN: source.refs()[MAIN]}


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_what_is_created_is_what_was_asked_for(
    forge: GitHubForge, visibility: Literal["private", "public"], source: GitDirectory
) -> None:
    spec = RepositorySpec("acme", "shop", "Sells things", visibility, "trunk")
    forge.ensure_repository(spec, marker="task-1")
    marked = forge.facts("acme/shop")
    forge.push("acme/shop", source.path, source.refs())
    facts = forge.facts("acme/shop")

    assert marked is not None
    assert "task-1" in marked["homepage"]
    assert facts is not None
    assert (facts["description"], facts["visibility"]) == ("Sells things", visibility)
    assert (facts["homepage"], facts["default_branch"]) == ("", "trunk")


def test_in_a_persons_own_account(forge: GitHubForge) -> None:
    made = forge.ensure_repository(RepositorySpec("mona", "shop"), marker="task-1")

    assert forge.find("mona/shop") == made


def test_where_one_is_no_member(forge: GitHubForge, github: Emulated) -> None:
    with pytest.raises(NotAllowed, match="creating a repository in umbrella is not allowed"):
        forge.ensure_repository(RepositorySpec("umbrella", "shop"), marker="task-1")

    assert [one for one in github.requests if one.startswith("POST")] == ["POST /orgs/umbrella/repos"]
