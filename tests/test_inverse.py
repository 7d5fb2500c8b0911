"""Measurements: the Kalman step against dense matrices, exact laws and refusals."""
import math
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from helpers import refused
from test_inpaint import law, processes
from torch import Tensor, nn

from mdm_nb import (
    CLD,
    DDIM,
    MALDA,
    VP,
    AdaptiveFlow,
    Ancestral,
    Continuous,
    Denoiser,
    Diffusion,
    DPMSolver,
    Encoded,
    Encoder,
    EulerMaruyama,
    Heun,
    Inpainting,
    Keyed,
    Linear,
    Measured,
    MixtureDenoiser,
    PredictorCorrector,
    Process,
    Splitting,
    Steered,
    denoiser,
    gaussian_blur,
    masked,
    mean_pool,
    mixture_given,
    randn,
    seeded,
)
from mdm_nb.samplers.inverse import COVARIANCES, at_most_fitting, solve

M = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.5, -1.0]], dtype=torch.float64)
SEEN = torch.tensor([[0.5, -0.2]], dtype=torch.float64)


def both(x: Tensor) -> Tensor:
    """Two measurements of three numbers."""
    return x @ M.T


@pytest.mark.parametrize("std", [0.2, 0.0])
@pytest.mark.parametrize("name", processes())
def test_on_gaussian_data_it_is_the_exact_denoiser(name: str, std: float) -> None:
    process = processes()[name]
    y, t = process.prior((4, 3), seeded(0)), torch.tensor([0.3, 0.5, 0.8, 1.0])
    exact = MixtureDenoiser(process, mixture_given(law(), M, SEEN[0], std or 1e-6))(y, t)
    told = Measured(MixtureDenoiser(process, law()), SEEN, both, std, "tweedie")
    with torch.no_grad(): found = told(y, t)
    assert torch.allclose(found, exact, atol=1e-6) and not found.requires_grad
    if not std: assert torch.allclose(both(found), SEEN.expand(4, 2), atol=1e-8)
    # the score follows from x̂, so every sampler has it
    score = MixtureDenoiser(process, mixture_given(law(), M, SEEN[0], 0.2)).score(y, t)
    if std: assert torch.allclose(told.score(y, t), score, rtol=1e-5, atol=1e-5)


class Curved(nn.Module):
    """A network whose slope is no symmetric matrix."""
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 3).double()
    def forward(self, z: Tensor, gamma: Tensor) -> Tensor:
        """Some smooth function."""
        return torch.tanh(self.inner(z)) + 0.3 * z


@pytest.mark.parametrize("covariance", ["tweedie", "scalar", "none", "identity"])
def test_the_step_is_that_of_dense_matrices(covariance: str) -> None:
    torch.manual_seed(1)
    network, process, std = Curved(), MALDA(clock=Linear(-6.0, 2.5)), 0.4
    base = denoiser(process, network, "x")
    y, at = process.prior((3, 3), seeded(2)), process.at(0.6)
    z, gamma = at.observe(y), at.gamma
    J = torch.func.vmap(torch.func.jacrev(lambda z: network(z, gamma)))(z).detach()
    alpha, sigma2 = torch.sigmoid(-gamma).sqrt(), torch.sigmoid(gamma)
    pull = sigma2 / alpha * J.mT @ M.T
    scaled = M.T / (1 / 0.7 + alpha**2 / sigma2)
    if covariance == "identity": pull = scaled
    spread = {"tweedie": M @ pull, "none": 0 * (M @ pull)}.get(covariance, M @ scaled)
    V, x = std**2 * torch.eye(2).double() + spread, base(y, at).detach()
    step = (pull @ torch.linalg.solve(V, (SEEN - both(x))[..., None]))[..., 0]
    wanted = x + at_most_fitting(step, both(step), SEEN - both(x))
    told = Measured(base, SEEN, both, std, covariance, variance=0.7)
    assert torch.allclose(told(y, at), wanted, atol=1e-9)
    assert all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize("std", [1e-3, 0.1])
def test_no_step_overshoots(std: float) -> None:
    """Where an uncut step would end far on the other side, it stops where it fits best."""
    process = CLD(clock=Linear(-8.0, 2.5))
    base, y = MixtureDenoiser(process, law()), process.prior((6, 3), seeded(3))
    before = (SEEN - both(base(y, 0.9))).norm(dim=1)
    told = Measured(base, SEEN, both, std, "none")
    after = (SEEN - both(told(y, 0.9))).norm(dim=1)
    assert (after <= before * (1 + 1e-12)).all()
    x = Ancestral(50)(told, y, seeded(4))
    assert x.isfinite().all() and x.abs().max() < 10


def test_conjugate_residuals() -> None:
    """Exact after as many steps as there are numbers, symmetric or not, each row by itself."""
    A = randn((5, 4, 4), seeded(5)) + 4 * torch.eye(4)
    b = randn((5, 4), seeded(6))
    b[2] = 0
    def times(A: Tensor) -> object: return lambda u: (A @ u[..., None])[..., 0]
    exact = torch.linalg.solve(A, b)
    assert torch.allclose(solve(times(A), b, 4), exact, atol=1e-9)
    left = [(times(A)(solve(times(A), b, n)) - b).norm(dim=1) for n in range(5)]
    assert all((one >= two - 1e-12).all() for one, two in pairwise(left))
    alone = torch.cat([solve(times(A[i:i + 1]), b[i:i + 1], 3) for i in range(5)])
    assert torch.allclose(solve(times(A), b, 3), alone, rtol=1e-12)


RULES = {"Ancestral": Ancestral(40), "DDIM": DDIM(40), "DPMSolver": DPMSolver(20),
         "EulerMaruyama": EulerMaruyama(60, grid="quadratic"), "Heun": Heun(20),
         "Splitting": Splitting(60), "PredictorCorrector": PredictorCorrector(30),
         "AdaptiveFlow": AdaptiveFlow(1e-3, atol=1e-3)}


@pytest.mark.parametrize("name", RULES)
def test_every_sampler_takes_it(name: str) -> None:
    """The measured numbers come out as they were measured, to the noise of the clean end."""
    process = VP(Linear(-9.0, 5.0))
    told = Measured(MixtureDenoiser(process, law()), SEEN, both)
    x = RULES[name](told, process.prior((20, 3), seeded(7)), seeded(8))
    assert (both(x) - SEEN).abs().max() < 0.15


@pytest.mark.parametrize("process", [CLD(clock=Linear(-9.0, 2.5)), MALDA(clock=Linear(-7.0, 2.5))],
                         ids=["CLD", "MALDA"])
def test_more_blocks(process: Process) -> None:
    told = Measured(MixtureDenoiser(process, law()), SEEN, both)
    y = DPMSolver(30)(told, process.prior((20, 3), seeded(9)))
    z, gamma = process.observe(y, 0.0)
    assert (both(z / torch.sigmoid(-gamma).sqrt()) - SEEN).abs().max() < 0.15


def test_the_law_of_samples_on_gaussian_data() -> None:
    process = VP(Linear(-9.0, 9.0))
    told = Measured(MixtureDenoiser(process, law()), SEEN, both, 0.3, "tweedie")
    x = Ancestral(100, grid="snr")(told, process.prior((3000, 3), seeded(10)), seeded(11))
    right = mixture_given(law(), M, SEEN[0], 0.3)
    se = (torch.cov(x.T).diagonal() / 3000).sqrt()
    assert ((x.mean(0) - right.means[0]).abs() < 5 * se + 0.01).all()
    assert torch.allclose(torch.cov(x.T), right.covs[0], atol=0.025)


def test_an_example_does_not_depend_on_its_batch() -> None:
    torch.manual_seed(2)
    process = VP(Linear(-8.0, 4.0))
    base, m = denoiser(process, Curved(), "x"), randn((4, 2), seeded(12))
    def drawn(i: list[int]) -> Tensor:
        source = Keyed(0, torch.tensor(i), 4)
        told = Measured(base, m[i], both, 0.1, "tweedie", iterations=2)
        return Ancestral(5)(told, process.prior((len(i), 3), source), source)
    assert torch.allclose(drawn([0, 1, 2, 3])[[1, 3]], drawn([1, 3]), rtol=1e-10)


def test_maps_of_pictures() -> None:
    a, b = randn((2, 3, 8, 12), seeded(13)), randn((2, 3, 8, 12), seeded(14))
    mask = (randn((3, 8, 12), seeded(15)) > 0).double()
    for H in (mean_pool(4), gaussian_blur(0.8), gaussian_blur(5.0), masked(mask)):
        assert torch.allclose(H(a - 2 * b), H(a) - 2 * H(b), atol=1e-12)
    assert mean_pool(4)(a).shape == (2, 3, 2, 3)
    assert torch.allclose(mean_pool(4)(a)[0, 1, 1, 2], a[0, 1, 4:, 8:].mean())
    assert torch.equal(masked(mask)(a), a[:, mask == 1])
    # away from the edge a blur is a Gaussian mean, of the width that was asked for
    dot = F.one_hot(torch.tensor([20]), 41).double().view(1, 1, 1, 41).repeat(1, 1, 41, 1)
    row = gaussian_blur(2.0)(dot)[0, 0, 20]
    place = torch.arange(41) - 20
    assert abs(float(row.sum()) - 1) < 1e-12
    assert abs(math.sqrt(float((row * place**2).sum())) / 2 - 1) < 0.02


def test_a_model_is_steered_and_stays_as_it_was() -> None:
    network = nn.Sequential(nn.Linear(3, 3))
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = network
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return self.inner(z)
    model = Diffusion(Flat(), discretization=Continuous(), shape=(3,))
    before = model.sample(4, DDIM(4), progress=False)
    twin = Steered(model, lambda base: Measured(base, SEEN.float(), lambda x: x @ M.T))
    found = twin.sample(4, DDIM(40), progress=False, denoise=True)
    assert (both(found) - SEEN).abs().max() < 0.05
    assert torch.equal(model.sample(4, DDIM(4), progress=False), before)
    assert twin.state_dict().keys() == model.state_dict().keys()


def test_what_is_refused() -> None:
    base, y = MixtureDenoiser(VP(), law()), torch.zeros(4, 3)
    refused("divides by it", Measured, base, SEEN, both, 0.0, "none")
    refused("std", Measured, base, SEEN, both, -1.0)
    refused("covariance", Measured, base, SEEN, both, 0.1, "full")
    refused("NaN or infinite", Measured, base, SEEN * math.nan, both)
    refused("iterations", Measured, base, SEEN, both, iterations=0)
    refused("variance", Measured, base, SEEN, both, variance=0.0)
    for H in (lambda x: both(x) + 1, lambda x: both(x).square(), lambda x: both(x).clamp_min(0)):
        refused("not linear", Measured(base, SEEN, H), y + 1, 0.5)
    refused("what H makes", Measured(base, SEEN[:, :1], both), y, 0.5)
    refused("one m for all", Measured(base, SEEN.expand(3, 2), both), y, 0.5)
    some = denoiser(CLD(), lambda y, g: 0 * y[:, 1], "noise")
    refused("some blocks only, .*whatever the sampler", Measured, some, SEEN, both)
    known = Inpainting(base, torch.zeros(1, 3), torch.tensor([1, 0, 0]))
    for way in COVARIANCES: refused("measure first, Inp", Measured, known, SEEN, both, 0.1, way)
    moved: Denoiser = denoiser(Encoded(VP(), Encoder()), lambda z, g: z)
    refused("without an encoder", Measured, moved, SEEN, both)
    refused("does not divide", mean_pool(3), torch.zeros(1, 1, 8, 8))
    refused("factor", mean_pool, 1)
    refused("std", gaussian_blur, 0.0)
    refused("0 and 1", masked, torch.tensor([0.5]))
    refused("give one for every number", masked(torch.ones(3)), torch.zeros(2, 4))
