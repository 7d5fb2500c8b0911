"""Files as people have them: read completely or refused in one sentence, whatever is in them."""
import gzip
import hashlib
import io
import os
import pickle
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from helpers import refused
from PIL import Image

from mdm_nb.data import formats, sources
from mdm_nb.data.data import load
from mdm_nb.data.pictures import find_pictures, read_folder, read_picture
from mdm_nb.data.sources import SOURCES, data_root, fetch
from mdm_nb.data.subsets import subset
from mdm_nb.gaussians.core import InputError


def pictures(n: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)


def save(folder: Path, x: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(x): Image.fromarray(image).save(folder / f"{i:03}.png")
    return folder


# ---- pictures

@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_photographs_come_in_upright(tmp_path: Path, tag: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = tag
    path = tmp_path / f"a.{kind}"
    Image.fromarray(pictures(1, 8, 12, 3)[0]).save(path, exif=exif)
    x = np.asarray(Image.open(path))
    turns = {1: x, 2: x[:, ::-1], 3: x[::-1, ::-1], 4: x[::-1], 5: x.swapaxes(0, 1),
             6: np.rot90(x, -1), 7: np.rot90(x, 2).swapaxes(0, 1), 8: np.rot90(x)}
    assert np.array_equal(read_picture(path), turns[tag])


def test_hidden_folders_and_files_are_left_alone(tmp_path: Path) -> None:
    x = pictures(20, 8, 8)
    save(tmp_path / "d", x)
    for name in (".ipynb_checkpoints", ".thumbs/deep", "__MACOSX/.x"):
        save(tmp_path / "d" / name, x)
    assert sum(load(tmp_path / "d").counts) == 20


def test_linked_folders_are_read_and_links_back_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "disk", pictures(10, 8, 8))
    save(tmp_path / "d/a", pictures(10, 8, 8))
    (tmp_path / "d/b").symlink_to(tmp_path / "disk")
    assert read_folder(tmp_path / "d")[0].shape == (20, 1, 8, 8)
    (tmp_path / "d/a/up").symlink_to(tmp_path / "d")
    refused("counted already: remove the link", load, tmp_path / "d")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_not_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "d/a", pictures(3, 8, 8))
    (tmp_path / "d/b").mkdir(mode=0)
    refused("cannot be read", find_pictures, tmp_path / "d")


@pytest.mark.parametrize("name", ["x.heic", "x.AVIF", "sub/x.jp2", "x.ppm"])
def test_pictures_of_kinds_that_are_not_read_are_not_passed_over(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / "d", pictures(3, 8, 8)) / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    refused("of a kind that is not read here: convert", find_pictures, tmp_path / "d")


def png(x: np.ndarray, bits: int, colour: int, size: tuple[int, int] | None = None) -> bytes:
    """A PNG file of numbers with some bits each; colour 0 is grey and 2 is red, green, blue."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    head = struct.pack(">IIBBBBB", *(size or x.shape[1::-1]), bits, colour, 0, 0, 0)
    if bits == 16: rows = [row.astype(">u2").tobytes() for row in x]
    else: rows = [np.packbits(np.unpackbits(row[:, None], 1)[:, -bits:]).tobytes() for row in x]
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("bits, shape", [(16, (8, 8, 3)), (16, (8, 8)), (4, (8, 8)), (2, (8, 8))])
def test_other_than_eight_bits_are_refused(
    tmp_path: Path, bits: int, shape: tuple[int, ...],
) -> None:
    x = np.arange(np.prod(shape)).reshape(shape) % 2**bits
    content = png(x.astype(np.uint16 if bits == 16 else np.uint8), bits, 2 * (len(shape) == 3))
    (tmp_path / "a.png").write_bytes(content)
    refused("a.png (does not have 8 bits|is of mode I;16)", read_folder, tmp_path)


def test_several_frames_and_transparent_colours_are_refused(tmp_path: Path) -> None:
    one, two = (Image.fromarray(x) for x in pictures(2, 8, 8))
    for kind in ("gif", "tif", "png", "webp"):
        one.save(tmp_path / f"a.{kind}", save_all=True, append_images=[two])
        refused("holds 2 pictures: save each", read_picture, tmp_path / f"a.{kind}")
    one.save(tmp_path / "b.png", transparency=3)
    refused("has a transparent colour", read_picture, tmp_path / "b.png")


def test_a_single_picture_is_converted_where_nothing_is_lost(tmp_path: Path) -> None:
    """Palettes, two tones and full opacity; in a collection they stay a sign of something odd."""
    rng = np.random.default_rng(0)
    grey = Image.fromarray(rng.integers(0, 256, (8, 8), np.uint8))
    colour = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8))
    few = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) % 4 * 85)
    kinds = {"P": (grey, few, colour.quantize(4)), "RGBA": (grey, colour), "LA": (grey,),
             "1": (Image.fromarray(np.eye(8, dtype=np.uint8) * 255),)}
    for mode, images in kinds.items():
        for image in images:
            image.convert(mode).save(tmp_path / "a.png")
            x = np.asarray(image.convert("RGB") if image.mode == "P" else image)
            assert np.array_equal(read_picture(tmp_path / "a.png", convert=True), x)
            refused(f"is of mode {mode}", read_picture, tmp_path / "a.png")
    few.quantize(4).save(tmp_path / "a.png")  # four to a byte
    with Image.open(tmp_path / "a.png") as packed: assert "P;2" in str(packed.tile)
    assert np.array_equal(read_picture(tmp_path / "a.png", convert=True), np.asarray(few))
    colour.putalpha(254)
    colour.save(tmp_path / "a.png")
    refused("is transparent in places: lay it over", read_picture, tmp_path / "a.png", True)
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(tmp_path / "a.png")
    refused("RGB of 8 bits", read_picture, tmp_path / "a.png", True)


def test_monstrous_pictures_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(png(pictures(1, 8, 8)[0], 8, 0, (20000, 20000)))
    refused("scan.png is too large a picture", read_folder, tmp_path)


# ---- parts, arrays and levels

@pytest.mark.parametrize("names", [("Train", "Test"), ("train", "validation"), ("TRAINING", "val"),
                                   ("training", "Testing")])
def test_parts_are_known_by_any_of_their_names(tmp_path: Path, names: tuple[str, str]) -> None:
    x = pictures(60, 8, 8)
    for i, name in enumerate(names): save(tmp_path / "d" / name, x[30 * i:30 * i + 30])
    d = load(tmp_path / "d")
    assert d.counts == (27, 3, 30)
    assert torch.equal(d.test[:, 0], torch.from_numpy(x[30:]))


def test_folders_that_only_look_like_parts_are_refused(tmp_path: Path) -> None:
    x = pictures(20, 8, 8)
    for name in ("train", "Train"): save(tmp_path / "two" / name, x)
    if len(list((tmp_path / "two").iterdir())) == 2:
        refused("are both train parts", load, tmp_path / "two")
    for name in ("train", "extra"): save(tmp_path / "more" / name, x)
    refused("extra lies beside the parts", load, tmp_path / "more")
    save(tmp_path / "loose/train", x)
    save(tmp_path / "loose", x[:1])
    refused("000.png lies beside the parts", load, tmp_path / "loose")
    for name in ("train_set", "test-set"): save(tmp_path / "alike" / name, x)
    refused("look like parts", load, tmp_path / "alike")
    for name in ("trainer", "tester"): save(tmp_path / "shoes" / name, x)
    assert load(tmp_path / "shoes").classes == ("tester", "trainer")


def test_arrays_belong_to_one_part_each_or_are_refused(tmp_path: Path) -> None:
    x, y = pictures(40, 8, 8), np.arange(40) % 3
    def bad(message: str, **arrays: object) -> None:
        np.savez(tmp_path / "a.npz", **arrays)
        refused(message, load, tmp_path / "a.npz")
    bad("images and train in .* are both train", images=x, train=x)
    bad("valid and val in .* are both valid", train=x, valid=x[:5], val=x[:5])
    bad("array 'x_train', whose meaning is not known: call it one of images", x_train=x, y_train=y)
    bad("labels in .* no images that it belongs to alone", train=x, test=x, labels=y)
    bad("labels in .* no images that it belongs to alone", train=x, train_y=y, labels=y)
    bad("type float32: if levels were divided by 255, save", images=x.astype(np.float32) / 255)
    bad("type float32: its numbers are levels, so save", images=x.astype(np.float32))
    bad("type float64: store levels .* Continuous", images=x - 128.5)
    for name in ("images", "train"):
        np.savez(tmp_path / "b.npz", **{name: x}, labels=y)
        d = load(tmp_path / "b.npz")
        assert len(d.classes) == 3 and sum(map(len, d.labels.values())) == 40


@pytest.mark.parametrize("shape", [(9, 3, 8, 3), (9, 1, 8, 3), (9, 3, 8, 1), (40, 64, 3),
                                   (40, 8, 1)])
def test_shapes_that_can_be_read_in_two_ways_are_refused(shape: tuple[int, ...]) -> None:
    refused("can be read in two ways", formats.channels_first, np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(9, 8, 3, 1), (9, 3, 8, 8), (9, 8, 8, 3), (9, 1, 1, 1)])
def test_shapes_that_can_be_read_in_one_way_are_read(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    found = formats.channels_first(x).numpy()
    wanted = x if shape[3] not in (1, 3) else x.transpose(0, 3, 1, 2)
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("values", [(0, 1), (0, 255), tuple(range(17)), tuple(range(0, 256, 17))])
def test_levels_that_cannot_be_told_are_asked_for(tmp_path: Path, values: tuple[int, ...]) -> None:
    x = np.array(values, np.uint8)[pictures(20, 8, 8) % len(values)]
    save(tmp_path / "d", x)
    n = f"only {len(values)} different values, from 0 to {values[-1]}"
    refused(f"{n}, .*such as {values[-1] + 1} .*--levels", load, tmp_path / "d")
    assert load(tmp_path / "d", levels=256).levels == 256


def test_a_subset_is_like_the_whole() -> None:
    kinds = torch.arange(5000) // 500
    few = kinds[subset(5000, 1000)].bincount(minlength=10)
    assert few.sum() == 1000 and (few - 100).abs().max() < 5 * 100 ** 0.5
    assert subset(7, 7).tolist() == subset(7, 9).tolist() == list(range(7))
    refused("0 of 7 items", subset, 7, 0)


# ---- named data sets that are others

def idx(x: np.ndarray) -> bytes:
    return bytes([0, 0, 8, x.ndim]) + struct.pack(f">{x.ndim}I", *x.shape) + x.tobytes()


def lay(folder: Path, x: np.ndarray, cut: int) -> None:
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(x[:cut]))
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(x[cut:]))


def test_a_data_set_is_what_its_name_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = pictures(14, 28, 28)
    lay(tmp_path / "MNIST/raw", x, 12)
    lay(tmp_path / "FashionMNIST/raw", x, 12)
    refused("MNIST/raw is not mnist: it holds .*12, 1, 28, 28", load, "mnist", root=tmp_path)
    for name in ("mnist", "fashion_mnist"):
        monkeypatch.setitem(SOURCES, name, replace(SOURCES[name], counts=(11, 1, 2)))
    message = "is not fashion_mnist: its images are others, with fingerprint"
    refused(message, load, "fashion_mnist", root=tmp_path, download=False)
    d = load("mnist", root=tmp_path)
    own = replace(SOURCES["fashion_mnist"], fingerprint=d.fingerprint)
    monkeypatch.setitem(SOURCES, "fashion_mnist", own)
    assert load("fashion_mnist", root=tmp_path, valid_fraction=0).counts == (12, 0, 2)
    message = "MNIST/raw is not mnist: its images are those of fashion_mnist"
    refused(message, load, "mnist", root=tmp_path, valid_fraction=0)


def test_one_file_is_the_same_data_set_as_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = pictures(14, 28, 28)
    monkeypatch.setitem(SOURCES, "mnist", replace(SOURCES["mnist"], counts=(11, 1, 2)))
    lay(tmp_path / "a/MNIST/raw", x, 12)
    (tmp_path / "b").mkdir()
    np.savez(tmp_path / "b/mnist.npz", train=x[:12], test=x[12:])
    a, b = load("mnist", root=tmp_path / "a"), load("mnist", root=tmp_path / "b")
    assert a.fingerprint == b.fingerprint


# ---- claims, bombs and damage

def npy(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
    file = io.BytesIO()
    about = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, about)
    return file.getvalue()


def test_claims_beyond_memory_are_refused_before_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", *[2**32 - 1] * 3))
    refused("more than half the memory", formats.read_idx, tmp_path / "a")
    (tmp_path / "a.gz").write_bytes(gzip.compress((tmp_path / "a").read_bytes()))
    refused("more than half the memory", formats.read_idx, tmp_path / "a.gz")
    (tmp_path / "a.npy").write_bytes(npy((10**12, 8, 8)))
    refused("more than half the memory", load, tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as z:
        z.writestr("images.npy", npy((10**12, 8, 8)))
    refused("images in .* more than half the memory", load, tmp_path / "a.npz")
    refused("more than half the memory", formats.check_room, 2**60, "all of it")


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    zeros = bytes(2**24)
    small = idx(np.zeros((2, 4, 4), np.uint8))
    (tmp_path / "a.gz").write_bytes(gzip.compress(small + zeros, 1))
    refused("has more bytes than the 48", formats.read_idx, tmp_path / "a.gz")
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("images.npy", npy((2, 4, 4)) + zeros)
    refused("its header claims 160", load, tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("images.npy", npy((2, 4, 4)) + bytes(32))
        z.writestr("other.npy", zeros)
    refused("'other', whose meaning", load, tmp_path / "b.npz")


def test_names_with_a_zero_byte_are_one_sentence() -> None:
    refused("is no path: remove the zero byte", load, "a\0b")
    refused("is no path: remove the zero byte", load, "a\0.npz")
    refused("is no path: remove the zero byte", load, "mnist", root="a\0b")
    refused("is no path: remove the zero byte", data_root, "\0")


SPRUNG: list[int] = []


def spring() -> None:
    SPRUNG.append(1)


class Trap:
    """Says so if somebody unpickles it."""
    def __reduce__(self) -> tuple[object, ...]: return spring, ()


def specimens(folder: Path) -> Iterator[tuple[Path, Callable[[Path], object]]]:
    """A sound file of every format, and what reads it."""
    x = pictures(6, 5, 4)
    as_images = lambda path: load(path, levels=256)
    (folder / "a-images-idx3").write_bytes(idx(x))
    yield folder / "a-images-idx3", formats.read_idx
    (folder / "a.gz").write_bytes(gzip.compress(idx(x)))
    yield folder / "a.gz", formats.read_idx
    np.save(folder / "a.npy", x)
    yield folder / "a.npy", as_images
    np.savez(folder / "a.npz", images=x, y=np.arange(6), levels=256)
    yield folder / "a.npz", as_images
    np.savez_compressed(folder / "b.npz", images=x)
    yield folder / "b.npz", as_images
    np.save(folder / "c.npy", np.array([Trap()] * 6), allow_pickle=True)
    yield folder / "c.npy", as_images
    Image.fromarray(x[0]).save(folder / "a.png")
    yield folder / "a.png", read_picture
    Image.fromarray(x[0]).save(folder / "a.tif")
    yield folder / "a.tif", read_picture


def test_damaged_files_of_every_format_are_images_or_one_sentence(tmp_path: Path) -> None:
    rng, counts = random.Random(0), {"read": 0, "refused": 0}
    for path, read in specimens(tmp_path):
        sound = path.read_bytes()
        for _ in range(50):
            content = bytearray(sound[:rng.choice([len(sound), rng.randrange(len(sound))])])
            for _ in range(rng.randrange(1, 4)):
                if content: content[rng.randrange(len(content))] = rng.randrange(256)
            path.write_bytes(content)
            try: read(path)
            except InputError as e:
                counts["refused"] += 1
                assert "\n" not in str(e)
            else: counts["read"] += 1
    assert counts["refused"] > 200 and counts["read"] > 20, counts  # flips in pixels are no damage
    assert not SPRUNG
    pickle.loads(pickle.dumps(Trap()))
    assert SPRUNG.pop()  # so the trap would have been heard


# ---- downloads from a server that lies

class Response(io.BytesIO):
    headers: ClassVar[dict[str, str]] = {"Content-Length": "3"}


def test_downloads_come_over_https_and_are_checked_by_sha_256() -> None:
    urls = [entry for source in SOURCES.values() for entry in source.urls]
    assert len(urls) == 9
    assert all(url.startswith("https://") and len(bytes.fromhex(d)) == 32 for url, d in urls)


DEBIAN = Path("/usr/share/datasets/fashion-mnist")

@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs the Debian package")
def test_digests_of_fashion_mnist_are_those_of_debians_files_with_their_first_header() -> None:
    # Debian packed the same streams without a name and a time; both are put back here
    stamps = {"train": 1504176606, "t10k": 1504176627}
    known = {url.rsplit("/", 1)[1]: digest for url, digest in SOURCES["fashion_mnist"].urls}
    for name in ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte", "t10k-images-idx3-ubyte"):
        header = b"\x1f\x8b\x08\x08" + struct.pack("<I", stamps[name.split("-")[0]]) + b"\0\3"
        stream = (DEBIAN / f"{name}.gz").read_bytes()[10:]
        content = header + name.encode() + b"\0" + stream
        assert hashlib.sha256(content).hexdigest() == known[f"{name}.gz"]


def test_a_download_follows_no_link_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = idx(pictures(3, 28, 28))
    digest = hashlib.sha256(content).hexdigest()
    url = "https://example.org/train-images-idx3-ubyte"
    source = replace(SOURCES["mnist"], urls=((url, digest),))
    monkeypatch.setattr(sources, "urlopen", lambda url, timeout: Response(content))
    (tmp_path / "precious").write_bytes(b"mine")
    place = tmp_path / "root/MNIST/raw/train-images-idx3-ubyte"
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "precious")
    assert fetch(source, tmp_path / "root") == ""
    assert (tmp_path / "precious").read_bytes() == b"mine"
    assert place.read_bytes() == content and not place.is_symlink()
    monkeypatch.setattr(sources, "_MOST", 2**20)
    endless = Response()
    endless.read = lambda n: bytes(n)
    monkeypatch.setattr(sources, "urlopen", lambda url, timeout: endless)
    assert "another SHA-256" in fetch(source, tmp_path / "new")
    assert not list((tmp_path / "new").iterdir())
