"""A density of points, as a reader of the guide would write it."""
import torch

from mdm_nb import MLP, VP, Continuous, Diffusion, Standardised

points = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
model = Diffusion(MLP(2, 16), VP(), "v", Continuous(), (2,))
found = model.log_prob(points[:4], times=200)
print(f"{found.value.mean():.3f} ± {found.se.mean():.3f} nats")
wide = Diffusion(MLP(2, 16), VP(), "v", Standardised.of(100 * points), (2,))
print(wide.log_prob(100 * points[:2], times=200).value.shape)
