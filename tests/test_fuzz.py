"""No call of a public callable with arguments of its declared types crashes or invents a NaN.

Five calls of each here; `MDM_FUZZ=100 pytest tests/test_fuzz.py` makes more. The arguments and what
counts as a fault are in fuzz.py. Here every annotation is checked too (conftest.py): what the
package itself calls wrongly is an error of beartype, and counts as obscure.
"""
import os

import fuzz
import pytest

CALLS = int(os.environ.get("MDM_FUZZ", "5"))

INNER = "called by the package, with times and shapes that it has checked"
BARE = "a network, which answers for its input as torch's own layers do"
KNOWN = {  # callables that may still fail, and why
    **dict.fromkeys(["attend", "swish", "fourier", "MLP.forward", "UNet.forward",
                     "EncoderUNet.forward", "Attention.forward", "ResBlock.forward"], BARE),
    **dict.fromkeys(["UNet", "EncoderUNet", "ResBlock"], "dropout is left to torch"),
    **dict.fromkeys(["Encoded.carry", "Encoded.level", "Encoded.signal", "mean_move",
                     "EncodedPredictor.drift", "EncodedPredictor.path_kl"], INNER),
    **dict.fromkeys(["Diffusion.denoise", "Diffusion.predict"],
                    "shapes of a state are not compared with the model's"),
    **dict.fromkeys(["reconstruction_term", "bound", "ism_term", "cubature", "freed", "for_each"],
                    "data and times of different lengths"),
    **dict.fromkeys(["Denoiser.drift", "Denoiser.noise_shape", "Denoiser.path_kl",
                     "MixtureDenoiser.__call__", "Predictor.path_kl", "NoisePredictor.ask",
                     "NoisePredictor.path_kl", "NoisePredictor.score", "NoisePredictor.tail",
                     "Sampler.step", "ProbabilityFlow.slope"], INNER),
    **dict.fromkeys(["Process.signal", "Process.carry", "Process.posterior", "Process.marginal"],
                    "a moment of another process, or an encoder: times are not compared with data"),
    **dict.fromkeys(["Bridge.keep", "Bridge.renew", "Moment.for_times"], INNER),
}


@pytest.mark.parametrize("name", fuzz.callables())
def test_what_a_person_can_call_is_finite_or_refused(name: str) -> None:
    seen = [fuzz.once(name, i) for i in range(CALLS)]
    faults = [f"{kind}: {detail}" for kind, detail in seen if kind in ("nan", "obscure")]
    if name in KNOWN: return
    assert not faults, faults[0]


def test_the_tables_name_what_there_is() -> None:
    assert set(KNOWN) <= set(fuzz.callables()) and len(fuzz.callables()) > 250


def test_most_calls_are_answered() -> None:
    """A harness whose arguments never fit would find nothing."""
    names = list(fuzz.callables())[::5]
    answered = sum(fuzz.once(name, 0)[0] == "fine" for name in names)
    assert answered > 0.5 * len(names)
