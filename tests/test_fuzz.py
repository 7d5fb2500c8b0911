"""No call of a public callable with arguments of its declared types crashes or invents a NaN.

Five calls of each here; `MDM_FUZZ=100 pytest tests/test_fuzz.py` makes more. The arguments and what
counts as a fault are in fuzz.py. Here every annotation is checked too (conftest.py): what the
package itself calls wrongly is an error of beartype, and counts as obscure.
"""
import os

import fuzz
import pytest

CALLS = int(os.environ.get("MDM_FUZZ", "5"))

INNER = "called by the package only, with what it has checked"
BARE = "a network, which answers for its input as torch's own layers do"
KNOWN = {  # callables that may still fail, and why
    "attend": BARE, "swish": BARE, "conv3": BARE, "Attention": BARE, "ResBlock": BARE, "norm": BARE,
    "LabelTable": BARE, "sinusoid": BARE, "fourier": BARE,
    **{f"{net}.forward": BARE for net in (
        "MLP", "UNet", "EncoderUNet", "Attention", "ResBlock", "LabelTable")},
    **dict.fromkeys(["MLP", "UNet", "EncoderUNet"], "dropout and widths are left to torch"),
    **dict.fromkeys(["Encoder.between", "Encoder.forward", "Encoder.tangent"], INNER),
    **dict.fromkeys(["Encoded.carry", "Encoded.level", "Encoded.mean_move", "Encoded.signal"],
                    INNER),
    **dict.fromkeys(["Diffusion", "Diffusion.denoise", "Diffusion.predict"],
                    "shapes of a state are not compared with the model's"),
    **dict.fromkeys(["for_each", "freed", "step_ends", "low_discrepancy", "spread"], INNER),
    **dict.fromkeys(["reconstruction_term", "bound", "bound_terms", "Bound.mean_se", "cubature",
                     "ism_term", "hsm_term", "dsm_term", "tweedie_offset"],
                    "empty data, and times of another length than the data"),
    **dict.fromkeys([name for name in fuzz.callables() if name.partition(".")[0] in (
        "Denoiser", "Predictor", "NoisePredictor", "EncodedPredictor", "MixtureDenoiser")], INNER),
    **dict.fromkeys(["Sampler.step", "DDIM.step", "EulerMaruyama.step", "ProbabilityFlow.slope",
                     "ProbabilityFlow.step", "EncodedFlow.slope"], INNER),
    **dict.fromkeys(["Process.signal", "Process.carry", "Process.posterior", "Process.marginal"],
                    "a moment of another process, or an encoder: times are not compared with data"),
    **dict.fromkeys(["Bridge.keep", "Bridge.renew", "Moment.for_times", "Moment.mean",
                     "Moment.observe", "Moment.state"], INNER),
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
