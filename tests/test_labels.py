"""Labels from every kind of file, with their images through every division, and what is refused."""
import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from mdm_nb.data import formats
from mdm_nb.data.data import ImageData, digest_labels, load
from mdm_nb.data.pictures import class_folders, read_folder
from mdm_nb.data.sources import SOURCES, catalogue
from mdm_nb.data.subsets import divide, order

SPLITS = ("train", "valid", "test")


@pytest.fixture(autouse=True)
def miniatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few images of few values are enough here; tests/test_own_data.py says where they are not."""
    monkeypatch.setattr("mdm_nb.data.data._check_counts", lambda *_: None)
    monkeypatch.setattr("mdm_nb.data.data._check_fingerprint", lambda _: None)
    monkeypatch.setattr("mdm_nb.data.data._tell_levels", lambda *_: 256)


def marked(labels: list[int], *shape: int) -> np.ndarray:
    """Images that show their label: every pixel is ten times it."""
    y = np.array(labels, np.uint8).reshape(-1, *[1] * len(shape))
    return np.broadcast_to(10 * y, (len(labels), *shape)).copy()


def check_marks(data: ImageData) -> None:
    """Every label is the one that its image shows."""
    assert set(data.labels) == set(SPLITS)
    for split, n in zip(SPLITS, data.counts, strict=True):
        x, y = getattr(data, split), data.labels[split]
        assert y.dtype == torch.int64 and y.shape == (n,)
        assert x.eq(10 * y.view(-1, 1, 1, 1)).all()


def everything(data: ImageData) -> list[int]:
    return torch.cat([data.labels[split] for split in SPLITS]).tolist()


def idx(x: np.ndarray) -> bytes:
    return bytes([0, 0, 8, x.ndim]) + struct.pack(f">{x.ndim}I", *x.shape) + x.tobytes()


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def save(folder: Path, labels: list[int], names: str = "abcdefghij") -> Path:
    """Marked pictures, each in the folder of its class."""
    for i, (image, label) in enumerate(zip(marked(labels, 6, 5), labels, strict=True)):
        path = folder / names[label] / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


# ---- the named data sets

def test_labels_of_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits
    d, scans = load("digits"), load_digits()
    assert d.classes == tuple("0123456789")
    assert d.label_fingerprint == SOURCES["digits"].label_fingerprint
    known = {}
    for image, label in zip(scans.images.astype(np.uint8), scans.target.tolist(), strict=True):
        known.setdefault(image.tobytes(), set()).add(label)
    for split in SPLITS:
        for image, label in zip(getattr(d, split), d.labels[split].tolist(), strict=True):
            assert label in known[image.numpy().tobytes()]
    assert sorted(everything(d)) == sorted(scans.target.tolist())
    assert everything(d) == scans.target[order(1797, 0).numpy()].tolist()


def write_mnist(raw: Path, y: np.ndarray, cut: int, names: tuple[str, ...] = (".gz", "")) -> None:
    images, labels = names
    x = marked(y.tolist(), 28, 28)
    for kind, part in (("train", slice(cut)), ("t10k", slice(cut, None))):
        for name, suffix, array in (("images-idx3", images, x), ("labels-idx1", labels, y)):
            pack = gzip.compress if suffix else bytes
            write(raw / f"{kind}-{name}-ubyte{suffix}", pack(idx(array[part])))


@pytest.mark.parametrize("names", [("", ""), ("", ".gz"), (".gz", ""), (".gz", ".gz")])
def test_labels_beside_idx_images(tmp_path: Path, names: tuple[str, ...]) -> None:
    y = np.random.default_rng(0).integers(0, 10, 46, dtype=np.uint8)
    write_mnist(tmp_path / "MNIST/raw", y, 36, names)
    d = load("mnist", root=tmp_path)
    check_marks(d)
    assert everything(d) == y.tolist() and d.classes == tuple("0123456789")
    assert load("mnist", root=tmp_path, valid_fraction=0).labels["valid"].shape == (0,)


def test_idx_with_a_dot_in_its_name(tmp_path: Path) -> None:
    y = np.arange(6, dtype=np.uint8)
    write(tmp_path / "train-images.idx3-ubyte", idx(marked(y.tolist(), 4, 4)))
    write(tmp_path / "train-labels.idx1-ubyte", idx(y))
    found = formats.read_idx(tmp_path / "train-images.idx3-ubyte")[1]
    assert found is not None and found.tolist() == y.tolist()


def test_images_load_without_their_labels(tmp_path: Path) -> None:
    y = np.arange(30, dtype=np.uint8) % 10
    write_mnist(tmp_path / "FashionMNIST/raw", y, 20)
    d = load("fashion_mnist", root=tmp_path)
    check_marks(d)
    assert d.classes[9] == "ankle boot" and "10 classes" in repr(d)
    for path in (tmp_path / "FashionMNIST/raw").glob("*labels*"): path.unlink()
    bare = load("fashion_mnist", root=tmp_path)
    assert bare.fingerprint == d.fingerprint
    assert (bare.labels, bare.classes, bare.label_fingerprint) == ({}, (), "")
    assert "classes" not in repr(bare)


def test_bad_labels_beside_idx_images(tmp_path: Path) -> None:
    raw, y = tmp_path / "MNIST/raw", np.arange(30, dtype=np.uint8) % 10
    def spoilt(content: bytes) -> None:
        write(raw / "train-labels-idx1-ubyte", content)
    write_mnist(raw, y, 20)
    spoilt(idx(y[:19]))
    refused("labels-idx1-ubyte has 19 labels for 20 images", load, "mnist", root=tmp_path)
    spoilt(idx(y[:20])[:-1])
    refused("has fewer bytes than the 28 that its header asks for", load, "mnist", root=tmp_path)
    spoilt(idx(marked([1, 2], 4, 4)))
    refused("00 00 08 03, not with 00 00 08 01", load, "mnist", root=tmp_path)
    spoilt(idx(y[:20] + 1))
    refused("training labels of mnist run from 1 to 10 but the classes from 0 to 9",
            load, "mnist", root=tmp_path)
    (raw / "train-labels-idx1-ubyte").unlink()
    refused("has labels for test only: give labels for train, test, or for none",
            load, "mnist", root=tmp_path)


def test_cifar_keeps_the_class_of_a_record(tmp_path: Path) -> None:
    y = np.random.default_rng(1).integers(0, 10, 30).tolist()
    records = [bytes([k]) + x.tobytes() for k, x in zip(y, marked(y, 3, 32, 32), strict=True)]
    folder = tmp_path / "cifar-10-batches-bin"
    for i in range(5): write(folder / f"data_batch_{i + 1}.bin", b"".join(records[5 * i:5 * i + 5]))
    write(folder / "test_batch.bin", b"".join(records[25:]))
    d = load("cifar10", root=tmp_path)
    check_marks(d)
    assert everything(d) == y and d.classes[6] == "frog"
    assert {row.name: row.classes for row in catalogue(tmp_path)}["cifar10"] == 10


def test_imagenet_counts_from_one(tmp_path: Path) -> None:
    folder = tmp_path / "imagenet32"
    folder.mkdir()
    x = marked([1, 2, 3], 3072)
    for i in range(10):
        np.savez(folder / f"train_data_batch_{i + 1}.npz", data=x, labels=[1, 1000, i + 1])
    np.savez(folder / "val_data.npz", data=x, labels=[7, 8, 9])
    d = load("imagenet32", root=tmp_path, valid_fraction=0)
    assert d.labels["train"][:6].tolist() == [0, 999, 0, 0, 999, 1]
    assert d.labels["test"].tolist() == [6, 7, 8] and d.classes[999] == "1000"
    np.savez(folder / "train_data_batch_4.npz", data=x)
    refused("9 of 10 training files in .*imagenet32 have labels", load, "imagenet32", root=tmp_path)
    np.savez(folder / "train_data_batch_4.npz", data=x, labels=[1, 2])
    refused("has 2 labels for 3 images", load, "imagenet32", root=tmp_path)
    np.savez(folder / "train_data_batch_4.npz", data=x, labels=[1, 2, 0])
    refused("run from -1 to 999 but the classes from 0 to 999", load, "imagenet32", root=tmp_path)


def test_a_named_data_set_as_npz_has_the_classes_of_the_table(tmp_path: Path) -> None:
    y = [0, 1, 2, 3] * 5
    x = marked(y, 32, 32, 3)
    np.savez(tmp_path / "cifar10.npz", train=x[:16], test=x[16:], train_y=y[:16], test_y=y[16:])
    d = load("cifar10", root=tmp_path)
    check_marks(d)
    assert d.classes == SOURCES["cifar10"].classes


# ---- your own images

@pytest.mark.parametrize("key", ["images", "arr_0"])
@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64, np.uint64])
def test_a_pile_with_labels(tmp_path: Path, key: str, kind: type) -> None:
    y = np.random.default_rng(2).integers(0, 7, 60)
    np.savez(tmp_path / "a.npz", y=y.astype(kind), **{key: marked(y.tolist(), 5, 4)})
    d = load(tmp_path / "a.npz")
    check_marks(d)
    assert d.classes == tuple("0123456") and d.counts == (48, 6, 6)
    assert everything(d) == y[order(60, 0).numpy()].tolist()
    assert load(tmp_path / "a.npz").label_fingerprint == d.label_fingerprint


def test_parts_with_labels(tmp_path: Path) -> None:
    y = {"train": [2, 0, 1, 1], "valid": [1, 2], "test": [0, 0, 2]}
    arrays = {k: marked(v, 4, 4) for k, v in y.items()} | {f"{k}_y": v for k, v in y.items()}
    np.savez(tmp_path / "a.npz", **arrays, classes=["hat", "cup", "key"])
    d = load(tmp_path / "a.npz")
    check_marks(d)
    assert {k: v.tolist() for k, v in d.labels.items()} == y
    assert d.classes == ("hat", "cup", "key")
    val = {"train": arrays["train"], "train_y": y["train"], "val": arrays["valid"],
           "val_y": y["valid"]}
    np.savez(tmp_path / "b.npz", **val)
    b = load(tmp_path / "b.npz")
    check_marks(b)
    assert b.labels["test"].tolist() == y["valid"] and b.counts == (3, 1, 2)


def test_bad_labels_in_arrays(tmp_path: Path) -> None:
    x = marked([0, 1, 2, 3, 4] * 4, 4, 4)
    def bad(message: str, **arrays: object) -> None:
        np.savez(tmp_path / "a.npz", **arrays)
        refused(message, load, tmp_path / "a.npz")
    bad("y in .*a.npz has 19 labels for 20 images", images=x, y=[0] * 19)
    bad("y in .* is of type float64", images=x, y=[0.5] * 20)
    bad("y in .* of type bool", images=x, y=[True] * 20)
    bad(r"y in .* shape \(20, 5\)", images=x, y=np.eye(5, dtype=int)[[0, 1, 2, 3] * 5])
    bad("reach 20 with 20 images", images=x, y=[20] + [0] * 19)
    bad("from -1 to 3", images=x, y=[-1, 3] * 10)
    bad("from -1 to -1 but the classes from 0 to 0", images=x, y=[-1] * 20)
    bad("from 0 to 2 but the classes from 0 to 1", images=x, y=[0, 1, 2, 0] * 5, classes=["a", "b"])
    bad("classes in .* not a list of texts", images=x, y=[0] * 20, classes=[1, 2])
    bad("two classes of a.npz have one name", images=x, y=[0] * 20, classes=["a", "a"])
    bad("y in .* has no images", train=x[:12], test=x[12:], y=[0] * 12)
    bad("valid_y in .* has no images", train=x[:12], train_y=[0] * 12, valid_y=[1] * 3)
    bad("labels for train only", train=x[:12], test=x[12:], train_y=[0] * 12)
    bad("labels for test only", train=x[:12], test=x[12:], test_y=[0] * 8)


def test_names_of_classes_without_labels_are_of_no_use(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=marked([1] * 20, 4, 4), classes=["a", "b"])
    assert load(tmp_path / "a.npz").classes == ()


def test_class_folders(tmp_path: Path) -> None:
    y = np.random.default_rng(3).integers(0, 4, 40).tolist()
    save(tmp_path / "pets", y, ["dog", "cat", "ape", "eel"])
    d = load(tmp_path / "pets")
    assert d.classes == ("ape", "cat", "dog", "eel")
    shown = {k: ["dog", "cat", "ape", "eel"].index(name) for k, name in enumerate(d.classes)}
    for split in SPLITS:
        marks = [10 * shown[k] for k in d.labels[split].tolist()]
        assert getattr(d, split)[:, 0, 0, 0].tolist() == marks


def test_class_folders_in_parts(tmp_path: Path) -> None:
    for part, y in (("train", [0, 1, 2, 1, 0]), ("val", [1]), ("test", [2, 0])):
        save(tmp_path / "a" / part, y)
    d = load(tmp_path / "a")
    check_marks(d)  # the test part has no class b, and c is 2 all the same
    assert d.classes == ("a", "b", "c") and d.labels["test"].tolist() == [0, 2]
    assert d.labels["valid"].tolist() == [1]


def test_class_folders_are_the_first_level(tmp_path: Path) -> None:
    save(tmp_path / "a/x/deep", [0, 1])
    save(tmp_path / "a/y", [2, 3])
    images, labels = read_folder(tmp_path / "a")
    assert labels is not None and labels.tolist() == [0, 0, 1, 1]
    assert images[:, 0, 0, 0].tolist() == [0, 10, 20, 30]


def test_folders_that_are_no_class_folders(tmp_path: Path) -> None:
    save(tmp_path / "one/all", [0] * 6)
    assert read_folder(tmp_path / "one")[1] is None  # one class says nothing
    save(tmp_path / "mixed", [0, 1] * 5)
    Image.fromarray(marked([1], 6, 5)[0]).save(tmp_path / "mixed/loose.png")
    assert class_folders(tmp_path / "mixed") == ()
    assert load(tmp_path / "mixed").labels == {}


def test_bad_class_folders(tmp_path: Path) -> None:
    save(tmp_path / "a/train", [0, 1] * 3)
    save(tmp_path / "a/test", [0, 2])
    refused("test/c/001.png lies in none of the 2 class folders", load, tmp_path / "a")
    save(tmp_path / "b/train", [0, 1] * 3)
    (tmp_path / "b/test").mkdir()
    Image.fromarray(marked([1], 6, 5)[0]).save(tmp_path / "b/test/loose.png")
    refused("test/loose.png lies in none of", load, tmp_path / "b")


# ---- the record

def record(labels: dict[str, Tensor], classes: tuple[str, ...] = ("a", "b", "c")) -> ImageData:
    x = torch.zeros(4, 1, 2, 2, dtype=torch.uint8)
    return ImageData("a", x, x[:3], x[:2], 9, "here", "", labels, classes)


def good(**changes: Tensor) -> dict[str, Tensor]:
    y = torch.tensor([0, 2, 1, 1])
    return {"train": y, "valid": y[:3], "test": y[:2]} | changes


def test_a_record_with_labels() -> None:
    d = record(good())
    sha = hashlib.sha256(b"classes 3\n")
    for part in ([0, 2, 1, 1], [0, 2, 1], [0, 2]):
        sha.update(f"shape ({len(part)},)\n".encode() + struct.pack(f"<{len(part)}q", *part))
    assert d.label_fingerprint == sha.hexdigest()
    assert d.fingerprint == record({}, ()).fingerprint
    assert "3 classes" in repr(d)
    assert record(dict(reversed(good().items()))).label_fingerprint == d.label_fingerprint
    assert record(good(), ("x", "y", "z")).label_fingerprint == d.label_fingerprint


def test_label_fingerprint_sees_order_split_and_number_of_classes() -> None:
    y = torch.tensor([0, 2, 1, 1, 0])
    parts = [((y[:3], y[3:4], y[4:]), 3), ((y[:2], y[2:4], y[4:]), 3), ((y[:3], y[3:4], y[4:]), 4),
             ((y[:3].flip(0), y[3:4], y[4:]), 3)]
    assert len({digest_labels(*p) for p in parts}) == 4
    assert digest_labels((), 0) == ""


def test_bad_labels_in_a_record() -> None:
    y = torch.tensor([0, 2, 1, 1])
    refused("training labels of a are 3 for 4 images", record, good(train=y[:3]))
    refused("validation labels of a are 4 for 3 images", record, good(valid=y))
    refused("test labels of a run from 0 to 3 but", record, good(test=torch.tensor([0, 3])))
    refused("run from -1 to 2", record, good(test=torch.tensor([-1, 2])))
    refused("are torch.int32", record, good(test=y[:2].int()))
    refused("are torch.float32", record, good(test=y[:2].float()))
    refused(r"of shape \(2, 1\)", record, good(test=y[:2, None]))
    refused("labels for train only", record, {"train": y})
    refused("labels for train, valid, test, more only", record, good(more=y))
    refused("0 names of classes and labels for 3", record, good(), ())
    refused("3 names of classes and labels for 0", record, {})
    refused("two classes of a have one name", record, good(), ("a", "b", "a"))


@given(st.integers(3, 200), st.floats(0, 0.5), st.booleans(), st.booleans())
def test_labels_are_divided_like_images(
    n: int, fraction: float, shuffle: bool, given_test: bool,
) -> None:
    x = torch.arange(n + 5)[:, None, None, None]
    parts = {"train": x[:n], "test": x[n:]} if given_test else {"train": x}
    labels = {part: 3 * x.flatten() for part, x in parts.items()}
    images = divide(parts, fraction, shuffle)
    order.cache_clear()
    for x, y in zip(images, divide(labels, fraction, shuffle), strict=True):
        assert y.equal(3 * x.flatten())
