"""Processes, kernels and exact mixtures, by hand."""
import torch

from mdm_nb import CLD, VP, Gaussian, Kernel, LearnedMDM, Mixture, Monotone, Process

processes: list[Process] = [VP(), VP.song(), VP(Monotone(-5.0, 5.0)), CLD(), LearnedMDM(2)]
x = torch.randn(4, 2, dtype=torch.float64)
for process in processes:
    kernel: Kernel = process.kernel(0.5)
    mean, factor = process.marginal(x, 0.5)
    print(process.K, process.gamma(0.5).detach(), kernel.Sigma.shape, process.device)
    print(mean.shape, factor.shape)
mixture = Mixture.ring(8).at(0.0)
print(mixture.log_prob(x).mean().item(), mixture.covs.shape)
link = Kernel.of(torch.eye(2), torch.eye(2)) @ Kernel.of(torch.eye(2), torch.eye(2))
print(link(Gaussian(torch.zeros(2), torch.eye(2))).log_prob(x).shape)
