"""Calls that are wrong: a type checker must report each line that is marked, and no other.

The second line below makes it report a mark that hides nothing. Nobody runs this file.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true
import torch

from mdm_nb import CLD, VP, Bound, Config, Diffusion, Kernel, Mixture, UNet, load, mdm_train

model = Diffusion(UNet(1, width=8, blocks=1), shape=(1, 8, 8))
x = torch.zeros(2, 1, 8, 8)
model.bpd("x")  # pyright: ignore
model.bpd(x, batchsize=2)  # pyright: ignore
model.sample()  # pyright: ignore
model.sampel(2)  # pyright: ignore
number: str = model.bpd(x).bpd  # pyright: ignore
pair: tuple[float, float] = model.bpd(x).total  # pyright: ignore
loss: Bound = model(x)  # pyright: ignore
VP.song(beta="1")  # pyright: ignore
level: Kernel = VP().gamma(0.5)  # pyright: ignore
CLD().kernel("late")  # pyright: ignore
Mixture.ring("8")  # pyright: ignore
Mixture.ring(8).covs()  # pyright: ignore
load(3)  # pyright: ignore
Config(stepz=3)  # pyright: ignore
mdm_train(batch_size="many")  # pyright: ignore
mdm_train(batch_size=32, out="runs/a")
model.process.gamma(0.5).sum().backward()
torch.optim.Adam(model.parameters())
