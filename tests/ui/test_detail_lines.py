"""Lines of a detail: values beside or below their labels, image paths, and schemas in short types."""

from wltui.config.schema import Field, Schema, short_type
from wltui.ui.text.glyphs import UNICODE
from wltui.ui.text.spans import Continued, Role, Spans, plain, width
from wltui.ui.widgets.config_lines import _schema
from wltui.ui.widgets.image_path import image_lines
from wltui.ui.widgets.labelled import heading, labelled

PATH = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103"
REMEDY = "Look up the package in the upload log. Its version has to exist for Python 3.10."


def texts(lines: "list[Spans]") -> list[str]:
    return [plain(line).rstrip() for line in lines]


def test_a_path_breaks_between_its_folders_and_never_in_its_name() -> None:
    assert texts(image_lines(PATH, 100, UNICODE)) == [PATH]
    assert texts(image_lines(PATH, 39, UNICODE)) == [
        "proxy.replicated.com/proxy/wallaroo/", "ghcr.io/wallaroolabs/", "mlflow-deploy:v2023.4.0-4103"
    ]  # fmt: skip
    for cells in range(1, 100):
        lines = image_lines(PATH, cells, UNICODE)
        assert "".join(texts(lines)) == PATH
        assert max(map(width, lines)) <= cells
        assert all(isinstance(line[0][0], Continued) for line in lines[1:])  # so that a selection joins them


def test_a_long_value_stands_below_its_label_where_there_is_little_room() -> None:
    value: list[Spans] = [((REMEDY, Role.PLAIN),)]
    assert texts(labelled("wltui: remedy", value, 43)) == [
        "  wltui: remedy",
        "    Look up the package in the upload log.",
        "    Its version has to exist for Python",
        "    3.10.",
    ]
    beside = texts(labelled("wltui: remedy", value, 78))
    assert beside[0] == "  wltui: remedy  Look up the package in the upload log. Its version has to"
    assert texts(labelled("Size", [(("1.9 kB", Role.PLAIN),)], 43)) == ["  Size           1.9 kB"]
    assert plain(heading("File", 78, UNICODE)) == "File " + "─" * 73
    assert plain(heading("File", 43, UNICODE)) == "File"


def test_types_are_short_where_they_would_be_broken() -> None:
    nested = "fixed_size_list<item: fixed_size_list<item: double>[12]>[96]"
    for text, short in {
        nested: "double[96, 12]",
        "fixed_size_list<item: float>[10]": "float[10]",
        f"list<item: {nested}>": "list<item: double[96, 12]>",
        "fixed_size_list<item: float not null>[3]": "fixed_size_list<item: float not null>[3]",
        "fixed_size_list<x: float>[3]": "fixed_size_list<x: float>[3]",
        "fixed_size_list<item: fixed_size_binary[2]>[3]": "fixed_size_list<item: fixed_size_binary[2]>[3]",
        "timestamp[ns]": "timestamp[ns]",
    }.items():
        assert short_type(text) == short
    schema = Schema((Field("window", nested, True), Field("mask", "bool", False)))
    assert texts(_schema("Input schema", schema, 78, UNICODE))[1:] == [
        f"  window  {nested}", "  mask    bool  not null"
    ]  # fmt: skip
    assert texts(_schema("Input schema", schema, 43, UNICODE))[1] == "  window  double[96, 12]"
