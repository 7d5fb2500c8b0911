"""A run folder, from its configuration to the model read back."""
import tempfile
from pathlib import Path

from mdm_nb import Config, ImageData, InputError, Run, create_run, load, make_model, mdm_data

data: ImageData = load("digits")
config = Config(data=data.name, steps=2, width=8, blocks=1)
with tempfile.TemporaryDirectory() as folder:
    run: Run = create_run(Path(folder) / "run", config.replace(steps=3), data)
    run.log({"step": 1, "loss": 2.5})
    model = make_model(run.config, data.levels, data.shape)
    run.save_weights(model, run.config.steps, 0.0)
    print(run.metrics()[0]["loss"], run.load_model().dims, run.load_data().fingerprint[:8])
try: load("no such data")
except InputError as e: print(e)
mdm_data("digits")
