"""Images as bits: numbers at their price, the bound kept, pixels back, nothing strange read."""
import json
import math
import re
import sys
import zlib
from inspect import unwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import refused
from PIL import Image
from scipy import stats
from torch import Tensor, nn

from mdm_nb import (
    CLD,
    MALDA,
    MLP,
    VE,
    VP,
    Code,
    Continuous,
    Denoiser,
    Diffusion,
    Discretization,
    Encoded,
    Encoder,
    GaussianCode,
    InputError,
    KHot,
    Labels,
    LearnedMDM,
    Linear,
    Mixture,
    MixtureDenoiser,
    Monotone,
    Normals,
    OnGrid,
    Polynomial,
    Process,
    Stack,
    Steered,
    Subset,
    SubVP,
    Swap,
    Switches,
    Table,
    code_file,
    group_sizes,
    lent_words,
    load,
    pretrained_run,
    read_code,
    seeded,
)
from mdm_nb.bounds.bound import bound
from mdm_nb.runs import bundles, packed
from mdm_nb.runs.cli import run_command

LEVELS = Discretization(17)


def model_of(process: Process | None = None, told: int = 0, **options: object) -> Diffusion:
    """A small model of eight numbers, whose weights say something."""
    torch.manual_seed(0)
    network = MLP(8, 8, 1, classes=options.get("classes"), latent=told)
    with torch.no_grad():
        for p in network.parameters(): p.add_(0.1 * torch.randn_like(p))
    return Diffusion(network, process, discretization=LEVELS, shape=(8,), **options)


def levels(n: int) -> Tensor:
    """Some data."""
    return torch.randint(0, 17, (n, 8), generator=seeded(5))


class Known(nn.Module):
    """A network that knows the law of its data."""
    def __init__(self, law: Mixture, span: tuple[float, float]) -> None:
        super().__init__()
        self.law, self.span = law, span
    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """v̂."""
        gamma = self.span[0] + g * (self.span[1] - self.span[0])
        return self.law.predict(z.flatten(1), gamma, "v").view(z.shape)


@pytest.fixture(scope="module")
def digits() -> tuple[Diffusion, Tensor]:
    """A Gaussian model of digits, in closed form, and digits."""
    data = load("digits")
    seen = LEVELS.encode(data.train).flatten(1)
    law = Mixture.gaussian(seen.mean(0), seen.T.cov() + 0.02 * torch.eye(64))
    known = Known(law, (LEVELS.gamma_0, LEVELS.gamma_1))
    return Diffusion(known, discretization=LEVELS, shape=data.shape), data.test.long()


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(("mean", "std"), [(0.0, 2.0), (1e6 + 0.4, 2.0), (-3.7, 30.0), (0.5, 1.0)])
def test_a_number_costs_its_bin(mean: float, std: float) -> None:
    """Of a normal law, wherever it lies; and one far outside costs no more than 56 bits."""
    n = 2000
    for away in (0, 1.5, 4):
        k = round(mean + away * std)
        law, stack = Normals(np.full(n, mean), np.full(n, std), True), Stack()
        law.push(stack, np.full(n, k))
        near, far = ((abs(k - mean) + d) / std for d in (-0.5, 0.5))
        ideal = -math.log2(stats.norm.sf(near) - stats.norm.sf(far))
        assert (stack.bits - 64) / n == pytest.approx(ideal, rel=2e-3, abs=33 / n)
        assert (law.pop(stack) == k).all() and (stack.words == lent_words(2)).all()
    law.push(stack, np.full(n, round(mean) + 2**31))
    assert 54 < (stack.bits - 64) / n < 56.1 and (law.pop(stack) == round(mean) + 2**31).all()


def test_draws_have_their_law() -> None:
    stack, law = Stack(), Normals(np.full(20_000, 0.3), np.full(20_000, 2.0))
    k = law.pop(stack, 1)
    where = np.arange(-8, 10)
    expected = np.diff(stats.norm.cdf(np.append(where - 0.5, 9.5), 0.3, 2.0))
    counts = np.array([(k == v).sum() for v in where])
    rest = 20_000 - counts.sum(), 1 - expected.sum()
    found = stats.chisquare(np.append(counts, rest[0]), 20_000 * np.append(expected, rest[1]))
    assert found.pvalue > 1e-4 and np.abs(k - 0.3).max() <= 5.5 * 2 + 1
    law.push(stack, k, 1)
    assert (stack.words == lent_words(stack.lent)).all()


def test_masks_make_bits_clean() -> None:
    """What was wrong with numbers pushed is not taken over by those popped next."""
    n, spread = 40_000, {}
    wide = np.rint(3.0 * np.random.default_rng(0).standard_normal(n)).astype(int)
    for key in (None, 7):
        stack = Stack()
        Normals(np.zeros(n), np.full(n, 2.0), True).push(stack, wide)
        spread[key] = Normals(np.full(n, -1.2), np.full(n, 3.0)).pop(stack, key).var()
    clean = 9 + 1 / 12
    assert spread[None] > 1.05 * clean and abs(spread[7] / clean - 1) < 5 * math.sqrt(2 / n)


def test_numbers_that_cannot_be_coded() -> None:
    refused("NaN", Normals, np.array([np.nan]), np.ones(1))
    refused("NaN", Table, np.array([[np.nan, 1.0]]))
    refused("where its prior has 1", OnGrid, np.zeros((1, 1)), np.full((1, 1), 1e6))
    law = Normals(np.zeros(3), np.ones(3))
    refused("do not fit the model", law.push, Stack(), np.array([0, 9, 0]))
    refused("overflowed", Normals(np.zeros(1), np.ones(1), True).push, Stack(), np.array([2**40]))
    refused("do not fit the model", Normals(np.zeros(99), np.ones(99)).pop, Stack(lent_words(3)))


# ---------------------------------------------------------------- images


MADE = {
    "VP": (lambda: None, {}),
    "VE": (lambda: VE(Linear(-8.0, 3.0)), {"parameterisation": "x"}),
    "SubVP": (lambda: SubVP(Linear(-8.0, 3.0)), {}),
    "a schedule that learns": (lambda: VP(Monotone(-8.0, 3.0)), {}),
    "CLD": (CLD, {"parameterisation": "eps"}),
    "MALDA": (MALDA, {"parameterisation": "eps"}),
    "learned, K = 3": (lambda: LearnedMDM(3, generator=seeded(3)), {}),
    "a clock for each": (lambda: VP(Polynomial(shape=(8,), width=4)), {}),
    "CLD, a clock for each": (lambda: CLD(clock=Polynomial(None, (8,), -8.0, 2.0, width=4)), {}),
    "learned variances": (lambda: None, {"T": 3, "free_variance": True}),
    "labels": (lambda: None, {"classes": 4}),
}


@pytest.mark.parametrize("name", MADE)
def test_every_image_comes_back(name: str) -> None:
    process, options = MADE[name]
    model = model_of(process(), **options)
    if model.log_ratio is not None:
        with torch.no_grad(): model.log_ratio.copy_(torch.tensor([0.1, 0.2, 0.3]))
    data = levels(21)
    told = {"label": torch.arange(21) % 4} if "classes" in options else {}
    code = model.compress(data, 3, side=4, progress=False, **told)
    assert torch.equal(model.decompress(code, progress=False), data)
    assert code.told == bool(told) and code.T == 3
    words = code.words.copy()
    words[len(words) // 2] ^= 1
    refused("[a-z]", model.decompress, code._replace(words=words), progress=False)


def test_the_promise_is_kept(digits: tuple[Diffusion, Tensor]) -> None:
    """What is written, without what was lent, is as long as the bound in as many steps."""
    model, data = digits[0], digits[1][:200]
    code = model.compress(data, 12, side=32, progress=False)
    assert torch.equal(model.decompress(code, progress=False), data)
    with torch.no_grad(): promise = bound(model.denoiser, data, LEVELS, 12, 12, seeded(0))
    assert (code.bits - 32 * code.lent) / data.numel() == pytest.approx(promise.bpd, rel=0.02)


def test_three_blocks_keep_the_promise(digits: tuple[Diffusion, Tensor]) -> None:
    ends = [MALDA().log_tau(gamma) for gamma in (LEVELS.gamma_0, LEVELS.gamma_1)]
    process = MALDA(clock=Linear(*ends))
    known = Known(digits[0].network.law, process.span)
    model = Diffusion(known, process, discretization=LEVELS, shape=(1, 8, 8))
    data = digits[1][:50]
    code = model.compress(data, 8, side=16, progress=False)
    with torch.no_grad(): promise = bound(model.denoiser, data, LEVELS, 8, 20, seeded(0))
    assert (code.bits - 32 * code.lent) / data.numel() == pytest.approx(promise.bpd, rel=0.03)


def test_the_start_is_that_of_one_image(digits: tuple[Diffusion, Tensor]) -> None:
    """What is lent is enough for y_0 and y_1 of one image, and little more, whatever T is."""
    model, data = digits
    data = data[:9]
    lent = {(T, side): 32 * model.compress(data, T, side=side, progress=False).lent
            for T, side in ((4, 1), (4, 9), (12, 1))}
    for (T, _), bits in lent.items():
        gamma = model.process.gamma(torch.linspace(0, 1, T + 1, dtype=torch.float64))
        first = 0.5 * math.log2(1 / -math.expm1(float(gamma[0] - gamma[1])))  # of σ_0, in bins
        entropy = math.log2(2 * math.sqrt(2 * math.pi * math.e))
        needed = 64 * (2 * entropy + first)
        assert needed < bits < 1.15 * needed + 5 * 32


def test_groups_grow() -> None:
    sizes = group_sizes(100, 8)
    assert sum(sizes) == 100 and max(sizes) == 8 and sizes[:4] == [1, 1, 1, 1]
    assert all(size <= max(1, sum(sizes[:i]) // 4) for i, size in enumerate(sizes))


@pytest.mark.parametrize(("m", "k"), [(4, 1), (6, 3), (50, 15), (7, 6)])
def test_switches_are_drawn_and_priced_by_the_law_of_subsets(m: int, k: int) -> None:
    logits = 2 * torch.randn(300, m, generator=seeded(1), dtype=torch.float64)
    law, exact, stack = Switches(logits.numpy(), k), Subset(logits, k), Stack()
    c = law.pop(stack, key=5)
    assert (c.sum(1) == k).all() and set(np.unique(c)) == {0, 1}
    law.push(stack, c, key=5)
    assert (stack.words == lent_words(stack.lent)).all()
    # each switch is on as often as its law says: a sum of independent coins for every switch
    on, p = torch.from_numpy(c).sum(0), exact.marginals
    assert ((on - p.sum(0)).abs() < 5 * (p * (1 - p)).sum(0).sqrt() + 1).all()
    clear = Stack()
    law.push(clear, c)
    due = -float(exact.log_prob(torch.from_numpy(c)).sum()) / math.log(2)
    assert clear.bits - 64 == pytest.approx(due, abs=40 + 0.01 * due)
    assert (law.pop(clear) == c).all() and (clear.words == lent_words(2)).all()


HUMPS = Mixture(torch.tensor([0.5, 0.5]), 0.5 * torch.randn(2, 8, generator=seeded(3)),
                0.03 * torch.eye(8).expand(2, 8, 8))


class ExactModel(Diffusion):
    """A model that knows the law of its eight numbers, whatever the clock does."""
    @property
    def denoiser(self) -> Denoiser:
        """The exact one."""
        return MixtureDenoiser(self.process, HUMPS)


def coded(kind: str, K: int) -> Diffusion:
    """An exact model whose clock is told a code of eight numbers, by a reader that says much."""
    torch.manual_seed(2)
    reader = nn.Linear(8, {"normal": 4, "labels": 1}.get(kind, 6))
    contexts = {"switches": lambda: KHot(6, 2, network=reader),
                "learned": lambda: KHot(6, 2, prior="learned", network=reader),
                "normal": lambda: GaussianCode(2, network=reader), "labels": lambda: Labels(3)}
    ends = [CLD().log_tau(g) if K == 2 else g for g in (LEVELS.gamma_0, LEVELS.gamma_1)]
    clock = Polynomial(contexts[kind](), (8,), *ends, width=4)
    with torch.no_grad():
        for p in clock.parameters(): p.add_(0.1 * torch.randn_like(p))
        for p in reader.parameters(): p.add_(torch.randn_like(p))
    process = CLD(clock=clock) if K == 2 else VP(clock)
    network = MLP(8, 8, 1, latent=clock.latent, classes=3 if kind == "labels" else None)
    return ExactModel(network, process, discretization=LEVELS, shape=(8,),
                      classes=3 if kind == "labels" else None).eval()


@pytest.mark.parametrize(("kind", "K"), [("switches", 1), ("switches", 2), ("learned", 1),
                                         ("normal", 1), ("labels", 1)])
def test_a_code_costs_what_the_bound_charges(kind: str, K: int) -> None:
    n, model = 200, coded(kind, K)
    data = LEVELS.nearest(HUMPS.sample(n, seeded(0)))
    told = {"label": torch.arange(n) % 3} if kind == "labels" else {}
    code = model.compress(data, 8, side=100, progress=False, **told)
    assert torch.equal(model.decompress(code, progress=False), data)
    with torch.no_grad():
        promise, once = (bound(model.denoiser, data, LEVELS, 8, times, seeded(0), **told)
                         for times in (20, 1))
    price = promise.parts.get("context", torch.zeros(1)).mean()
    assert kind == "labels" or price > 0.5  # nats: no small part that could be missed
    labels = n * 2 if told else 0  # bits; one of four, as there is a class for not known
    written = (code.bits - 32 * code.lent - labels) / data.numel()
    assert written == pytest.approx(promise.bpd, abs=0.01 * promise.bpd + 3 * once.se)


def test_small_groups_cost_no_more() -> None:
    """What is drawn must not repeat what was pushed just before, be it in the coder's head."""
    n, model = 120, ExactModel(MLP(8, 8, 1), VP(Linear(LEVELS.gamma_0, 5.0)),
                               discretization=LEVELS, shape=(8,)).eval()
    data = LEVELS.nearest(HUMPS.sample(n, seeded(0)))
    code = model.compress(data, 30, side=4, progress=False)
    assert torch.equal(model.decompress(code, progress=False), data)
    with torch.no_grad():  # every step of every image, as the coder does
        passes = [bound(model.denoiser, data, LEVELS, 30, 30, seeded(s)).bpd for s in range(6)]
    promise, spread = np.mean(passes), np.std(passes)
    written = (code.bits - 32 * code.lent) / data.numel()
    assert written == pytest.approx(promise, abs=0.01 * promise + 5 * spread)


def test_a_dimension_that_nearly_stands_still_is_written_all_the_same() -> None:
    """Its law is a hundred thousand times as wide as its grid would have to be."""
    model = coded("switches", 2)
    with torch.no_grad():
        for p in model.process.clock.fields.parameters(): p.add_(0.6 * torch.randn_like(p))
    data = LEVELS.nearest(HUMPS.sample(20, seeded(0)))
    code = model.compress(data, 12, side=20, progress=False)
    assert torch.equal(model.decompress(code, progress=False), data)
    with torch.no_grad():
        promise = bound(model.denoiser, data, LEVELS, 12, 20, seeded(0))
        swap = Swap(model, 12, 2, model.process.given(LEVELS.encode(data))[0])
    wide = max(float((q.L.diagonal(dim1=-2, dim2=-1) / w).max())
               for q, w in zip(swap.forth, swap.width, strict=True))
    assert wide == 256
    assert (code.bits - 32 * code.lent) / data.numel() < 1.5 * promise.bpd


def test_what_cannot_be_coded() -> None:
    data = levels(3)
    perturbed = KHot(4, 2, "gumbel", network=nn.Linear(8, 4))
    mulan = model_of(VP(Polynomial(perturbed, shape=(8,), width=4)), 4)
    refused("does not say how likely its draws are", mulan.compress, data, 4, progress=False)
    encoded = Encoded(VP(), Encoder(MLP(8, 8, 1)))
    for model, said in {
        model_of(encoded): "encoder moves the mean",
        model_of(parameterisation="noise"): "continuous time only",
        model_of(T=3, free_variance=True): "take T = 3",
        Steered(model_of(), lambda base: base): "steered",
        Diffusion(MLP(8, 8, 1), discretization=Continuous(), shape=(8,)): "density of real numbers",
    }.items():
        refused(said, model.compress, data, 4, progress=False)
    model = model_of()
    refused("levels = 17", model.compress, data + 20, 4, progress=False)
    refused("expects", model.compress, data[:, :5], 4, progress=False)
    refused("T = 0", model.compress, data, 0, progress=False)
    refused("side = 0", model.compress, data, 4, side=0, progress=False)
    refused("without classes", model.compress, data, 4, label=torch.zeros(3).long())
    with torch.no_grad():
        for p in model.parameters(): p.fill_(torch.nan)
    refused("overflowed", model.compress, data, 4, progress=False)


# ---------------------------------------------------------------- files


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures and an array, and a file of them."""
    folder = tmp_path_factory.mktemp("packed")
    images = load("digits").test[:6]
    (folder / "mine").mkdir()
    for i, image in enumerate(images[:2]):
        (folder / "mine" / f"{i}.png").write_bytes(bundles.picture_file(image, 17))
    np.save(folder / "four.npy", images[2:].numpy())
    shell("mdm_compress", folder / "mine", folder / "four.npy", "--steps", 3,
          "--run", pretrained_run("digits").path, "--out", folder / "six.mdm")
    return folder


def shell(*words: object) -> None:
    """Run a command as a shell does."""
    with pytest.MonkeyPatch.context() as m:
        m.setattr(sys, "argv", [])
        run_command(*map(str, words))


def test_files_come_back(home: Path, capsys: pytest.CaptureFixture) -> None:
    shell("mdm_decompress", home / "six.mdm")
    assert "wrote 6 images" in capsys.readouterr().out
    back = home / "six"
    assert {p.name for p in back.iterdir()} == {"0.png", "1.png", "four.npy"}
    assert np.array_equal(np.load(back / "four.npy"), np.load(home / "four.npy"))
    for name in ("0.png", "1.png"):
        one, other = (np.asarray(Image.open(home / p / name)) for p in ("mine", "six"))
        assert np.array_equal(one, other)
    with pytest.raises(SystemExit, match="there already"): shell("mdm_decompress", home / "six.mdm")


def test_what_was_labelled_comes_back_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    """Folders of classes and .npz files, whatever the layout, by a model of classes as well."""
    monkeypatch.chdir(tmp_path)
    data = load("digits")
    x, y = data.test[:4].numpy(), data.labels["test"][:4].numpy()
    for i, label in enumerate(y):
        folder = Path("mine", "train", data.classes[label])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i}.png").write_bytes(bundles.picture_file(data.test[i], 17))
    np.save("flat.npy", x[:, 0])
    names = np.array([f"n{name}" for name in data.classes])
    np.savez("two.npz", train=x[:3, 0, :, :, None], train_y=y[:3].astype(np.uint8), test=x[3:],
             test_y=y[3:], valid=x[:0], valid_y=y[:0], levels=17, classes=names)
    run, asked = pretrained_run("digits").path, []
    usual = packed.Run.load_model
    def with_classes(self: object, device: object = "cpu") -> Diffusion:
        model = usual(self, device)
        model.classes = 10
        def predict(z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
            asked.append(label.clone())
            return 0.9 * z
        model.network.forward = predict
        return model
    for told in (False, True):
        if told: monkeypatch.setattr(packed.Run, "load_model", with_classes)
        out = f"out-{told}"
        shell("mdm_compress", "mine", "flat.npy" if not told else "two.npz", "two.npz", "--run",
              run, "--out", f"{out}.mdm", "--steps", 2, "--no-check")
        shell("mdm_decompress", f"{out}.mdm")
        files = sorted(str(p.relative_to(out)) for p in Path(out).rglob("*.png"))
        assert [Path(f).parent.name for f in files] == sorted(data.classes[k] for k in y)
        with np.load(next(Path(out).glob("*two.npz"))) as back, np.load("two.npz") as first:
            assert set(back) == set(first)
            for name in first:
                assert back[name].dtype == first[name].dtype
                assert np.array_equal(back[name], first[name])
        if not told: assert np.array_equal(np.load(f"{out}/flat.npy"), x[:, 0])
    assert asked and set(torch.cat(asked).tolist()) == set(y.tolist())
    new = ("--run", run, "--out", "no.mdm", "--steps", 2, "--no-check", "--label")
    other = next(k for k in range(10) if k not in y)
    for files in (("two.npz",), ("mine",), ("flat.npy", "two.npz")):
        with pytest.raises(SystemExit, match=rf"--label {other}: \S+ says that its images are of "
                                             r"class [\d, ]+; leave --label out"):
            shell("mdm_compress", *files, *new, other)
    assert not Path("no.mdm").exists()
    asked.clear()
    for i, files in enumerate((["flat.npy"], [f"mine/train/{data.classes[y[0]]}"])):
        shell("mdm_compress", *files, *new[:3], f"{i}.mdm", *new[4:], y[0])
    assert set(torch.cat(asked).tolist()) == {y[0]}
    said = capsys.readouterr().out
    assert re.search(r"header [\d,]+ bytes, start [\d,]+ bytes, images [\d,]+ bytes", said)
    assert "bits/dim in 2 steps" in said and "the run's bound, test: " in said


def test_a_file_that_was_changed(home: Path) -> None:
    """Cut or altered anywhere, it is refused before anything of it is used."""
    content = (home / "six.mdm").read_bytes()
    read_code(content, "x")
    for cut in (0, 1, 15, 16, 19, 40, len(content) // 2, len(content) - 33, len(content) - 1):
        with pytest.raises(InputError): read_code(content[:cut], "x")
    for place in (0, 15, 16, 18, 21, 100, len(content) // 2, len(content) - 40, len(content) - 1):
        changed = content[:place] + bytes([content[place] ^ 4]) + content[place + 1:]
        with pytest.raises(InputError): read_code(changed, "x")
    with pytest.raises(InputError): read_code(content + b"x", "x")


def altered(home: Path, **changes: object) -> Path:
    """The file with another header and a digest that fits."""
    code, about = read_code((home / "six.mdm").read_bytes(), "x")
    file = home / "altered.mdm"
    file.write_bytes(code_file(code, about | changes))
    return file


def test_a_header_that_asks_for_more_work_than_there_are_bits(home: Path) -> None:
    """It is refused before a model is loaded, and was never written."""
    code, about = read_code((home / "six.mdm").read_bytes(), "x")
    for changes in ({"n": 10**8}, {"T": 99_999}, {"side": 10**6}, {"bins": 10**9}, {"T": 0},
                    {"lent": len(code.words) + 1}, {"threads": 10**6}, {"n": code.bits + 1}):
        forged = code._replace(**changes)
        refused(f"{min(changes)} = ", code_file, forged, about)
        known = {k: v for k, v in forged._asdict().items() if k != "words"}
        header = zlib.compress(json.dumps(about | {"code": known}).encode())
        body = packed._MAGIC + len(header).to_bytes(4, "little") + header + code.words.tobytes()
        refused(f"{min(changes)} = ", read_code, body + packed.hashlib.sha256(body).digest(), "x")


def test_a_reader_takes_the_threads_of_the_writer() -> None:
    """And gives them back, whatever happens."""
    model, data = model_of(), levels(3)
    seen, network = [], model.network.forward
    def watched(*args: Tensor) -> Tensor:
        seen.append(torch.get_num_threads())
        return network(*args)
    model.network.forward = watched
    before = torch.get_num_threads()
    code = model.compress(data, 3, progress=False)._replace(threads=3)
    assert set(seen) == {before}
    seen.clear()
    assert torch.equal(model.decompress(code, progress=False), data)
    assert set(seen) == {3} and torch.get_num_threads() == before
    refused("[a-z]", model.decompress, code._replace(words=code.words[3:]), progress=False)
    assert torch.get_num_threads() == before


def test_every_name_comes_back_as_one_that_files_may_have(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    pictures = [tmp_path / ".b.png", tmp_path / "a\\b.png", tmp_path / f"{'é' * 115}.png",
                deep / "x.png", tmp_path / "b.png"]
    black = bundles.picture_file(torch.zeros(1, 8, 8).byte(), 17)
    for picture in pictures: picture.write_bytes(black)
    found = bundles.read_sources([*pictures[:3], deep.parent, pictures[4]], (1, 8, 8), 17)
    rows = [source.place._asdict() for source in found]
    about = {"run": "x", "shape": [1, 8, 8], "sources": rows}
    assert len(packed._checked_sources(about, 5, Path("x"))) == 5
    for source in found:
        file = tmp_path / "out" / source.place.file
        file.parent.mkdir(parents=True, exist_ok=True)
        packed.write_atomic(file, b"")
    (tmp_path / "q" / "a?").mkdir(parents=True)
    (tmp_path / "q" / "a*").mkdir()
    for folder in "?*": (tmp_path / "q" / f"a{folder}" / "x.png").write_bytes(black)
    refused("rename one", bundles.read_sources, [tmp_path / "q"], (1, 8, 8), 17)
    for folder in "Bb":
        (tmp_path / "r" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "r" / folder / f"{ord(folder)}.png").write_bytes(black)
    refused("rename them", bundles.read_sources, [tmp_path / "r"], (1, 8, 8), 17)
    long = tmp_path / ("o" * 251 + ".mdm")
    packed.write_atomic(long, b"whole")
    assert long.read_bytes() == b"whole"


def test_only_names_that_clash_get_a_number(
    tmp_path: Path, capsys: pytest.CaptureFixture,
) -> None:
    """They and another kind of file are announced, and so is a file larger than its images."""
    image = Image.fromarray(np.zeros((8, 8), np.uint8))
    for name in ("x.bmp", "x.png", "y.png", "z.tif"): image.save(tmp_path / name)
    run, out = pretrained_run("digits").path, tmp_path / "all.mdm"
    shell("mdm_compress", tmp_path, "--run", run, "--steps", 2, "--out", out)
    said = capsys.readouterr().out
    assert "pictures come back as PNG, 2 whose names clash" in said and "as 0-x.png" in said
    assert "more than the 131 bytes of the levels themselves" in said
    shell("mdm_decompress", out)
    names = sorted(file.name for file in (tmp_path / "all").iterdir())
    assert names == ["0-x.png", "1-x.png", "y.png", "z.png"]
    with pytest.raises(SystemExit, match="is a folder: name a file"):
        shell("mdm_decompress", tmp_path)
    np.savez(tmp_path / "none.npz")
    for words in (("mdm_compress", tmp_path / "none.npz", "--run", run, "--out", tmp_path / "n"),
                  ("mdm_train", "--data", tmp_path / "none.npz", "--out", tmp_path / "r")):
        with pytest.raises(SystemExit, match=r"none\.npz holds no images"): shell(*words)


def test_what_is_no_code_is_refused() -> None:
    model = model_of()
    code = model.compress(levels(2), 2, progress=False)
    for wrong in (None, b"x", code.words, code._replace(words=None)):
        refused("without words: give what compress returned", unwrap(Diffusion.decompress), model,
                wrong)
    for name in ("threads", "n", "T"):
        refused(f"{name} = 0", model.decompress, code._replace(**{name: 0}))


def test_what_a_reader_refuses(home: Path, tmp_path: Path) -> None:
    """Another model, machine or version is named; a name leads nowhere."""
    _, about = read_code((home / "six.mdm").read_bytes(), "x")
    for changes, said in (
        ({"weights": "0" * 64}, "weights 0000"), ({"sources": [["../up", 6]]}, "no sense"),
        ({"run": "nowhere"}, "nowhere"),
    ):
        with pytest.raises(SystemExit, match=said):
            shell("mdm_decompress", altered(home, **changes), "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    for changes, said in (
        ({"weights": "0" * 64}, "weights 0000"), ({"configuration": "1" * 64}, "configuration 11"),
        ({"device": "NVIDIA H100"}, "device NVIDIA H100"), ({"system": "Plan 9"}, "system Plan 9"),
        ({"versions": about["versions"] | {"torch": "1.0"}}, "torch 1.0"),
    ): refused(said, packed.check_circumstances, "x", about | changes, about)
    packed.check_circumstances("x", about, {k: about[k] for k in ("weights", "versions")})
    def place(name: str, n: object = 6, kind: str = "npy", **more: object) -> dict:
        shapes = {"images": [n, 8, 8]} if kind == "npy" else {}
        return {"name": name, "kind": kind, "n": n, "shapes": shapes, "others": {}} | more
    y = {"y": ["int64", [0] * 6]}
    for sources in (
        [place("a", 7)], [place("a", 6, "png")], [place("a", 3), place("A", 3)], [place("a", 6.0)],
        [place("\ud800")], [place("a\n")], [place(".a")], [place("a" * 151)], [place("../up")],
        [place("/up")], [place("a//b")], [place("a/../../b")], [place("a", kind="exe")],
        [place("a", 3), place("a.npy/b", 3)], [place("a", others=y)], [place("a", shapes={})],
        [place("a", shapes={"images": [6, 8, 9]})], [place("a", shapes={"file": [6, 8, 8]})],
        [place("a", kind="npz", shapes={"images": [6, 8, 8]}, others={"y": ["O", [1]]})],
        [place("a", kind="npz", shapes={"images": [6, 8, 8]}, others={"y": ["uint8", [300]]})],
        [["a", 6, True]], {}, None,
    ): refused("no sense", packed._checked_sources, about | {"sources": sources}, 6, Path("x"))
    refused("no sense", packed._checked_sources, about | {"run": 7}, 6, Path("x"))
    for text in (b"null", b"5", b"[" * 200_000, b'{"code": 5}'):
        header = zlib.compress(text)
        body = packed._MAGIC + len(header).to_bytes(4, "little") + header
        with pytest.raises(InputError, match="does not know"):
            read_code(body + packed.hashlib.sha256(body).digest(), "x")
    bomb = zlib.compress(b" " * 2**27)
    body = packed._MAGIC + len(bomb).to_bytes(4, "little") + bomb
    with pytest.raises(InputError): read_code(body + packed.hashlib.sha256(body).digest(), "x")
    assert json.loads(json.dumps(about)) == about


def test_what_a_writer_refuses(home: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 100, np.uint8)).save(tmp_path / "grey.png")
    np.save(tmp_path / "large.npy", np.zeros((2, 9, 9), np.uint8))
    np.save(tmp_path / "bright.npy", np.full((2, 8, 8), 17, np.uint8))
    run, four = pretrained_run("digits").path, home / "four.npy"
    new = ("--run", run, "--out", tmp_path / "x.mdm")
    for words, said in (
        ((tmp_path / "grey.png", *new), "none of the run's 17 levels"),
        ((tmp_path / "large.npy", *new), "1×9×9"), ((tmp_path / "bright.npy", *new), "level 17"),
        ((run / "config.json", *new), "no file of images"), (("nowhere.png", *new), "not there"),
        ((four, "--run", run), "are needed"),
        ((four, "--run", "nowhere", "--out", "x"), "nowhere"),
        ((four, "--run", run, "--out", home / "six.mdm"), "there already"),
        ((four, *new, "--label", 3), "knows of no classes"),
        ((four, *new, "--steps", 0), "--steps"),
    ):
        with pytest.raises(SystemExit, match=said): shell("mdm_compress", *words)
    assert not (tmp_path / "x.mdm").exists()


def test_a_code_is_what_it_was() -> None:
    code = Code(np.arange(1, 9, dtype=np.uint32), 5, 4, 2, 3, 6, True)
    again, about = read_code(code_file(code, {"a": [1]}), "x")
    assert (again.words == code.words).all() and about == {"a": [1]}
    assert again._replace(words=0) == code._replace(words=0) and code.bits == 256
