"""PSLD as a whole: its network, the mixed score, and the options that make them."""
import pytest
import torch
from torch import Tensor, nn

from mdm_nb.bounds.denoiser import denoiser
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.models.pyramid import Pyramid, Rescaled, blur, double, halve
from mdm_nb.processes.lyapunov import mix
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.zoo import ALDA, CLD, MALDA, PSLD
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.presets import preset
from mdm_nb.runs.record import describe

C2 = 0.3  # variance of the data
SMALL = "Pyramid(width=8, mult=(1, 2), blocks=1)"


def zoo() -> list[Process]:
    return [VP(), CLD(), PSLD(), ALDA(), MALDA()]


# The mixed score

def exact_noise(process: Process, at: object, y: Tensor) -> Tensor:
    """E[ε | y] of Gaussian data, in the blocks that a network is asked for."""
    k = at.kernel
    f = k.Phi[..., :1]
    whole = C2 * f @ f.mT + k.L @ k.L.mT
    noise = mix(k.L.mT @ torch.linalg.inv(whole), y)
    return denoiser(process, lambda y, gamma: y, "noise").tail(noise)


@pytest.mark.parametrize("process", zoo(), ids=lambda p: type(p).__name__)
def test_what_is_left_of_the_noise_costs_what_the_noise_costs(process: Process) -> None:
    t, x = torch.linspace(0, 1, 5).double(), randn((5, 3), seeded(0))
    at, eps = process.at(t), randn(process.state_shape((5, 3)), seeded(1))
    def noise(y: Tensor, gamma: Tensor) -> Tensor:
        return exact_noise(process, at, y)
    def left(y: Tensor, gamma: Tensor) -> Tensor:
        return noise(y, gamma) - at.aux_noise(y, process.heads)
    plain, mixed = denoiser(process, noise, "noise"), denoiser(process, left, "mixed")
    y = at.state(x, eps)
    torch.testing.assert_close(mixed.score(y, t), plain.score(y, t), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(
        mixed.path_kl(x, t, eps), plain.path_kl(x, t, eps), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("process", zoo()[1:], ids=lambda p: type(p).__name__)
def test_a_mixed_network_that_says_zero_knows_the_auxiliary_blocks(process: Process) -> None:
    y = randn((4, process.K, 2), seeded(0))
    silent = denoiser(process, lambda y, gamma: 0 * plain.tail(y), "mixed")
    plain = denoiser(process, lambda y, gamma: y, "noise")
    n = min(process.heads, process.K - 1)
    Sigma = process.at(0.4).kernel.Sigma[-n:, -n:]
    expected = -torch.linalg.solve(Sigma, y[:, -n:])
    torch.testing.assert_close(silent.score(y, 0.4)[:, -n:], expected, rtol=1e-9, atol=1e-9)
    if process.heads == process.K:
        assert silent.score(y, 0.4)[:, 0].abs().max() < 1e-9


def test_without_auxiliary_blocks_mixed_is_the_noise() -> None:
    y = randn((2, 3), seeded(0))
    pair = [denoiser(VP(), lambda y, gamma: y / 2, kind).score(y, 0.5) for kind in
            ("mixed", "noise")]
    assert torch.equal(*pair)


def test_a_mixed_score_is_for_continuous_time_and_known_kinds() -> None:
    with pytest.raises(InputError, match="T = 4 with parameterisation = 'mixed'"):
        make_model(Config(process="cld", parameterisation="mixed", diffusion_steps=4), 17,
                   (1, 8, 8))
    with pytest.raises(InputError, match="'mixed': choose one of x, eps, v, score"):
        make_model(Config(encoder="fixed", parameterisation="mixed"), 17, (1, 8, 8))


# The network

def test_halving_is_the_filter_1331() -> None:
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    h = randn((1, 1, 8, 8), seeded(0)).float()
    inside = nn.functional.conv2d(h, (taps[:, None] * taps)[None, None], stride=2, padding=1)
    torch.testing.assert_close(halve(h)[..., 1:-1, 1:-1], inside[..., 1:-1, 1:-1])
    ones = torch.ones(1, 2, 4, 4)
    assert all(torch.allclose(f(ones), torch.ones(())) for f in (blur, halve, double))
    torch.testing.assert_close(halve(double(ones * 3, False), False), ones * 3)


def test_the_published_sizes() -> None:
    plain = {"residual": False, "smooth": False, "waves": False}
    sizes = [({"mult": (1, 2, 2, 2), "blocks": 2} | plain, 39_390_854),
             ({"mult": (2, 2, 2), "blocks": 4} | plain, 55_734_662), ({}, 97_613_190)]
    for options, wanted in sizes:
        with torch.device("meta"): net = Pyramid(6, **options)
        assert sum(p.numel() for p in net.parameters()) == wanted


@pytest.mark.parametrize("options", [
    {}, {"mult": (1,), "attention": ()}, {"mult": (1, 2, 3), "attention": (0, 2), "blocks": 2},
    {"residual": False, "smooth": False, "waves": False, "out": 1, "frequencies": (2.0,)},
], ids=str)
def test_a_pyramid_starts_at_zero_and_every_weight_learns(options: dict) -> None:
    torch.manual_seed(0)
    net = Pyramid(2, **({"width": 8, "mult": (1, 2), "blocks": 1, "dropout": 0.0} | options))
    z, g = randn((2, 2, 8, 8), seeded(0)).float(), torch.tensor([0.2, 0.9])
    out = options.get("out", 2)
    assert torch.equal(net(z, g), torch.zeros(2, out, 8, 8))
    for p in net.parameters():
        if not p.any(): nn.init.normal_(p, std=0.2)
    net(z, g).square().sum().backward()
    idle = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle
    assert not torch.equal(net(z, g), net(z, g.flip(0)))


def test_labels_codes_and_one_block() -> None:
    net = Pyramid(1, 8, (1, 2), 1, classes=3, latent=2)
    z, g = torch.zeros(2, 1, 4, 4), torch.zeros(2)
    assert net(z, g, torch.tensor([0, 3]), torch.ones(2, 2)).shape == z.shape
    with pytest.raises(InputError, match="told no code"): net(z, g)
    h = randn((1, 4, 4, 4), seeded(0)).float()
    assert torch.equal(Rescaled(4, 4, 8, 0.0)(h, torch.zeros(1, 8)), h / 2**0.5)


@pytest.mark.parametrize(("options", "message"), [
    ({"width": 6, "mult": ()}, "mult = ()"), ({"width": 2}, "even number"),
    ({"mult": (1, 0)}, "mult = 0"), ({"attention": (3,)}, "floors from 0 to 2"),
    ({"blocks": 0}, "blocks = 0"), ({"out": 0}, "out = 0"), ({"latent": -1}, "latent = -1"),
], ids=str)
def test_sizes_that_make_no_pyramid(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(").replace(")", r"\)")):
        Pyramid(1, **options)


def test_an_image_that_cannot_be_halved() -> None:
    net = Pyramid(1, 8, (1, 2), 1)
    for shape in ((1, 1, 5, 4), (1, 4, 4)):
        with pytest.raises(InputError, match="cannot be halved 1 times"):
            net(torch.zeros(shape), torch.zeros(1))


# The options

def test_a_network_is_named_as_a_process_is() -> None:
    short, text = (make_model(c, 17, (1, 8, 8)) for c in (
        Config(width=8, blocks=1, dropout=0.25),
        Config(network="UNet(width=8, blocks=1)", dropout=0.25)))
    for a, b in zip(short.state_dict().values(), text.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    model = make_model(Config(network=SMALL, process="psld", parameterisation="mixed",
                              dropout=0.25), 17, (1, 8, 8))
    assert isinstance(model.network, Pyramid) and model.network.mid_1.dropout.p == 0.25
    assert model(torch.zeros(2, 1, 8, 8, dtype=torch.int64), seeded(0)).isfinite()
    assert f"network {SMALL}" in describe(Config(network=SMALL))
    with pytest.raises(InputError, match="width = 16 with network"):
        Config(network=SMALL, width=16)
    with pytest.raises(InputError, match="network = 'pyramid': choose one of unet, or write"):
        Config(network="pyramid")


def test_the_preset_has_the_constants_of_the_paper() -> None:
    config = Config(**preset("psld"))
    process = make_model(Config(**preset("psld-small")), 17, (1, 8, 8)).process
    assert (process.D_0 * 2 / torch.tensor([1, 0.25]).double()).diagonal().tolist() == [0.01, 4.01]
    assert process.S.diagonal().tolist() == [1, 0.25] and process.V0.tolist() == [0, 0.01]
    assert process.rates == (8.0, 8.0) and config.warmup == 5000 and config.lr == 2e-4
    steps = 2500 * 50_000 // 128
    assert (config.steps, config.batch_size, config.dropout) == (steps, 128, 0.15)
