"""Check whether the file of an upload is of the kind that its name and its framework say."""

from collections.abc import Iterator

from wltui.core.upload_frameworks import CONVERT, FRAMEWORKS, TAKEN_SUFFIXES
from wltui.core.upload_plan import UploadPlan

from .contents import Contents, Kind
from .findings import Finding, Severity, shorten
from .onnx_file import OnnxModel
from .pickled import Pickle

LARGEST_RECORDED = 9_290_701_800
"""Bytes of the largest version that was recorded; it is ready."""
_DOCUMENTED_IR, _DOCUMENTED_OPSET = 8, 17
"""The newest format of ONNX that the documentation names, up to release 2024.1."""
_KINDS = {
    "onnx": (Kind.ONNX,),
    "keras": (Kind.HDF5, Kind.ZIP),
    "sklearn": (Kind.PICKLE,),
    "xgboost": (Kind.PICKLE,),
}
"""The kinds of files that a framework takes; all others take a zip."""
_SAVE_AS: dict[tuple[str, ...], str] = {
    (".pickle", ".pk", ".p"): "Rename it to end in .pkl.",
    (".joblib",): "Save the model by pickle.dump, to a file that ends in .pkl.",
    (".keras",): "Save the model as HDF5: model.save('model.h5').",
    (".hdf5", ".hdf"): "Rename it to end in .h5.",
    (".py",): "Make a zip of it, and upload that with the framework python.",
    (".pb",): "Make a zip of the SavedModel's folder, and upload that.",
    (".safetensors", ".bin", ".gguf"): "Make a zip of the folder that save_pretrained wrote, and upload that.",
    (".json", ".ubj", ".bst", ".xgb", ".model"): "Save an XGBoost model by pickle.dump, to a file that ends in .pkl.",
    (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".zst"): "Unpack it, and make a zip of what it holds.",
    (".pt2",): "Save the model as TorchScript: torch.jit.script(model).save('model.pt').",
}  # fmt: skip
_TORCH_SUFFIXES = (".pth", ".ckpt", ".torchscript")
TORCH_SCRIPT = "Save it as TorchScript: torch.jit.script(model).save('model.pt')."


def check_file(plan: UploadPlan, contents: Contents) -> Iterator[Finding]:
    """Yield findings about a file, but for those about the entries of a zip."""
    misnamed = list(_check_suffix(plan, contents))
    yield from misnamed
    if contents.kind is Kind.EMPTY:
        yield Finding(Severity.CERTAIN, "The file is empty.", "Save the model again, and upload that file.")
        return
    if contents.size > LARGEST_RECORDED:
        cause = f"The file has {contents.size:,} bytes; the largest upload that is known had {LARGEST_RECORDED:,}."
        yield Finding(
            Severity.NOTE, cause, "Expect hours, and ask the administrator whether a gateway limits it."
        )
    if not misnamed and (odd := _check_kind(plan.framework, contents)):
        yield odd
    else:
        yield from _check_content(plan.framework, contents)


def _check_suffix(plan: UploadPlan, contents: Contents) -> Iterator[Finding]:
    suffix, framework = plan.file.suffix, FRAMEWORKS.get(plan.framework)
    if suffix in TAKEN_SUFFIXES:
        if framework and suffix not in framework.suffixes:
            taken = " or ".join(framework.suffixes)
            cause = f"The file ends in {suffix}; the framework {framework.name} takes {taken}."
            is_recorded = (framework.name, suffix) == ("pytorch", ".onnx")
            remedy = "Choose the framework that the file was made with."
            yield Finding(Severity.LIKELY, cause, remedy, is_recorded)
        return
    name = f"Its name ends in {shorten(suffix)}" if suffix else "Its name has no suffix"
    taken = f"{', '.join(TAKEN_SUFFIXES[:-1])} and {TAKEN_SUFFIXES[-1]}"
    if suffix.lower() in TAKEN_SUFFIXES:
        cause = f"{name}, in capital letters; the platform takes {taken}."
        yield Finding(Severity.LIKELY, cause, f"Rename it to end in {suffix.lower()}.")
        return
    is_recorded = plan.route == CONVERT
    severity = Severity.CERTAIN if is_recorded else Severity.LIKELY
    yield Finding(severity, f"{name}; the platform takes {taken} only.", _remedy(plan, contents), is_recorded)


def _remedy(plan: UploadPlan, contents: Contents) -> str:
    """Return how to make a file of it that the platform takes."""
    suffix = plan.file.suffix.lower()
    if suffix in _TORCH_SUFFIXES or (
        contents.is_torch_save and not any(suffix in suffixes for suffixes in _SAVE_AS)
    ):
        return "Rename it to end in .pt." if contents.is_torch_script else TORCH_SCRIPT
    if contents.kind is Kind.ONNX:
        return "It is an ONNX model: rename it to end in .onnx."
    if contents.kind is Kind.HDF5 and suffix not in (".hdf5", ".hdf"):
        return "It is an HDF5 file: if it is a Keras model, rename it to end in .h5."
    known = next((remedy for suffixes, remedy in _SAVE_AS.items() if suffix in suffixes), "")
    if known:
        return known
    if contents.kind is Kind.PICKLE:
        return "It is a pickle: rename it to end in .pkl."
    if contents.kind is Kind.ZIP:
        return "It is a zip: rename it to end in .zip."
    usual = FRAMEWORKS[plan.framework].suffixes[0] if plan.framework in FRAMEWORKS else ""
    return f"Save the model as a file that ends in {usual or 'one of these'}."


def _check_kind(framework: str, contents: Contents) -> Finding | None:
    """Return the finding about a file whose first bytes are not those of its framework; None if they are."""
    kind, wanted = contents.kind, _KINDS.get(framework, (Kind.ZIP,))
    if (
        framework not in FRAMEWORKS or kind in wanted or contents.path.suffix == ".zip"
    ):  # zips have their own checks
        return None
    taken = (
        "TorchScript, which is a zip"
        if framework == "pytorch"
        else " or ".join(each.value for each in wanted)
    )
    if kind is Kind.OTHER:
        cause = f"The file does not begin like one of {framework}, which takes {taken}."
        return Finding(Severity.LIKELY, cause, "Save the model again, and upload that file.")
    cause = f"The file is {kind.value}; {framework} takes {taken}."
    remedy = "Choose the framework that the file was made with."
    return Finding(Severity.LIKELY, cause, remedy, (framework, kind) == ("pytorch", Kind.ONNX))


def _check_content(framework: str, contents: Contents) -> Iterator[Finding]:
    """Yield findings about a file that may be of its framework."""
    if framework == "onnx" and contents.onnx:
        yield from _check_onnx(contents.onnx)
    elif framework in {"sklearn", "xgboost"} and contents.pickle and contents.kind is Kind.PICKLE:
        yield from _check_pickle(framework, contents.pickle)
    elif framework == "keras" and contents.kind is Kind.HDF5 and not contents.has_keras_model:
        cause = "The file seems to hold weights without the model's architecture."
        yield Finding(Severity.NOTE, cause, "Save the whole model: model.save('model.h5'), not save_weights.")
    elif framework == "pytorch":
        yield from _check_torch(contents)


def _check_onnx(model: OnnxModel) -> Iterator[Finding]:
    if model.is_cut_off or not model.has_graph:
        cause = "The ONNX file is damaged or cut off: " + (
            "it ends in the midst of a field." if model.is_cut_off else "it has no graph."
        )
        yield Finding(Severity.LIKELY, cause, "Save the model again, and upload that file.")
        return
    if model.is_external:
        cause = "The model's weights are in another file, which is not uploaded with it."
        remedy = "Save it as one file: onnx.save(onnx.load('model.onnx'), 'one-file.onnx')."
        yield Finding(Severity.LIKELY, cause, remedy)
    if model.ir_version > _DOCUMENTED_IR or model.opset > _DOCUMENTED_OPSET:
        cause = (
            f"The file has IR version {model.ir_version} and opset {model.opset}; the platform's documentation names "
            f"{_DOCUMENTED_IR} and {_DOCUMENTED_OPSET} as the newest."
        )
        yield Finding(Severity.NOTE, cause, f"If it fails, export it with opset {_DOCUMENTED_OPSET}.")
    if model.inputs:
        names = ", ".join(map(shorten, model.inputs[:5])) + (" …" if len(model.inputs) > 5 else "")
        cause = f"The model's inputs are named {names}."
        remedy = "If your data has other names, set tensor_fields in the version's config after the upload."
        yield Finding(Severity.NOTE, cause, remedy)


def _check_pickle(framework: str, pickle: Pickle) -> Iterator[Finding]:
    if pickle.is_cut_off:
        yield Finding(
            Severity.LIKELY, "The pickle is cut off.", "Save the model again, and upload that file."
        )
    if pickle.has_module("joblib.numpy_pickle"):
        cause = "joblib wrote the file; pickle can't read all that joblib writes."
        yield Finding(Severity.NOTE, cause, "If it fails, save the model by pickle.dump.")
    if pickle.names and not pickle.has_module(framework):
        cause = (
            f"The pickle has no class of {framework}. The first that it names is {shorten(pickle.names[0])}."
        )
        remedy = "Choose the framework that the model was made with, or custom if there is none for it."
        yield Finding(Severity.LIKELY, cause, remedy)
    if any(name.startswith("__main__.") for name in pickle.names):
        cause = "The pickle needs a class of the program that saved it, which the platform does not have."
        yield Finding(Severity.LIKELY, cause, "Use the framework custom, and put the class into its zip.")


def _check_torch(contents: Contents) -> Iterator[Finding]:
    if contents.is_torch_script or not contents.archive or contents.archive.damage:
        return
    if not contents.is_torch_save:
        yield Finding(Severity.LIKELY, "The file is a zip, but not of PyTorch.", TORCH_SCRIPT)
    elif is_state_dict(contents.pickle):
        cause = (
            "The file holds weights without the model's code (a state_dict), so no model can be made of it."
        )
        yield Finding(Severity.CERTAIN, cause, f"Load them into the model. {TORCH_SCRIPT}")
    else:
        cause = "The file was written by torch.save, not by torch.jit.save: it has none of the model's code."
        yield Finding(Severity.LIKELY, cause, TORCH_SCRIPT)


def is_state_dict(pickle: Pickle | None) -> bool:
    """Return whether a pickle of torch.save names nothing but tensors and containers of Python."""
    known = ("torch._utils.", "torch.serialization.", "collections.OrderedDict", "builtins.")
    return pickle is not None and all(
        name.startswith(known) or (name.startswith("torch.") and name.endswith("Storage"))
        for name in pickle.names
    )
