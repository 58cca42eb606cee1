"""
Every advisory against cookiecutter and copier, tried on the whole program.

Copier's are about its own words (`_subdirectory`, `_external_data`, `_preserve_symlinks`, trusted prefixes); each is
said here in the words that a template has for the same thing.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.tree import Link
from tests.containment.test_escapes import run
from tests.parity.side_by_side import PROJECT, template
from tests.template.golden import HEAD, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECRET = "of somebody else"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What lies beside the template and is none of its business."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret.yaml").write_text(f"text: {SECRET}\n")
    return place


def refused(tmp_path: Path, files: Mapping[str, Any], *more: str) -> str:
    """Render a template, which has to be refused; return what is said. Nothing came of it."""
    place = write(tmp_path / "template", files)
    done = run(tmp_path, str(place), "--output", str(tmp_path / "out"), "--json", *more)
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode != 0 or json.loads(done.stdout)["ok"] is False
    assert not any(SECRET in file.read_text() for file in (tmp_path / "out").rglob("*") if file.is_file())
    return done.stderr + done.stdout


def test_cve_2022_24065_a_ref_that_is_an_option(tmp_path: Path) -> None:
    place, mark = write(tmp_path / "template", template({"a": "x"})), tmp_path / "mark"
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    ref = f"--config=alias.checkout=!touch {mark}"
    done = run(tmp_path, str(place), f"--ref={ref}", "--output", str(tmp_path / "out"))
    assert done.returncode == 2
    assert not mark.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["_output_dir", "_repo_dir", "_template"])
@pytest.mark.parametrize("method", ["read_text()", "joinpath('x').write_text('x')", "open('w')", "__fspath__()"])
def test_cve_2025_55201_a_path_that_reads_and_writes(tmp_path: Path, outside: Path, name: str, method: str) -> None:
    words = refused(tmp_path, template({"a": f"{{{{ cookiecutter.{name}.{method} }}}}"}))
    assert f"{PROJECT}/a:1" in words
    assert [file.name for file in outside.iterdir()] == ["secret.yaml"]


@pytest.mark.parametrize("target", ["../../outside/secret.yaml", "ABSOLUTE"])
def test_cve_2026_23968_a_link_whose_target_is_read(tmp_path: Path, outside: Path, target: str) -> None:
    link = Link(target.replace("ABSOLUTE", str(outside / "secret.yaml")))
    assert "leads outside" in refused(tmp_path, template({"a": link}))


@pytest.mark.parametrize("name", ["link", "{{ 'link' }}"])
def test_cve_2026_23986_a_linked_directory_that_is_written_to(tmp_path: Path, outside: Path, name: str) -> None:
    before = template({"{{ 'link' }}/new": "x", "a": "x"})
    files = {**before, f"{PROJECT}/{name}": Link(str(outside))} if name == "link" else _doubled(outside)
    assert "leads outside" in refused(tmp_path, files)
    assert [file.name for file in outside.iterdir()] == ["secret.yaml"]


def _doubled(outside: Path) -> dict[str, Any]:
    """Return a template of which one name renders to a link, and another to something below it."""
    return {**template({"link/new": "x"}), f"{PROJECT}/{{{{ 'link' }}}}": Link(str(outside))}


@pytest.mark.parametrize("path", ["../../outside/secret.yaml", "ABSOLUTE", "../outside/secret.yaml"])
def test_ghsa_hgjq_p8cr_gg4h_data_from_a_place_the_template_names(tmp_path: Path, outside: Path, path: str) -> None:
    place = path.replace("ABSOLUTE", str(outside / "secret.yaml"))
    assert "which is not in the template" in refused(tmp_path, template({"a": f"{{% include '{place}' %}}"}))


@pytest.mark.parametrize("url", ["../outside", "./../outside", "ABSOLUTE", "file://ABSOLUTE", "FILE://ABSOLUTE"])
@pytest.mark.parametrize("action", ["fetch:plain", "fetch:template"])
def test_cve_2026_34726_a_skeleton_above_the_template(tmp_path: Path, outside: Path, url: str, action: str) -> None:
    place = url.replace("ABSOLUTE", str(outside))
    step = f'  steps:\n    - {{id: a, action: "{action}", input: {{url: "{place}"}}}}\n'
    assert "leads outside its directory" in refused(tmp_path, {"template.yaml": HEAD + step}, "--json")


@pytest.mark.parametrize("within", ["..", "../outside", "ABSOLUTE"])
def test_cve_2026_34726_a_template_within_that_is_above(tmp_path: Path, outside: Path, within: str) -> None:
    path = within.replace("ABSOLUTE", str(outside))
    described = json.dumps({"templates": {"a": {"path": path}}})
    assert "leads outside its directory" in refused(tmp_path, {"cookiecutter.json": described})


@pytest.mark.parametrize("above", ["trusted/../evil", "trusted-not", "trusted/link"])
def test_cve_2026_53951_a_trusted_prefix_that_is_climbed_out_of(tmp_path: Path, above: str) -> None:
    mark = tmp_path / "mark"
    hook = {"/hooks/post_gen_project.py": f"open({str(mark)!r}, 'w')"}
    for name in ("evil", "trusted-not"):
        write(tmp_path / name, template({"a": "x", **hook}))
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "link").symlink_to(tmp_path / "evil")
    settings = tmp_path / "scaffolder.yaml"
    settings.write_text(f"scaffolder:\n  trust: [{tmp_path / 'trusted'}]\n")
    done = run(tmp_path, f"{tmp_path}/{above}", "--output", str(tmp_path / "out"), settings=str(settings))
    assert done.returncode == 2
    assert "wants to run its own code" in done.stderr
    assert not mark.exists()


def test_what_is_trusted_does_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hook = {"/hooks/post_gen_project.py": f"open({str(mark)!r}, 'w')"}
    place = write(tmp_path / "trusted" / "one", template({"a": "x", **hook}))
    settings = tmp_path / "scaffolder.yaml"
    settings.write_text(f"scaffolder:\n  trust: [{tmp_path / 'trusted'}]\n")
    done = run(tmp_path, str(place), "--output", str(tmp_path / "out"), settings=str(settings))
    assert done.returncode == 0, done.stderr
    assert mark.exists()
