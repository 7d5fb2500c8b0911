"""From data to a number to samples, as a reader of the README would write it."""
import torch

from mdm_nb import Diffusion, Discretization, UNet, load

data = load("digits")
levels = Discretization(data.levels)
model = Diffusion(UNet(1, width=8, blocks=1), discretization=levels, shape=data.shape)
optimizer = torch.optim.Adam(model.parameters(), 3e-3)
for step in range(3):
    loss = model.loss(data.train[64 * step:64 * step + 64])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
bound = model.bpd(data.test[:32], times=1, progress=False)
print(f"{bound.bpd:.3f} ± {bound.se:.3f} {bound.unit}", bound.protocol)
images = model.sample(2, progress=False)
print(images.shape[1:] == data.shape, float(images.max()))
