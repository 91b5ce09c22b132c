"""The ready-made schemas are what they say."""

import pytest

from wltui.demo import schemas

from .conftest import Decode

ALL = {name: value for name, value in vars(schemas).items() if isinstance(value, schemas.Schema)}


@pytest.mark.parametrize("name", ALL)
def test_the_base64_decodes_to_the_text_beside_it(name: str, decode: Decode) -> None:
    assert str(decode(ALL[name].base64)) == ALL[name].text


def test_there_are_many_kinds() -> None:
    words = " ".join(schema.text for schema in ALL.values())
    kinds = ("string", "list<", "fixed_size_list<", "struct<", "map<", "timestamp", "tensor", "not null")
    assert [kind for kind in kinds if kind not in words] == []
