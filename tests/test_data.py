"""The loaders on small files in every format, the fixed orders, the baselines by brute force."""
import gzip
import hashlib
import io
import math
import pickle
import struct
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from mdm_nb.data import formats
from mdm_nb.data.baseline import histogram_bits, histogram_table, uniform_bits
from mdm_nb.data.data import ImageData, batch_at, batch_index, digest, load
from mdm_nb.data.pictures import read_folder
from mdm_nb.data.sources import SOURCES, catalogue, data_root, fetch
from mdm_nb.data.subsets import divide, order
from mdm_nb.gaussians.core import InputError


def pictures(n: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def idx(x: np.ndarray) -> bytes:
    return bytes([0, 0, 8, x.ndim]) + struct.pack(f">{x.ndim}I", *x.shape) + x.tobytes()


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def cifar(x: np.ndarray) -> bytes:
    return b"".join(bytes([i % 10]) + image.tobytes() for i, image in enumerate(x))


def save_pictures(folder: Path, x: np.ndarray, kind: str = "png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(x):
        Image.fromarray(image).save(folder / f"{i:03}.{kind}")
    return folder


def write_cifar(root: Path) -> np.ndarray:
    x = pictures(30, 3, 32, 32)
    folder = root / "cifar-10-batches-bin"
    for i in range(5): write(folder / f"data_batch_{i + 1}.bin", cifar(x[5 * i:5 * i + 5]))
    write(folder / "test_batch.bin", cifar(x[25:]))
    return x


def write_chrabaszcz(folder: Path, sub: tuple[str, str] = ("", "")) -> np.ndarray:
    x = pictures(24, 3072)
    for s in sub: (folder / s).mkdir(parents=True, exist_ok=True)
    for i in range(10):
        part = folder / sub[0] / f"train_data_batch_{i + 1}.npz"
        np.savez(part, data=x[2 * i:2 * i + 2], labels=[i + 1, 1000 - i])
    np.savez(folder / sub[1] / "val_data.npz", data=x[20:], labels=[1, 1000, 7, 8])
    return x.reshape(-1, 3, 32, 32)


def same(x: Tensor, y: np.ndarray) -> bool:
    return x.dtype == torch.uint8 and torch.equal(x, torch.from_numpy(np.ascontiguousarray(y)))


def rows(x: Tensor) -> list[bytes]:
    return sorted(image.numpy().tobytes() for image in x)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network in tests")
    monkeypatch.setattr("mdm_nb.data.sources.urlopen", refuse)


@pytest.fixture(autouse=True)
def miniatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named data sets may have any number of images; tests/test_own_data.py says they may not."""
    monkeypatch.setattr("mdm_nb.data.data._check_counts", lambda *_: None)
    monkeypatch.setattr("mdm_nb.data.data._check_fingerprint", lambda _: None)


# ---- digits and fingerprints

def test_digits_are_the_recorded_ones() -> None:
    d = load("digits")
    recorded = "c651cbb276cc91c6fd90e694141797548f3f37aa29c92ae939dd641e38a36e0f"
    assert d.fingerprint == SOURCES["digits"].fingerprint == recorded
    assert (d.shape, d.levels, d.counts) == ((1, 8, 8), 17, (1297, 200, 300))
    assert d.where == "scikit-learn"
    assert int(d.train.max()) == 16


def test_digits_are_scikit_learns_and_the_parts_are_disjoint() -> None:
    from sklearn.datasets import load_digits
    d = load("digits")
    original = torch.from_numpy(load_digits().images).to(torch.uint8)[:, None]
    assert rows(torch.cat([d.train, d.valid, d.test])) == rows(original)


def test_fingerprint_definition() -> None:
    x = torch.arange(24, dtype=torch.uint8).view(6, 1, 2, 2)
    sha = hashlib.sha256(b"levels 30\n")
    for part in (x[:3], x[3:5], x[5:]):
        sha.update(f"shape ({len(part)}, 1, 2, 2)\n".encode())
        sha.update(bytes(part.flatten().tolist()))
    assert digest((x[:3], x[3:5], x[5:]), 30) == sha.hexdigest()
    assert ImageData("a", x[:3], x[3:5], x[5:], 30, "b").fingerprint == sha.hexdigest()


def test_fingerprint_sees_order_shape_split_and_levels_but_not_memory_layout() -> None:
    x = torch.arange(24, dtype=torch.uint8).view(6, 1, 2, 2)
    base = (x[:3], x[3:5], x[5:])
    flat = tuple(p.reshape(-1, 1, 1, 4) for p in base)
    others = [(x[:3].flip(0), *base[1:]), (x[:4], x[4:5], x[5:]), flat]
    assert len({digest(p, 30) for p in (base, *others)} | {digest(base, 31)}) == 5
    strided = tuple(p.transpose(2, 3).contiguous().transpose(2, 3) for p in base)
    assert digest(strided, 30) == digest(base, 30)


def test_fingerprint_does_not_depend_on_the_format(tmp_path: Path) -> None:
    x = pictures(12, 5, 4, 3)
    parts = {"train": x[:8], "valid": x[8:10], "test": x[10:]}
    np.savez(tmp_path / "a.npz", **parts)
    turned = {k: v.transpose(0, 3, 1, 2) for k, v in parts.items()}
    np.savez_compressed(tmp_path / "b.npz", **turned, levels=256)
    for k, v in parts.items(): save_pictures(tmp_path / "c" / ("val" if k == "valid" else k), v)
    loaded = [load(tmp_path / f) for f in ("a.npz", "b.npz", "c")]
    assert len({d.fingerprint for d in loaded}) == 1
    assert [d.name for d in loaded] == ["a.npz", "b.npz", "c"]
    assert all(d.where == str(tmp_path / d.name) for d in loaded)


def test_repr_is_one_informative_line() -> None:
    line = repr(load("digits"))
    for fact in ("digits", "1×8×8", "17 levels", "10 classes", "1297 train", "200 validation",
                 "300 test", "c651cbb276cc91c6", "scikit-learn"):
        assert fact in line
    assert "\n" not in line


DEBIAN = Path("/usr/share/datasets/fashion-mnist")

@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs the Debian package")
def test_fashion_mnist_of_debian_has_the_recorded_fingerprints(tmp_path: Path) -> None:
    d, source = load("fashion_mnist", root=tmp_path, download=False), SOURCES["fashion_mnist"]
    assert (d.fingerprint, d.counts) == (source.fingerprint, source.counts)
    assert (d.label_fingerprint, d.classes) == (source.label_fingerprint, source.classes)
    assert torch.cat(list(d.labels.values())).bincount().tolist() == [7000] * 10


# ---- named data sets in every format

@pytest.mark.parametrize("name,folder", [("mnist", "MNIST"), ("fashion_mnist", "FashionMNIST")])
@pytest.mark.parametrize("zipped", [("",), (".gz",), ("", ".gz")])
def test_idx(tmp_path: Path, name: str, folder: str, zipped: tuple[str, ...]) -> None:
    x, raw = pictures(46, 28, 28), tmp_path / folder / "raw"
    for suffix in zipped:
        pack = gzip.compress if suffix else bytes
        write(raw / f"train-images-idx3-ubyte{suffix}", pack(idx(x[:36])))
        write(raw / f"t10k-images-idx3-ubyte{suffix}", pack(idx(x[36:])))
    d = load(name, root=tmp_path)
    assert d.counts == (33, 3, 10)  # a twelfth of the training images, as 5,000 of 60,000
    # validation is the end of the training file
    assert same(torch.cat([d.train, d.valid, d.test])[:, 0], x)
    assert (d.where, d.levels) == (str(raw), 256)


def test_cifar10(tmp_path: Path) -> None:
    x = write_cifar(tmp_path)
    d = load("cifar10", root=tmp_path)
    assert (d.shape, d.counts) == ((3, 32, 32), (23, 2, 5))
    assert same(torch.cat([d.train, d.valid, d.test]), x)


def test_cifar10_needs_every_file(tmp_path: Path) -> None:
    write_cifar(tmp_path)
    (tmp_path / "cifar-10-batches-bin/data_batch_3.bin").unlink()
    refused("cifar10 was not found", load, "cifar10", root=tmp_path, download=False)


def test_named_data_set_as_npz(tmp_path: Path) -> None:
    x = pictures(30, 32, 32, 3)
    np.savez(tmp_path / "cifar10.npz", train=x[:20], test=x[20:])
    d = load("cifar10", root=tmp_path)
    assert (d.name, d.counts) == ("cifar10", (18, 2, 10))
    assert d.where == str(tmp_path / "cifar10.npz")
    assert {r.name: r.where for r in catalogue(tmp_path)}["cifar10"] == d.where


@pytest.mark.parametrize("sub", [("", ""), ("Imagenet32_train_npz", "Imagenet32_val_npz")])
def test_new_imagenet32(tmp_path: Path, sub: tuple[str, str]) -> None:
    x = write_chrabaszcz(tmp_path / "imagenet32", sub)
    d = load("imagenet32", root=tmp_path, valid_fraction=0)
    assert d.counts == (20, 0, 4) and "Chrabaszcz" in d.note and d.note in repr(d)
    assert same(torch.cat([d.train, d.test]), x)  # batch 10 comes last, not after batch 1


def test_old_imagenet32(tmp_path: Path) -> None:
    x = pictures(9, 32, 32, 3)
    save_pictures(tmp_path / "imagenet32/train_32x32", x[:6])
    save_pictures(tmp_path / "imagenet32/valid_32x32", x[6:])
    d = load("imagenet32", root=tmp_path)
    assert d.counts == (5, 1, 3) and "van den Oord" in d.note
    assert same(d.test, x[6:].transpose(0, 3, 1, 2))


def test_two_imagenets_are_one_too_many(tmp_path: Path) -> None:
    write_chrabaszcz(tmp_path / "imagenet32")
    for part in ("train", "valid"):
        save_pictures(tmp_path / f"imagenet32/{part}_32x32", pictures(2, 32, 32, 3))
    refused("two versions of imagenet32", load, "imagenet32", root=tmp_path)


def test_imagenet32_as_one_file_admits_that_the_version_is_unknown(tmp_path: Path) -> None:
    x = pictures(8, 32, 32, 3)
    np.savez(tmp_path / "imagenet32.npz", train=x[:5], test=x[5:])
    assert load("imagenet32", root=tmp_path).note == "version not recorded"


def test_every_data_set_says_where_was_looked(tmp_path: Path) -> None:
    for name in ("mnist", "cifar10", "imagenet32"):
        with pytest.raises(InputError) as e:
            load(name, root=tmp_path, download=False)
        how = SOURCES[name].obtain.replace("--download", f"--root {tmp_path} --download")
        assert str(tmp_path / "MNIST") in str(e.value) or name != "mnist"
        assert str(e.value).endswith(f": {how}")


def test_pickles_are_named_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("unpickled")
    monkeypatch.setattr(pickle, "load", refuse)
    write(tmp_path / "cifar-10-batches-py/data_batch_1", pickle.dumps({b"data": [1]}))
    message = "pickles, which are never opened.*binary version"
    refused(message, load, "cifar10", root=tmp_path, download=False)
    write(tmp_path / "imagenet32/train_data_batch_1", pickle.dumps({"data": [1]}))
    refused("pickles, which are never opened", load, "imagenet32", root=tmp_path)


# ---- downloads, from local files in place of the network

class Response(io.BytesIO):
    headers: ClassVar[dict[str, str]] = {}


def pretend(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> list[str]:
    asked = []
    def urlopen(url: str, timeout: float) -> Response:
        asked.append(url)
        return Response(files[url.rsplit("/", 1)[1]])
    monkeypatch.setattr("mdm_nb.data.sources.urlopen", urlopen)
    return asked


def digests(name: str, files: dict[str, bytes]) -> tuple[tuple[str, str], ...]:
    content = {url: files[url.rsplit("/", 1)[1]] for url, _ in SOURCES[name].urls}
    return tuple((url, hashlib.sha256(raw).hexdigest()) for url, raw in content.items())


def test_download_of_idx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = pictures(20, 28, 28), np.arange(20, dtype=np.uint8) % 10
    parts = {"train": slice(12), "t10k": slice(12, 20)}
    images = {f"{k}-images-idx3-ubyte.gz": gzip.compress(idx(x[v])) for k, v in parts.items()}
    labels = {f"{k}-labels-idx1-ubyte.gz": gzip.compress(idx(y[v])) for k, v in parts.items()}
    files = images | labels
    asked = pretend(monkeypatch, files)
    monkeypatch.setitem(SOURCES, "mnist", replace(SOURCES["mnist"], urls=digests("mnist", files)))
    d = load("mnist", root=tmp_path / "new")
    assert d.counts == (11, 1, 8) and len(asked) == 4
    assert torch.cat([d.labels[k] for k in ("train", "valid", "test")]).tolist() == y.tolist()
    assert all("labels" in url for url in asked[:2])  # images are the last to come
    found = sorted(p.name for p in (tmp_path / "new").rglob("*"))
    assert found == ["MNIST", "raw", *sorted(files)]
    again = load("mnist", root=tmp_path / "new")
    assert again.fingerprint == d.fingerprint and len(asked) == 4  # not fetched again


def test_download_of_a_tarball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = write_cifar(tmp_path / "made")
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "made/cifar-10-batches-bin", "cifar-10-batches-bin")
    files = {"cifar-10-binary.tar.gz": (tmp_path / "t.tar.gz").read_bytes()}
    pretend(monkeypatch, files)
    source = replace(SOURCES["cifar10"], urls=digests("cifar10", files))
    monkeypatch.setitem(SOURCES, "cifar10", source)
    d = load("cifar10", root=tmp_path / "new")
    assert same(torch.cat([d.train, d.valid, d.test]), x)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["cifar-10-batches-bin"]


def test_a_wrong_checksum_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, {"cifar-10-binary.tar.gz": b"something else"})
    with pytest.raises(InputError, match="downloaded .*another SHA-256 than the recorded c4a38c50"):
        load("cifar10", root=tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    message = "downloaded .*no network.*: try mdm_data --name mnist --root .* --download"
    with pytest.raises(InputError, match=message):
        load("mnist", root=tmp_path)
    assert "no network" in fetch(SOURCES["mnist"], tmp_path)


# ---- your own images

@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 1), (1, 5, 4)])
@pytest.mark.parametrize("key", ["images", "arr_0", ".npy"])
def test_a_single_grey_array(tmp_path: Path, key: str, shape: tuple[int, ...]) -> None:
    x, path = pictures(50, *shape), tmp_path / ("x.npy" if key == ".npy" else "x.npz")
    if key == ".npy":
        np.save(path, x)
    else:
        np.savez(path, **{key: x})
    d = load(path)
    assert (d.shape, d.counts, d.levels) == ((1, 5, 4), (40, 5, 5), 256)
    assert rows(torch.cat([d.train, d.valid, d.test])) == sorted(image.tobytes() for image in x)
    assert same(d.test.flatten(1), x[order(50, 0)[45:].numpy()].reshape(5, -1))
    assert (d.labels, d.classes, d.label_fingerprint) == ({}, (), "")


def test_colour_arrays_in_both_orders(tmp_path: Path) -> None:
    x = pictures(20, 5, 4, 3)
    np.save(tmp_path / "a.npy", x)
    np.save(tmp_path / "b.npy", x.transpose(0, 3, 1, 2))
    a, b = load(tmp_path / "a.npy"), load(str(tmp_path / "b.npy"))
    assert a.fingerprint == b.fingerprint
    assert same(formats.channels_first(x), x.transpose(0, 3, 1, 2))


def test_train_and_one_other_part(tmp_path: Path) -> None:
    x = pictures(30, 4, 4)
    np.savez(tmp_path / "a.npz", train=x[:20], test=x[20:])
    np.savez(tmp_path / "b.npz", train=x[:20], val=x[20:])
    a, b = load(tmp_path / "a.npz"), load(tmp_path / "b.npz")
    assert a.fingerprint == b.fingerprint and a.counts == (18, 2, 10)
    assert same(a.test[:, 0], x[20:])
    assert load(tmp_path / "a.npz", valid_fraction=0.25).counts == (15, 5, 10)


def test_levels_are_read_from_the_file_or_given(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=pictures(20, 4, 4) % 8, levels=8)
    np.savez(tmp_path / "b.npz", images=pictures(20, 4, 4) % 8)
    a, b = tmp_path / "a.npz", tmp_path / "b.npz"
    assert load(a).levels == load(a, levels=8).levels == 8
    assert load(b, levels=8).levels == 8
    refused("only 8 different values, from 0 to 7, .*such as 8", load, b)
    refused("contradicts the 8 levels", load, a, levels=256)
    refused("reach the value 7 but levels=4", load, b, levels=4)
    for bad in (0, 1, 257): refused("2 to 256", load, b, levels=bad)
    refused("does not fit digits", load, "digits", levels=256)


@pytest.mark.parametrize("levels", [8.5, [8, 9], "eight"])
def test_recorded_levels_must_be_one_whole_number(tmp_path: Path, levels: object) -> None:
    np.savez(tmp_path / "a.npz", images=pictures(20, 4, 4), levels=levels)
    refused("not one whole number", load, tmp_path / "a.npz")


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3)])
def test_folder_in_sorted_order_with_sub_folders(tmp_path: Path, shape: tuple[int, ...]) -> None:
    x = pictures(12, *shape)
    save_pictures(tmp_path / "pile/b", x[6:])
    save_pictures(tmp_path / "pile/a", x[:6], "PNG")
    write(tmp_path / "pile/notes.txt", b"not a picture")
    write(tmp_path / "pile/.hidden.png", b"not a picture")
    images, labels = read_folder(tmp_path / "pile")
    assert same(images, x.transpose(0, 3, 1, 2) if len(shape) == 3 else x[:, None])
    assert labels is not None and labels.tolist() == [0] * 6 + [1] * 6
    assert load(tmp_path / "pile").counts == (10, 1, 1)


def test_jpegs_are_read(tmp_path: Path) -> None:
    save_pictures(tmp_path / "j", pictures(5, 8, 8, 3), "jpg")
    assert load(tmp_path / "j").shape == (3, 8, 8)


# ---- bad input: one sentence each

def test_bad_names(tmp_path: Path) -> None:
    refused("did you mean fashion_mnist", load, "fashion-mnist")
    refused("did you mean cifar10", load, "CIFAR-10")
    refused("digits, fashion_mnist, mnist, cifar10, imagenet32", load, "qqq")
    refused("is not a data set", load, "")
    refused("no file or folder", load, tmp_path / "nowhere")
    refused("no file or folder", load, "nowhere.npz")
    refused("no file or folder", load, "./digit")
    write(tmp_path / "pictures.npz", b"x")
    refused("did you mean pictures.npz, or else check", load, tmp_path / "picture.npz")
    refused("is not a data set: give a folder", load, write(tmp_path / "a.txt", b"x"))


def test_bad_idx(tmp_path: Path) -> None:
    good = idx(pictures(3, 4, 4))
    def bad(message: str, name: str, content: bytes) -> None:
        refused(message, formats.read_idx, write(tmp_path / name, content))
    bad("has fewer bytes than the 64 that its header asks for", "a", good[:-1])
    bad("has more bytes than the 64", "b", good + b"x")
    bad("00 00 08 01, not with 00 00 08 03", "c", idx(pictures(3)))
    bad("starts with nothing", "d", b"")
    bad("not with 00 00 08 03", "e", good[:7])
    bad("cut off or damaged", "f.gz", gzip.compress(good)[:-10])
    bad("not a sound gzip", "g.gz", good)
    bad("not a sound gzip", "h.gz", gzip.compress(good)[:-6] + b"123456")
    refused("cannot be read", formats.read_idx, tmp_path / "nowhere")


def test_bad_idx_in_place_is_reported_and_not_replaced(tmp_path: Path) -> None:
    raw = tmp_path / "MNIST/raw"
    write(raw / "t10k-images-idx3-ubyte", idx(pictures(3, 28, 28)))
    write(raw / "train-images-idx3-ubyte", idx(pictures(3, 28, 28))[:-1])
    refused("train-images-idx3-ubyte has fewer", load, "mnist", root=tmp_path)


def test_bad_cifar(tmp_path: Path) -> None:
    good = cifar(pictures(2, 3, 32, 32))
    for i, bad in enumerate((good[:-1], b"", b"\x0b" + good[1:])):
        path = write(tmp_path / f"{i}.bin", bad)
        refused("records of 3073 bytes", formats.read_cifar, path)


def test_bad_arrays(tmp_path: Path) -> None:
    def npy(name: str, x: np.ndarray) -> Path:
        np.save(tmp_path / name, x)
        return tmp_path / name
    np.savez(tmp_path / "good.npz", images=pictures(20, 8, 8))
    whole = (tmp_path / "good.npz").read_bytes()
    for i, cut in enumerate((0, 20, len(whole) // 2, len(whole) - 5)):
        path = write(tmp_path / f"cut{i}.npz", whole[:cut])
        refused("cut off or damaged|damaged or no NumPy file", load, path)
    flipped = whole[:600] + bytes([whole[600] ^ 1]) + whole[601:]
    refused("damaged or no NumPy", load, write(tmp_path / "flip.npz", flipped))
    refused("damaged or no NumPy", load, write(tmp_path / "text.npy", b"hello there"))
    refused("damaged or no NumPy", load, write(tmp_path / "pickle.npy", pickle.dumps([1, 2])))
    refused("holds Python objects", load, npy("objects.npy", np.array([{}, {}], dtype=object)))
    for kind in (np.float32, np.int64, np.int8, np.uint16, bool):
        refused("is of type", load, npy("kind.npy", np.zeros((9, 4, 4), kind)))
    for shape in ((9, 4, 4, 4), (9, 4), (9,), (9, 2, 4, 4), (9, 1, 3, 4, 4)):
        refused("has shape", load, npy("shape.npy", np.zeros(shape, np.uint8)))
    for n in (0, 1, 2):
        few = npy("few.npy", np.zeros((n, 4, 4), np.uint8))
        refused("images to divide", load, few, levels=256)
    np.savez(tmp_path / "names.npz", pixels=pictures(9, 4, 4))
    refused("array 'pixels', whose meaning is not known", load, tmp_path / "names.npz")
    np.savez(tmp_path / "sizes.npz", train=pictures(9, 4, 4), test=pictures(9, 4, 5))
    refused("differ in shape", load, tmp_path / "sizes.npz", levels=256)
    parts = {"train": pictures(9, 4, 4), "valid": pictures(2, 4, 4), "test": pictures(0, 4, 4)}
    np.savez(tmp_path / "empty.npz", **parts)
    refused("no test images", load, tmp_path / "empty.npz", levels=256)
    np.savez(tmp_path / "flat.npz", data=pictures(9, 3071))
    refused(r"shape \(N, 3072\)", formats.read_chrabaszcz, tmp_path / "flat.npz")


def test_bad_folders(tmp_path: Path) -> None:
    refused("holds no pictures", load, tmp_path)
    folder = save_pictures(tmp_path / "a", pictures(4, 6, 5))
    def odd(mode: str, size: tuple[int, int]) -> Path:
        Image.new(mode, size).save(folder / "002.png")
        return folder
    refused(r"002.png has shape \(6, 4\) but 000.png has \(6, 5\)", load, odd("L", (4, 6)))
    refused("002.png has shape .*one mode", load, odd("RGB", (5, 6)))
    for mode in ("RGBA", "P", "1", "LA", "I;16"):
        refused(f"002.png is of mode {mode}: convert", load, odd(mode, (5, 6)))
    write(folder / "002.png", b"hello")
    refused("002.png cannot be read as a picture", load, folder)
    write(folder / "002.png", (folder / "001.png").read_bytes()[:-30])
    refused("002.png cannot be read as a picture", load, folder)
    save_pictures(tmp_path / "b/test", pictures(4, 6, 5))
    refused("no training images", load, tmp_path / "b", levels=256)
    save_pictures(tmp_path / "b/train", pictures(4, 6, 6))
    refused("differ in shape", load, tmp_path / "b", levels=256)


def test_bad_records() -> None:
    x = torch.zeros(4, 1, 2, 2, dtype=torch.uint8)
    refused("torch.float32", ImageData, "a", x.float(), x, x, 9, "here")
    message = "test images of a reach the value 9 but levels=9"
    refused(message, ImageData, "a", x, x, x + 9, 9, "here")
    refused("no training images", ImageData, "a", x[:0], x, x, 9, "here")
    refused("no validation images", ImageData, "a", x, x[:, :, :0], x, 9, "here")
    refused("with 1 or 3 channels", ImageData, "a", x.expand(4, 2, 2, 2), x, x, 9, "here")
    refused("with 1 or 3 channels", ImageData, "a", x[0], x, x, 9, "here")
    assert ImageData("a", x + 255, x[:0], x, 256, "here").counts == (4, 0, 4)
    for f in (-0.1, 0.6, 1.0, math.nan):
        refused("valid_fraction", load, "digits", valid_fraction=f)


# ---- where files are looked for

def test_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MDM_DATA", raising=False)
    assert data_root() == Path("data")
    monkeypatch.setenv("MDM_DATA", str(tmp_path))
    assert (data_root(), data_root("x")) == (tmp_path, Path("x"))
    write_cifar(tmp_path)
    assert load("cifar10").counts == (23, 2, 5)


def test_catalogue(tmp_path: Path) -> None:
    write_cifar(tmp_path)
    table = {r.name: r for r in catalogue(tmp_path)}
    names = ["digits", "fashion_mnist", "mnist", "cifar10", "imagenet32"]
    assert list(table) == list(SOURCES) == names
    assert table["digits"].where == "scikit-learn"
    assert table["cifar10"].where == str(tmp_path / "cifar-10-batches-bin")
    assert table["mnist"].where is table["imagenet32"].where is None
    assert [r.levels for r in table.values()] == [17, 256, 256, 256, 256]
    assert [r.classes for r in table.values()] == [10, 10, 10, 10, 1000]
    line = " ".join(str(table["digits"]).split())
    assert line == "digits 1×8×8 17 levels 10 classes 1297 + 200 + 300 scikit-learn"
    assert str(table["mnist"]).endswith("not found: " + SOURCES["mnist"].obtain)


# ---- orders, parts and batches

@given(st.integers(1, 300), st.integers(0, 2**40), st.integers(0, 50))
def test_order_is_a_permutation_and_pure(n: int, seed: int, epoch: int) -> None:
    first = order(n, seed, epoch).clone()
    assert first.sort().values.equal(torch.arange(n))
    order.cache_clear()
    assert order(n, seed, epoch).equal(first)


def test_order_is_recorded() -> None:
    assert order(8, 0).tolist() == [3, 2, 1, 6, 0, 7, 4, 5]
    assert order(8, 1, 2).tolist() != order(8, 2, 1).tolist()


@given(st.integers(3, 200), st.floats(0, 0.5), st.booleans(), st.booleans())
def test_divide_loses_and_repeats_nothing(
    n: int, fraction: float, shuffle: bool, given_test: bool,
) -> None:
    x = torch.arange(n + 5)
    parts = {"train": x[:n], "test": x[n:]} if given_test else {"train": x}
    train, valid, test = divide(parts, fraction, shuffle)
    assert torch.cat([train, valid, test]).sort().values.equal(x)
    assert len(train) and len(test) and (len(valid) > 0) == (fraction > 0)
    if given_test: assert test.equal(x[n:])
    if not shuffle: assert torch.cat([train, valid, test]).equal(x)


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 4), st.integers(0, 9))
def test_an_epoch_takes_each_image_once(n: int, batch_size: int, epoch: int, seed: int) -> None:
    x, b = torch.arange(n), min(batch_size, n)
    steps = range(epoch * (n // b), (epoch + 1) * (n // b))
    seen = torch.cat([batch_at(x, batch_size, k, seed) for k in steps])
    assert len(seen) == n - n % b == len(seen.unique())


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 40), st.integers(0, 9))
def test_a_batch_is_its_index(n: int, batch_size: int, step: int, seed: int) -> None:
    x = torch.randn(n, 2)
    chosen = batch_index(n, batch_size, step, seed)
    assert chosen.dtype == torch.int64 and chosen.shape == (min(n, batch_size),)
    assert batch_at(x, batch_size, step, seed).equal(x[chosen])


def test_batches_are_recorded() -> None:
    assert batch_index(10, 5, 4, 1).tolist() == [5, 6, 9, 3, 2]
    assert batch_index(1297, 4, 1000, 3).tolist() == [290, 137, 824, 1208]


def test_batches_depend_on_seed_and_step_alone() -> None:
    x = torch.arange(50)
    forward = [batch_at(x, 7, k, 3).tolist() for k in range(30)]
    order.cache_clear()
    assert [batch_at(x, 7, k, 3).tolist() for k in reversed(range(30))] == forward[::-1]
    assert forward[0] != batch_at(x, 7, 0, 4).tolist() and forward[0] != forward[7]
    assert x.equal(torch.arange(50))


def test_bad_batches() -> None:
    x = torch.arange(5)
    refused("batch_size=0", batch_at, x, 0, 0)
    refused("of 0 images", batch_at, x[:0], 1, 0)
    refused("step=-1", batch_at, x, 2, -1)
    refused("seed=-1", batch_at, x, 2, 0, -1)
    refused("batch_size=3 of 0 images", batch_index, 0, 3, 0)


# ---- baselines

@given(st.integers(2, 9), st.integers(1, 12), st.integers(2, 6), st.integers(0, 99))
def test_histogram_against_brute_force(levels: int, n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, test = rng.integers(0, levels, (n, 3, 2, 2)), rng.integers(0, levels, (m, 3, 2, 2))
    bits = []
    for image in test:
        counts = [sum(train[:, c, i, j] == v) for (c, i, j), v in np.ndenumerate(image)]
        p = [(count + 1) / (n + levels) for count in counts]
        bits.append(-np.log2(p).sum() / 12)
    mean, se = histogram_bits(torch.tensor(train).byte(), torch.tensor(test).byte(), levels)
    assert mean == pytest.approx(np.mean(bits), abs=1e-12)
    assert se == pytest.approx(np.std(bits, ddof=1) / math.sqrt(m), abs=1e-12)


def test_histogram_is_a_distribution_and_more_than_one_chunk_agrees() -> None:
    train = torch.from_numpy(pictures(2500, 1, 3, 3) % 8)
    table = histogram_table(train, 8)
    assert torch.exp2(-table).sum(1).allclose(torch.ones(9, dtype=torch.float64), atol=1e-12)
    counts = torch.nn.functional.one_hot(train.flatten(1).long(), 8).sum(0)
    assert table.allclose(-torch.log2((counts + 1) / 2508.0).double(), atol=1e-5)
    mean, se = histogram_bits(train[:100], train, 8)
    each = histogram_table(train[:100], 8)[torch.arange(9), train.flatten(1).long()].mean(1)
    assert mean == pytest.approx(each.mean().item()) and se == pytest.approx(each.std().item() / 50)


def test_histogram_of_uniform_noise_is_uniform() -> None:
    noise = torch.from_numpy(pictures(20000, 1, 2, 2) % 4)
    mean, se = histogram_bits(noise[:10000], noise[10000:], 4)
    fitting = 4 * 3 / (2 * 10000 * math.log(2))  # what estimating the histograms costs
    assert abs(mean - uniform_bits(4)) < 5 * se + fitting


def test_baselines_of_digits_are_recorded() -> None:
    d = load("digits")
    mean, se = histogram_bits(d.train, d.test, d.levels)
    assert (round(mean, 3), round(se, 3)) == (2.416, 0.011)
    assert uniform_bits(17) == pytest.approx(4.0875, abs=1e-4)


def test_bad_baselines() -> None:
    x = torch.full((5, 1, 2, 2), 255, dtype=torch.uint8)
    refused("do not fit", histogram_bits, x, x[:1], 256)
    refused("do not fit", histogram_bits, x, x[..., :1], 256)
    refused("test runs from 255", histogram_bits, x - 9, x, 255)
    refused("train runs from 255", histogram_bits, x, x - 9, 255)
    refused("train is of type", histogram_bits, x[:0], x, 256)
    refused("levels=1", uniform_bits, 1)
    assert histogram_bits(x, x, 256)[1] == 0
