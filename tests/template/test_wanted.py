"""What a template wants to run, in the words in which a person is asked about it."""

from __future__ import annotations

from scaffolder.template.trust import Wanted


def test_each_script_has_a_line() -> None:
    found = Wanted(hooks=("hooks/pre_prompt.py", "one/hooks/pre_gen_project.sh"), extensions=("local.Names",))
    assert found.lines() == (
        "hooks/pre_prompt.py is run before the questions",
        "one/hooks/pre_gen_project.sh is run before the files are made",
        "local.Names is loaded to render the files",
    )


def test_of_many_templates_within_only_the_chosen_one_has_its_scripts_run() -> None:
    names = ("pre_gen_project.py", "post_gen_project.py")
    within = tuple(f"{place}/hooks/{name}" for name in names for place in ("a", "b/c", "d", "e"))
    found = Wanted(hooks=("hooks/pre_prompt.py", *within), extensions=("local.Names",))
    assert found.lines() == (
        "hooks/pre_prompt.py is run before the questions",
        "of the template within that is chosen, its scripts are run: a/hooks, b/c/hooks and 2 more",
        "local.Names is loaded to render the files",
    )
