"""No text of a template takes more time or memory than it may, not even by one operation of Python."""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.template.cookiecutter import Limits, render
from scaffolder.template.cookiecutter.offered import computed_defaults
from scaffolder.template.errors import TemplateInvalid
from tests.parity.side_by_side import template
from tests.template.golden import tree_of

LITTLE = Limits(text=1.0, whole=20.0, memory=200_000_000)
DOUBLED = "{% set ns = namespace(x=['a'], y=['a']) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}"
TOO_MUCH = {
    "power": "{{ 10**(10**10) }}",
    "power-by-steps": "{% set n = namespace(x=10) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "power-in-a-loop": "{% for i in range(9999) %}{% if 9**30000 == 1 %}{% endif %}{% endfor %}{{ 2**99999999 }}",
    "times": "{{ 'x' * 10**10 }}",
    "times-swapped": "{{ 10**10 * 'x' }}",
    "times-list": "{{ [0] * 10**10 }}",
    "center": "{{ 'x'|center(10**10) }}",
    "center-method": "{{ 'x'.center(10**10) }}",
    "ljust": "{{ 'x'.ljust(width) }}".replace("width", "10**10"),
    "zfill": "{{ '1'.zfill(10**10) }}",
    "tabs": "{{ '\t'.expandtabs(10**10) }}",
    "bytes": "{{ (1).to_bytes(10**10, 'big') }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "percent-star": "{{ '%*d' % (10**9, 1) }}",
    "percent-filter": "{{ '%1000000000d'|format(1) }}",
    "braces": "{{ '{:1000000000}'.format(1) }}",
    "braces-within": "{{ '{:{}}'.format(1, 10**9) }}",
    "braces-map": "{{ '{a:1000000000}'.format_map({'a': 1}) }}",
    "ranges": "{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}",
    "long-range": "{{ range(10**10)|list }}",
    "ranges-within": "{{ range(90000)|map('string')|map('center', 90000)|list|length }}",
    "macros": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 2) }}{% endmacro %}{{ m(0) }}",
    "macros-wide": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "join": "{{ (['b' * 100000] * 30000)|join }}",
    "join-generated": "{{ range(90000)|map('string')|map('center', 50000)|join }}",
    "join-method": "{{ ''.join(['b' * 100000] * 30000) }}",
    "join-separator": "{{ (['b'] * 90000)|join('a' * 90000) }}",
    "replace": "{{ ('a' * 90000).replace('a', 'b' * 90000) }}",
    "replace-filter": "{{ ('a' * 90000)|replace('a', 'b' * 90000) }}",
    "translate": "{{ ('a' * 90000).translate({97: 'b' * 90000}) }}",
    "doubled-text": "{% set n = namespace(x='aaaa') %}{% for i in range(90) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubled-sum": "{% set n = namespace(x='aaaa') %}{% for i in range(90) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubled-list": "{% set l = [1] %}{% for i in range(90) %}{% set _ = l.extend(l) %}{% endfor %}",
    "shown": DOUBLED + "{% endfor %}{{ ns.x }}",
    "shown-as-json": DOUBLED + "{% endfor %}{{ ns.x|tojson }}",
    "shown-prettily": DOUBLED + "{% endfor %}{{ ns.x|pprint }}",
    "compared": DOUBLED + "{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
    "summed": "{% set l = [[1] * 99999] * 99999 %}{{ l|sum(start=[])|length }}",
    "kept": "{% set l = [] %}{% for i in range(99999) %}{% set _ = l.append('x' * (60000 + i)) %}{% endfor %}",
    "format-by-name": "{{ '%(a)1000000000d'|format(a=1) }}",
    "safe-center": "{{ ('x'|safe).center(10**10) }}",
    "safe-braces": "{{ ('{:1000000000}'|safe).format(1) }}",
    "letters": "{{ random_ascii_string(10**10) }}",
    "words": "{{ lipsum(n=10**8) }}",
    "backtracking": "{{ '" + "a" * 60 + "!'|slugify(regex_pattern='(a+)+$') }}",
    "backtracking-by-position": "{{ '"
    + "a" * 60
    + "!'|slugify(True, True, True, 0, False, '-', False, [], '(a+)+$') }}",
    "separated": "{{ ('a ' * 100000)|slugify(separator='y' * 90000) }}",
    "indented-by-a-text": "{{ ([1] * 90000)|jsonify('x' * 90000) }}",
    "zone-and-shift": "{% now 'utc' + 'days=1e300' %}",
    "json-of-itself": "{% set d = [] %}{% set _ = d.append(d) %}{{ d|jsonify }}",
    "includes-itself": "{% include 'bad' %}",
    "nested-brackets": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "nested-blocks": "{% if 1 %}" * 500 + "{% endif %}" * 500,
    "nested-lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "long-sum": "{{ " + "1+" * 100_000 + "1 }}",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_and_its_file_named(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(ScaffolderError) as refused:
        render(tree_of(template({"bad": TOO_MUCH[name]})), {}, limits=LITTLE)
    assert str(refused.value).startswith("{{cookiecutter.slug}}/bad:")
    assert time.monotonic() - began < LITTLE.whole


LARGE = "x" * 1_000_000
WITHOUT_LOOPS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "names": ({"bad": "{{ cookiecutter.v }}" * 100}, {"v": LARGE}),
    "defaults": (
        {"a": ""},
        {"v0": "x" * 1000, **{f"v{number}": f"{{{{ cookiecutter.v{number - 1} }}}}" * 10 for number in range(1, 6)}},
    ),
    "all files": ({f"bad-{number}": "{{ cookiecutter.v }}" * 50 for number in range(10)}, {"v": LARGE}),
    "lists": ({"bad": "{{ 'a'" + "|list|string" * 12 + " }}"}, {}),
    "lists of variables": ({"bad": "{{ [" + "cookiecutter.v," * 300 + "]|string|length }}"}, {"v": LARGE}),
    "constants": ({"bad": "{{ " + "'%(a)s%(a)s'|format(a=" * 26 + "'xxxx'" + ")" * 26 + " }}"}, {}),
    "long": ({"bad": "{{ cookiecutter.slug|upper }}" * 100_000}, {}),
}
"""Each in proportion to its length, or nearly so."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT_LOOPS)
def test_nothing_large_is_made_where_nothing_could_end_it(name: str) -> None:
    files, variables = WITHOUT_LOOPS[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ScaffolderError):
        render(tree_of(template(files, **variables)), {}, limits=LITTLE)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


@pytest.mark.parametrize("text", ["{{ 10**(10**10) }}", TOO_MUCH["doubled-text"], "{{ 'x'|center(10**10) }}"])
@pytest.mark.parametrize("where", ["default", "choice", "key", "private", "directory", "name"])
def test_defaults_and_paths_are_bound_as_well(where: str, text: str) -> None:
    every: dict[str, dict[str, Any]] = {
        "default": {"x": text},
        "choice": {"x": ["a", text]},
        "key": {"x": {text: 1}},
        "private": {"__x": [text]},
        "directory": {},
        "name": {},
    }
    files = {"directory": {f"a{text.replace('/', '')}/x": ""}, "name": {f"a{text}": ""}}.get(where, {"file": ""})
    with pytest.raises(ScaffolderError):
        render(tree_of(template(files, **every[where])), {}, limits=LITTLE)


def test_a_default_that_would_run_away_is_none_where_it_is_asked() -> None:
    found = computed_defaults({"a": TOO_MUCH["doubled-text"]}, {})
    assert not found.known
    assert "cookiecutter.json" in found.waiting["a"]


def test_all_of_it_together_has_a_bound() -> None:
    busy = "{% for a in range(99999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
    files = {
        f"file-{number}": f"{{% if {number} %}}x{{% endif %}}{{% for a in range(3) %}}{{% endfor %}}"
        for number in range(9)
    }
    with pytest.raises(ScaffolderError, match=r"longer than 1 s|longer than 0\.5 s"):
        render(tree_of(template({**files, "z": busy})), {}, limits=Limits(text=1.0, whole=0.5))


def test_what_is_only_long_is_rendered() -> None:
    files = {
        "long": "{% for i in range(50000) %}{{ i }} {{ cookiecutter.slug }}\n{% endfor %}",
        "big": "{{ 'x' * 10**6 }}",
    }
    made = render(tree_of(template(files)), {}).tree
    assert (len((made.text("long") or "").splitlines()), len(made.text("big") or "")) == (50_000, 1_000_000)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("levels", [101, 900, 100_000])
def test_a_description_that_nests_without_end_is_refused(opening: str, closing: str, levels: int) -> None:
    described = '{"slug": "boat", "n": ' + opening * levels + "1" + closing * levels + "}"
    with pytest.raises(TemplateInvalid, match="nests too deeply"):
        render(tree_of({"cookiecutter.json": described, "{{cookiecutter.slug}}/a": ""}), {})


def test_a_description_that_is_a_book_is_refused() -> None:
    with pytest.raises(TemplateInvalid, match="longer than"):
        render(tree_of({"cookiecutter.json": '{"slug": "' + "x" * 6_000_000 + '"}', "{{cookiecutter.slug}}/a": ""}), {})


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    files = {"cookiecutter.json": '{"slug": "boat", "n": ' + "1" * 5000 + "}", "{{cookiecutter.slug}}/a": ""}
    with pytest.raises(ScaffolderError, match="too many digits"):
        render(tree_of(files), {})
