"""Values and slopes in one pass: against torch's derivatives and difference quotients; prices."""
import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from mdm_nb.gaussians.core import randn, seeded
from mdm_nb.models import tangent
from mdm_nb.models.network import Attention, EncoderUNet, UNet, norm
from mdm_nb.models.tangent import Conv, ConvTranspose, Dropout, attend, swish


def shaken(net: nn.Module, scale: float = 0.2) -> nn.Module:
    """The network in float64 and evaluation mode, every parameter moved, so that none is zero."""
    generator = seeded(0)
    for p in net.parameters(): p.data = p.data.double() + scale * randn(p.shape, generator)
    return net.double().eval()


def leave_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every slope to torch."""
    monkeypatch.setattr(tangent, "_split", lambda layer, h: (h, None))


def pushed(f: Callable[[Tensor], Tensor], at: Tensor) -> tuple[Tensor, Tensor]:
    """Value and slope, every number of `at` moving at speed one."""
    return torch.func.jvp(f, (at,), (torch.ones_like(at),))


def levels(*values: float) -> Tensor:
    """Noise levels in float64."""
    return torch.tensor(values, dtype=torch.float64)


def layer_and_point() -> tuple[nn.GroupNorm, Tensor, Tensor]:
    """A normalisation with weights, a point and a direction."""
    return shaken(norm(8)), *randn((2, 2, 8, 1, 2), seeded(4))


def plain(layer: nn.GroupNorm, h: Tensor) -> Tensor:
    """What `swish` computes, in two functions of torch."""
    return F.silu(layer(h))


NETWORKS = [lambda: EncoderUNet(1, 8, 2, 2, dropout=0.3), lambda: UNet(1, 8, 1, dropout=0.3)]


@pytest.mark.parametrize("make", NETWORKS, ids=["EncoderUNet", "UNet"])
def test_value_and_slope_and_their_gradients_are_those_of_torch(
    make: Callable[[], nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    net, x, g = shaken(make()).train(), randn((2, 1, 8, 4), seeded(2)), levels(0.2, 0.7)
    def everything() -> tuple[Tensor, ...]:
        torch.manual_seed(0)
        pair = pushed(lambda g: net(x, g), g)
        return *pair, *torch.autograd.grad(pair, list(net.parameters()), [x, x + 1])
    ours = everything()
    leave_to_torch(monkeypatch)
    for a, b in zip(ours, everything(), strict=True):
        assert (a - b).abs().max() <= 1e-11 * b.abs().max() + 1e-13


@pytest.mark.parametrize(("make", "channels"), [(lambda: EncoderUNet(2, 8), 2),
                                                (lambda: UNet(1, 8, 1, classes=2), 1)])
def test_the_slope_of_a_network_equals_finite_differences(
    make: Callable[[], nn.Module], channels: int
) -> None:
    net, g, step = shaken(make(), 0.1), levels(0.3, 0.6), 1e-6
    x = randn((2, channels, 8, 4), seeded(3))
    _, slope = pushed(lambda g: net(x, g), g)
    quotient = (net(x, g + step) - net(x, g - step)) / (2 * step)
    assert slope.abs().max() > 1 and (slope - quotient).abs().max() < 1e-5 * slope.abs().max()


@pytest.mark.parametrize(("ours", "theirs"), [
    (Conv(4, 6, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)),
    (ConvTranspose(4, 6, 2, 2), nn.ConvTranspose2d(4, 6, 2, 2))])
def test_affine_layers_are_those_of_torch(ours: nn.Module, theirs: nn.Module) -> None:
    shaken(ours), theirs.double().load_state_dict(ours.state_dict())
    h, dh = randn((2, 3, 4, 5, 5), seeded(1))
    results = []
    for layer in (ours, theirs):
        pair = torch.func.jvp(layer, (h,), (dh,))
        grads = torch.autograd.grad([y.square().sum() for y in pair], layer.parameters())
        results.append([*pair, *grads])
    for a, b in zip(*results, strict=True): assert torch.allclose(a, b, rtol=0, atol=1e-11)
    assert torch.equal(ours(h), theirs(h))


def test_dropout_takes_the_same_features_from_value_and_slope() -> None:
    layer, h = Dropout(0.4), randn((1000,), seeded(0)).abs() + 1
    value, slope = pushed(layer, h)
    assert torch.equal(value == 0, slope == 0) and 0 < (value == 0).sum() < 1000
    kept = value != 0
    assert torch.allclose(value[kept], h[kept] / 0.6)
    assert torch.allclose(slope[kept], levels(1 / 0.6))
    value, slope = pushed(layer.eval(), h)
    assert torch.equal(value, h) and torch.equal(slope, torch.ones_like(h))


def test_swish_passes_gradcheck_in_value_and_slope() -> None:
    layer, h, dh = layer_and_point()
    def pair(h: Tensor, dh: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        moved = copy_with(layer, weight, bias)
        return torch.func.jvp(lambda h: swish(moved, h), (h,), (dh,))
    inputs = [a.detach().requires_grad_() for a in (h, dh, layer.weight, layer.bias)]
    assert torch.autograd.gradcheck(pair, inputs)


def copy_with(layer: nn.GroupNorm, weight: Tensor, bias: Tensor) -> nn.GroupNorm:
    """The layer with other tensors for weights, through which gradients flow."""
    new = copy.copy(layer)
    new._parameters = {}
    new.weight, new.bias = weight, bias
    return new


@pytest.mark.parametrize("shape", [(1, 16, 1, 1), (3, 16, 5, 7), (2, 48, 2, 2)])
def test_swish_is_that_of_torch_at_every_shape(shape: tuple[int, ...]) -> None:
    layer = shaken(norm(shape[1]))
    h, dh, *back = randn((4, *shape), seeded(6))
    def everything(f: Callable[..., Tensor]) -> list[Tensor]:
        at = [h.clone().requires_grad_(), dh.clone().requires_grad_()]
        pair = torch.func.jvp(lambda h: f(layer, h), (at[0],), (at[1],))
        return [*pair, *torch.autograd.grad(pair, [*at, *layer.parameters()], back)]
    for a, b in zip(everything(swish), everything(plain), strict=True):
        assert (a - b).abs().max() <= 1e-11 * b.abs().max() + 1e-12


@pytest.mark.parametrize("which", [0, 1])
def test_a_loss_may_use_the_value_or_the_slope_alone(which: int) -> None:
    layer, h, dh = layer_and_point()
    h.requires_grad_()
    def grads(f: Callable[..., Tensor]) -> tuple[Tensor, ...]:
        out = torch.func.jvp(lambda h: f(layer, h), (h,), (dh,))[which]
        return torch.autograd.grad(out.square().sum(), [h, layer.weight, layer.bias])
    both = zip(grads(swish), grads(plain), strict=True)
    assert all(torch.allclose(a, b, atol=1e-11) for a, b in both)


def test_slopes_of_weights_and_many_slopes_at_once() -> None:
    layer, h, dh = layer_and_point()
    ours, theirs = (torch.func.jacfwd(lambda h, f=f: f(layer, h))(h[:1]) for f in (swish, plain))
    assert torch.allclose(ours, theirs, atol=1e-12)
    weights = {k: v.detach() for k, v in layer.named_parameters()}
    def slope(f: Callable[..., Tensor]) -> Tensor:
        holder = nn.ModuleDict({"layer": layer})
        holder.forward = lambda h: f(holder["layer"], h)
        named = lambda w: {f"layer.{k}": v for k, v in w.items()}
        call = lambda w, h: torch.func.functional_call(holder, named(w), h)
        return torch.func.jvp(call, (weights, h), (weights, dh))[1]
    assert torch.allclose(slope(swish), slope(plain), atol=1e-12)


def test_a_second_derivative_of_the_slope_is_an_error_and_not_a_number() -> None:
    layer, h, dh = layer_and_point()
    h.requires_grad_()
    _, slope = torch.func.jvp(lambda h: swish(layer, h), (h,), (dh,))
    first, = torch.autograd.grad(slope.sum(), h, create_graph=True)
    with pytest.raises(RuntimeError, match="not implemented"):
        torch.autograd.grad(first.square().sum(), h)


def test_the_slope_of_a_convolution_is_one_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, h = Conv(3, 5, 3, padding=1), torch.randn(2, 3, 6, 6)
    def work(f: Callable[[], object]) -> int:
        with FlopCounterMode(display=False) as counter: f()
        return counter.get_total_flops()
    once = work(lambda: layer(h))
    assert work(lambda: pushed(layer, h)) == 2 * once
    leave_to_torch(monkeypatch)
    assert work(lambda: pushed(layer, h)) == 3 * once


@pytest.mark.parametrize("moving", [(0,), (1,), (2,), (0, 1, 2)])
def test_attention_carries_the_slope_of_whatever_moves(moving: tuple[int, ...]) -> None:
    at, step = randn((3, 2, 1, 6, 4), seeded(8)), 1e-6
    direction = torch.zeros_like(at)
    for i in moving: direction[i] = randn((2, 1, 6, 4), seeded(i))
    value, slope = torch.func.jvp(lambda at: attend(*at), (at,), (direction,))
    quotient = attend(*(at + step * direction)) - attend(*(at - step * direction))
    assert torch.allclose(value, attend(*at), rtol=0, atol=1e-14)
    assert slope.abs().max() > 0.1
    assert (slope - quotient / (2 * step)).abs().max() < 1e-8


def test_attention_without_a_slope_is_what_torch_prefers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call, its inputs side by side in memory, and no kernel forced."""
    seen, kernel = [], F.scaled_dot_product_attention
    def watched(*qkv: Tensor) -> Tensor:
        seen.append((all(x.is_contiguous() for x in qkv), torch.backends.cuda.flash_sdp_enabled()))
        return kernel(*qkv)
    monkeypatch.setattr(F, "scaled_dot_product_attention", watched)
    layer, h = shaken(Attention(8)), randn((2, 8, 3, 5), seeded(4))
    value = layer(h)
    moved, _ = pushed(layer, h)
    assert seen == [(True, True), (True, False)]
    with sdpa_kernel(SDPBackend.MATH): assert torch.allclose(layer(h), value, atol=1e-12)
    assert torch.allclose(moved, value, atol=1e-12)


def test_layers_keep_the_types_of_weights() -> None:
    net, x, g = EncoderUNet(1, 8), torch.randn(2, 1, 8, 8), torch.rand(2)
    both = lambda: pushed(lambda g: net(x, g), g)
    assert all(y.dtype == torch.float32 for y in both())
    with torch.autocast("cpu", torch.bfloat16): value, slope = both()
    assert torch.isfinite(value).all() and torch.isfinite(slope).all()
    twin = copy.deepcopy(shaken(net))
    assert torch.equal(twin(x.double(), g.double()), net(x.double(), g.double()))
