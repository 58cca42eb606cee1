"""
What every forge must keep, written against the protocol: subclass `ForgeContract` and give it a `forge` fixture.

`scaffolder.gateways.forge` says it in words; these are the same words as examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import Conflict
from scaffolder.gateways.forge import Forge, RepositoryNameInvalid, RepositorySpec, RepositoryTaken
from scaffolder.tree import File, Tree
from tests.gateways.repositories import commit, made

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.gateways.git import GitDirectory

SHOP = RepositorySpec(owner="acme", name="shop", description="Sells things", default_branch="trunk")
MAIN, BASE = "refs/heads/trunk", "refs/scaffolder/base"


@pytest.fixture
def source(tmp_path: Path) -> GitDirectory:
    """A repository with something to publish."""
    directory = made(tmp_path / "source.git", ref=MAIN)
    commit(directory, Tree({"pristine": File(b"")}), ref=BASE)
    return directory


class ForgeContract:
    def test_what_is_expected_is_what_is_made(self, forge: Forge) -> None:
        expected = forge.expected(SHOP)
        assert forge.find("acme/shop") is None

        made = forge.ensure_repository(SHOP, marker="task-1")

        assert made.created_by == "task-1"
        assert made == forge.find("acme/shop")
        assert (expected.full_name, expected.clone_url, expected.page, expected.default_branch, expected.empty) == (
            *(made.full_name, made.clone_url, made.page, made.default_branch, made.empty),
        )
        assert made.full_name == "acme/shop"
        assert made.default_branch == "trunk"
        assert made.empty

    def test_creating_is_said_twice_and_done_once(self, forge: Forge, source: GitDirectory) -> None:
        first = forge.ensure_repository(SHOP, marker="task-1")
        assert forge.ensure_repository(SHOP, marker="task-1") == first

        forge.push("acme/shop", source.path, source.refs())
        again = forge.ensure_repository(SHOP, marker="task-1")

        assert (again.created_by, again.empty) == ("task-1", False)
        assert forge.refs("acme/shop") == source.refs()

    @pytest.mark.parametrize("name", ["shop", "SHOP", "Shop"])
    def test_anothers_repository_is_never_adopted(self, forge: Forge, name: str) -> None:
        forge.ensure_repository(SHOP, marker="task-1")

        with pytest.raises(RepositoryTaken, match="acme/shop"):
            forge.ensure_repository(RepositorySpec(owner="ACME", name=name), marker="task-2")

    def test_is_found_in_any_letter_case(self, forge: Forge) -> None:
        made = forge.ensure_repository(SHOP, marker="task-1")

        assert forge.find("Acme/SHOP") == made

    def test_a_push_said_twice_is_done_once(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")

        for _ in range(2):
            forge.push("acme/shop", source.path, source.refs())

        assert forge.refs("acme/shop") == source.refs()
        found = forge.find("acme/shop")
        assert found is not None
        assert not found.empty

    def test_a_push_goes_on_where_an_earlier_one_left(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, {MAIN: source.refs()[MAIN]})

        forge.push("acme/shop", source.path, source.refs())

        assert forge.refs("acme/shop") == source.refs()

    def test_a_push_never_moves_what_is_there(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, {MAIN: source.refs()[MAIN]})
        other = commit(source, Tree({"other": File(b"")}), ref="refs/heads/other")

        with pytest.raises(Conflict):
            forge.push("acme/shop", source.path, {MAIN: other, BASE: other})

        assert forge.refs("acme/shop") == {MAIN: source.refs()[MAIN]}

    def test_our_own_is_deleted(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, source.refs())

        for _ in range(2):
            assert forge.delete_repository("acme/shop", marker="task-1", refs=source.refs()) == ""

        assert forge.find("acme/shop") is None
        assert forge.refs("acme/shop") == {}

    def test_one_that_never_got_its_content_is_deleted(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")

        assert forge.delete_repository("acme/shop", marker="task-1", refs=source.refs()) == ""

    def test_the_name_is_free_after_deletion(self, forge: Forge) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        forge.delete_repository("acme/shop", marker="task-1", refs={})

        assert forge.ensure_repository(SHOP, marker="task-2").created_by == "task-2"

    def test_anothers_repository_is_not_deleted(self, forge: Forge) -> None:
        forge.ensure_repository(SHOP, marker="task-1")

        assert forge.delete_repository("acme/shop", marker="task-2", refs={})
        assert forge.find("acme/shop") is not None

    @pytest.mark.parametrize("ref", [MAIN, "refs/heads/more", "refs/tags/v1"])
    def test_one_that_was_used_since_is_not_deleted(self, forge: Forge, source: GitDirectory, ref: str) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        other = commit(source, Tree({"other": File(b"")}), ref="refs/heads/other")
        forge.push("acme/shop", source.path, {ref: other})

        reason = forge.delete_repository("acme/shop", marker="task-1", refs={MAIN: source.refs()[MAIN]})

        assert ref in reason
        assert forge.refs("acme/shop") == {ref: other}

    def test_what_was_pushed_is_withdrawn(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, source.refs())

        for _ in range(2):
            assert forge.withdraw("acme/shop", source.refs()) == ""

        assert forge.refs("acme/shop") == {}
        found = forge.find("acme/shop")
        assert found is not None
        assert found.empty

    def test_only_what_was_pushed_is_withdrawn(self, forge: Forge, source: GitDirectory) -> None:
        forge.ensure_repository(SHOP, marker="task-1")
        other = commit(source, Tree({"other": File(b"")}), ref="refs/heads/other")
        forge.push("acme/shop", source.path, {MAIN: other, BASE: source.refs()[BASE], "refs/heads/other": other})

        reason = forge.withdraw("acme/shop", {MAIN: source.refs()[MAIN], BASE: source.refs()[BASE]})

        assert MAIN in reason
        assert forge.refs("acme/shop") == {MAIN: other, "refs/heads/other": other}

    @pytest.mark.parametrize(
        "name", ["shop", "/shop", "acme/", "acme/a b", "-acme/a", "acme-/a", "a--b/a", "a_b/a", "acme/..", "acme/."]
    )
    def test_a_bad_name_is_refused_everywhere(self, forge: Forge, name: str) -> None:
        with pytest.raises(RepositoryNameInvalid):
            forge.check_name(name)
        with pytest.raises(RepositoryNameInvalid):
            forge.find(name)

    @pytest.mark.parametrize(
        "name", ["acme/a/b", "acme/a.git", "acme/a.wiki", "acme/é", f"{'a' * 40}/a", f"a/{'b' * 101}"]
    )
    def test_other_bad_names_too(self, forge: Forge, name: str) -> None:
        with pytest.raises(RepositoryNameInvalid):
            forge.check_name(name)

    @pytest.mark.parametrize(
        "name", ["acme/shop", "a/b", "A-1/.github", f"{'a' * 39}/{'b' * 100}", "acme/_", "a/a.b_c-"]
    )
    def test_a_good_name_passes(self, forge: Forge, name: str) -> None:
        forge.check_name(name)
