from __future__ import annotations

import time

import pytest

from scaffolder.catalog.documents import documents


def values(text: str) -> list[object]:
    return [document.value for document in documents(text.encode())]


def test_scalars_mean_what_they_mean_in_yaml_1_2() -> None:
    text = "[no, on, 2024-01-02, 012, 0o17, 0x1f, 1e3, 12:30, true, ~, .inf, 'true', 1.5, -3]"

    assert values(text) == [
        ["no", "on", "2024-01-02", 12, 15, 31, 1000.0, "12:30", True, None, ".inf", "true", 1.5, -3]
    ]


def test_one_bad_document_does_not_stop_the_others() -> None:
    found = list(documents(b"a: 1\n---\nb: [\n---\nc: 3\n"))

    assert [(each.number, each.line, each.value) for each in found if not each.error] == [
        (1, 1, {"a": 1}),
        (3, 5, {"c": 3}),
    ]
    (bad,) = [each for each in found if each.error]
    assert (bad.number, bad.line) == (2, 4)


def test_a_field_is_found_by_its_line() -> None:
    (document,) = documents(b"metadata:\n  annotations:\n    a.b/c: x\n    a.b: y\n  tags:\n    - x\n    - Y\n")

    lines = {
        field: document.line_of(field) for field in ("metadata.annotations.a.b/c", "metadata.tags.1", "metadata.z")
    }
    assert lines == {"metadata.annotations.a.b/c": 3, "metadata.tags.1": 7, "metadata.z": 1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[" * 300_000, "nested"),
        (b"- " * 300_000, "nested"),
        (b"a: {" * 5_000, "nested"),
        (b"a: &a [*a]", "holds itself"),
        (b"a: 1\na: 2", "given twice"),
        (b"{{ x }}: 1", "not text"),
        (b"a: !Ref x", "tag !Ref"),
        (b"a: \xff", "not YAML"),
        (b"a: \x07", "not YAML"),
        (b"a: 1e999", "no float"),
        (b"a: " + b"9" * 5_000, "no int"),
    ],
)
def test_what_json_does_not_have_is_an_error_at_once(data: bytes, words: str) -> None:
    start = time.perf_counter()

    (found,) = documents(data)

    assert words in found.error
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("merge", ["", "<<: "])
def test_an_alias_bomb_ends_soon(merge: str) -> None:
    levels = ["a0: &a0 {x: 1}"]
    levels += [f"a{n}: &a{n} {{{merge or 'y: '}[{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 10)]

    (found,) = documents("\n".join(levels).encode())

    assert "aliases" in found.error


def test_aliases_and_merges_in_bounds_are_read() -> None:
    assert values("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n") == [{"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}}]


def test_empty_documents_are_counted_and_passed_over() -> None:
    (found,) = documents(b"---\n---\n# nothing\n---\na: 1\n")

    assert (found.number, found.line) == (3, 5)
    assert list(documents(b"")) == []


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert values("\ufeffa: 1\r\n---\r\nb: ü\r\n") == [{"a": 1}, {"b": "ü"}]
