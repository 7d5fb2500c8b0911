"""DiffEnc: the encoder and its tangent, the process, the bound, the refusals, and the flow."""

import math
from collections.abc import Callable

import pytest
import torch
from helpers import coefficients, pace_of
from torch import Tensor, nn
from torch.linalg import solve_triangular

from mdm_nb.bounds.bound import bound, bound_terms, gaussian_bound, reconstruction_term
from mdm_nb.bounds.denoiser import denoiser
from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.gaussians.chain import posterior
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.gaussians.gaussian import Gaussian, Kernel, kl
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.models.encoded import Encoded
from mdm_nb.models.encoder import Encoder
from mdm_nb.models.flow import EncodedFlow, mean_move
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP, EncoderUNet, UNet
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.linear import MDM
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Linear, Monotone, least_variance
from mdm_nb.processes.zoo import CLD, PSLD
from mdm_nb.samplers.sample import DDIM, Ancestral, EulerMaruyama, ProbabilityFlow

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*")
f64 = torch.float64


class Toy(nn.Module):
    """A smooth network in float64."""

    def __init__(self, dims: int = 3, seed: int = 0) -> None:
        super().__init__()
        self.turn = nn.Parameter(randn((dims, dims), seeded(seed)))
        self.push = nn.Parameter(randn((dims,), seeded(seed + 1)))

    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """One number per entry of x."""
        return (3 * g).cos()[:, None] * (x @ self.turn) + (4 * g).sin()[:, None] * self.push


def guess(z: Tensor, gamma: Tensor) -> Tensor:
    """A denoiser that knows nothing."""
    return torch.tanh(1.3 * z.flip(-1) + gamma.sin()[:, None])


def encoded(base: Process, dims: int = 3) -> Encoded:
    """A base with a toy encoder."""
    return Encoded(base, Encoder(Toy(dims), base.span))


def learned(K: int) -> LearnedMDM:
    """Noise on every block."""
    return LearnedMDM(K, clock=Linear(-4.0, 1.0), generator=seeded(5))


BASES = {
    "VP": lambda: VP(Linear(-5.0, 3.0)),
    "K = 2": lambda: learned(2),
    "K = 3": lambda: learned(3),
    "PSLD": lambda: PSLD(Gamma=0.2, clock=Linear(-4.0, 1.0)),
}


def woken(dtype: torch.dtype, dropout: float = 0.0) -> Encoder:
    """An encoder with a U-Net that has no zeros left, trained so to speak."""
    torch.manual_seed(0)
    network = EncoderUNet(1, width=8, levels=1, dropout=dropout)
    for i, p in enumerate(network.parameters()):
        if not p.any():
            nn.init.normal_(p, std=0.1, generator=seeded(i))
    return Encoder(network.to(dtype))


IMAGES, LEVELS = randn((2, 1, 4, 4), seeded(1)).tanh(), torch.tensor([-2.0, 1.0], dtype=f64)


# The encoder.


def test_weights_and_identities() -> None:
    x, gamma = randn((4, 3), seeded(2)), torch.tensor([-13.3, -1.0, 2.0, 20.0], dtype=f64)
    encoder, still = Encoder(Toy()).requires_grad_(False), Encoder()
    alpha2, sigma2 = ((-gamma).sigmoid()[:, None], gamma.sigmoid()[:, None])
    y = encoder.network(x, (gamma + 13.3) / 18.3).tanh()
    value, move = encoder.tangent(x, gamma)
    torch.testing.assert_close(value, alpha2 * x + sigma2 * y, rtol=1e-14, atol=0)
    torch.testing.assert_close(encoder(x, gamma), value, rtol=0, atol=0)
    dy = (
        encoder.network(x, (gamma - 1e-5 + 13.3) / 18.3).tanh()
        - encoder.network(x, (gamma + 1e-5 + 13.3) / 18.3).tanh()
    ) / 2e-5
    torch.testing.assert_close(move, sigma2 * (value - y + dy), rtol=1e-7, atol=1e-10)
    value, move = still.tangent(x, gamma)
    torch.testing.assert_close(
        value, alpha2 * x, rtol=1e-14, atol=0
    )  # to all digits where σ² is nearly one
    torch.testing.assert_close(still(x, gamma), value, rtol=1e-14, atol=0)
    torch.testing.assert_close(move, sigma2 * value, rtol=1e-14, atol=0)
    assert (Encoder(Toy())(x, gamma)[0] - x[0]).abs().max() < 1e-5


def test_fresh_encoder_is_the_non_trainable_one() -> None:
    torch.testing.assert_close(
        Encoder(EncoderUNet(1, 8, 1))(IMAGES, LEVELS), Encoder()(IMAGES, LEVELS), rtol=1e-14, atol=0
    )


@pytest.mark.parametrize(
    ("dtype", "step", "tolerance"), [(f64, 1e-6, 1e-6), (torch.float32, 1e-3, 5e-2)]
)
def test_tangent_is_the_derivative_under_one_dropout_mask(
    dtype: torch.dtype, step: float, tolerance: float
) -> None:
    encoder = woken(dtype, 0.3).train().requires_grad_(False)

    def under(seed: int, f: Callable) -> Tensor | tuple[Tensor, Tensor]:
        torch.manual_seed(seed)
        return f()

    value, move = under(5, lambda: encoder.tangent(IMAGES, LEVELS))
    numeric = (
        under(5, lambda: encoder(IMAGES, LEVELS - step))
        - under(5, lambda: encoder(IMAGES, LEVELS + step))
    ) / (2 * step)
    other = under(6, lambda: encoder.tangent(IMAGES, LEVELS))[1]
    torch.testing.assert_close(
        under(5, lambda: encoder(IMAGES, LEVELS)),
        value,
        rtol=1e-5 if dtype == torch.float32 else 1e-13,
        atol=1e-6,
    )
    assert value.dtype == move.dtype == f64
    assert (move - numeric).abs().max() < tolerance * move.abs().max() < (move - other).abs().max()


def test_between_shares_the_mask_and_moves_the_random_numbers_once() -> None:
    encoder = woken(f64, 0.5).train().requires_grad_(False)
    torch.manual_seed(3)
    a, b = encoder.between(IMAGES, LEVELS, LEVELS)
    after = torch.rand(1)
    torch.manual_seed(3)
    c = encoder(IMAGES, LEVELS)
    assert torch.equal(a, b) and torch.equal(b, c) and torch.equal(after, torch.rand(1))
    assert not torch.equal(encoder(IMAGES, LEVELS), c)


def test_mixed_precision_leaves_the_tangent_alone() -> None:
    encoder = woken(torch.float32)
    exact = encoder.tangent(IMAGES, LEVELS)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = encoder.tangent(IMAGES, LEVELS)
    for a, b in zip(exact, mixed, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_expanded_levels_and_no_grad() -> None:
    encoder, x, gamma = Encoder(Toy()), randn((4, 3), seeded(2)), torch.tensor(0.3, dtype=f64)
    with torch.no_grad():
        spread = encoder.tangent(x, gamma.expand(4))
    torch.testing.assert_close(
        spread, tuple(v.detach() for v in encoder.tangent(x, gamma.repeat(4))), rtol=0, atol=0
    )


def test_batch_norm_is_refused() -> None:
    with pytest.raises(InputError, match=r"batch normalisation \(1\).*GroupNorm"):
        Encoder(nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)))


def test_an_encoder_for_other_data_is_found_when_the_model_is_built() -> None:
    """As a network is."""
    def built(channels: int) -> Diffusion:
        process = Encoded(VP(), Encoder(EncoderUNet(channels)))
        return Diffusion(UNet(1, 8, 1), process, shape=(1, 8, 8))
    with pytest.raises(InputError, match=r"encoder's .* \(1, 8, 8\) .*: build .* as EncoderUNet"):
        built(3)
    with pytest.raises(InputError, match="likelihoods from elbo or iw"):
        built(1).bpd(torch.zeros(2, 1, 8, 8).long(), method="ode", progress=False)


def test_wrong_shapes_and_types_are_refused() -> None:
    class Short(nn.Module):
        def forward(self, x: Tensor, g: Tensor) -> Tensor:
            return x[:, :1]

    with pytest.raises(InputError, match="one number per entry of x"):
        Encoder(Short())(randn((2, 3), seeded(0)), LEVELS)
    with pytest.raises(InputError, match="without an encoder"):
        Encoded(Encoded(VP()))
    process, x, t = encoded(VP()), randn((2, 3), seeded(0)), torch.tensor([0.2, 0.7], dtype=f64)
    with pytest.raises(InputError, match="choose one of x, eps, v, score"):
        denoiser(process, guess, "noise").path_kl(x, t, x)
    with pytest.raises(InputError, match="one number per entry of z"):
        denoiser(process, lambda z, g: z[:, :1]).path_kl(x, t, x)
    with pytest.raises(InputError, match="choose one of x"):
        EncodedFlow(guess, mean_kind="noise")
    with pytest.raises(InputError, match="use ProbabilityFlow"):
        EncodedFlow(guess, 1)(denoiser(VP(), guess, "x"), x)


# The process.


@pytest.mark.parametrize("name", BASES)
def test_posterior_is_gaussian_conditioning(name: str) -> None:
    p = encoded(BASES[name](), 1).requires_grad_(False)
    x = torch.tensor([[0.7]], dtype=f64)
    s, t = (0.3, 0.6)
    step, jump = p.transition(s, t), p.kernel(t).Phi[:, 0] * (p.signal(x, t) - p.signal(x, s))[0]
    at_s = Gaussian(p.marginal(x, s)[0].view(-1), p.kernel(s).Sigma)
    link = Kernel.of(step.Phi, step.Sigma, jump)
    y = torch.full(p.state_shape((1, 1)), 0.4, dtype=f64)
    bayes, (mean, F) = posterior(at_s, link, y.view(-1)), p.posterior(x, y, s, t)
    F = F.reshape(p.K, p.K)
    for a, b in [
        (link(at_s).mean, p.marginal(x, t)[0]),
        (link(at_s).cov, p.kernel(t).Sigma),
        (bayes.mean, mean),
        (bayes.cov, F @ F.mT),
    ]:
        torch.testing.assert_close(a.flatten(), b.flatten(), rtol=1e-9, atol=1e-12)


# The bound.


def legendre(n: int) -> tuple[Tensor, Tensor]:
    """Gauss–Legendre nodes and weights on [0, 1], from the eigenvalues of the Jacobi matrix."""
    k = torch.arange(1, n, dtype=f64)
    off = k / (4 * k**2 - 1).sqrt()
    nodes, vectors = torch.linalg.eigh(torch.diag(off, 1) + torch.diag(off, -1))
    return (nodes + 1) / 2, vectors[0] ** 2


@pytest.mark.parametrize("name", BASES)
def test_a_step_is_the_divergence_of_two_gaussians(name: str) -> None:
    p = encoded(BASES[name](), 1).requires_grad_(False)
    T = 10
    s, t = torch.tensor([0.4, 0.5], dtype=f64)
    x, xi = torch.tensor([[[0.7]], [[0.3]]], dtype=f64)
    gain = p.kernel(t).gain[None]
    (mean, L), along = p.marginal(x, t), gain / gain.norm() * xi
    y = mean + (L * xi if p.K == 1 else mix(L, along))
    (mu, F), b = p.posterior(x, y, s, t), p.bridge(s, t)
    drawn = mix(b.at_s.L @ (b.U * b.fresh) @ b.U.mT, randn(tuple(y.shape), seeded(1)))
    mu_p = Ancestral(T).step(denoiser(p, guess, "x"), y, s, t, seeded(1)) - drawn
    F = F.reshape(p.K, p.K)
    nats = kl(*(Gaussian(m.view(-1), F @ F.mT) for m in (mu, mu_p)))
    torch.testing.assert_close(
        denoiser(p, guess, "x").path_kl(x, t[None] - 0.03, xi, T) / T, nats[None], rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("name", BASES)
def test_steps_converge_as_one_over_T(name: str, trained: bool) -> None:
    base = BASES[name]()
    p = encoded(base) if trained else Encoded(base)
    x = randn((1, 3), seeded(7))
    eps = randn((1, 3), seeded(8))

    def total(t: Tensor, T: int | None) -> Tensor:
        return denoiser(p, guess, "x").path_kl(x.expand(len(t), 3), t, eps.expand(len(t), 3), T)

    with torch.no_grad():
        t, w = legendre(300)
        limit = total(t, None) @ w
        errors = [
            T * float(total((torch.arange(T).double() + 0.5) / T, T).mean() - limit)
            for T in (400, 1600)
        ]
    assert abs(errors[0] / errors[1] - 1) < 0.03 and abs(errors[1]) > 1


def test_v_forms() -> None:
    """Eqs. 19 and 20 of the paper, written out."""
    t, (x, eps) = torch.linspace(0.02, 0.98, 9, dtype=f64), randn((2, 9, 3), seeded(9))
    for p in (encoded(VP(Linear(-5.0, 3.0))).requires_grad_(False), Encoded(VP(Linear(-5.0, 3.0)))):
        (gamma, pace), x_t = pace_of(p, t), p.signal(x, t)
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        z = alpha * x_t + sigma * eps
        v_hat = guess(z, gamma)
        miss, x_hat = alpha * eps - sigma * x_t - v_hat, alpha * z - sigma * v_hat
        if not p.trained:
            forms = [(1 + sigma**2) * miss, miss + sigma * (x_hat - x_t)]
        else:
            y, dy = torch.func.jvp(
                lambda g, p=p: p.encoder.network(
                    x, (g - p.span[0]) / (p.span[1] - p.span[0])
                ).tanh(),
                (gamma,),
                (torch.ones(9).double(),),
            )
            forms = [miss + sigma * (x_hat - x_t + y + dy)]
        for form in forms:
            wanted = 0.5 * pace * (-gamma).sigmoid() * form.square().sum(1)
            torch.testing.assert_close(
                denoiser(p, guess).path_kl(x, t, eps), wanted, rtol=1e-12, atol=0
            )


def corners(p: Process, predict: Callable, c2: float, T: int | None = None) -> float:
    """The path KL for N(0, c²), exact for a linear network: four corners at all times."""
    t, w = (
        legendre(400)
        if T is None
        else ((torch.arange(T).double() + 0.5) / T, torch.full((T,), 1 / T, dtype=f64))
    )
    one = torch.ones(len(t), 1, dtype=f64)
    with torch.no_grad():
        return (
            sum(
                float(denoiser(p, predict, "x").path_kl(a * c2**0.5 * one, t, b * one, T) @ w)
                for a in (-1, 1)
                for b in (-1, 1)
            )
            / 4
        )


def test_excess_of_the_non_trainable_encoder() -> None:
    base, c2 = VP(), 0.3
    t, w = legendre(400)

    def snr(t: Tensor) -> Tensor:
        return (-base.gamma(t)).sigmoid() ** 3 / base.gamma(t).sigmoid()

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        return alpha**5 * c2 / (alpha**6 * c2 + sigma**2) * z

    vdm = 0.5 * float(
        torch.log1p(c2 * snr(torch.tensor(0.0))) - torch.log1p(c2 * snr(torch.tensor(1.0)))
    )
    at = base.at(t)
    gamma, pace = at.gamma, at.rate
    claimed = float(0.5 * pace * gamma.sigmoid() ** 2 * snr(t) * c2 / (1 + c2 * snr(t)) @ w)
    assert abs(corners(Encoded(base), best, c2) - vdm - claimed) < 1e-11 and claimed > 0.02


class Wave(nn.Module):
    """A multiple of x."""

    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """Swings with the noise level."""
        return (0.5 + 0.6 * (3 * g).cos())[:, None] * x


@pytest.mark.parametrize("T", [None, 5])
@pytest.mark.parametrize("K", [1, 2])
def test_never_below_the_truth(K: int, T: int | None) -> None:
    """With the best linear network the mean bound lies above the entropy of the data."""
    base, c2 = VP(Linear(-4.0, 4.0)) if K == 1 else learned(2), 0.3
    p = Encoded(base, Encoder(Wave(), base.span, bounded=False)).requires_grad_(False)
    amount = torch.tensor([[c2]], dtype=f64).sqrt()

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        a, da = p.encoder.tangent(torch.ones(len(z), 1, dtype=f64), gamma)
        return alpha * a * c2 / (alpha**2 * a**2 * c2 + sigma**2) * (a + da) / (1 + sigma**2) * z

    blur, still = p.gamma(0.0), gaussian_bound(base, c2, T)
    rec = 0.5 * (
        blur
        + math.log(2 * math.pi)
        + 1
        + (amount - p.signal(amount, 0.0)).square().sum() / blur.exp()
    )
    draws = (
        sum(
            reconstruction_term(p, amount, torch.tensor([[e]], dtype=f64), Continuous())
            for e in (-1.0, 1.0)
        )
        / 2
    )
    torch.testing.assert_close(draws, rec[None])
    total = float(rec + p.prior_kl(amount)) + corners(p, best, c2, T)
    entropy = 0.5 * math.log(2 * math.pi * math.e * c2)
    assert entropy < total and (T is not None or total < float(still.total) + 0.1)


def test_prior_sees_the_encoded_data() -> None:
    grey = torch.tensor([[0.5]], dtype=f64)
    latent = [float(p.prior_kl(grey)) / math.log(2) for p in (VP(), Encoded(VP()))]
    assert abs(latent[0] - 1.22320e-3) < 1e-7 and 1.6229e-5 < latent[1] < 1.63e-5
    p = encoded(VP())
    wanted = Gaussian(
        p.marginal(randn((1, 3), seeded(1)), 1.0)[0][0], p.kernel(1.0).Sigma * torch.eye(3)
    )
    torch.testing.assert_close(
        p.prior_kl(randn((1, 3), seeded(1)))[0], kl(wanted, Gaussian(torch.zeros(3), torch.eye(3)))
    )


def test_chi() -> None:
    """χ ≥ 1, from the process's own matrices, and the loss has the term it should."""
    for name in ("K = 2", "K = 3", "PSLD"):
        p, x = encoded(BASES[name]()).requires_grad_(False), randn((4, 3), seeded(2))
        t, eps = torch.tensor([0.0, 0.3, 0.6, 1.0], dtype=f64), randn((4, 3), seeded(3))
        k, _, N = coefficients(p, t)
        gamma, pace = pace_of(p, t)
        x_t, move = p.encoder.tangent(x, p.gamma(t))
        f = k.Phi[..., :1]
        r = solve_triangular(k.L.mT, k.gain, upper=True)
        chi = ((f.mT @ torch.linalg.solve(N, f)) * (r.mT @ N @ r) / (f.mT @ r) ** 2)[:, 0, 0]
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        x_hat = guess(alpha * x_t + sigma * eps, gamma)
        e, m = x_t - x_hat, move - sigma**2 * x_hat
        b = (N @ r) @ e[:, None] + pace[:, None, None] * f @ m[
            :, None
        ]  # −(b_q − b_θ), for each dimension
        wanted = 0.5 * (b * torch.linalg.solve(N, b)).sum((1, 2))
        assert (chi > 1 - 1e-12).all() and (chi[1:] > 1 + 1e-6).all()
        torch.testing.assert_close(
            denoiser(p, guess, "x").path_kl(x, t, eps), wanted, rtol=1e-9, atol=0
        )


def test_noise_must_reach_where_the_data_push() -> None:
    for base in (CLD(), PSLD(Gamma=0.0)):
        with pytest.raises(InputError, match="the bound would be infinite"):
            Diffusion(MLP(2, 8), Encoded(base), "v", Continuous(), (2,))
        with pytest.raises(InputError, match="the bound would be infinite"):
            denoiser(Encoded(base), guess, "x").path_kl(
                torch.ones(1, 3).double(), torch.tensor([0.5]).double(), torch.ones(1, 3).double()
            )
    # x drives nothing and has noise of its own: a third block without noise does no harm
    base = MDM.from_drift(
        [[-1.0, 0, 0.5], [0, -1, 0], [0, 1, -1]],
        [[1.0, 0, 0], [0, 1, 0], [0, 0, 0]],
        clock=Linear(-2.0, 1.0),
    )
    Diffusion(MLP(3, 8), Encoded(base), "v", Continuous(), (3,))
    assert (
        denoiser(Encoded(base), guess, "x")
        .path_kl(torch.ones(1, 3).double(), torch.tensor([0.5]).double(), torch.ones(1, 3).double())
        .isfinite()
        .all()
    )


# Gradients.


@pytest.mark.parametrize("T", [None, 4])
def test_gradient_is_that_of_finite_differences(T: int | None) -> None:
    """Through z_t, target and tangent, the ends of the schedule, and the ends of the bound."""
    base = VP(Linear(-5.0, 3.0, learned=True))
    process = encoded(base)
    data = randn((6, 3), seeded(4)).tanh()

    def loss() -> Tensor:
        return sum(
            t.mean()
            for t in bound_terms(
                denoiser(process, guess), data, Continuous(), T, generator=seeded(1)
            ).values()
        )

    parameters = [process.encoder.network.push, process.encoder.network.turn, *base.parameters()]
    grads = torch.autograd.grad(loss(), parameters)
    assert len(parameters) == 3
    entries = [(0, (1,)), (1, (0, 1)), (2, (0,)), (2, (1,))]
    for p, g, entry in ((parameters[i], grads[i], entry) for i, entry in entries):
        values = []
        for shift in (1e-5, -2e-5):
            with torch.no_grad():
                p[entry] += shift
            values.append(loss().item())
        with torch.no_grad():
            p[entry] += 1e-5
        assert abs((values[0] - values[1]) / 2e-5 - float(g[entry])) < 1e-6 * (
            1 + abs(float(g[entry]))
        ), float(g[entry])
        assert g[entry] != 0


def test_each_path_of_the_gradient_counts() -> None:
    """The gradient in the encoder changes if z_t, the target or the tangent is cut off."""
    p, x, eps = encoded(VP(Linear(-5.0, 3.0))), randn((1, 3), seeded(4)), randn((1, 3), seeded(5))
    t = torch.tensor([0.6], dtype=f64)

    def gradient(cut: str) -> Tensor:
        at = p.at(t)
        gamma, pace = at.gamma, at.rate
        x_t, move = p.encoder.tangent(x, gamma)
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        held = {"z": x_t, "target": x_t, "tangent": move}
        held = {k: v.detach() if k == cut else v for k, v in held.items()}
        x_hat = guess(alpha * held["z"] + sigma * eps, gamma)
        return torch.autograd.grad(
            (
                0.5
                * pace
                * (-gamma).exp()
                * (held["target"] + held["tangent"] - (1 + sigma**2) * x_hat) ** 2
            ).sum(),
            p.encoder.network.turn,
        )[0]

    whole = torch.autograd.grad(
        denoiser(p, guess, "x").path_kl(x, t, eps).sum(), p.encoder.network.turn
    )[0]
    torch.testing.assert_close(whole, gradient(""), rtol=1e-11, atol=1e-14)
    assert all(
        (whole - gradient(cut)).abs().max() > 1e-2 * whole.abs().max()
        for cut in ("z", "target", "tangent")
    )


# The model.


def model(**options: object) -> Diffusion:
    """A small model of images with four levels."""
    grey = Discretization(4)
    base = VP(Linear(grey.gamma_0, grey.gamma_1))
    torch.manual_seed(0)
    encoder = Encoder(EncoderUNet(1, 8, 1, dropout=0.0), base.span)
    nn.init.normal_(encoder.network.leave[-1].weight, std=0.3, generator=seeded(0))
    return Diffusion(
        UNet(1, 8, 1, dropout=0.0), Encoded(base, encoder), "v", grey, (1, 4, 4), **options
    )


DIGITS = torch.randint(4, (6, 1, 4, 4), generator=seeded(0))


@pytest.mark.parametrize(("T", "free"), [(None, False), (4, False), (4, True)])
def test_a_model_evaluates_samples_and_learns(T: int | None, free: bool) -> None:
    m = model(T=T, free_variance=free)
    m.loss(DIGITS, seeded(1)).backward()
    missed = [n for n, p in m.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert not missed and m.process.encoder.network.leave[-1].weight.grad.abs().sum() > 0
    drawn = m.sample(2, Ancestral(3, log_ratio=None) if T is None else None, progress=False)
    assert drawn.dtype == torch.int64 and drawn.shape == (2, 1, 4, 4)
    assert m.sample(2, EulerMaruyama(3), progress=False).shape == (2, 1, 4, 4)
    other = model(T=T, free_variance=free)
    with torch.no_grad():
        for p in other.parameters():
            p.add_(0.1)
    other.load_state_dict(m.state_dict())
    assert torch.equal(other.bpd(DIGITS, progress=False).total, m.bpd(DIGITS, progress=False).total)


@pytest.mark.parametrize("change", [lambda m: m.half(), lambda m: m.to(torch.bfloat16)])
def test_half_precision_leaves_the_encoder_alone(change: Callable) -> None:
    m = model()
    before = m.process.signal(m.discretization.encode(DIGITS), 0.5)
    change(m)
    assert {p.dtype for p in m.process.encoder.parameters()} == {torch.float32} and next(
        m.network.parameters()
    ).dtype != torch.float32
    torch.testing.assert_close(
        m.process.signal(m.discretization.encode(DIGITS), 0.5), before, rtol=0, atol=0
    )


def test_part_of_the_batch_at_the_ends_is_unbiased() -> None:
    process = encoded(VP(Linear(-5.0, 3.0))).requires_grad_(False)
    data = randn((8, 3), seeded(4)).tanh()
    whole = process.prior_kl(data).mean()
    parts = torch.stack(
        [
            bound_terms(denoiser(process, guess), data, Continuous(), generator=seeded(i), ends=2)[
                "prior"
            ].mean()
            for i in range(60)
        ]
    )
    assert abs(parts.mean() - whole) < 5 * parts.std() / 60**0.5 and parts.std() > 0
    m = Diffusion(MLP(3, 8), process, "v", Continuous(), (3,), ends=0.5)
    rec, prior, diff = bound_terms(
        m.denoiser, data, Continuous(), generator=seeded(3), ends=4
    ).values()
    assert rec.shape == prior.shape == (4,) and diff.shape == (8,)
    torch.testing.assert_close(
        m.loss(data, seeded(3)), (rec.mean() + prior.mean() + diff.mean()) / 3
    )


def test_free_variance_of_an_encoded_step() -> None:
    """The best common variance of a step is σ_Q² (1 + u), and log(1 + u) its cost."""
    p, (x, eps) = encoded(VP(Linear(-5.0, 3.0))).requires_grad_(False), randn((2, 1, 3), seeded(6))
    t = torch.tensor([0.6], dtype=f64)
    u = denoiser(p, guess, "x").path_kl(x, t, eps, 4) * 2 / (4 * 3)
    s, t_1 = torch.tensor(0.5, dtype=f64), torch.tensor(0.75, dtype=f64)
    mean, std = p.marginal(x, t_1)
    z = mean + std * eps
    (mu, wide), b = p.posterior(x, z, s, t_1), p.bridge(s, t_1)
    mu_p = Ancestral(4).step(denoiser(p, guess, "x"), z, s, t_1, seeded(1)) - mix(
        b.at_s.L * b.fresh, randn((1, 3), seeded(1))
    )
    eye = torch.eye(3, dtype=f64)
    nats = kl(Gaussian(mu[0], wide**2 * eye), Gaussian(mu_p[0], wide**2 * (1 + u) * eye))
    torch.testing.assert_close(nats, 1.5 * u.log1p()[0], rtol=1e-9, atol=0)


# What is refused, and what the second head gives back.


def test_a_trained_encoder_has_no_score() -> None:
    p = encoded(VP(Linear(-5.0, 3.0)))
    z = randn((2, 3), seeded(1))
    half = torch.tensor(0.5, dtype=f64)
    assert p.trained and not Encoded(VP()).trained
    with pytest.raises(InputError, match="Tweedie's formula does not hold"):
        denoiser(p, guess, "x").score(z, half)
    with pytest.raises(InputError, match="no probability flow"):
        ProbabilityFlow(2)(denoiser(p, guess, "x"), z)
    with pytest.raises(InputError, match="Ancestral or EulerMaruyama"):
        DDIM(2, eta=0.5)(denoiser(p, guess, "x"), z)
    m = Diffusion(MLP(3, 8), p, "v", Continuous(), (3,))
    with pytest.raises(InputError, match="there is no score"):
        m.denoise(z, half, "score")
    with pytest.raises(InputError, match="there is no score"):
        m.sample(1, denoise=True, progress=False)
    with pytest.raises(InputError, match="process of type Encoded, kind is 'noise'"):
        Diffusion(MLP(3, 8), p, "noise", Continuous(), (3,))
    assert torch.equal(m.denoise(z, half), m.denoiser(z, half))
    still = Encoded(VP(Linear(-5.0, 3.0)))
    assert (
        DDIM(2)(denoiser(still, guess, "x"), z).isfinite().all()
        and ProbabilityFlow(2)(denoiser(still, guess, "x"), z).isfinite().all()
    )


class Atoms:
    """All there is to know when the data are a few points on the line."""

    def __init__(self, process: Encoded) -> None:
        self.process = process
        self.x = torch.tensor([[-0.8], [0.1], [0.9]], dtype=f64)
        self.log_w = torch.tensor([0.3, 0.5, 0.2], dtype=f64).log()

    def means(self, z: Tensor, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """E[x_φ|z] and E[dx_φ/dλ|z]."""
        n, m = len(z), len(self.x)
        moved, move = (
            v.view(n, m)
            for v in self.process.encoder.tangent(self.x.repeat(n, 1), gamma.repeat_interleave(m))
        )
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        share = (self.log_w - 0.5 * ((z - alpha * moved) / sigma) ** 2).softmax(-1)
        return (share * moved).sum(-1, keepdim=True), (share * move).sum(-1, keepdim=True)

    def loss(self, predict: Callable, z: Tensor, t: Tensor) -> Tensor:
        """E[integrand of the bound | z]."""
        alpha, sigma = alpha_sigma(self.process.gamma(t))
        noise = (z - alpha * self.process.signal(self.x, t)) / sigma
        return (self.log_w - 0.5 * noise[:, 0] ** 2).softmax(0) @ denoiser(
            self.process, predict, "x"
        ).path_kl(self.x, t.expand(3), noise)

    def log_density(self, y: Tensor, t: Tensor) -> Tensor:
        """log p(y_t), up to a constant."""
        k = self.process.kernel(t)
        r = mix(
            inverse(k.L),
            (y[:, None] - mix(k.Phi[..., :1], self.process.signal(self.x, t))).flatten(0, 1),
        ).view(len(y), 3, -1)
        return (self.log_w - 0.5 * r.square().sum(-1)).logsumexp(-1) - 0.5 * k.logdet


@pytest.mark.parametrize("name", BASES)
def test_second_head_makes_the_flow(name: str) -> None:
    """The best x̂ with E[x_φ|z] gives E[dx_φ/dλ|z], and a velocity that keeps continuity."""
    p = encoded(BASES[name](), 1).requires_grad_(False)
    atoms, t = Atoms(p), torch.tensor(0.45, dtype=f64, requires_grad=True)
    at = t.detach()

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        """The minimum of the loss over x̂, which is quadratic, from its values at −1, 0 and 1."""

        def one(z: Tensor) -> Tensor:
            down, none, up = (
                atoms.loss(lambda q, g, c=c: torch.full_like(q, c), z, at) for c in (-1.0, 0.0, 1.0)
            )
            return (down - up) / (2 * (up + down - 2 * none))

        return torch.stack([one(v)[None] for v in z])

    y = randn(p.state_shape((4, 1)), seeded(3)).requires_grad_()
    z, gamma = p.observe(y, at)
    gamma = gamma.expand(4).clone()
    mean, move = atoms.means(z, gamma)
    torch.testing.assert_close(mean_move(p, best(z, gamma), mean, at), move, rtol=1e-8, atol=1e-9)
    v = (
        EncodedFlow(lambda z, g: atoms.means(z, g)[0], mean_kind="x")
        .slope(denoiser(p, best, "x"), y, at)
        .reshape(4, -1)
    )
    div = sum(
        torch.autograd.grad(c.sum(), y, retain_graph=True)[0].reshape(4, -1)[:, i]
        for i, c in enumerate(v.unbind(1))
    )
    grad = torch.autograd.grad(atoms.log_density(y, t).sum(), y)[0].reshape(4, -1)
    rates = torch.stack(
        [
            torch.autograd.grad(atoms.log_density(y[i : i + 1].detach(), t).sum(), t)[0]
            for i in range(4)
        ]
    )
    assert (rates + div + (v * grad).sum(1)).abs().max() < 1e-7 * (
        1 + rates.abs().max() + div.abs().max()
    )


def test_head_learns_from_the_base() -> None:
    """The base's loss with x_φ for x is least at E[x_φ|z]."""
    p = encoded(VP(Linear(-5.0, 3.0)), 1).requires_grad_(False)
    atoms, t, z = Atoms(p), torch.tensor([0.4], dtype=f64), torch.tensor([[0.2]], dtype=f64)
    alpha, sigma = alpha_sigma(p.gamma(t))
    moved = p.signal(atoms.x, t.expand(3))
    noise = (z - alpha * moved) / sigma
    m = atoms.means(z, p.gamma(t))[0].requires_grad_()
    nats = denoiser(p.base, lambda z, g: m.expand(3, 1), "x").path_kl(moved, t.expand(3), noise)
    assert (
        abs(torch.autograd.grad((atoms.log_w - 0.5 * noise[:, 0] ** 2).softmax(0) @ nats, m)[0])
        < 1e-10
    )


def test_chain_and_diffusion_agree() -> None:
    """With shared noise the chain of Eq. 17 and the reversed diffusion come together as 1/T."""
    p = encoded(VP(Linear(-4.0, 4.0)), 1).requires_grad_(False)
    atoms, start = Atoms(p), randn((8, 1), seeded(1))

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        return sum(atoms.means(z, gamma)) / (1 + gamma.sigmoid()[:, None])

    def apart(T: int) -> float:
        """At one step of 1/T, from the same place with the same noise, over 1/T."""
        t, s = torch.tensor(0.6, dtype=f64), torch.tensor(0.6 - 1 / T, dtype=f64)
        a, b = (
            kind(T).step(denoiser(p, best, "x"), start, s, t, seeded(2))
            for kind in (Ancestral, EulerMaruyama)
        )
        return T * float((a - b).abs().max())

    far, near = apart(1000), apart(100_000)
    assert near < 0.15 * far  # the noises differ by O(h^{3/2}), the means by O(h²)
    at = p.at(torch.tensor(0.6, dtype=f64))
    drift, N = denoiser(p, best, "x").drift(start, at), at.N
    gamma, pace = at.gamma, at.rate
    alpha, sigma = alpha_sigma(gamma)
    x_hat = best(start, gamma.expand(8).clone())
    torch.testing.assert_close(
        drift,
        pace * ((1 - sigma**2 / 2) * start - alpha * (1 + sigma**2) * x_hat),
        rtol=1e-12,
        atol=0,
    )
    torch.testing.assert_close(N.squeeze(), sigma**2 * pace)


def test_bound_of_a_batch_is_reported() -> None:
    record = bound(
        denoiser(encoded(VP(Linear(-5.0, 3.0))), guess),
        randn((5, 3), seeded(1)),
        Continuous(),
        generator=seeded(2),
    )
    assert record.total.shape == (5,) and record.total.isfinite().all()


@pytest.mark.parametrize(
    "base", [VP, lambda clock: LearnedMDM(2, clock=clock, generator=seeded(5))], ids=["VP", "K = 2"]
)
def test_a_weight_reaches_the_shape_through_everything(base: Callable[[Monotone], Process]) -> None:
    """With a weight, a shape's gradient is that of Σ wᵢ ℓᵢ, through all that depends on γ."""
    clock = Monotone(-4.0, 1.0, hidden=4, generator=seeded(2))
    process, x, eps, t = (
        encoded(base(clock)),
        0.4 * randn((3, 3), seeded(0)),
        randn((3, 3), seeded(1)),
        torch.tensor([0.2, 0.5, 0.9], dtype=f64),
    )
    weight = torch.tensor([0.5, -1.0, 2.0], dtype=f64)
    with least_variance(process, weight):
        nats = denoiser(process, guess, "x").path_kl(x, t, eps)
    ours = torch.autograd.grad(nats.sum(), clock.w_in)[0]
    truth = torch.autograd.grad(
        (weight * denoiser(process, guess, "x").path_kl(x, t, eps)).sum(), clock.w_in
    )[0]
    torch.testing.assert_close(ours, truth, rtol=1e-9, atol=1e-12)
