"""Letters go to the option that begins with them."""

from wltui.core.upload_frameworks import FRAMEWORKS
from wltui.ui.text.jump import find_option

NAMES = [*FRAMEWORKS]


def chosen(letters: str, current: str = "onnx") -> str:
    """Return the framework that is chosen after letters were typed one soon after the other."""
    typed = ""
    for letter in letters:
        found = find_option(NAMES, NAMES.index(current), typed, letter)
        typed, current = (found[0], NAMES[found[1]]) if found else ("", current)
    return current


def test_letters_go_to_the_option_that_begins_with_them() -> None:
    assert chosen("p") == chosen("P") == chosen("pp", "sklearn") == "python"
    assert chosen("pyto") == chosen("pp") == chosen("p", "python") == "pytorch"
    assert chosen("py", "pytorch") == "python"
    assert chosen("xk") == "keras"  # no name begins with both
    assert chosen("hh") == "hugging-face-feature-extraction"
    assert chosen("summ") == "hugging-face-summarization"  # where no name begins so, a word of one
    assert chosen("zero-shot-image") == "hugging-face-zero-shot-image-classification"
    assert find_option(NAMES, 0, "", "l") is None  # l then moves to the next, as without names
