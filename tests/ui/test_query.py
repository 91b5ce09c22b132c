"""The filter language: what is understood, what is explained, and which rows it finds."""

import random
import uuid
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from wltui.core.records import (
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
)
from wltui.ui.text.corpus import Corpus, CorpusBuilder
from wltui.ui.text.digests import SIZE, holding
from wltui.ui.text.facts import Facts, Numbers, facts, text_facts
from wltui.ui.text.query import parse
from wltui.ui.text.record_facts import facts_below, model_facts, version_facts, workspace_facts
from wltui.ui.text.search import Search
from wltui.ui.widgets.filter_bar import completed

DAY = 86_400
NOW = 1_800_000_000
UUID = "f5999fe0-0d0b-44d2-aa7a-e52df78b2586"
SHA = "5f2a8a" + "01" * 29
IMAGE = "proxy.example.com/ghcr.io/wallaroolabs/mac-deploy:v2023.4.0-4103"
DIGEST = f"ghcr.io/wallaroolabs/mac-deploy@sha256:{'46' * 32}"


def version(number: int, status: str = "ready", **fields: str) -> ModelVersion:
    return ModelVersion(id=VersionId(number), model_name="ccfraud", status=status, **fields)  # type: ignore[arg-type]


VERSIONS = [
    version(46, uuid=UUID, sha=SHA, image_path=IMAGE, created_by="jane@example.com", framework="onnx"),
    version(4644, "error", error_summary="Could not pip install numpy", created_at="2027-01-15T06:00:00Z"),
    version(50, "pending_load_native", file_name="unet-3d.onnx", created_at="2027-01-01T00:00:00Z"),
    version(51, "converting_soon", image_path=DIGEST, created_by="Jo O'Neil"),
]  # fmt: skip
ROWS = [(version_facts(each, ("ws", "Fraud lab")),) for each in VERSIONS]


def search_in(rows: Iterable[Sequence[Facts]]) -> Search:
    return Search(Corpus.of(rows))


def found(text: str) -> list[int]:
    """The versions that a filter finds."""
    return [VERSIONS[row].id for row in search_in(ROWS).find(parse(text).terms, NOW)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [46, 4644, 50, 51]),
        ("CCFRAUD", [46, 4644, 50, 51]),
        ("pip", [4644]),
        ("pip numpy", [4644]),
        ("pip onnx", []),
        ('"pip install"', [4644]),
        ('"install pip"', []),
        ("!error", [46, 50, 51]),
        ("!error !ready", [50, 51]),
        ('!"pip install" !status:ready', [50, 51]),
        ("status:error", [4644]),
        ("status:failed", [4644]),
        ("state:pending", [50]),
        ("status:other", [51]),
        ("status:converting", [51]),
        ("model:onnx", []),
        ("file:onnx", [50]),
        ("framework:onnx", [46]),
        ("ws:lab", [46, 4644, 50, 51]),
        ('by:"jo o"', [51]),
        ("!by:jane", [4644, 50, 51]),
        ("image:mac-deploy", [46, 51]),
        ("tag:v2023.4", [46]),
        (IMAGE, [46]),
        (DIGEST, [51]),
        (UUID, [46]),
        (UUID.upper(), [46]),
        ("f599", [46]),
        ("e52df78b2586", [46]),
        ("uuid:aa7a", [46]),
        (SHA, [46]),
        ("sha:5f2a8a", [46]),
        ("010101", [46]),
        ("464", [4644]),
        ("46", [46, 4644]),
        ("id:46", [46]),
        ("24h", [4644]),
        ("age<24h", [4644]),
        ("age>1w", [50]),
        ("!24h", [46, 50, 51]),
        ('"3d"', [50]),
        ("~npy", [4644]),
        ("~ccfd", [46, 4644, 50, 51]),
        ("~copinu", []),  # letters of one word alone
        ("!~npy", [46, 50, 51]),
    ],
)
def test_a_filter_finds(text: str, ids: list[int]) -> None:
    assert (text, found(text)) == (text, ids)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("statsu:error", "Unknown key statsu:. Did you mean status:?"),
        ("stat:error", "Unknown key stat:. Did you mean status:?"),
        (f"id:{'1' * 19}", "id: takes a number, such as id:46."),
        (f"config:{'1' * 4_301}", "config: takes a number, such as config:46."),
        ("qqqqqq:8080", 'Unknown key qqqqqq:. Quote it to find it as a text: "qqqqqq:8080".'),
        ("age<2x", "2x is no duration. Write age<24h: a number, then s, m, h, d, w or y."),
        ("age:yesterday", "yesterday is no duration. Write age<24h: a number, then s, m, h, d, w or y."),
        ("id:ccfraud", "id: takes a number, such as id:46."),
    ],
)
def test_a_wrong_term_is_explained_and_hides_nothing(text: str, problem: str) -> None:
    assert parse(text).problems == (problem,)
    assert found(text) == found("")
    assert found(f"pip {text}") == found("pip")


@pytest.mark.parametrize(
    "text", ["!", "~", "!~", "status:", "!status:", "age<", "age:", '"', '!"', "  ", '""']
)
def test_a_term_that_is_only_begun_hides_nothing(text: str) -> None:
    assert parse(text).problems == ()
    assert found(text) == found("")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pip !cuda", ("pip", "not cuda")),
        ('status:error image:"a b"', ("status error", 'image "a b"')),
        ("24h age>2w !age<5m", ("younger than 24 h", "older than 2 w", "not younger than 5 min")),
        ("~frd workspace:lab", ("letters frd", "ws lab")),
        ("a:b:c", ()),
        ("registry.example.com:443/a:v1", ("registry.example.com:443/a:v1",)),
        ("x<5 a<b", ("x<5", "a<b")),
    ],
)
def test_a_filter_says_how_it_was_understood(text: str, words: tuple[str, ...]) -> None:
    assert parse(text).words == words


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("", ()),
        ("st", ("status:",)),
        ("pip !re", ("reason:", "release:")),
        ("status:", ("error", "failed", "pending", "ready")),
        ("status:p", ("pending",)),
        ("ag", ("age<",)),
        ("age<", ("24h", "30d")),
        ("!AGE>3", ("30d",)),
        ("age:", ("24h", "30d")),
        ("age:24h", ()),
        ("x<", ()),
        ("st ", ()),
        ("zzz", ()),
    ],
)
def test_what_can_be_typed_next_is_offered(text: str, offers: tuple[str, ...]) -> None:
    assert parse(text).offers == offers


@pytest.mark.parametrize(
    ("begun", "whole"),
    [("ag", "age<24h"), ("age:", "age:24h"), ("pip !age>3", "pip !age>30d"), ("st", "status:error")],
)
def test_a_completed_filter_is_understood(begun: str, whole: str) -> None:
    text = begun
    for _ in range(3):
        for offer in parse(text).offers[:1]:
            text = completed(text, offer)
    assert text == whole
    assert not parse(text).problems


def test_a_number_longer_than_any_id_is_a_text() -> None:
    for digits in ("9" * 19, "9" * 4_301):
        assert found(digits) == []
        assert found(f"!{digits}") == found("")


def test_a_model_is_found_by_one_of_its_versions() -> None:
    old = version(1, "error", created_at="2020-01-01T00:00:00Z", error_summary="no memory", uuid=UUID)
    new = version(2, "ready", created_at="2027-01-15T07:00:00Z", image_path=IMAGE)
    models = [
        Model(id=ModelId(46), name="ccfraud", versions=(new, old)),
        Model(id=ModelId(47), name="mac", versions=(new,)),
        Model(id=ModelId(48), name="empty", versions=()),
    ]
    search = search_in(model_facts(model, ("ws", "lab")) for model in models)

    def names(text: str) -> list[str]:
        return [models[row].name for row in search.find(parse(text).terms, NOW)]

    assert names("error") == names("memory") == names("status:failed") == names(UUID) == ["ccfraud"]
    assert names("error 24h") == []  # not the same version
    assert names("ready 24h ccfraud") == ["ccfraud"]
    assert names("!error") == ["mac", "empty"]
    assert names("ready !error") == ["mac"]
    assert names("mac") == ["mac"]  # and not by an image
    assert names("image:mac") == ["ccfraud", "mac"]
    assert names("deploy") == ["ccfraud", "mac"]  # as nothing is called so
    assert names("46") == ["ccfraud"]
    assert names("ws:lab") == ["ccfraud", "mac", "empty"]
    assert names("lab") == ["ccfraud", "mac", "empty"]  # as nothing else is called so
    assert names("lab mac") == ["ccfraud", "mac"]


def test_a_workspace_is_found_by_the_versions_of_its_models() -> None:
    one, other = (Workspace(WorkspaceId(number), f"lab {number}") for number in (10, 11))
    failed = version(7, "error", error_summary="no memory", sha=SHA)
    models = [Model(id=ModelId(46), name="ccfraud", versions=(failed,))]
    search = search_in([(workspace_facts(one), *facts_below(one, models)), (workspace_facts(other),)])
    for text in ("error", "memory", SHA, "model:ccf", "ccf", "id:7", "id:46", "lab error", "ws:10"):
        assert (text, [*search.find(parse(text).terms, NOW)]) == (text, [0])
    assert [*search.find(parse("lab").terms, NOW)] == [0, 1]
    assert [*search.find(parse("!error").terms, NOW)] == [1]


def test_a_config_is_found_by_its_number_alone() -> None:
    config = ModelConfig(id=ConfigId(29), runtime="flight")
    rows = [(version_facts(ModelVersion(id=VersionId(1), config=config)),)]
    assert [*search_in(rows).find(parse("config:29 runtime:fl").terms, NOW)] == [0]
    assert [*search_in(rows).find(parse("29").terms, NOW)] == []


def test_digits_are_found_in_digests_wherever_they_are_and_cut_anywhere() -> None:
    digests = [
        (UUID, SHA),
        (UUID[::-1].replace("-", "")[:8] + UUID[8:], SHA[::-1]),
        (UUID[:-3] + "[-]", "5d2e5c"),
        ("0000" + SHA[:4] + UUID[8:], SHA),  # the beginning of the hash is within the UUID too
    ]
    search = search_in((version_facts(version(9, "ready", uuid=uuid, sha=sha)),) for uuid, sha in digests)
    for text in (UUID, SHA):
        for word in {text[start : start + length] for start in range(len(text) - 7) for length in (4, 6, 7)}:
            if whole := len(word) >= 6:
                wanted = [word in uuid or word in sha for uuid, sha in digests]
            else:
                wanted = [uuid.startswith(word) or sha.startswith(word) for uuid, sha in digests]
            found = [*search.find(parse(word).terms, NOW)]
            assert (word, found) == (word, [place for place, hit in enumerate(wanted) if hit])
            if whole:
                assert [*search.find(parse(f"uuid:{word}").terms, NOW)] == [
                    place for place, (uuid, _) in enumerate(digests) if word in uuid
                ]


@pytest.mark.parametrize(
    "word",
    ["4", "46", "46e", "46e1", "46e1a", "-", "6-4", "e-46", "-46e1-", "--", "no", "4g", "error", "４"],
)
def test_few_digits_are_found_among_many_digests(word: str) -> None:
    many = random.Random(1).randbytes(SIZE * 20_000)  # more than are searched at once
    uuids = [str(uuid.UUID(bytes=many[start : start + 16])) for start in range(0, len(many), SIZE)]
    shas = [many[start + 16 : start + SIZE].hex() for start in range(0, len(many), SIZE)]
    for part, texts in (("uuid", uuids), ("sha", shas)):
        for at_start in (False, True):
            sure, maybe = map(set, holding(bytearray(many), word, (part,), at_start=at_start))
            wanted = {
                place for place, text in enumerate(texts) if word in text[: len(word) if at_start else None]
            }
            assert sure <= wanted <= sure | maybe
            assert len(maybe) <= 400  # to look at one takes as long as to search 50
            assert sure == wanted or len(word) > 3


def test_texts_of_rows_that_are_gone_are_not_kept() -> None:
    before = Corpus.of((facts(("model", name)),) for name in ("one", "two", "three"))
    builder = CorpusBuilder()
    builder.add_from(before, range(1, 3))
    builder.add([(facts(("model", "two")),)])
    corpus = builder.build()
    assert [corpus.texts[number].words[1:] for number in corpus.text_of] == ["two", "three", "two"]
    assert len(corpus.texts) == 2


def test_of_a_text_of_any_length_as_much_is_searched_as_a_line_shows() -> None:
    row = facts(("reason", "needle" + "\x01x" * 200_000 + "end"))
    assert len(row.texts.text) < 1_100
    assert [*search_in([(row,)]).find(parse("needle").terms, NOW)] == [0]
    assert [*search_in([(row,)]).find(parse("end").terms, NOW)] == []
    assert [*search_in([(row,)]).find(parse(UUID).terms, NOW)] == []
    assert len(text_facts(["x" * 9_000] * 2).texts.text) < 2_100


LETTERS = st.text("ab4-\x02", max_size=6)
ENTRIES = st.lists(
    st.builds(
        lambda texts, number, uuid, below: facts(
            ("status", texts[0]), ("model", texts[1]), id=number, uuid=uuid, is_below=below
        ),
        st.tuples(LETTERS, LETTERS), st.integers(1, 50), st.text("ab4-", max_size=9), st.booleans(),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


@given(st.lists(ENTRIES, max_size=6), st.lists(st.text("aAb4-!~ ", max_size=8), min_size=1, max_size=4))
def test_each_text_finds_what_it_would_find_at_first(rows: list[list[Facts]], typed: list[str]) -> None:
    search = search_in(rows)
    for text in typed:
        for end in range(len(text) + 1):  # letter by letter, and back to another text
            terms = parse(text[:end]).terms
            assert [*search.find(terms, NOW)] == [*search_in(rows).find(terms, NOW)]


HEX = st.text("0f4", min_size=1, max_size=7)
PARTS_OF_DIGESTS = st.one_of(st.text("0f4-", min_size=1, max_size=7), st.builds(
    lambda text, start, size: text[start : start + size],
    st.sampled_from([UUID, "f0000000" + UUID[8:], "5f" + "f" * 62]), st.integers(0, 35), st.integers(1, 9),
))  # fmt: skip
TIMES = (
    None,
    "2027-01-15T06:00:00Z",
    "2027-01-14T08:00:00+00:00",
    "1970-01-01T00:00:00Z",
    "2027-01-14T08:00:00.100Z",
    "?",
)
VERSION = st.builds(
    lambda number, begun, created_at, is_usual, is_there: version(
        number, **{"uuid": f"{begun:0<8}{UUID[8:]}" if is_usual else begun} if is_there else {},
        **{"sha": f"5f{begun:f<62}"} if is_there != is_usual else {},
        **{"created_at": created_at} if created_at else {},
    ),
    st.integers(1, 5_000), HEX, st.sampled_from(TIMES), st.booleans(), st.booleans(),
)  # fmt: skip


@given(
    st.lists(
        st.tuples(VERSION, st.booleans(), st.sampled_from([None, NOW - DAY, NOW - DAY + 1])), max_size=8
    ),
    PARTS_OF_DIGESTS,
)
@settings(max_examples=300)
def test_what_is_held_packed_is_found_as_what_is_written_out(
    made: list[tuple[ModelVersion, bool, float | None]], digits: str
) -> None:
    rows = [replace(version_facts(each, below=below), began=began) for each, below, began in made]
    plain = [
        replace(row, source=Numbers(each.id, each.config_id, each.uuid, each.sha, each.created_seconds))
        for row, (each, _, _) in zip(rows, made, strict=True)
    ]
    for term in (
        digits,
        f"uuid:{digits}",
        f"sha:{digits}",
        f"!{digits}",
        "24h",
        "!24h",
        "age>24h",
        "age<90y",
        "age>1s",
    ):
        terms = parse(term).terms
        found = [[*search_in((row,) for row in each).find(terms, NOW)] for each in (rows, plain)]
        assert found[0] == found[1], term
    for number in {each.id for each, _, _ in made}:
        wanted = [place for place, (each, _, _) in enumerate(made) if each.id == number]
        assert {*wanted} <= {*search_in((row,) for row in rows).find(parse(str(number)).terms, NOW)}
