"""The framework of a file by its suffix and content, and why."""

from pathlib import Path

import pytest

from tests.support import model_files as files
from wltui.core.upload_frameworks import FRAMEWORKS
from wltui.service.upload.guess import Guess, guess
from wltui.service.upload.names import suggest_name

SKLEARN, BOOSTER = "sklearn.pipeline Pipeline", "xgboost.sklearn XGBClassifier"
SINGLE: list[tuple[str, bytes, str, str]] = [
    ("m.onnx", files.onnx_model(), "onnx", "It is an ONNX model."),
    ("m.bin", files.onnx_model(), "onnx", "It is an ONNX model."),
    ("m.onnx", b"", "onnx", "It is an empty file."),
    ("m.onnx", b"?", "onnx", "Its name ends in .onnx; its content says nothing."),
    ("m", b"?", "", "It is a file of unknown kind."),
    ("m.hdf5", b"\x89HDF\r\n\x1a\n", "keras", "It is an HDF5 file, as Keras writes it."),
    ("m.pkl", files.pickle_of(SKLEARN, BOOSTER), "sklearn", "It is a pickle of sklearn.pipeline.Pipeline."),
    ("m.pkl", files.pickle_of(BOOSTER, SKLEARN), "xgboost", "It is a pickle of xgboost.sklearn.XGBClassifier."),
    ("m.pkl", b"ccopy_reg\n_reconstructor\n(csklearn.svm\nSVC\nc__builtin__\nobject\nNtR.", "sklearn",
     "It is a pickle of sklearn.svm.SVC."),
    ("m.pkl", files.pickle_of("lightgbm.sklearn LGBMClassifier"), "custom",
     "It is a pickle of lightgbm.sklearn.LGBMClassifier, "
     "for which there is no framework: put it into a zip with code."),
    ("m.pt", files.pickle_of("torch._utils _rebuild_tensor_v2"), "pytorch",
     "It is a pickle of torch.save, which is no TorchScript."),
    ("m.pkl", b"\x80\x04}.", "sklearn", "It is a pickle; what it holds was not found."),
    ("m.pkl", b"x\x9c compressed", "sklearn", "Its name ends in .pkl; its content says nothing."),
    ("step.py", b"import this", "python", "It is Python code; make a zip of it first."),
    ("m.zip", b"?", "", "It is a file of unknown kind."),
]  # fmt: skip
HF = "hugging-face-"
CARD = "---\nlicense: mit\npipeline_tag: translation\n---\n"
ZIPS: list[tuple[dict[str, str], Guess]] = [
    (files.TORCH_SCRIPT, Guess("pytorch", "It is TorchScript.")),
    ({"m/data.pkl": "", "m/version": "3"},
     Guess("pytorch", "torch.save wrote it: it holds no TorchScript.", ("custom",))),
    (files.SAVED_MODEL, Guess("tensorflow", "The zip has a saved_model.pb.", ("keras",))),
    ({"model.weights.h5": "", "config.json": "{}"},
     Guess("keras", "It is a file of Keras 3; save it as .h5 first.", ("custom",))),
    (files.CUSTOM | {"config.json": '{"model_type": "bert"}'},
     Guess("custom", "main.py has Fraud, a class of Inference.", ("python",))),
    (files.STEP, Guess("python", "step.py has a function process_data.", ("custom",))),
    ({"a.py": "x = 1"}, Guess("custom", "The zip has Python code or requirements.txt.", ("python",))),
    ({"a.txt": ""}, Guess("", "Nothing in the zip says what made it.", ("custom", "python", "tensorflow"))),
    (files.pretrained("BertForSequenceClassification"),
     Guess(HF + "text-classification", "config.json has the architecture BertForSequenceClassification.",
           (HF + "sentiment-analysis", HF + "zero-shot-classification", "custom"))),
    (files.pretrained("MarianMTModel") | {"README.md": CARD},
     Guess(HF + "translation", "README.md has the pipeline_tag translation.", (HF + "summarization", "custom"))),
    (files.pretrained("GPT2LMHeadModel"),
     Guess(HF + "text-generation", "config.json has the architecture GPT2LMHeadModel.", ("vllm", "sglang", "custom"))),
    ({"model_index.json": '{"_class_name": "StableDiffusionPipeline"}'},
     Guess(HF + "stable-diffusion-text-2-img", "model_index.json names the pipeline StableDiffusionPipeline.",
           ("custom",))),
]  # fmt: skip
ARCHITECTURES = {
    "WhisperForConditionalGeneration": "automatic-speech-recognition",
    "Wav2Vec2ForCTC": "automatic-speech-recognition",
    "BertModel": "feature-extraction",
    "BertForMaskedLM": "feature-extraction",
    "ViTForImageClassification": "image-classification",
    "SegformerForSemanticSegmentation": "image-segmentation",
    "VisionEncoderDecoderModel": "image-to-text",
    "BlipForConditionalGeneration": "image-to-text",
    "DetrForObjectDetection": "object-detection",
    "OwlViTForObjectDetection": "zero-shot-object-detection",
    "CLIPModel": "zero-shot-image-classification",
    "DistilBertForQuestionAnswering": "question-answering",
    "BartForConditionalGeneration": "summarization",
    "MarianMTModel": "translation",
    "LlamaForCausalLM": "text-generation",
}


@pytest.mark.parametrize(("name", "content", "framework", "why"), SINGLE)
def test_files(tmp_path: Path, name: str, content: bytes, framework: str, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    found = guess(tmp_path / name)
    assert (found.framework, found.why) == (framework, why)
    assert framework not in found.alternatives
    assert {framework or "onnx", *found.alternatives} <= set(FRAMEWORKS)


def test_zips(tmp_path: Path) -> None:
    for content, expected in ZIPS:
        assert guess(files.zip_file(tmp_path / "m.zip", content)) == expected


def test_architectures_of_hugging_face(tmp_path: Path) -> None:
    for architecture, kind in ARCHITECTURES.items():
        found = guess(files.zip_file(tmp_path / "m.zip", files.pretrained(architecture)))
        assert found.framework == HF + kind, architecture
        assert {found.framework, *found.alternatives} <= set(FRAMEWORKS)


def test_the_rest_of_a_config_decides_between_kinds(tmp_path: Path) -> None:
    def kind(architecture: str, **config: object) -> str:
        return guess(files.zip_file(tmp_path / "m.zip", files.pretrained(architecture, **config))).framework

    labels = {"0": "entailment", "1": "neutral"}
    assert kind("BartForSequenceClassification", id2label=labels) == HF + "zero-shot-classification"
    labels = {"0": "NEGATIVE", "1": "POSITIVE"}
    assert kind("BertForSequenceClassification", id2label=labels) == HF + "sentiment-analysis"
    tasks: dict[str, object] = {"translation_en_to_de": {}}
    assert kind("T5ForConditionalGeneration", task_specific_params=tasks) == HF + "translation"
    tasks |= {"summarization": {}}
    assert kind("T5ForConditionalGeneration", task_specific_params=tasks) == HF + "summarization"


def test_what_no_framework_serves_needs_code(tmp_path: Path) -> None:
    found = guess(files.zip_file(tmp_path / "m.zip", files.pretrained("BertForTokenClassification")))
    assert found.framework == "custom"
    assert found.why.endswith("BertForTokenClassification, for which there is no framework: it needs code.")
    assert len(found.alternatives) == 16


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("models/CCFraud_v2.onnx", "ccfraud-v2"),
        ("house price (1).tar.gz", "house-price-1"),
        ("2024-model.pkl", "model"),
        ("v1.2-beta.zip", "v1-2-beta"),
        ("é.zip", ""),
        ("x" * 99 + ".pt", "x" * 63),
    ],
)
def test_a_name_is_made_of_that_of_the_file(file: str, name: str) -> None:
    assert suggest_name(file) == name
