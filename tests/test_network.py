"""The networks: shapes, parameter counts, what they say before training, and what they can hear."""
import copy
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from mdm_nb.bounds.discretize import Discretization
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.models import network
from mdm_nb.models.network import MLP, Attention, Conv, EncoderUNet, ResBlock, UNet, conv3, fourier, norm, sinusoid, swish


def shaken(net: nn.Module, scale: float = 0.2) -> nn.Module:
    """The network with every parameter moved, so that no layer is zero, in float64 and evaluation mode."""
    generator = seeded(0)
    for p in net.parameters(): p.data = p.data.double() + scale * randn(p.shape, generator)
    return net.double().eval()


@pytest.mark.parametrize(("channels", "width", "blocks", "count"), [
    (3, 128, 32, 30_578_179), (3, 128, 8, 8_905_219), (1, 128, 8, 8_891_393), (3, 256, 64, 237_603_843)])
def test_published_parameter_counts(channels: int, width: int, blocks: int, count: int) -> None:
    with torch.device("meta"): net = UNet(channels, width, blocks)
    assert sum(p.numel() for p in net.parameters()) == count


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.sampled_from([4, 6, 8, 12, 16]), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(0, 3))
def test_unet_of_any_shape_starts_as_the_identity(channels: int, width: int, blocks: int, H: int, W: int, B: int, n: int) -> None:
    net = UNet(channels, width, blocks, frequencies=tuple(2.0**i for i in range(n)))
    z = torch.randn(B, channels, H, W)
    assert torch.equal(net(z, torch.rand(B)), z)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.data())
def test_unet_with_fewer_channels_out_repeats_the_last_ones(K: int, channels: int, data: st.DataObject) -> None:
    out = data.draw(st.integers(1, K * channels))
    net, state = UNet(K * channels, 8, 1, out=out), torch.randn(2, K * channels, 5, 4)
    assert torch.equal(net(state, torch.rand(2)), state[:, -out:])


def test_fewer_outputs_cost_fewer_weights_in_the_last_layer_only() -> None:
    with torch.device("meta"): full, half = UNet(6, 16, 2), UNet(6, 16, 2, out=3)
    count = lambda net: sum(p.numel() for p in net.parameters())
    assert count(full) - count(half) == 3 * (9 * 16 + 1)
    assert MLP(4, 8, out=2)(torch.randn(3, 4), torch.rand(3)).shape == (3, 2)
    assert MLP(2, 8, out=6)(torch.randn(3, 2), torch.rand(3)).shape == (3, 6)


def test_a_shown_block_is_heard_though_it_is_not_predicted() -> None:
    for net, state in [(shaken(UNet(4, 8, 1, out=2)), randn((1, 4, 3, 3), seeded(0))), (shaken(MLP(4, 16, out=2)), randn((1, 4), seeded(0)))]:
        g, other = torch.tensor([0.5]).double(), torch.cat([state[:, :2] + 1, state[:, 2:]], 1)
        assert (net(state, g) - net(other, g)).abs().max() > 1e-3


@pytest.mark.parametrize("n", [0, 1])
def test_batches_of_none_and_one(n: int) -> None:
    for net, shape in [(UNet(1, 8, 1), (1, 4, 4)), (EncoderUNet(1, 8), (1, 8, 8)), (MLP(3, 8), (3,))]:
        assert net(torch.zeros(n, *shape), torch.zeros(n)).shape == (n, *shape)
        assert all(y.shape == (n, *shape) for y in torch.func.jvp(lambda g, net=net, shape=shape: net(torch.zeros(n, *shape), g), (torch.zeros(n),), (torch.ones(n),)))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 33), st.integers(0, 3), st.integers(1, 5), st.integers(0, 3))
def test_mlp_of_any_shape_starts_at_zero(dims: int, width: int, layers: int, B: int, n: int) -> None:
    net = MLP(dims, width, layers, tuple(2.0**i for i in range(n)))
    assert torch.equal(net(torch.randn(B, dims), torch.rand(B)), torch.zeros(B, dims))


@pytest.mark.parametrize("width", [4, 6, 8, 10, 12, 16, 24, 32, 64, 128])
def test_unet_hears_noise_level_and_condition_at_every_width(width: int) -> None:
    net, z, g = shaken(UNet(1, width, 1), 0.5 / math.sqrt(width)), randn((2, 1, 6, 5), seeded(1)), torch.tensor([0.2, 0.7]).double()
    with torch.no_grad():
        out, level, cond = net(z, g), net(z, g + 0.1), net(z, g, torch.ones(2).double())
    assert (out - level).abs().max() > 1e-3 and (out - cond).abs().max() > 1e-4


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
    q, k, v = F.conv2d(layer.norm(h), layer.qkv.weight, layer.qkv.bias).flatten(2).chunk(3, 1)
    logits = (q[:, :, :, None] * k[:, :, None, :]).sum(1) / math.sqrt(8)
    weights = logits.exp() / logits.exp().sum(-1, keepdim=True)
    gathered = (weights[:, None] * v[:, :, None, :]).sum(-1).reshape(h.shape)
    assert torch.allclose(layer(h), h + layer.out(gathered), atol=1e-12)


def test_examples_do_not_see_each_other() -> None:
    for net, z in [(shaken(UNet(2, 8, 2)), randn((3, 2, 5, 4), seeded(5))), (shaken(MLP(4, 16)), randn((3, 4), seeded(5)))]:
        g = torch.tensor([0.1, 0.5, 0.9]).double()
        alone = torch.cat([net(z[i:i + 1], g[i:i + 1]) for i in range(3)])
        assert torch.allclose(net(z, g), alone, atol=1e-10)


def test_attention_reaches_every_pixel() -> None:
    net, z = shaken(UNet(1, 8, 1)), randn((1, 1, 16, 16), seeded(6)).requires_grad_()
    far, = torch.autograd.grad(net(z, torch.tensor([0.5]).double())[0, 0, 0, 0], z)
    assert (far[0, 0] != 0).all()


def test_shortcuts_come_back_in_reverse_order() -> None:
    net, kept, given = shaken(UNet(1, 8, 3)), [], []
    for layer in (net.enter, *net.down): layer.register_forward_hook(lambda _m, _i, out: kept.append(out))
    for layer in net.up: layer.register_forward_pre_hook(lambda _m, args: given.append(args[0][:, 8:]))
    net(randn((1, 1, 4, 4), seeded(0)), torch.tensor([0.5]).double())
    assert len(given) == 4 and all(torch.equal(a, b) for a, b in zip(given, reversed(kept), strict=True))


def test_dropout_acts_in_training_only() -> None:
    net, z, g = shaken(UNet(1, 8, 2, dropout=0.5)), randn((2, 1, 4, 4), seeded(7)), torch.rand(2).double()
    assert torch.equal(net(z, g), net(z, g))
    net.train()
    assert not torch.equal(net(z, g), net(z, g))


def test_gradients_reach_every_parameter() -> None:
    for net, z in [(shaken(UNet(1, 8, 2)), randn((2, 1, 5, 5), seeded(8))), (shaken(MLP(2, 16, frequencies=(1.0,))), randn((2, 2), seeded(8)))]:
        net(z, torch.tensor([0.3, 0.8]).double()).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())


def test_forward_mode_equals_finite_differences() -> None:
    net, z, g = shaken(UNet(1, 8, 1), 0.1), randn((2, 1, 4, 4), seeded(9)), torch.tensor([0.3, 0.6]).double()
    _, tangent = torch.func.jvp(lambda g: net(z, g), (g,), (torch.ones_like(g),))
    step = 1e-6
    assert torch.allclose(tangent, (net(z, g + step) - net(z, g - step)) / (2 * step), atol=1e-5, rtol=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 256))
def test_fourier_features_tell_the_last_bit(levels: int) -> None:
    grid = Discretization(levels)
    z, fast, faster, _, _ = fourier(grid.encode(torch.arange(levels))[:, None], grid.frequencies).T
    assert torch.allclose((fast * fast[0]).sign(), 1.0 - 2 * (torch.arange(levels) % 2).double()) or abs(float(fast[0])) < 1e-6
    assert torch.equal(z, grid.centres) and torch.allclose(faster, faster[0].expand(levels), atol=1e-9)


def test_sinusoid_frequencies() -> None:
    features = sinusoid(torch.tensor([0.0, 0.25], dtype=torch.float64), 8)
    assert features.shape == (2, 8) and torch.equal(features[0], torch.tensor([0.0] * 4 + [1.0] * 4).double())
    angles = [250 * 10_000 ** (-i / 3) for i in range(4)]
    assert torch.allclose(features[1], torch.tensor([math.sin(a) for a in angles] + [math.cos(a) for a in angles]).double(), atol=1e-9)


def test_noise_level_may_leave_the_unit_interval() -> None:
    assert torch.isfinite(shaken(UNet(1, 8, 1))(randn((2, 1, 3, 3), seeded(0)), torch.tensor([-0.2, 1.3]).double())).all()


def test_convolutions_start_with_unit_gain() -> None:
    torch.manual_seed(0)
    out = conv3(64, 256)(torch.randn(8, 64, 9, 9))[:, :, 1:-1, 1:-1]
    assert abs(float(out.detach().std()) - 1) < 0.05


@pytest.mark.parametrize(("make", "words"), [
    (lambda: UNet(width=7), "width = 7"), (lambda: UNet(width=2), "width = 2"), (lambda: UNet(blocks=0), "blocks = 0"),
    (lambda: MLP(features=2), "features = 2"), (lambda: MLP(features=5), "features = 5"),
    (lambda: UNet(1, 8, 1, out=2), "out = 2: the U-Net adds some of its 1 input channels"), (lambda: UNet(1, 8, 1, out=0), "out = 0"),
    (lambda: MLP(out=0), "out = 0"), (lambda: EncoderUNet(width=5), "width = 5"), (lambda: EncoderUNet(levels=0), "levels = 0"),
    (lambda: EncoderUNet(blocks=0), "blocks = 0")])
def test_impossible_sizes_are_refused(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words): make()


def test_the_weights_fit_the_memory_layout_of_a_fresh_copy() -> None:
    a, b = shaken(UNet(1, 8, 1)), UNet(1, 8, 1).double().eval()
    b.load_state_dict(a.state_dict())
    z, g = randn((1, 1, 3, 3), seeded(1)), torch.tensor([0.5]).double()
    assert torch.equal(a(z, g), b(z, g))


@pytest.mark.parametrize(("blocks", "count"), [(1, 1_906_243), (2, 2_744_131), (4, 4_419_907)])
def test_published_parameter_counts_of_the_encoder(blocks: int, count: int) -> None:
    with torch.device("meta"): net = EncoderUNet(blocks=blocks)
    assert sum(p.numel() for p in net.parameters()) == count


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.sampled_from([4, 6, 8, 12]), st.integers(1, 3), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_encoder_of_any_shape_starts_at_zero_and_refuses_what_it_cannot_halve(channels: int, width: int, levels: int, blocks: int, H: int, W: int, B: int) -> None:
    net, x, g = EncoderUNet(channels, width, levels, blocks), torch.randn(B, channels, H * 2**levels, W * 2**levels), torch.rand(B)
    assert torch.equal(net(x, g), torch.zeros_like(x))
    with pytest.raises(InputError, match=f"cannot be halved {levels} times"): net(x[:, :, 1:], g)


def test_encoder_takes_odd_halves_with_fewer_levels_and_reads_image_and_level() -> None:
    x, g = randn((2, 1, 6, 10), seeded(1)), torch.tensor([0.2, 0.7]).double()
    with pytest.raises(InputError, match="6 × 10"): EncoderUNet(1, 8, 2)(x, g)
    net = shaken(EncoderUNet(1, 8, 1))
    with torch.no_grad(): out, level, image = net(x, g), net(x, g + 0.1), net(x + 0.1, g)
    assert (out - level).abs().max() > 1e-3 and (out - image).abs().max() > 1e-3
    assert torch.allclose(out, torch.cat([net(x[i:i + 1], g[i:i + 1]) for i in range(2)]), atol=1e-10)


def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every tangent to torch."""
    monkeypatch.setattr(network, "_dual", lambda layer, h: (h, None))


def pushed(f: Callable[[Tensor], Tensor], at: Tensor) -> tuple[Tensor, Tensor]: return torch.func.jvp(f, (at,), (torch.ones_like(at),))


@pytest.mark.parametrize("make", [lambda: EncoderUNet(1, 8, 2, 2, dropout=0.3), lambda: UNet(1, 8, 1, dropout=0.3)])
def test_value_and_tangent_and_their_gradients_are_those_of_torch(make: Callable[[], nn.Module], monkeypatch: pytest.MonkeyPatch) -> None:
    net, x, g = shaken(make()).train(), randn((2, 1, 8, 4), seeded(2)), torch.tensor([0.2, 0.7]).double()
    def everything() -> tuple[Tensor, ...]:
        torch.manual_seed(0)
        pair = pushed(lambda g: net(x, g), g)
        return *pair, *torch.autograd.grad(pair, list(net.parameters()), [x, x + 1])
    ours = everything()
    ordinary(monkeypatch)
    for a, b in zip(ours, everything(), strict=True): assert (a - b).abs().max() <= 1e-11 * b.abs().max() + 1e-13


def test_the_tangent_of_the_encoder_equals_finite_differences() -> None:
    net, x, g, step = shaken(EncoderUNet(2, 8), 0.1), randn((2, 2, 8, 4), seeded(3)), torch.tensor([0.3, 0.6]).double(), 1e-6
    _, slope = pushed(lambda g: net(x, g), g)
    assert (slope - (net(x, g + step) - net(x, g - step)) / (2 * step)).abs().max() < 1e-5 * slope.abs().max()


def layer_and_point() -> tuple[nn.GroupNorm, Tensor, Tensor]:
    return shaken(norm(8)), *randn((2, 2, 8, 1, 2), seeded(4))


def test_swish_passes_gradcheck_in_value_and_tangent() -> None:
    layer, h, dh = layer_and_point()
    def pair(h: Tensor, dh: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        moved = lambda h: swish(copy_with(layer, weight, bias), h)
        return torch.func.jvp(moved, (h,), (dh,))
    assert torch.autograd.gradcheck(pair, [a.detach().requires_grad_() for a in (h, dh, layer.weight, layer.bias)])


def copy_with(layer: nn.GroupNorm, weight: Tensor, bias: Tensor) -> nn.GroupNorm:
    """The layer with other tensors for weights, through which gradients flow."""
    new = copy.copy(layer)
    new._parameters = {}
    new.weight, new.bias = weight, bias
    return new


@pytest.mark.parametrize("which", [0, 1])
def test_a_loss_may_use_the_value_or_the_tangent_alone(which: int) -> None:
    layer, h, dh = layer_and_point()
    h.requires_grad_()
    grads = [torch.autograd.grad(torch.func.jvp(f, (h,), (dh,))[which].square().sum(), [h, layer.weight, layer.bias])
             for f in (lambda h: swish(layer, h), lambda h: F.silu(layer(h)))]
    assert all(torch.allclose(a, b, atol=1e-11) for a, b in zip(*grads, strict=True))


def test_tangents_of_weights_and_many_tangents_at_once() -> None:
    layer, h, dh = layer_and_point()
    ours, theirs = lambda h: swish(layer, h), lambda h: F.silu(layer(h))
    assert torch.allclose(torch.func.jacfwd(ours)(h[:1]), torch.func.jacfwd(theirs)(h[:1]), atol=1e-12)
    weights = {k: v.detach() for k, v in layer.named_parameters()}
    holder = nn.ModuleDict({"layer": layer})
    holder.forward = lambda h: swish(holder["layer"], h)
    both = [torch.func.jvp(lambda w, h, f=f: f(w, h), (weights, h), (weights, dh))[1] for f in (
        lambda w, h: torch.func.functional_call(holder, {f"layer.{k}": v for k, v in w.items()}, h), lambda w, h: F.silu(torch.func.functional_call(layer, w, h)))]
    assert torch.allclose(*both, atol=1e-12)


def test_a_second_derivative_of_the_tangent_is_an_error_and_not_a_number() -> None:
    layer, h, dh = layer_and_point()
    h.requires_grad_()
    first, = torch.autograd.grad(torch.func.jvp(lambda h: swish(layer, h), (h,), (dh,))[1].sum(), h, create_graph=True)
    with pytest.raises(RuntimeError, match="not implemented"): torch.autograd.grad(first.square().sum(), h)


def test_the_tangent_of_a_convolution_is_one_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, h = Conv(3, 5, 3, padding=1), torch.randn(2, 3, 6, 6)
    def work(f: Callable[[], object]) -> int:
        with FlopCounterMode(display=False) as counter: f()
        return counter.get_total_flops()
    once = work(lambda: layer(h))
    assert work(lambda: pushed(layer, h)) == 2 * once
    ordinary(monkeypatch)
    assert work(lambda: pushed(layer, h)) == 3 * once


def test_layers_keep_the_names_and_the_types_of_weights() -> None:
    keys = set(ResBlock(4, 8, 4, 0.0).state_dict())
    assert keys == {f"{a}.{b}" for a in ("norm_1", "conv_1", "norm_2", "conv_2", "shortcut") for b in ("weight", "bias")} | {"level.weight"}
    assert {"leave.0.weight", "leave.0.bias", "leave.2.weight", "leave.2.bias"} < set(UNet(1, 8, 1).state_dict())
    net, x, g = EncoderUNet(1, 8), torch.randn(2, 1, 8, 8), torch.rand(2)
    assert all(y.dtype == torch.float32 for y in pushed(lambda g: net(x, g), g))
    with torch.autocast("cpu", torch.bfloat16): value, slope = pushed(lambda g: net(x, g), g)
    assert torch.isfinite(value).all() and torch.isfinite(slope).all()
    twin = copy.deepcopy(shaken(net))
    assert torch.equal(twin(x.double(), g.double()), net(x.double(), g.double()))
