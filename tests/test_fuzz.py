"""No call of a public callable with arguments of its declared types crashes or invents a NaN.

Five calls of each here; `MDM_FUZZ=100 pytest tests/test_fuzz.py` makes more. The arguments and what
counts as a fault are in fuzz.py. Here every annotation is checked too (conftest.py): what the
package itself calls wrongly is an error of beartype, and counts as obscure.
"""
import os

import fuzz
import pytest

CALLS = int(os.environ.get("MDM_FUZZ", "5"))

INNER = "called by the package's own loops, with times and shapes that were checked at their start"
BARE = "a network, which answers for its input as torch's own layers do"
KNOWN = {  # callables that may still fail, and why
    **dict.fromkeys(["attend", "swish", "MLP.forward", "UNet.forward", "EncoderUNet.forward",
                     "Attention.forward", "ResBlock.forward", "Dropout.forward",
                     "Fields.forward", "StepNetwork.forward", "SigmaNetwork.forward",
                     "Classifier.forward", "CodedUNet.forward", "Pyramid.forward",
                     "Rescaled.forward", "Told.forward", "SpectralNetwork.forward"], BARE),
    **dict.fromkeys(["Predictor.path_kl", "NoisePredictor.ask", "NoisePredictor.path_kl",
                     "NoisePredictor.score", "NoisePredictor.tail", "MixtureDenoiser.__call__",
                     "EncodedPredictor.drift", "EncodedPredictor.path_kl", "Process.posterior",
                     "Sampler.step", "EulerMaruyama.step", "ProbabilityFlow.slope",
                     "Adaptive.curve", "Polynomial.curve", "Steps.curve", "Adaptive.subset",
                     "Exponential.plan", "Exponential.planned", "Heun.step",
                     "Multistep.look", "Multistep.move", "Multistep.step",
                     "Multistep.seen_from", "DPMSolver.look", "DPMSolver.move", "GDDIM.look",
                     "GDDIM.move", "GDDIM.seen_from"],
                    INNER),
    **dict.fromkeys(["Bridge.keep", "Bridge.renew", "Moment.for_times", "Moment.state",
                     "Moment.aux_noise"],
                    "a record that a process makes, asked with what belongs to it"),
}


@pytest.mark.parametrize("name", fuzz.callables())
def test_what_a_person_can_call_is_finite_or_refused(name: str) -> None:
    seen = [fuzz.once(name, i) for i in range(CALLS)]
    faults = [f"{kind}: {detail}" for kind, detail in seen if kind in ("nan", "obscure")]
    if name in KNOWN: return
    assert not faults, faults[0]


def test_the_tables_name_what_there_is() -> None:
    assert set(KNOWN) <= set(fuzz.callables()) and len(fuzz.callables()) > 300


def test_most_calls_are_answered() -> None:
    """A harness whose arguments never fit would find nothing."""
    names = list(fuzz.callables())[::5]
    answered = sum(fuzz.once(name, 0)[0] == "fine" for name in names)
    assert answered > 0.5 * len(names)
