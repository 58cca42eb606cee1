from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git import RefNotFound
from scaffolder.template.abbreviations import NotAbbreviated, expanded
from scaffolder.template.errors import TemplateNotFound
from scaffolder.template.source import resolve
from tests.template.golden import texts, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("reference", "address", "ref"),
    [
        ("gh:owner/name", "https://github.com/owner/name.git", ""),
        ("gh:owner/name.git@v1.2", "https://github.com/owner/name.git", "v1.2"),
        ("gl:group/sub/name@feature/x", "https://gitlab.com/group/sub/name.git", "feature/x"),
        ("bb:owner/.name", "https://bitbucket.org/owner/.name", ""),
        ("python-service@v1", "python-service@v1", ""),
        ("https://gh:8443/owner/name@v1", "https://gh:8443/owner/name@v1", ""),
        ("git@github.com:owner/name", "git@github.com:owner/name", ""),
        ("./gh:owner", "./gh:owner", ""),
    ],
)
def test_short_forms_are_addresses(reference: str, address: str, ref: str) -> None:
    assert expanded(reference) == (address, ref)


def test_a_person_may_have_their_own() -> None:
    own = {"ours": "ssh://git@example.com/templates/{}", "pp": "https://example.com/pp.git"}
    assert expanded("ours:a/b", own) == ("ssh://git@example.com/templates/a/b", "")
    assert expanded("pp@v2", own) == ("https://example.com/pp.git", "v2")


@pytest.mark.parametrize(
    "path", ["", "--upload-pack=x", "-x/y", "a/-b", "../../a", "a/../b", "/etc", "a b", "a/b@", "{0}", "a\nb", "a?b"]
)
def test_after_a_short_form_comes_a_path_and_nothing_else(path: str) -> None:
    with pytest.raises(NotAbbreviated):
        expanded(f"gh:{path}")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = write(tmp_path / "far", {"sub/cookiecutter.json": "{}", "sub/{{cookiecutter.slug}}/a": "one"})
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "one"), ("tag", "v1")):
        subprocess.run(("git", "-C", str(top), *arguments), check=True)
    write(top, {"sub/{{cookiecutter.slug}}/a": "two"})
    subprocess.run(("git", "-C", str(top), "commit", "-qam", "two"), check=True)
    return top


def content(reference: str, tmp_path: Path, **options: str) -> str:
    own = {"far": f"file://{tmp_path}/{{0}}"}
    found = resolve(reference, cache=tmp_path / "git", abbreviations=own, **options)  # type: ignore[arg-type] # texts
    return texts(found.tree)["{{cookiecutter.slug}}/a"]


@pytest.mark.usefixtures("repository")
def test_a_ref_and_a_directory_are_honoured(tmp_path: Path) -> None:
    assert content("far:far@v1", tmp_path, directory="sub") == "one"
    assert content("far:far", tmp_path, directory="sub", ref="v1") == "one"
    assert content("far:far", tmp_path, directory="sub") == "two"


@pytest.mark.usefixtures("repository")
def test_git_urls_may_say_that_they_are(tmp_path: Path) -> None:
    assert content(f"git+file://{tmp_path}/far", tmp_path, directory="sub") == "two"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    "ref", ["--upload-pack=touch MARK", "--config=alias.checkout=!touch MARK", "-b", "--", "HEAD;touch MARK", "a..b"]
)
@pytest.mark.parametrize("by", ["option", "reference"])
def test_a_ref_is_never_an_option_of_git(tmp_path: Path, ref: str, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2022-24065: cookiecutter before 2.1.1 handed `checkout` on as it was."""
    monkeypatch.chdir(tmp_path)
    given = ("far:far", ref) if by == "option" else (f"far:far@{ref}", "")
    with pytest.raises(RefNotFound):
        content(given[0], tmp_path, directory="sub", ref=given[1])
    assert not (tmp_path / "MARK").exists()


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("directory", ["../secret", "/etc", "sub/../../far", "--help", "-C"])
def test_a_directory_stays_inside(tmp_path: Path, directory: str) -> None:
    write(tmp_path / "secret", {"cookiecutter.json": "{}"})
    for place in ("far:far", f"{tmp_path}/far", f"{tmp_path}/far@v1"):
        with pytest.raises(InvalidInput):
            content(place, tmp_path, directory=directory)


@pytest.mark.parametrize(
    "reference",
    [
        "--upload-pack=touch MARK",
        "ext::sh -c 'touch MARK'",
        "git+ext::sh -c 'touch MARK'",
        "ssh://-oProxyCommand=touch MARK/x",
        "-oProxyCommand=touch MARK@host:x",
        "hg+https://example.com/x",
        "file://--upload-pack=touch MARK",
    ],
)
def test_an_address_is_never_an_option_or_a_command(
    tmp_path: Path, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput):
        resolve(reference, cache=tmp_path / "git")
    assert not (tmp_path / "MARK").exists()


def test_owner_and_name_alone_are_told_how_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound) as caught:
        resolve("owner/name", cache=tmp_path)
    assert caught.value.hint == "if it is on GitHub: gh:owner/name"
