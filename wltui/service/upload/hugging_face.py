"""Which of the platform's kinds of Hugging Face models a folder of save_pretrained is."""

import json
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from .findings import shorten

_TASKS = {
    "text-to-image": "stable-diffusion-text-2-img",
    "image-to-text": "image-to-text",
    "image-text-to-text": "image-to-text",
    "text2text-generation": "summarization",
    "automatic-speech-recognition": "automatic-speech-recognition",
}
_KINDS = (
    "automatic-speech-recognition", "feature-extraction", "image-classification", "image-segmentation", "image-to-text",
    "object-detection", "question-answering", "summarization", "text-classification", "translation",
    "zero-shot-classification", "zero-shot-image-classification", "zero-shot-object-detection", "sentiment-analysis",
    "text-generation",
)  # fmt: skip
"""The platform's kinds that are also tasks of Hugging Face, by the same word."""
_ARCHITECTURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^(?:Owl|GroundingDino|OmDet)\w*$", ("zero-shot-object-detection", "object-detection")),
    (r"^(?:CLIP|Siglip|Align|AltCLIP|ChineseCLIP|MetaClip)\w*Model$", ("zero-shot-image-classification",)),
    (
        r"ForSequenceClassification$",
        ("text-classification", "sentiment-analysis", "zero-shot-classification"),
    ),
    (r"ForQuestionAnswering$", ("question-answering",)),
    (r"(?:ForCausalLM|LMHeadModel)$", ("text-generation",)),
    (r"^Marian\w*Model$|^M2M100\w*$|^NllbMoe\w*$", ("translation", "summarization")),
    (r"^(?:Whisper|Speech\w*)For\w+$|ForCTC$|ForSpeechSeq2Seq$", ("automatic-speech-recognition",)),
    (r"^(?:Blip|Git|Pix2Struct|Kosmos|VisionEncoderDecoder)\w*$", ("image-to-text",)),
    (r"For(?:Conditional|Text2Text)\w*Generation$", ("summarization", "translation")),
    (r"ForImageClassification$", ("image-classification",)),
    (r"For(?:Image|Semantic|Instance|Universal|Panoptic)\w*Segmentation$", ("image-segmentation",)),
    (r"ForObjectDetection$", ("object-detection",)),
    (r"Model$|ForMaskedLM$|ForPreTraining$", ("feature-extraction",)),
)
"""Patterns of the names of classes in ``transformers``, the special ones first."""


class Task(Struct, frozen=True):
    """The task that a model was trained for."""

    kinds: tuple[str, ...]
    """The platform's words without their prefix, the likeliest first; empty if it has none for it."""
    why: str
    is_language_model: bool = False
    """Whether vLLM and SGLang may serve it."""


def find_task(texts: Mapping[str, bytes]) -> Task | None:
    """Return a model's task by the small files beside it, or None if they are not those of a model."""
    if index := _read(texts.get("model_index.json", b"")):
        name = str(index.get("_class_name", ""))
        is_known = "StableDiffusion" in name
        return Task(
            ("stable-diffusion-text-2-img",) if is_known else (),
            f"model_index.json names the pipeline {shorten(name)}",
        )
    config = _read(texts.get("config.json", b""))
    if not {"architectures", "model_type", "transformers_version"} & config.keys():
        return None
    named = config.get("architectures")
    names = [each for each in named if isinstance(each, str)] if isinstance(named, list) else []
    tag = _tag(texts.get("README.md", b""))
    is_language_model = any(re.search(r"(?:ForCausalLM|LMHeadModel)$", name) for name in names)
    kind = _TASKS.get(tag, tag if tag in _KINDS else "")
    by_class = next((_with_hints(kinds, config, name) for name in names for kinds in _of_class(name)), ())
    if kind:
        kinds = (kind, *(each for each in by_class if each != kind))
        return Task(kinds, f"README.md has the pipeline_tag {tag}", is_language_model)
    if names:
        return Task(by_class, f"config.json has the architecture {shorten(names[0])}", is_language_model)
    return Task((), "config.json is one of transformers, without an architecture")


def _read(text: bytes) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _tag(readme: bytes) -> str:
    """Return the task in the front matter of a model card; empty if there is none."""
    found = re.search(rb"^pipeline_tag:[ \t]*['\"]?([a-z0-9-]{1,60})", readme[:4096], re.MULTILINE)
    return found[1].decode() if found and readme.startswith(b"---") else ""


def _of_class(name: str) -> Sequence[tuple[str, ...]]:
    return [kinds for pattern, kinds in _ARCHITECTURES if re.search(pattern, name[:200])][:1]


def _with_hints(kinds: tuple[str, ...], config: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return the kinds with the one first that the rest of the config names."""
    words = config.get("id2label"), config.get("task_specific_params"), name
    hints = {
        "zero-shot-classification": _has_word(words[0], "entail"),
        "sentiment-analysis": _has_word(words[0], "positive"),
        "translation": _has_word(words[1], "translation") and not _has_word(words[1], "summarization"),
    }
    return tuple(sorted(kinds, key=lambda kind: not hints.get(kind, False)))


def _has_word(found: object, word: str) -> bool:
    values = [*found.keys(), *found.values()] if isinstance(found, dict) else []
    return any(word in value.lower() for value in values[:50] if isinstance(value, str))
