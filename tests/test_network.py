"""The networks: shapes, parameter counts, what they say before training, and what they can hear."""
import copy
import math
from collections.abc import Callable
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from mdm_nb.bounds.discretize import Discretization
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.models.features import LabelTable, fourier, sinusoid
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP, Attention, EncoderUNet, ResBlock, UNet, conv3, norm


def shaken(net: nn.Module, scale: float = 0.2) -> nn.Module:
    """The network in float64 and evaluation mode, every parameter moved, so that none is zero."""
    generator = seeded(0)
    for p in net.parameters(): p.data = p.data.double() + scale * randn(p.shape, generator)
    return net.double().eval()


def weights(net: nn.Module) -> int:
    """The number of parameters."""
    return sum(p.numel() for p in net.parameters())


def levels(*values: float) -> Tensor:
    """Noise levels in float64."""
    return torch.tensor(values, dtype=torch.float64)


def labels(*values: int) -> Tensor:
    """Labels as networks take them."""
    return torch.tensor(values, dtype=torch.int64)


@pytest.mark.parametrize(("channels", "width", "blocks", "count"), [
    (3, 128, 32, 30_578_179), (3, 128, 8, 8_905_219),
    (1, 128, 8, 8_891_393), (3, 256, 64, 237_603_843)])
def test_published_parameter_counts(channels: int, width: int, blocks: int, count: int) -> None:
    with torch.device("meta"): net = UNet(channels, width, blocks)
    assert weights(net) == count


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_unet_of_any_shape_starts_as_the_identity(data: st.DataObject) -> None:
    upto = lambda n: data.draw(st.integers(1, n))
    channels, width = upto(4), data.draw(st.sampled_from([4, 6, 8, 12, 16]))
    waves = tuple(2.0**i for i in range(upto(4) - 1))
    classes = data.draw(st.sampled_from([None, 1, 5]))
    net, B = UNet(channels, width, upto(3), frequencies=waves, classes=classes), upto(3)
    z = torch.randn(B, channels, upto(9), upto(9))
    label = None if classes is None else torch.randint(classes + 1, (B,))
    assert torch.equal(net(z, torch.rand(B)), z)
    assert torch.equal(net(z, torch.rand(B), label=label), z)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.data())
def test_unet_with_fewer_channels_out_repeats_the_last_ones(
    K: int, channels: int, data: st.DataObject
) -> None:
    out = data.draw(st.integers(1, K * channels))
    net, state = UNet(K * channels, 8, 1, out=out), torch.randn(2, K * channels, 5, 4)
    assert torch.equal(net(state, torch.rand(2)), state[:, -out:])


def test_fewer_outputs_cost_fewer_weights_in_the_last_layer_only() -> None:
    with torch.device("meta"): full, half = UNet(6, 16, 2), UNet(6, 16, 2, out=3)
    assert weights(full) - weights(half) == 3 * (9 * 16 + 1)
    assert MLP(4, 8, out=2)(torch.randn(3, 4), torch.rand(3)).shape == (3, 2)
    assert MLP(2, 8, out=6)(torch.randn(3, 2), torch.rand(3)).shape == (3, 6)


def test_a_shown_block_is_heard_though_it_is_not_predicted() -> None:
    for net, shape in [(UNet(4, 8, 1, out=2), (1, 4, 3, 3)), (MLP(4, 16, out=2), (1, 4))]:
        state, g = randn(shape, seeded(0)), levels(0.5)
        other = torch.cat([state[:, :2] + 1, state[:, 2:]], 1)
        shaken(net)
        assert (net(state, g) - net(other, g)).abs().max() > 1e-3


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize(("net", "shape"), [
    (UNet(1, 8, 1), (1, 4, 4)), (EncoderUNet(1, 8), (1, 8, 8)), (MLP(3, 8), (3,)),
    (UNet(1, 8, 1, classes=2), (1, 4, 4))])
def test_batches_of_none_and_one(n: int, net: nn.Module, shape: tuple[int, ...]) -> None:
    x, g = torch.zeros(n, *shape), torch.zeros(n)
    assert net(x, g).shape == x.shape
    value, slope = torch.func.jvp(lambda g: net(x, g), (g,), (torch.ones(n),))
    assert value.shape == slope.shape == x.shape


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 33), st.integers(0, 3), st.integers(1, 5),
       st.integers(0, 3))
def test_mlp_of_any_shape_starts_at_zero(
    dims: int, width: int, layers: int, B: int, n: int
) -> None:
    net, z = MLP(dims, width, layers, tuple(2.0**i for i in range(n))), torch.randn(B, dims)
    assert torch.equal(net(z, torch.rand(B)), torch.zeros(B, dims))


@pytest.mark.parametrize("width", [4, 6, 8, 10, 12, 16, 24, 32, 64, 128])
def test_unet_hears_noise_level_and_condition_at_every_width(width: int) -> None:
    net = shaken(UNet(1, width, 1, classes=3), 0.5 / math.sqrt(width))
    z, g, label = randn((2, 1, 6, 5), seeded(1)), levels(0.2, 0.7), labels(0, 2)
    with torch.no_grad():
        out, level = net(z, g, label), net(z, g + 0.1, label)
        other, null = net(z, g, 2 - label), net(z, g)
    assert (out - level).abs().max() > 1e-3
    assert (out - other).abs().max() > 1e-4 and (out - null).abs().max() > 1e-4


@pytest.mark.parametrize("width", [4, 6, 8, 12, 32, 64, 96, 128, 256, 512])
def test_normalisation_keeps_four_channels_in_a_group(width: int) -> None:
    groups = norm(width).num_groups
    assert width % groups == 0 and width >= 4 * groups and groups <= 32
    assert groups == 32 or width < 128 or width % 32


def test_a_residual_block_keeps_the_constant_it_is_given() -> None:
    block = shaken(ResBlock(8, 8, 4, 0.0))
    h, cond = randn((2, 8, 5, 5), seeded(2)), randn((2, 4), seeded(3))
    assert (block(h, cond) - block(h, -cond)).abs().max() > 0.1


@pytest.mark.parametrize("size", [(4, 4), (3, 7), (1, 1)])
def test_attention_is_an_explicit_softmax(size: tuple[int, int]) -> None:
    layer, h = shaken(Attention(8)), randn((3, 8, *size), seeded(4))
    qkv = F.conv2d(layer.norm(h), layer.qkv.weight, layer.qkv.bias)
    q, k, v = qkv.flatten(2).chunk(3, 1)
    logits = (q[:, :, :, None] * k[:, :, None, :]).sum(1) / math.sqrt(8)
    shares = logits.exp() / logits.exp().sum(-1, keepdim=True)
    gathered = (shares[:, None] * v[:, :, None, :]).sum(-1).reshape(h.shape)
    assert torch.allclose(layer(h), h + layer.out(gathered), atol=1e-12)


def test_examples_do_not_see_each_other() -> None:
    g, label = levels(0.1, 0.5, 0.9), labels(1, 0, 2)
    for net, shape in [(UNet(2, 8, 2, classes=2), (3, 2, 5, 4)), (MLP(4, 16, classes=2), (3, 4))]:
        shaken(net)
        z = randn(shape, seeded(5))
        alone = [net(z[i:i + 1], g[i:i + 1], label[i:i + 1]) for i in range(3)]
        assert torch.allclose(net(z, g, label), torch.cat(alone), atol=1e-10)


def test_attention_reaches_every_pixel() -> None:
    net, z = shaken(UNet(1, 8, 1)), randn((1, 1, 16, 16), seeded(6)).requires_grad_()
    far, = torch.autograd.grad(net(z, levels(0.5))[0, 0, 0, 0], z)
    assert (far[0, 0] != 0).all()


def test_shortcuts_come_back_in_reverse_order() -> None:
    net, kept, given = shaken(UNet(1, 8, 3)), [], []
    for layer in (net.enter, *net.down):
        layer.register_forward_hook(lambda _m, _i, out: kept.append(out))
    for layer in net.up:
        layer.register_forward_pre_hook(lambda _m, args: given.append(args[0][:, 8:]))
    net(randn((1, 1, 4, 4), seeded(0)), levels(0.5))
    assert len(given) == 4
    assert all(torch.equal(a, b) for a, b in zip(given, reversed(kept), strict=True))


def test_dropout_acts_in_training_only() -> None:
    net, z, g = shaken(UNet(1, 8, 2, dropout=0.5)), randn((2, 1, 4, 4), seeded(7)), levels(0.2, 0.6)
    assert torch.equal(net(z, g), net(z, g))
    net.train()
    assert not torch.equal(net(z, g), net(z, g))


def test_gradients_reach_every_parameter() -> None:
    mlp = MLP(2, 16, frequencies=(1.0,), classes=2)
    for net, shape in [(UNet(1, 8, 2, classes=2), (2, 1, 5, 5)), (mlp, (2, 2))]:
        z = randn(shape, seeded(8))
        shaken(net)(z, levels(0.3, 0.8), labels(1, 2)).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())
        assert net.labels.rows.grad.abs().sum(1).bool().tolist() == [False, True, True]


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 256))
def test_fourier_features_tell_the_last_bit(n: int) -> None:
    grid, level = Discretization(n), torch.arange(n)
    z, fast, faster, _, _ = fourier(grid.encode(level)[:, None], grid.frequencies).T
    last_bit = torch.allclose((fast * fast[0]).sign(), 1.0 - 2 * (level % 2).double())
    assert last_bit or abs(float(fast[0])) < 1e-6
    assert torch.equal(z, grid.centres)
    assert torch.allclose(faster, faster[0].expand(n), atol=1e-9)


def test_sinusoid_frequencies() -> None:
    features = sinusoid(levels(0.0, 0.25), 8)
    angles = [250 * 10_000 ** (-i / 3) for i in range(4)]
    waves = levels(*map(math.sin, angles), *map(math.cos, angles))
    assert features.shape == (2, 8)
    assert torch.equal(features[0], levels(0, 0, 0, 0, 1, 1, 1, 1))
    assert torch.allclose(features[1], waves, atol=1e-9)


def test_noise_level_may_leave_the_unit_interval() -> None:
    out = shaken(UNet(1, 8, 1))(randn((2, 1, 3, 3), seeded(0)), levels(-0.2, 1.3))
    assert torch.isfinite(out).all()


def test_convolutions_start_with_unit_gain() -> None:
    torch.manual_seed(0)
    out = conv3(64, 256)(torch.randn(8, 64, 9, 9))[:, :, 1:-1, 1:-1]
    assert abs(float(out.detach().std()) - 1) < 0.05


@pytest.mark.parametrize(("make", "words"), [
    (lambda: UNet(width=7), "width = 7"), (lambda: UNet(width=2), "width = 2"),
    (lambda: UNet(blocks=0), "blocks = 0"), (lambda: UNet(1, 8, 1, classes=0), "classes = 0"),
    (lambda: UNet(1, 8, 1, out=2), "out = 2: the U-Net adds some of its 1 input channels"),
    (lambda: UNet(1, 8, 1, out=0), "out = 0"), (lambda: MLP(out=0), "out = 0"),
    (lambda: MLP(features=2), "features = 2"), (lambda: MLP(features=5), "features = 5"),
    (lambda: MLP(classes=-1), "classes = -1"), (lambda: EncoderUNet(width=5), "width = 5"),
    (lambda: EncoderUNet(levels=0), "levels = 0"), (lambda: EncoderUNet(blocks=0), "blocks = 0")])
def test_impossible_sizes_are_refused(make: Callable[[], nn.Module], words: str) -> None:
    with pytest.raises(InputError, match=words): make()


def test_the_weights_fit_the_memory_layout_of_a_fresh_copy() -> None:
    a, b = shaken(UNet(1, 8, 1)), UNet(1, 8, 1).double().eval()
    b.load_state_dict(a.state_dict())
    z, g = randn((1, 1, 3, 3), seeded(1)), levels(0.5)
    assert torch.equal(a(z, g), b(z, g))


def test_layers_keep_the_names_of_weights() -> None:
    layers = ("norm_1", "conv_1", "norm_2", "conv_2", "shortcut")
    named = {".".join(pair) for pair in product(layers, ("weight", "bias"))}
    assert set(ResBlock(4, 8, 4, 0.0).state_dict()) == named | {"level.weight"}
    last = {".".join(pair) for pair in product(("leave.0", "leave.2"), ("weight", "bias"))}
    assert last < set(UNet(1, 8, 1).state_dict())


# Labels


LABELLED = [(lambda **kw: UNet(1, 8, 2, **kw), (3, 1, 4, 5)),
            (lambda **kw: MLP(2, 16, **kw), (3, 2))]


@pytest.mark.parametrize(("make", "shape"), LABELLED, ids=["UNet", "MLP"])
def test_a_table_changes_no_other_weight_and_nothing_that_is_said_at_first(
    make: Callable[..., nn.Module], shape: tuple[int, ...]
) -> None:
    """The same random numbers are drawn; weights without a table load, and say what they said."""
    nets = []
    for kw in ({}, {"classes": 4}):
        torch.manual_seed(0)
        nets.append(make(**kw))
    plain, told = nets
    rest = dict(told.named_parameters())
    assert torch.equal(rest.pop("labels.rows"), torch.zeros(5, told.labels.rows.shape[1]))
    assert rest.keys() == dict(plain.named_parameters()).keys()
    assert all(torch.equal(p, rest[k]) for k, p in plain.named_parameters())
    shaken(plain), told.double().eval().load_state_dict(plain.state_dict(), strict=False)
    z, g = randn(shape, seeded(1)), levels(0.1, 0.5, 0.9)
    assert plain(z, g).abs().max() > 0.1
    for label in (None, labels(0, 3, 4)): assert torch.equal(told(z, g, label=label), plain(z, g))


@pytest.mark.parametrize(("make", "shape"), LABELLED, ids=["UNet", "MLP"])
def test_no_label_is_the_null_label(make: Callable[..., nn.Module], shape: tuple[int, ...]) -> None:
    net, z, g = shaken(make(classes=4)), randn(shape, seeded(1)), levels(0.1, 0.5, 0.9)
    assert torch.equal(net(z, g), net(z, g, label=labels(4, 4, 4)))
    answers = [net(z, g, label=labels(c, c, c)) for c in range(5)]
    for i, j in product(range(5), repeat=2):
        assert i == j or (answers[i] - answers[j]).abs().max() > 1e-3


@pytest.mark.parametrize(("label", "words"), [
    (labels(0, 5, 1), "label = 5 is none of 4 classes: give 0 to 3, or 4"),
    (labels(0, -1, 1), "label = -1"), (labels(0, 1), r"shape \(2,\) for 3 examples"),
    (labels(0, 1, 2)[:, None], r"shape \(3, 1\)"), (torch.tensor(1), r"shape \(\)"),
    (labels(0, 1, 2).int(), "type torch.int32"), (levels(0, 1, 2), "type torch.float64")])
@pytest.mark.parametrize(("make", "shape"), LABELLED, ids=["UNet", "MLP"])
def test_a_label_without_a_row_is_refused(
    make: Callable[..., nn.Module], shape: tuple[int, ...], label: Tensor, words: str
) -> None:
    z, g = randn(shape, seeded(1)).float(), torch.rand(3)
    with pytest.raises(InputError, match=words): make(classes=4)(z, g, label=label)
    with pytest.raises(InputError, match="built without classes"):
        make()(z, g, label=labels(0, 1, 2))


def test_labels_where_they_cannot_be_looked_at() -> None:
    """Shapes alone go through, as do batches of nothing."""
    with torch.device("meta"):
        net = UNet(1, 8, 1, classes=3)
        out = net(torch.empty(2, 1, 4, 4), torch.empty(2), torch.empty(2, dtype=torch.int64))
    assert out.shape == (2, 1, 4, 4)
    assert LabelTable(3, 4)(torch.zeros(0, 4), labels()).shape == (0, 4)


# The encoder's network


@pytest.mark.parametrize(("blocks", "count"), [(1, 1_906_243), (2, 2_744_131), (4, 4_419_907)])
def test_published_parameter_counts_of_the_encoder(blocks: int, count: int) -> None:
    with torch.device("meta"): net = EncoderUNet(blocks=blocks)
    assert weights(net) == count


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_encoder_of_any_shape_starts_at_zero_and_refuses_what_it_cannot_halve(
    data: st.DataObject
) -> None:
    upto = lambda n: data.draw(st.integers(1, n))
    channels, width, levels = upto(3), data.draw(st.sampled_from([4, 6, 8, 12])), upto(3)
    net, B = EncoderUNet(channels, width, levels, upto(2)), upto(2)
    x, g = torch.randn(B, channels, upto(3) * 2**levels, upto(3) * 2**levels), torch.rand(B)
    assert torch.equal(net(x, g), torch.zeros_like(x))
    for odd in (x[:, :, 1:], x[..., 1:]):
        with pytest.raises(InputError, match=f"cannot be halved {levels} times"): net(odd, g)


def test_encoder_takes_odd_halves_with_fewer_levels_and_reads_image_and_level() -> None:
    x, g = randn((2, 1, 6, 10), seeded(1)), levels(0.2, 0.7)
    with pytest.raises(InputError, match="6 × 10"): EncoderUNet(1, 8, 2)(x, g)
    net = shaken(EncoderUNet(1, 8, 1))
    with torch.no_grad(): out, level, image = net(x, g), net(x, g + 0.1), net(x + 0.1, g)
    assert (out - level).abs().max() > 1e-3 and (out - image).abs().max() > 1e-3
    alone = [net(x[i:i + 1], g[i:i + 1]) for i in range(2)]
    assert torch.allclose(out, torch.cat(alone), atol=1e-10)


def test_a_half_precision_network_is_told_the_level_in_single_precision() -> None:
    torch.manual_seed(0)
    net = UNet(1, 16, 1, 0.0, ())
    model = Diffusion(net, discretization=Discretization(256), shape=(1, 8, 8)).eval()
    with torch.no_grad():
        for p in net.parameters(): p.normal_(0, 0.1)
        z = torch.zeros(64, 1, 8, 8, dtype=torch.float64)
        gamma = torch.linspace(-13, 5, 64, dtype=torch.float64)
        exact = model.predict(z, gamma)
        half = copy.deepcopy(model).bfloat16().predict(z, gamma)
    assert (half - exact).norm() < 0.1 * (exact - exact.mean(0)).norm()
    for narrow in (MLP(4, 8, 1), EncoderUNet(1, 8)):
        x = torch.zeros(2, *((4,) if isinstance(narrow, MLP) else (1, 4, 4)))
        assert narrow.bfloat16()(x.bfloat16(), torch.rand(2)).dtype == torch.bfloat16
