"""Images that stay on the disk: the same images, batches and weights, in bounded memory."""
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY
from helpers import refused
from PIL import Image
from safetensors.torch import load_file

from mdm_nb.data.baseline import histogram_bits
from mdm_nb.data.data import ImageData, batch_at, batch_index, load
from mdm_nb.data.stored import Stored, pieces, read_ahead
from mdm_nb.gaussians.core import InputError
from mdm_nb.models.classifier import Classifier, accuracy, train_classifier
from mdm_nb.runs import train as train_module
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.evaluate import evaluate
from mdm_nb.runs.run import Run
from mdm_nb.runs.start import begin, carry_on, make_accelerator
from mdm_nb.runs.train import fit, places_at

LEVELS = 17


def pictures(n: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, LEVELS, (n, *shape), dtype=np.uint8)


def save_album(folder: Path, x: np.ndarray) -> None:
    for i, image in enumerate(x):
        inner = folder / "ab"[i % 2]
        inner.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(inner / f"{i:03}.png")


def write(folder: Path, kind: str) -> Path:
    """Sixty images in one of the forms that may stay on the disk."""
    path = folder / kind
    if kind == "grey.npy": np.save(path, pictures(60, 8, 8))
    elif kind == "last.npy": np.save(path, pictures(60, 8, 8, 3))
    elif kind == "first.npy": np.save(path, pictures(60, 3, 8, 8))
    elif kind == "parts.npz":
        x, y = pictures(60, 8, 8), np.arange(60) % 3
        np.savez(path, train=x[:40], train_y=y[:40], valid=x[40:50], valid_y=y[40:50],
                 test=x[50:], test_y=y[50:])
    else: save_album(path, pictures(60, 8, 8, 3) if kind == "colour" else pictures(60, 8, 8))
    return path


KINDS = ["grey.npy", "last.npy", "first.npy", "parts.npz", "colour", "grey"]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything stays on the disk that can."""
    monkeypatch.setenv("MDM_MEMORY", "0")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    assert not [t for t in threading.enumerate() if t.name.startswith("images")]


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ImageData, ImageData]:
    """In memory, and on the disk."""
    monkeypatch.setenv("MDM_MEMORY", "1")
    whole = load(path, levels=LEVELS)
    monkeypatch.setenv("MDM_MEMORY", "0")
    return whole, load(path, levels=LEVELS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_stays_is_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str,
) -> None:
    whole, late = both(write(tmp_path, kind), monkeypatch)
    assert repr(late) == repr(whole) and late.label_fingerprint == whole.label_fingerprint
    for split in ("train", "valid", "test"):
        x, there = getattr(late, split), getattr(whole, split)
        assert isinstance(x, Stored) and isinstance(there, torch.Tensor)
        assert x.shape == there.shape and x.dtype == there.dtype and len(x) == len(there)
        mask = torch.arange(len(x)) % 2 == 0
        for index in (0, -1, slice(None), slice(1, 4), slice(2, 2), torch.tensor([3, 0, 3]), mask):
            assert torch.equal(x[index], there[index])
        assert torch.equal(torch.cat(list(pieces(x, 500))), there)
        with pytest.raises(IndexError): x[len(x)]
        refused("give \\(B,\\)", x.__getitem__, torch.zeros(2, 2, dtype=torch.int64))
    for step in range(5):
        assert torch.equal(batch_at(late.train, 7, step, 3), batch_at(whole.train, 7, step, 3))
    assert histogram_bits(late.train, late.test, LEVELS) \
        == histogram_bits(whole.train, whole.test, LEVELS)


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_batches_do_not_depend_on_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int,
) -> None:
    whole, late = both(write(tmp_path, "colour"), monkeypatch)
    wanted = [batch_index(len(whole.train), 8, step, 1) for step in range(20)]
    found = list(read_ahead(late.train, iter(wanted), workers))
    assert len(found) == 20
    for batch, index in zip(found, wanted, strict=True):
        assert torch.equal(batch, whole.train[index])
    refused("workers", read_ahead, late.train, wanted, -1)


def test_processes_share_a_batch() -> None:
    config = Config(batch_size=10)
    for world in (1, 2, 3):
        mine = [places_at(40, 7, config, rank, world) for rank in range(world)]
        assert torch.equal(torch.cat(mine), batch_index(40, 10, 6, config.seed))


@pytest.mark.usefixtures("kept")
def test_what_cannot_stay_is_read_whole(tmp_path: Path) -> None:
    x = pictures(40, 8, 8)
    np.savez_compressed(tmp_path / "a.npz", images=x)
    np.save(tmp_path / "b.npy", np.asfortranarray(x))
    for name in ("a.npz", "b.npy"):
        assert isinstance(load(tmp_path / name, levels=LEVELS).train, torch.Tensor)
    np.save(tmp_path / "c.npy", x / 2)
    refused("is of type float64", load, tmp_path / "c.npy")
    np.save(tmp_path / "d.npy", np.array([{}] * 40), allow_pickle=True)
    refused("never unpickled", load, tmp_path / "d.npy")
    np.save(tmp_path / "e.npy", pictures(40, 3, 8, 3))
    refused("two ways", load, tmp_path / "e.npy")
    np.save(tmp_path / "f.npy", x)
    refused("reach the value 16 but levels=16", load, tmp_path / "f.npy", levels=16)
    refused("do not tell how many levels", load, tmp_path / "f.npy")


def test_the_limit_is_a_number_of_gibibytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write(tmp_path, "grey.npy")
    for text in ("much", "-1", "nan", "inf"):
        monkeypatch.setenv("MDM_MEMORY", text)
        refused(f"MDM_MEMORY = '{text}'", load, path, levels=LEVELS)
    for text, kind in (("", torch.Tensor), ("4e-6", torch.Tensor), ("3e-6", Stored)):
        monkeypatch.setenv("MDM_MEMORY", text)  # 3840 bytes are 3.6e-6 GiB
        assert isinstance(load(path, levels=LEVELS).train, kind)


@pytest.mark.usefixtures("kept")
def test_damaged_arrays_are_images_or_one_sentence(tmp_path: Path) -> None:
    rng, counts = random.Random(0), {"read": 0, "refused": 0}
    for kind in ("grey.npy", "parts.npz"):
        path = write(tmp_path, kind)
        sound = path.read_bytes()
        for _ in range(150):
            content = bytearray(sound[:rng.choice([len(sound), rng.randrange(len(sound))])])
            for _ in range(rng.randrange(1, 4)):
                place = rng.choice([rng.randrange(len(sound)), rng.randrange(120)])
                if place < len(content): content[place] = rng.randrange(256)
            path.write_bytes(content)
            try: load(path, levels=256).train[:]
            except InputError as e:
                counts["refused"] += 1
                assert "\n" not in str(e)
            else: counts["read"] += 1
    assert counts["refused"] > 100 and counts["read"] > 20, counts


@pytest.mark.usefixtures("kept")
def test_an_array_that_changes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "grey.npy")
    late, sound = load(path, levels=LEVELS).train, path.read_bytes()
    def moved(content: bytes) -> None:
        path.write_bytes(content)
        os.utime(path, ns=(0, time.time_ns() + 10**9))  # whatever the clock of the disk is worth
    for content in (sound[:-1000], sound[:50], b"", sound[:-1] + b"\0", sound + b"\0"):
        moved(content)
        refused("has changed or gone since it was first read", late.__getitem__, slice(None))
    path.unlink()
    refused("cannot be read", late.__getitem__, 0)


@pytest.mark.usefixtures("kept")
def test_what_memory_refuses_is_refused_on_the_disk(tmp_path: Path) -> None:
    """A byte that a checksum tells, and headers whose shapes make no sense."""
    path = write(tmp_path, "parts.npz")
    content = bytearray(path.read_bytes())
    content[content.index(pictures(60, 8, 8)[:1].tobytes()) + 5] ^= 1
    path.write_bytes(content)
    refused("is damaged or no NumPy file", load, path)
    sound = write(tmp_path, "last.npy").read_bytes()
    for shape in (b"(-60, 8, -8, 3)", b"(-60, -8, 8, 3)", b"(60, 8, True, 24)"):
        old = b"(60, 8, 8, 3)"
        at = sound.index(old)
        spaces = len(shape) - len(old)  # the header keeps its length
        changed = sound[:at] + shape + sound[at + len(old):].replace(b" " * spaces, b"", 1)
        (tmp_path / "odd.npy").write_bytes(changed)
        refused("is damaged or no NumPy file", load, tmp_path / "odd.npy", levels=256)


@pytest.mark.usefixtures("kept")
def test_a_picture_that_is_damaged_or_changes_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, "grey")
    late, path = load(folder, levels=LEVELS), folder / "a/004.png"
    def read() -> None:
        for split in ("train", "valid", "test"): getattr(late, split)[:]
    sound = path.read_bytes()
    read()
    path.write_bytes(sound[:60])
    refused("a/004.png has changed or gone since it was first read", read)
    refused("a/004.png cannot be read as a picture", load, folder)  # it is named when loading, too
    Image.fromarray(pictures(2, 8, 8)[1]).save(path)
    os.utime(path, ns=(0, time.time_ns() + 10**9))
    refused("a/004.png has changed or gone since it was first read", read)
    Image.fromarray(pictures(1, 9, 8)[0]).save(path)
    refused("a/004.png has shape", load, folder)
    path.unlink()
    refused("a/004.png has changed or gone since it was first read", read)


@pytest.mark.usefixtures("kept")
def test_a_folder_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "grey"), write(tmp_path, "grey.npy"), (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    found = [load(Path(name), levels=LEVELS) for name in ("grey", "grey.npy")]
    monkeypatch.chdir("elsewhere")
    assert all(len(data.train[:3]) == 3 for data in found)


def test_a_model_is_evaluated_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, late = both(write(tmp_path, "parts.npz"), monkeypatch)
    torch.manual_seed(0)
    model = make_model(Config(**TINY), LEVELS, whole.shape)
    for test in (lambda x: model.bpd(x, 4, progress=False),
                 lambda x: evaluate(model, x, batch_size=4, progress=False)):
        a, b = test(whole.test), test(late.test)
        assert torch.equal(a.total, b.total)
    def taught(data: ImageData) -> list[object]:
        torch.manual_seed(1)
        seer = Classifier(1, 3, 4)
        losses = train_classifier(seer, model, data.train, data.labels["train"], 3, 8,
                                  progress=False)
        return [losses, accuracy(seer, model, data.test, data.labels["test"], 3)]
    assert taught(whole) == taught(late)


# ---- training

OFTEN = {"valid_every": 2, "checkpoint_every": 2, "valid_examples": 4, "batch_size": 8}
few = pytest.mark.filterwarnings("ignore:.*values are too few")


def fitted(run: Run, data: ImageData, workers: int) -> dict[str, torch.Tensor]:
    fit(run, data, make_accelerator(torch.device("cpu")), False, workers)
    return load_file(run.path / "weights.safetensors")


def assert_same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@few
@pytest.mark.parametrize("kind", ["last.npy", "grey"])
def test_a_training_is_the_same_wherever_images_lie_and_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str,
) -> None:
    path = write(tmp_path, kind)
    config = Config(**(TINY | OFTEN | {"steps": 6}), data=str(path), levels=LEVELS, flips=True)
    monkeypatch.setenv("MDM_MEMORY", "1")
    calm, data = begin(config, tmp_path / "calm")
    assert isinstance(data.train, torch.Tensor)
    want = fitted(calm, data, 1)
    monkeypatch.setenv("MDM_MEMORY", "0")
    broken, data = begin(config, tmp_path / "broken")
    assert isinstance(data.train, Stored)
    step_of = train_module.train_step
    def dying(*args: object) -> tuple[torch.Tensor, torch.Tensor]:
        if args[4] > 3: raise RuntimeError("power cut")
        return step_of(*args)
    with monkeypatch.context() as patched:
        patched.setattr(train_module, "train_step", dying)
        with pytest.raises(RuntimeError, match="power cut"): fitted(broken, data, 2)
    run, data = carry_on(tmp_path / "broken")
    assert_same(fitted(run, data, 3), want)
    metrics = [(tmp_path / name / "metrics.jsonl").read_text() for name in ("calm", "broken")]
    assert metrics[0] == metrics[1]


@few
@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("workers", [0, 2])
def test_a_file_that_is_cut_short_ends_a_training_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int,
) -> None:
    path = write(tmp_path, "grey.npy")
    config = Config(**(TINY | OFTEN | {"steps": 6}), data=str(path), levels=LEVELS)
    want = fitted(*begin(config, tmp_path / "calm"), workers)
    run, data = begin(config, tmp_path / "run")
    sound, step_of = path.read_bytes(), train_module.train_step
    def cutting(*args: object) -> tuple[torch.Tensor, torch.Tensor]:
        if args[4] == 3: path.write_bytes(sound[:-2000])
        return step_of(*args)
    with monkeypatch.context() as patched:
        patched.setattr(train_module, "train_step", cutting)
        refused("grey.npy has changed", fitted, run, data, workers)
    assert [file.name for file in run.checkpoints()] >= ["step-00000002.safetensors"]
    refused("its header claims", carry_on, run.path)
    path.write_bytes(sound)
    assert_same(fitted(*carry_on(run.path), workers), want)


@few
@pytest.mark.usefixtures("kept")
def test_a_training_that_is_no_number_leaves_no_thread(tmp_path: Path) -> None:
    path = write(tmp_path, "grey")
    config = Config(**(TINY | OFTEN | {"steps": 40}), data=str(path), levels=LEVELS)
    run, data = begin(config.replace(lr=1e30, clip=None, warmup=1), tmp_path / "run")
    refused("smaller --lr", fitted, run, data, 2)


def test_a_signal_ends_a_command_that_reads_ahead(tmp_path: Path) -> None:
    path, out = write(tmp_path, "grey"), tmp_path / "run"
    words = ["mdm_train", "--data", path, "--levels", LEVELS, "--out", out, "--steps", 100000,
             "--width", 8, "--blocks", 1, "--valid-every", 10**6, "--device", "cpu",
             "--workers", 2, "--checkpoint-every", 5]
    words[0] = Path(sys.executable).parent / words[0]
    env = os.environ | {"MDM_MEMORY": "0", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(list(map(str, words)), env=env, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, text=True) as command:
        until = time.monotonic() + 120
        while not list(out.glob("checkpoints/*")) and time.monotonic() < until: time.sleep(0.1)
        command.send_signal(signal.SIGTERM)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 128 + signal.SIGTERM and "is saved; carry on with" in said


# ---- memory

PEAK = """
import resource, sys, torch
from mdm_nb.data.baseline import histogram_bits
from mdm_nb.data.data import batch_index, load
from mdm_nb.data.stored import read_ahead
torch.set_num_threads(1)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
data = load(sys.argv[1], levels=2)
n = len(data.train)
for _ in read_ahead(data.train, (batch_index(n, 64, step) for step in range(10)), 2): pass
print(n, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory in other units")
def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    path, n = tmp_path / "large.npy", 2**20 * 600 // 3072
    with open(path, "wb") as file:
        about = {"descr": "|u1", "fortran_order": False, "shape": (n, 32, 32, 3)}
        np.lib.format.write_array_header_1_0(file, about)
        file.truncate(file.tell() + n * 3072)  # zeros that take no room
    env = os.environ | {"MDM_MEMORY": "0.1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", PEAK, path], env=env, capture_output=True,
                          text=True, check=True)
    images, mebibytes = map(int, done.stdout.split())
    assert images == n - 2 * round(n / 10) and mebibytes < 150
