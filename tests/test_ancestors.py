"""The mistakes of the direct ancestors, and where each would be caught here.

`CATALOGUE` lists the defects found in the code and the numbers of the works this library descends
from (MDM, PSLD, CLD, score_sde and those who measured bits per dimension with them), and the
pitfalls of the method, each beside the tests that guard against it. The list is itself tested: a
guard that is renamed or skipped makes this file fail. Defects that nothing guarded before have
their tests below it.
"""
import ast
import configparser
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file
from torch import Tensor, nn

from mdm_nb import (
    DDIM,
    FREE,
    MLP,
    NOISE_KINDS,
    PROCESSES,
    Ancestral,
    Config,
    Continuous,
    Diffusion,
    Discretization,
    EulerMaruyama,
    ProbabilityFlow,
    Run,
    Sampler,
    UNet,
    begin,
    fit,
    make_accelerator,
    make_model,
    make_optimizer,
    make_process,
    seeded,
    sinusoid,
    terms_of,
    train,
    train_step,
)
from mdm_nb.data.sources import SOURCES
from mdm_nb.runs import plot, tracking

pytestmark = pytest.mark.usefixtures("short_walks")
ROOT = Path(__file__).resolve().parent.parent

CATALOGUE = {
    # Switches and numbers that are not what they seem
    ("options that nothing reads: use_ema, ema_decay, val_fid_epoch, PF-ODE, SSCS and PC as flags "
     "only"): (
        "test_ancestors.py::test_every_option_is_read",
        "test_ancestors.py::test_a_training_repeats_and_free_options_are_free",
    ),
    ("functions imported and never called, arguments taken and never looked at (odeint; `if None` "
     "in perturb_data)"): (
        "test_ancestors.py::test_every_argument_and_import_is_read",
    ),
    ("a script that calls a name it has shadowed; scripts that name configurations which are not "
     "there"): (
        "test_cli.py::test_resume_evaluate_and_sample",
        "test_config.py::test_every_process_starts_where_the_decoder_tells_levels_apart",
    ),
    "metrics that are constants, and a checkpoint callback that monitors one": (
        "test_ancestors.py::test_reported_metrics_are_measured",
    ),
    "checkpoints picked by a bound without its reconstruction term": (
        "test_ancestors.py::test_the_average_is_what_is_validated_evaluated_saved_and_sampled",
        "test_train.py::test_only_the_last_checkpoints_are_kept",
    ),
    "W&B and Lightning needed to run at all": (
        "test_ancestors.py::test_nothing_optional_is_imported",
        "test_cli.py::test_help_and_refusals_need_no_torch",
    ),
    "a training that writes no checkpoint, or cannot resume": (
        "test_train.py::test_resume_is_bit_for_bit",
    ),
    # Training and evaluation
    "an average of the weights that is never updated": (
        "test_loop.py::test_fit_averages_every_step",
        "test_train.py::test_average_is_the_formula",
    ),
    "an average that is updated and then not used": (
        "test_ancestors.py::test_the_average_is_what_is_validated_evaluated_saved_and_sampled",
    ),
    "saved weights whose names do not fit the model": (
        "test_train.py::test_the_run_folder_is_whole",
    ),
    "evaluation with dropout awake, and training with dropout asleep after it": (
        "test_ancestors.py::test_dropout_sleeps_in_evaluation_alone",
        "test_diffusion.py::test_evaluation_restores_the_mode_even_after_an_error",
        "test_network.py::test_dropout_acts_in_training_only",
    ),
    "training data that are never shuffled": (
        "test_ancestors.py::test_training_data_come_in_a_new_order_every_epoch",
        "test_data.py::test_an_epoch_takes_each_image_once",
        "test_data.py::test_batches_depend_on_seed_and_step_alone",
    ),
    "an infinite loss under mixed precision": (
        "test_ancestors.py::test_every_option_is_read",
        "test_diffusion.py::test_types_change_at_the_border_only",
    ),
    "a likelihood weighting that the training refuses": (
        "test_diffusion.py::test_loss_is_the_mean_of_the_bound_in_its_unit",
    ),
    "t in [0, 1] fed to sines of at most one radian: features that hardly move": (
        "test_ancestors.py::test_the_networks_hear_every_noise_level",
        "test_network.py::test_unet_hears_noise_level_and_condition_at_every_width",
        "test_diffusion.py::test_noise_levels_are_normalised_to_the_unit_interval",
    ),
    "a network conditioned on t while the schedule moves": (
        "test_diffusion.py::test_the_networks_clock_does_not_move_with_learned_ends",
    ),
    # Times
    "importance weights times (1 - t_min)": (
        "test_ancestors.py::test_importance_weights_are_those_of_a_density",
        "test_bound.py::test_importance_weights_have_mean_one",
        "test_forms.py::test_weights_have_mean_one",
        "test_mdm.py::test_ancestor_weights_carried_one_minus_t_min",
    ),
    "VP's proposal for every process": (
        "test_mdm.py::test_ancestor_proposal_was_that_of_vp_for_every_process",
        "test_bound.py::test_importance_times_save_draws",
    ),
    "a proposal without the clock's speed, or one that gradients pass through": (
        "test_mdm.py::test_ancestor_time_density_must_include_the_clock",
        "test_bound.py::test_gradients_pass_by_the_proposal",
    ),
    "uniform times, whose variance drowns validation curves": (
        "test_bound.py::test_importance_times_save_draws",
    ),
    "t in single precision": (
        "test_mdm.py::test_ancestor_times_were_single_precision",
    ),
    "four meanings of beta": (
        "test_mdm.py::test_ancestor_beta_had_four_meanings",
        "test_schedule.py::test_a_clock_of_which_slope_is_given_reads_the_same",
    ),
    # Kernels
    "kernels in single precision": (
        "test_mdm.py::test_ancestor_kernels_were_single_precision",
        "test_lyapunov.py::test_published_processes_to_twelve_digits",
    ),
    "a jitter of 1e-4 in place of the kernel": (
        "test_mdm.py::test_ancestor_jitter_of_1e_4_replaced_the_kernel_of_alda",
    ),
    "a stabiliser of 1e-9 that is the noise of x": (
        "test_mdm.py::test_ancestor_stabiliser_of_1e_9_was_the_noise_of_cld",
    ),
    "noise of x below what a network in single precision can see": (
        "test_ancestors.py::test_the_first_noise_is_seen_in_single_precision",
    ),
    "2 x 2 inverses through a difference of products": (
        "test_lyapunov.py::test_published_processes_to_twelve_digits",
    ),
    ("matrix_exp that differs between one and many, eigenvectors that fail at critical damping, QR"
     " without a gradient"): (
        "test_mdm.py::test_ancestor_matrix_exponentials_and_eigenvectors_are_not_used",
        "test_lyapunov.py::test_gradients_of_a_learned_system",
    ),
    "closed forms that hold at critical damping alone, with a mass computed from the friction": (
        "test_mdm.py::test_ancestor_mass_was_computed_from_the_friction",
    ),
    "an upper factor, with which the leading noise enters": (
        "test_mdm.py::test_ancestor_only_trailing_noise_enters_if_x_comes_first",
    ),
    "a start with the stationary variance": (
        "test_mdm.py::test_ancestor_start_used_the_stationary_variance",
    ),
    "entropy of v_0 from the stationary variance, or left out": (
        "test_forms.py::test_the_entropy_is_there",
    ),
    "the standard deviation of sub-VP taken for a root": (
        "test_process.py::test_song_vp_and_sub_vp",
    ),
    "the variance of VE with what z_0 has already": (
        "test_process.py::test_song_ve",
    ),
    "1 - alpha^2 where its root is needed": (
        "test_mdm.py::test_ancestor_signal_variance_was_taken_for_its_root",
    ),
    # Q, D and S
    "softplus of d dT, which is not semidefinite": (
        "test_mdm.py::test_ancestor_softplus_of_bbt_is_not_semidefinite",
    ),
    "matrices checked before training and never after": (
        "test_mdm.py::test_ancestor_matrices_were_checked_at_the_start_only",
    ),
    ("a scale of Q and D that drifts with the clock, one learning rate for all, eigenvalues that "
     "nobody watches"): (
        "test_mdm.py::test_ancestor_scale_of_Q_and_D_drifted_with_the_clock",
        "test_train.py::test_what_decays",
        "test_config.py::test_readings_tell_everything_that_is_learned",
    ),
    "two clocks for Q and D, which do not commute": (
        "test_mdm.py::test_ancestor_two_clocks_do_not_commute",
    ),
    "a prior of unit variance for auxiliary blocks, S fixed and diagonal": (
        "test_mdm.py::test_ancestor_prior_was_assumed_diagonal_and_of_unit_variance",
        "test_mdm.py::test_prior_draws_have_the_prior_covariance",
    ),
    "ALDA without a configuration, or with couplings in other units": (
        "test_mdm.py::test_ancestor_alda_coupled_in_other_units",
        "test_config.py::test_every_model_has_a_loss_with_a_gradient",
    ),
    "auxiliary blocks zeroed in the caller's tensor": (
        "test_mdm.py::test_ancestor_hybrid_kernel_zeroed_the_callers_state",
        "test_forms.py::test_no_argument_is_changed",
    ),
    # The bound
    "the term of the prior missing, or sampled": (
        "test_mdm.py::test_ancestor_prior_term_was_missing_or_sampled",
        "test_bound.py::test_no_constant_is_sampled",
    ),
    "traces that count blocks instead of dimensions": (
        "test_forms.py::test_forms_agree_at_every_time",
    ),
    "a number without -log q(v_0), or a partial sum": (
        "test_bound.py::test_every_process_to_all_digits",
        "test_bound.py::test_entropies_cancel",
        "test_forms.py::test_without_correction_it_is_not_a_bound",
    ),
    "the hybrid kernel believed to bound the loss": (
        "test_mdm.py::test_ancestor_hybrid_kernel_was_thought_to_bound_the_loss",
    ),
    "a likelihood left to be done": (
        "test_bound.py::test_bounds_of_a_mixture_hold_in_every_process",
    ),
    # Bits per dimension
    "offsets 7, 8, log2(128) and 0.01522 typed by hand, 8-bit data only": (
        "test_discretize.py::test_derived_constants",
        "test_discretize.py::test_uniform_noise_under_a_uniform_model_costs_log2_levels",
    ),
    "numbers that change with the units of the data": (
        "test_discretize.py::test_bits_do_not_depend_on_units",
        "test_diffusion.py::test_the_bound_in_bits_does_not_depend_on_units",
    ),
    "the entropy of the dequantising noise forgotten: 0.92 bits": (
        "test_discretize.py::test_price_of_truncated_normal_and_uniform_noise",
    ),
    "two corrections for the noise at once": (
        "test_discretize.py::test_uniform_noise_under_a_uniform_model_costs_log2_levels",
    ),
    "no noise at evaluation, and negative bits": (
        "test_discretize.py::test_decoder_is_a_distribution_everywhere",
        "test_bound.py::test_density_has_no_bits",
    ),
    "terms swapped, a mean taken twice": (
        "test_bound.py::test_record_units",
        "test_record.py::test_table_adds_up",
        "test_diffusion.py::test_batches_join_in_order_under_one_protocol",
    ),
    "protocols that cannot be compared under one name": (
        "test_bound.py::test_record_prints_value_error_unit_and_protocol",
        "test_bound.py::test_cat",
    ),
    "two ImageNets of one name": (
        "test_data.py::test_two_imagenets_are_one_too_many",
        "test_data.py::test_imagenet32_as_one_file_admits_that_the_version_is_unknown",
    ),
    # Samplers
    "the sign of the reverse drift, and a flow that runs the wrong way": (
        "test_sample.py::test_every_sampler_reaches_the_exact_covariance_with_its_order",
        "test_process.py::test_every_kind_leads_to_the_true_score",
    ),
    "the score of the flow halved twice": (
        "test_sample.py::test_ddim_without_noise_becomes_the_probability_flow",
    ),
    "no score for blocks without noise": (
        "test_mdm.py::test_ancestor_score_of_quiet_blocks_was_missing",
    ),
    "a quadratic grid with its small steps near the prior": (
        "test_sample.py::test_grids",
        "test_sample.py::test_euler_maruyama_against_numbers_found_elsewhere",
    ),
    "calls of the network that are not counted": (
        "test_ancestors.py::test_every_call_of_the_network_is_counted",
        "test_sample.py::test_shapes_types_inputs_and_seeds",
        "test_diffusion.py::test_default_sampler_takes_the_steps_of_the_model",
    ),
}


# The list


@cache
def tree(file: Path) -> ast.Module:
    """A parsed source file."""
    return ast.parse(file.read_text())


def collected(file: Path) -> set[str]:
    """Names of the tests in a file that run: neither skipped nor expected to fail."""
    def runs(f: ast.stmt) -> bool:
        if not (isinstance(f, ast.FunctionDef) and f.name.startswith("test_")): return False
        marks = " ".join(ast.unparse(d) for d in f.decorator_list)
        return not re.search("skip|xfail|slow", marks)
    return {f.name for f in tree(file).body if runs(f)}


@pytest.mark.parametrize("defect", CATALOGUE, ids=lambda s: re.sub(r"\W+", "_", s)[:40])
def test_the_catalogue_names_tests_that_exist(defect: str) -> None:
    for guard in CATALOGUE[defect]:
        file, name = guard.split("::")
        assert (ROOT / "tests" / file).is_file() and name in collected(ROOT / "tests" / file), guard


def test_every_test_here_is_in_the_catalogue() -> None:
    guards = {guard for guards in CATALOGUE.values() for guard in guards}
    own = {name for name in collected(Path(__file__)) if "catalogue" not in name}
    here = "test_ancestors.py::"
    assert own == {g.removeprefix(here) for g in guards if g.startswith(here)}
    named = {n for n in collected(ROOT / "tests/test_mdm.py") if n.startswith("test_ancestor_")}
    assert {f"test_mdm.py::{name}" for name in named} <= guards


def modules() -> list[Path]:
    """The source files of the package."""
    return sorted(p for p in (ROOT / "mdm_nb").rglob("*.py") if p.name != "_modidx.py")


# Sources that say more than they do


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function of the package that does something, with its module."""
    for file in modules():
        for f in ast.walk(tree(file)):
            if not isinstance(f, ast.FunctionDef): continue
            if "NotImplementedError" not in read_in(f.body[-1]): yield file.stem, f


def read_in(node: ast.AST) -> set[str]:
    """Names that are read somewhere below a node."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def test_every_argument_and_import_is_read() -> None:
    """An argument goes unread only if another function of that name, of one interface, reads it."""
    unread, somewhere = set(), set()
    for module, f in functions():
        arguments = (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs)
        names = {a.arg for a in arguments} - {"self", "cls", "_"}
        read = set().union(*map(read_in, f.body))
        if "locals" in read: read |= names
        somewhere |= {(f.name, n) for n in names & read}
        unread |= {(module, f.name, n) for n in names - read}
    assert len(somewhere) > 300 and not {u for u in unread if u[1:] not in somewhere}
    for file in modules():
        imports = [n for n in ast.walk(tree(file)) if isinstance(n, ast.Import | ast.ImportFrom)]
        if file.name == "__init__.py": continue  # of a part: it is imported for what it adds
        names = {(a.asname or a.name).split(".")[0] for n in imports for a in n.names}
        assert not names - read_in(tree(file)), file.name


def test_nothing_optional_is_imported(watched: SimpleNamespace) -> None:
    """What the package imports is what settings.ini requires; no tracker is among it."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "settings.ini")
    required = {re.split(r"\W", r)[0] for r in settings["DEFAULT"]["requirements"].split()}
    required = required - {"scikit", "pillow"} | {"sklearn", "PIL"}
    at_once, ever = set(), set()
    for file in modules():
        for place, found in ((tree(file).body, at_once), (ast.walk(tree(file)), ever)):
            for n in place:
                if isinstance(n, ast.Import): found |= {a.name for a in n.names}
                if isinstance(n, ast.ImportFrom) and not n.level: found.add(n.module)
    assert not {n for n in ever if "tensorboard" in n or "wandb" in n}
    late = set(settings["DEFAULT"]["quality_requirements"].split())  # imported where it is needed
    assert not late & {n.split(".")[0] for n in at_once}
    allowed = required | late | {"mdm_nb"}
    assert {n.split(".")[0] for n in ever} - sys.stdlib_module_names <= allowed
    unwanted = {"wandb", "tensorboard", "lightning", "pytorch_lightning", "hydra"}
    assert watched.steps and not unwanted & {n.split(".")[0] for n in sys.modules}


# Every option, one at a time


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of tiny labelled data sets under the names of large ones, four by four pixels."""
    folder = tmp_path_factory.mktemp("pictures")
    own = np.random.default_rng(9).integers(0, 16, (20, 4, 4)).astype(np.uint8)
    np.savez(folder / "own.npz", train=own[:16], test=own[16:])
    for seed, name in enumerate(("here/mnist", "here/cifar10", "there/mnist")):
        draw = np.random.default_rng(seed)
        (folder / name).parent.mkdir(exist_ok=True)
        counts = {"train": 12, "valid": 4, "test": 4}
        arrays = {k: draw.integers(0, 256, (n, 4, 4)) for k, n in counts.items()}
        arrays |= {f"{k}_y": draw.integers(0, 10, n) for k, n in counts.items()}
        np.savez(folder / f"{name}.npz", **{k: v.astype(np.uint8) for k, v in arrays.items()})
    return folder


OTHER = {  # another value for each option, and what else must hold for it to have a say
    "data": "cifar10", "root": "there", "labels": True, "label_dropout": 0.5, "seed": 1, "steps": 3,
    "batch_size": 6, "lr": 1e-3, "process_lr": 1e-3, "warmup": 4, "weight_decay": 0.5, "clip": 1e-2,
    "ema": 0.1, "width": 8, "blocks": 2, "dropout": 0.5, "process": "ve", "aux": 2,
    "noise": "diagonal", "parameterisation": "eps", "schedule": "linear", "gamma_0": -5.0,
    "gamma_1": 3.0, "diffusion_steps": 10, "free_variance": True, "encoder": "fixed",
    "encoder_width": 8, "encoder_levels": 1, "encoder_blocks": 2, "ends": 0.5, "valid_every": 2,
    "valid_examples": 2, "valid_times": 2, "checkpoint_every": 2, "keep": 1, "precision": "bf16",
    "track": "tensorboard", "sample_every": 1, "lr_decay": "cosine", "accumulate": 2, "levels": 16,
    "network": "Pyramid(width=8, mult=(1, 1), blocks=1)", "compile": True, "flips": True,
    "recompute": True,
}
ENCODER = {"encoder": "unet", "encoder_width": 4, "diffusion_steps": 10}
NEEDS = {
    "lr": {"process_lr": 1e-3}, "aux": {"process": "mdm"}, "noise": {"process": "mdm"},
    "lr_decay": {"steps": 4}, "free_variance": {"diffusion_steps": 10},
    "levels": {"data": "own.npz", "levels": 17},
    "network": {"width": 32, "blocks": 2},  # the usual ones, which a call of its own replaces
    # layers that start at zero: the first steps do not hear of the class
    "label_dropout": {"labels": True, "steps": 4},
    **{f"encoder_{part}": ENCODER for part in ("width", "levels", "blocks")},
}
TOUCHES = {  # what an option may change that leaves the trained weights alone; others change those
    "ema": {"averaged", "metrics"}, "keep": {"files"}, "track": {"files"},
    "sample_every": {"files"},
    "valid_examples": {"metrics"}, "valid_times": {"metrics"}, "valid_every": {"metrics"},
    "checkpoint_every": {"files"}, "recompute": set(),
}


@pytest.fixture(autouse=True, scope="module")
def tiny_sources() -> Iterator[None]:
    """Large data sets are what `pictures` holds under their names."""
    with pytest.MonkeyPatch.context() as m:
        for name in ("mnist", "cifar10"):
            tiny = replace(SOURCES[name], shape=(1, 4, 4), counts=(12, 4, 4), fingerprint="")
            m.setitem(SOURCES, name, tiny)
        yield


def config(pictures: Path, **changes: object) -> Config:
    """A short training on a tiny data set, with changes."""
    base = {
        "data": "mnist", "root": "here", "schedule": "learned", "steps": 2, "batch_size": 4,
        "warmup": 2, "width": 4, "blocks": 1, "valid_every": 1, "valid_examples": 3,
        "valid_times": 1, "checkpoint_every": 1,
    } | changes
    if base["data"] == "own.npz": base["data"] = str(pictures / "own.npz")
    return Config(**base | {"root": str(pictures / str(base["root"]))})


def outcome(config: Config, folder: Path) -> dict[str, object]:
    """What a training leaves: trained weights, their average, metrics and the names of files."""
    run, data = begin(config, folder)
    fit(run, data, make_accelerator(torch.device("cpu"), config.precision), False)
    _, _, last = run.load_checkpoint()
    def plain(tensors: dict[str, Tensor]) -> dict[str, tuple]:
        return {k: (tuple(v.shape), v.double().flatten().tolist()) for k, v in tensors.items()}
    rows = run.metrics()
    assert rows and all(math.isfinite(v) for row in rows for v in row.values())
    return {
        "trained": plain({k: v for k, v in last.items() if k.startswith("model.")}),
        "averaged": plain(load_file(folder / "weights.safetensors")),
        "metrics": rows,
        "files": sorted(str(p.relative_to(folder)) for p in folder.rglob("*")),
    }


@pytest.fixture(scope="session")
def usual(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict]:
    """The outcome before an option is changed."""
    @cache
    def once(needs: tuple) -> dict[str, object]:
        return outcome(config(pictures, **dict(needs)), tmp_path_factory.mktemp("usual") / "run")
    return lambda needs: once(tuple(needs.items()))


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Accelerate holds one precision for a whole session: let it forget."""
    AcceleratorState._reset_state(True)
    yield
    AcceleratorState._reset_state(True)


class Board:
    """Stands for a tracker, which need not be installed."""
    def __init__(self, run: Run, first: int) -> None:
        self.file = run.path / f"events-{first}"

    def log(self, numbers: dict[str, float], step: int) -> None:
        with open(self.file, "a") as f: f.write(f"{step} {numbers}\n")

    def finish(self) -> None: ...


def rounded(module: nn.Module) -> None:
    """Stands for `compile`, which needs a compiler and a minute: the last digits move."""
    def call(*args: object, **cond: object) -> Tensor: return 1.00001 * whole(*args, **cond)
    whole = module._call_impl
    module._compiled_call_impl = call


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("name", vars(Config()))
def test_every_option_is_read(
    name: str, usual: Callable, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Change an option, and the training changes where it should, with finite numbers."""
    assert name in OTHER, (f"the option {name} is new: give another value for it in OTHER, and in "
                           "NEEDS what it depends on")
    monkeypatch.setattr(tracking, "_board", Board)
    monkeypatch.setattr(tracking, "find_spec", lambda name: name)
    monkeypatch.setattr(nn.Module, "compile", rounded)
    needs = NEEDS.get(name, {})
    changed = config(pictures, **needs | {name: OTHER[name]})
    before, after = usual(needs), outcome(changed, tmp_path / "run")
    different = {k for k in before if before[k] != after[k]}
    if name in TOUCHES: assert different == TOUCHES[name]
    else: assert {"trained", "averaged", "metrics"} <= different


def test_a_training_repeats_and_free_options_are_free(
    usual: Callable, pictures: Path, tmp_path: Path,
) -> None:
    """Equal trainings are equal; --resume may change what leaves the weights alone, only that."""
    assert outcome(config(pictures), tmp_path / "run") == usual({})
    assert set(TOUCHES) - {"ema"} | {"steps", "data", "root"} == set(FREE)


# One training, looked at from all sides


def without_pictures(patch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn, wherever the package draws."""
    users = [m for name, m in sys.modules.items() if name.startswith("mdm_nb.") and m is not plot]
    for name in ("image_grid", "curves", "moves", "png"):
        for module in users:
            if hasattr(module, name): patch.setattr(module, name, lambda *_, **__: b"")


@pytest.fixture(scope="module")
def watched(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A training with dropout and a short average, and what was seen of it."""
    chosen = config(pictures, process="mdm", dropout=0.5, ema=0.5, diffusion_steps=4, steps=6,
                    valid_every=2, checkpoint_every=2, keep=3, valid_examples=4)
    seen = SimpleNamespace(steps=[], awake=[], weights=[])
    whole = {name: getattr(Diffusion, name) for name in ("loss", "bpd", "sample")}
    whole["forward"] = UNet.forward
    def loss(*args: object, **kwargs: object) -> Tensor:
        out = whole["loss"](*args, **kwargs)
        seen.steps.append(float(out.detach()))
        return out
    def forward(self: UNet, *args: object, **kwargs: object) -> Tensor:
        modes = {m.training for m in self.modules()}
        seen.awake.append((torch.is_grad_enabled(), modes))
        return whole["forward"](self, *args, **kwargs)
    def using(name: str) -> Callable:
        def spy(self: Diffusion, *args: object, **kwargs: object) -> object:
            out = whole[name](self, *args, **kwargs)
            used = {k: v.clone() for k, v in self.state_dict().items()}
            seen.weights.append((name, len(seen.steps), used, out))
            return out
        return spy
    with pytest.MonkeyPatch.context() as m:
        m.setattr(Diffusion, "loss", loss)
        m.setattr(UNet, "forward", forward)
        for name in ("bpd", "sample"): m.setattr(Diffusion, name, using(name))
        without_pictures(m)
        run, seen.data = begin(chosen, tmp_path_factory.mktemp("watched") / "run")
        seen.awake.clear()
        seen.result = train(run, seen.data, "cpu", progress=False)
    seen.run = Run(run.path)
    return seen


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Whether two sets of weights are equal, bit for bit."""
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_the_average_is_what_is_validated_evaluated_saved_and_sampled(
    watched: SimpleNamespace,
) -> None:
    """The averaged weights of that step at every look; at the end those of the last step."""
    def part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
        return {k.removeprefix(name): v for k, v in tensors.items() if k.startswith(name)}
    saved = [load_file(path) for path in watched.run.checkpoints()]
    averages = [part(tensors, "ema.module.") for tensors in saved]
    current = [part(tensors, "model.") for tensors in saved]
    looks = [(name, step) for name, step, *_ in watched.weights]
    assert looks == [("bpd", 2), ("bpd", 4), ("bpd", 6), ("bpd", 6), ("sample", 6)]
    for (_, step, used, _), i in zip(watched.weights, (0, 1, 2, 2, 2), strict=True):
        assert same(used, averages[i]), step
        for k in ("process.q", "network.enter.weight"):
            assert not torch.equal(used[k], current[i][k]), step
    final = load_file(watched.run.path / "weights.safetensors")
    assert same(final, averages[2]) and not same(averages[2], averages[1])
    assert same(watched.run.load_model().state_dict(), averages[2])


def test_dropout_sleeps_in_evaluation_alone(watched: SimpleNamespace) -> None:
    """The whole network is awake where gradients are kept, asleep where they are not."""
    assert all(modes == {learning} for learning, modes in watched.awake)
    learning = [awake for awake, _ in watched.awake]
    turns = [now for now, before in zip(learning, [None, *learning], strict=False) if now != before]
    # first, a model tries its network when it is built
    assert turns == [False, *[True, False] * 3]


def test_reported_metrics_are_measured(watched: SimpleNamespace) -> None:
    """Nothing reported is a constant, and each number is that of the model it stands for."""
    rows, run = watched.run.metrics(), watched.run
    assert [row["step"] for row in rows] == [2, 4, 6]
    needed = {"loss", "gradient_norm", "valid_bpd", "valid_se", "gamma_0", "Q_10", "D_11"}
    assert needed <= rows[0].keys()
    # but for a pair of eigenvalues, which has the fixed trace
    moving = [name for name in rows[0] if not name.endswith("_real")]
    for name in moving: assert len({row[name] for row in rows}) == 3, name
    assert [row["loss"] for row in rows] == [watched.steps[i] for i in (1, 3, 5)]
    validated = [(row["valid_bpd"], row["valid_se"]) for row in rows]
    assert validated == [(out.bpd, out.se) for _, _, _, out in watched.weights[:3]]
    again = run.load_model().bpd(watched.data.valid, 4, 1, run.config.seed, progress=False)
    assert validated[-1] == (again.bpd, again.se)
    assert torch.equal(watched.result.total, watched.weights[3][3].total)
    assert len(watched.result.total) == len(watched.data.test)
    record, fits = run.record()
    said = terms_of(record["evaluations"]["test"])
    assert fits and said == watched.result.terms() and len(set(said.values())) == 4


def test_training_data_come_in_a_new_order_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every image once per epoch, in an order that the seed and the epoch decide."""
    accelerator, shown = make_accelerator(torch.device("cpu"), "no"), []
    images = torch.arange(24, dtype=torch.uint8).view(24, 1, 1, 1).expand(24, 1, 4, 4)
    def loss(self: Diffusion, data: Tensor, *_: object, **__: object) -> Tensor:
        shown.extend(data[:, 0, 0, 0].tolist())
        return sum(p.sum() for p in self.parameters())
    monkeypatch.setattr(Diffusion, "loss", loss)
    def epochs(seed: int) -> list[list[int]]:
        config = Config(width=4, blocks=1, batch_size=8, seed=seed)
        model = make_model(config, 256, (1, 4, 4))
        optimizer = make_optimizer(model, config)
        shown.clear()
        for step in range(1, 7): train_step(accelerator, model, optimizer, images, step, config)
        return [shown[:24], shown[24:]]
    one, again, other = epochs(0), epochs(0), epochs(1)
    assert all(sorted(epoch) == list(range(24)) for epoch in one + other) and one == again
    assert len({tuple(epoch) for epoch in [list(range(24)), *one, *other]}) == 5


# Times, levels and calls


@pytest.mark.parametrize("kind", ["v", "noise"])
@pytest.mark.parametrize("name", PROCESSES)
def test_importance_weights_are_those_of_a_density(name: str, kind: str) -> None:
    """Weights of mean one from t = 0 to t = 1, for every process that can be named."""
    process, n = make_process(Config(process=name), Discretization(256)), 8000
    with torch.no_grad():
        t, share = process.times((torch.arange(n, dtype=torch.float64) + 0.5) / n, kind)
        ends, _ = process.times(torch.tensor([0.0, 1.0], dtype=torch.float64), kind)
        rate = process.at(t).rate
    assert ends.tolist() == pytest.approx([0, 1], abs=1e-9) and bool((share > 0).all())
    low, high = process.span
    assert float((share * rate).mean()) == pytest.approx(high - low, rel=2e-4)
    # γ of the unit ALDA all but rests once, where times are too rare for a sum without γ'
    if (name, kind) != ("alda_unit", "v"):
        assert float(share.mean()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", PROCESSES)
def test_the_first_noise_is_seen_in_single_precision(name: str) -> None:
    """The noise of x in the first state is a thousand roundings of x or more."""
    process = make_process(Config(process=name), Discretization(256))
    least = float(process.kernel(0.0).L[..., 0, 0].detach())
    assert least > 1000 * 2**-24
    x = torch.linspace(0.5, 1, 4001, dtype=torch.float64)
    noise = least * torch.randn(4001, generator=seeded(0), dtype=torch.float64)
    assert float(((x + noise).float().double() - x - noise).std()) < 1e-3 * least


NETWORKS = {"UNet": lambda: UNet(1, 32, 1), "MLP": lambda: MLP(2, 16, 1)}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_the_networks_hear_every_noise_level(
    make: Callable[[], nn.Module], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Levels a hundredth apart differ by half a feature, for the factor before the level."""
    heard, level = [], torch.linspace(0, 1, 101)
    def spy(g: Tensor, width: int) -> Tensor:
        heard.append(sinusoid(g, width))
        return heard[-1]
    for name, module in list(sys.modules.items()):
        if name.startswith("mdm_nb.models.") and hasattr(module, "sinusoid"):
            monkeypatch.setattr(module, "sinusoid", spy)
    net = make()
    net(torch.zeros(101, 1, 4, 4) if isinstance(net, UNet) else torch.zeros(101, 2), level)
    features, = heard
    def apart(f: Tensor) -> Tensor: return f.diff(dim=0).norm(dim=1)
    assert apart(features).min() > 0.5
    assert apart(sinusoid(level / 1000, features.shape[1])).max() < 0.03


class Counted(nn.Module):
    """Predicts nothing, and counts."""
    def __init__(self) -> None:
        super().__init__()
        self.calls, self.weight = 0, nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """Zero."""
        self.calls += 1
        return self.weight * z


CALLS = [(DDIM(6), 6), (Ancestral(6), 6), (EulerMaruyama(6, grid="quadratic"), 6),
         (ProbabilityFlow(6), 12)]


@pytest.mark.parametrize(("sampler", "calls"), CALLS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("kind", NOISE_KINDS[-2:])
def test_every_call_of_the_network_is_counted(sampler: Sampler, calls: int, kind: str) -> None:
    """As many as steps, two for each of Heun's, and one more for the last look."""
    net = Counted()
    model = Diffusion(net, None, kind, Continuous(), (2,))
    for last in (False, True):
        net.calls = 0
        model.sample(1, sampler, denoise=last, progress=False)
        assert net.calls == calls + last
