"""Profiles: the keys of the file, the report of its mistakes, and the order of precedence."""

import argparse
import os
import re
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import fields

from wltui.cli.instances import NamedInstances
from wltui.cli.profile_file import Profile, read_profiles
from wltui.cli.resolve import Choice, NoInstance, choose
from wltui.core.errors import UsageError
from wltui.core.settings import Network, Secret, Settings, SignIn

WHOLE = """\
default = "staging"

[profiles.prod]
endpoint = "wallaroo.example.com/v1/api"
workspace = 10
refresh = 20
read_only = true
protected = true
colour = "Error"
ca_bundle = "ca.pem"
client_cert = "~/mine.pem"
client_key = "/etc/mine.key"
proxy = "http://jane:sesame@proxy.example.com:3128"
verify = false
realm = "people"
client = "wltui"
auth_url = "https://keycloak.example.com/auth/"
token_command = [
    "pass",
    "show wallaroo",
]

[profiles.staging]
endpoint = "https://staging.example.com"
token_command = "pass show 'my wallaroo'"
"""

PROD, STAGING, OTHER = (f"https://{host}.example.com" for host in ("wallaroo", "staging", "other"))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the user's file, with certificates beside it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = tmp_path / "wltui" / "config.toml"
    path.parent.mkdir()
    (path.parent / "ca.pem").touch()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mine.pem").touch()
    path.write_text(WHOLE.replace("/etc/mine.key", "ca.pem"))
    return path


def chosen(*, environ: dict[str, str] | None = None, **flags: object) -> Choice:
    return choose(argparse.Namespace(**flags), environ or {})


def mistake(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_profiles(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_key_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    path = tmp_path / "config.toml"
    path.write_text(WHOLE)
    profiles = read_profiles(path)
    assert (profiles.names, profiles.default) == (("prod", "staging"), "staging")
    prod = profiles.find("prod")
    assert {key: getattr(prod, key) for key in prod.lines} == {
        "endpoint": PROD,
        "workspace": 10,
        "refresh": 20.0,
        "read_only": True,
        "protected": True,
        "colour": "error",
        "ca_bundle": tmp_path / "ca.pem",
        "client_cert": Path("/nowhere/mine.pem"),
        "client_key": Path("/etc/mine.key"),
        "proxy": Secret("http://jane:sesame@proxy.example.com:3128"),
        "verify": False,
        "realm": "people",
        "client": "wltui",
        "auth_url": "https://keycloak.example.com/auth",
        "token_command": ("pass", "show wallaroo"),
    }
    assert prod.lines["endpoint"] == 4
    assert prod.lines["token_command"] == 18
    assert profiles.find("staging").token_command == ("pass", "show", "my wallaroo")
    assert path.read_text() == WHOLE
    assert "sesame" not in repr(profiles)


def test_the_mouse_is_off_where_the_file_says_so_and_in_gnu_screen(config: Path) -> None:
    assert chosen().settings.mouse
    assert not chosen(environ={"STY": "1.pts-0.host"}).settings.mouse
    config.write_text(f"mouse = false\n{config.read_text()}")
    assert not chosen().settings.mouse


def test_the_readme_shows_a_file_that_is_right_and_the_reference_every_key(tmp_path: Path) -> None:
    readme, reference = (
        (Path(__file__).parents[2] / name).read_text("utf-8") for name in ("README.md", "REFERENCE.md")
    )
    (tmp_path / "config.toml").write_text(readme.partition("```toml\n")[2].partition("```")[0])
    assert read_profiles(tmp_path / "config.toml").names == ("prod", "staging")
    table = reference.partition("| key | says | else |")[2].partition("\n\n")[0]
    output = {key for line in table.splitlines() for key in re.findall(r"`(\w+)`", line[: line.find("|", 1)])}
    assert output == {field.name for field in fields(Profile)} - {"name", "path", "lines"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[profiles.a]\nendpont = "x"', ", line 2: there is no 'endpont' in [profiles.a]. Did you mean endpoint?"),
        ('[profiles.a]\n\n"read-only" = true', ", line 3: there is no 'read-only' in [profiles.a]. Did you mean read_"),
        ('[profiles.a]\ncolor = "#fff"', "Did you mean colour?"),
        ("[profile.a]", ", line 1: there is no 'profile' at its top. Did you mean profiles?"),
        ("[profiles.a.keys]", ", line 1: there is no 'keys' in [profiles.a]. Keys are for the whole file: write ["),
        ("[profiles.a]\nmouse = false", ", line 2: there is no 'mouse' in [profiles.a]. It is for the whole file: wri"),
        ('endpoint = "x"', ", line 1: there is no 'endpoint' at its top. It is of one profile: write it below "),
        ('theme = "nrod"', ", line 1: theme is 'nrod', which does not exist. Did you mean nord?"),
        ("mouse = 0", ", line 1: mouse is neither true nor false. Write mouse = false"),
        ("theme = 1", ", line 1: theme is not the name of a theme. There are wltui-dark, wltui-light"),
        ('defualt = "a"\n[profiles.a]', ", line 1: there is no 'defualt' at its top. Did you mean default?"),
        ("[profiles.a]\nworkspace = 0x8000000000000000", ", line 2: workspace is no number of a workspace"),
        (f"[profiles.a]\nworkspace = {'9' * 200_000}", "is not valid TOML"),
        (f"[profiles.a]\n{'a.' * 100_000}a = 1", "is not valid TOML: too many dots (at line 2)"),
        (f"[profiles.a]\nworkspace = {'[' * 20_000}", "is not valid TOML"),
        ('[profiles.a]\nendpoint = "ftp://x"', ", line 2: endpoint: 'ftp://x' is not a valid address"),
        ("[profiles.a]\nendpoint = 3", ", line 2: endpoint is no text"),
        ("[profiles.a]\nworkspace = true", ", line 2: workspace is no number of a workspace"),
        ('[profiles.a]\nworkspace = "10"', ", line 2: workspace is no number of a workspace"),
        ("[profiles.a]\nrefresh = 0.5", ", line 2: refresh is no number of seconds"),
        ("[profiles.a]\nrefresh = nan", ", line 2: refresh is no number of seconds"),
        ('[profiles.a]\nverify = "no"', ", line 2: verify is neither true nor false"),
        ('[profiles.a]\ncolour = "#fff"', ", line 2: colour is none of primary, secondary,"),
        ('[profiles.a]\nca_bundle = "~nobodys/x"', ", line 2: ca_bundle is in the home folder of a user whom this"),
        ('[profiles.a]\nproxy = "socks5://u:sesame@x"', ", line 2: proxy is not an http:// or https:// address"),
        ('[profiles.a]\ntoken_command = "pass \'x"', ", line 2: token_command is No closing quotation"),
        ("[profiles.a]\ntoken_command = []", ", line 2: token_command is neither"),
        ('[profiles.a]\nclient_key = "x"', ", line 2: client_key stands without client_cert"),
        ('[profiles]\na = "x"', ", line 2: a is no table of settings. Write [profiles.a]"),
        ("profiles = 1", ", line 1: profiles is no table. Write [profiles.NAME]"),
        ('[profiles.a]\nrealm = """\nx\n"""\nendpont = "x"', ", line 5: there is no 'endpont'"),
        ('profiles.a.endpont = "x"', ", line 1: there is no 'endpont'"),
        ('[profiles.a]\nendpoint = "x\n', "at line 2"),
        ('[profiles."a\\u001b[2J"]', "'a\\x1b[2J' is no name of a profile"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_file_line_and_key(tmp_path: Path, text: str, expected: str) -> None:
    said = mistake(tmp_path / "config.toml", text)
    assert str(tmp_path / "config.toml") in said
    assert expected in said
    assert "sesame" not in said


def test_a_file_that_cannot_be_read_is_reported_and_one_that_is_not_there_holds_nothing(
    tmp_path: Path,
) -> None:
    assert read_profiles(tmp_path / "config.toml").names == ()
    (tmp_path / "config.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not in UTF-8"):
        read_profiles(tmp_path / "config.toml")
    with pytest.raises(UsageError, match="can't be read"):
        read_profiles(tmp_path)
    (tmp_path / "config.toml").write_bytes(b"# a comment\n" * 100_000)
    with pytest.raises(UsageError, match="can't be read: file too large"):
        read_profiles(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[profiles.prod]")  # as some editors begin a file
    assert read_profiles(tmp_path / "config.toml").names == ("prod",)


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(UsageError, match="can't be read: not a regular file"):
        read_profiles(tmp_path / "config.toml")


@pytest.mark.parametrize("mode", [0o622, 0o664, 0o602])
def test_a_file_that_others_can_write_to_is_not_used(config: Path, mode: int) -> None:
    config.chmod(mode)
    with pytest.raises(UsageError, match=r"config\.toml is not used: others can write to it\. chmod go-w /"):
        chosen(profile="prod")
    config.chmod(0o644)
    config.parent.chmod(0o777)
    with pytest.raises(
        UsageError,
        match=r"config\.toml is not used: .*wltui: others can write to it",
    ):
        chosen(endpoint=OTHER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_used(config: Path) -> None:
    os.chown(config, 12345, 12345)
    with pytest.raises(UsageError, match=r"config\.toml is not used: it belongs to another user"):
        chosen(profile="prod")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('default = "prd"', ", line 1: default is 'prd', which is no profile. Did you mean prod?"),
        ("default = 3", ", line 1: default is not the name of a profile. There is prod, staging"),
        (f"default = 0x{'f' * 100_000}", ", line 1: default is not the name of a profile"),
    ],
)
def test_a_wrong_default_matters_only_if_nothing_else_names_an_instance(
    config: Path, line: str, expected: str
) -> None:
    config.write_text(config.read_text().replace('default = "staging"', line))
    with pytest.raises(NoInstance) as nothing:
        chosen()
    assert f"{config}{expected}" in str(nothing.value)
    for found in (
        chosen(endpoint=OTHER),
        chosen(profile="prod"),
        chosen(environ={"WALLAROO_URL": OTHER}),
        chosen(environ={"WLTUI_PROFILE": "prod"}),
    ):
        assert f"{config}{expected}" in str(found.wrong_default)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters of TOML were parsed, each time."""
    sizes: list[int] = []
    loads = tomllib.loads

    def counted(text: str) -> dict[str, object]:
        sizes.append(len(text))
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", counted)
    return sizes


def test_a_file_of_many_profiles_is_parsed_once(config: Path, parsed: list[int]) -> None:
    output = 'endpoint = "https://host.example.com"\nworkspace = 10\nread_only = true\n'
    text = 'default = "p7"\n' + "".join(f"[profiles.p{number}]\n{output}" for number in range(100))
    config.write_text(text)
    found = chosen()
    assert parsed == [len(text)]
    assert found.origins["workspace"] == "profile p7, line 32"  # 7 * 4 above it, and the first
    assert sum(parsed) < 3 * len(text)

    parsed.clear()
    named = NamedInstances(argparse.Namespace(), {}, config.parent, start="")
    assert len(named.all()) == 100
    assert parsed == [len(text)]


def test_a_profile_that_is_missing_names_the_nearest(config: Path) -> None:
    with pytest.raises(UsageError, match=r"no profile 'prd' in .* Did you mean prod?"):
        chosen(profile="prd")
    with pytest.raises(UsageError, match=r"no profile 'x' in .* There is prod, staging"):
        chosen(environ={"WLTUI_PROFILE": "x"})
    config.unlink()
    with pytest.raises(UsageError, match=r"config.toml has none. Write \[profiles.prod\]"):
        chosen(profile="prod")


# What wins over what.


def test_a_profile_says_all_that_nothing_else_says(config: Path) -> None:
    found = chosen(profile="prod")
    settings = found.settings
    assert (settings.endpoint, settings.profile, settings.colour) == (PROD, "prod", "error")
    assert (settings.workspace, settings.refresh, settings.read_only, settings.protected) == (
        10, 20.0, True, True,
    )  # fmt: skip
    mine = config.parent.parent / "home" / "mine.pem"
    ca = config.parent / "ca.pem"
    proxy = Secret("http://jane:sesame@proxy.example.com:3128")
    assert settings.network == Network(ca, mine, ca, proxy, verify=False)
    assert settings.sign_in == SignIn(
        "people", "wltui", "https://keycloak.example.com/auth", ("pass", "show wallaroo")
    )
    assert found.origins["workspace"] == "profile prod, line 5"
    assert found.origins["profile"] == "--profile"


def test_each_flag_wins_over_the_profile_alone(config: Path) -> None:
    found = chosen(profile="prod", workspace=7, refresh=0.0, endpoint=OTHER)
    assert (found.settings.endpoint, found.settings.workspace, found.settings.refresh) == (OTHER, 7, 0.0)
    assert found.settings.protected
    assert [found.origins[key] for key in ("endpoint", "workspace", "refresh", "protected", "verify")] == [
        "--endpoint", "--workspace", "--refresh", "profile prod, line 8", "profile prod, line 14",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "environ", "endpoint", "profile"),
    [
        ({}, {}, STAGING, "staging"),
        ({"profile": "prod"}, {"WLTUI_PROFILE": "staging"}, PROD, "prod"),
        ({}, {"WLTUI_PROFILE": "prod"}, PROD, "prod"),
        ({"profile": "prod"}, {"WALLAROO_URL": OTHER}, PROD, "prod"),
        ({"profile": "prod", "endpoint": OTHER}, {}, OTHER, "prod"),
        ({"endpoint": OTHER}, {"WLTUI_PROFILE": "prod"}, OTHER, "other.example.com"),
        ({"endpoint": PROD}, {"WLTUI_PROFILE": "prod"}, PROD, "prod"),
        ({}, {"WLTUI_PROFILE": "prod", "WALLAROO_URL": OTHER}, PROD, "prod"),
        ({}, {"WALLAROO_URL": OTHER}, OTHER, "other.example.com"),
        ({}, {"WALLAROO_URL": STAGING + "/"}, STAGING, "staging"),
        ({"endpoint": OTHER}, {"WALLAROO_URL": STAGING}, OTHER, "other.example.com"),
    ],
)
def test_which_instance_is_meant(
    config: Path, flags: dict[str, str], environ: dict[str, str], endpoint: str, profile: str
) -> None:
    settings = chosen(environ=environ, **flags).settings
    assert (settings.endpoint, settings.profile) == (endpoint, profile)


@pytest.mark.parametrize(
    ("environ", "profile", "source", "way"),
    [
        ({}, "prod", "profile prod, line 18", None),
        ({"WLTUI_TOKEN": "t"}, "prod", "WLTUI_TOKEN", "token"),
        ({"WALLAROO_USER": "jane", "WALLAROO_PASSWORD": "sesame"}, "prod", "profile prod, line 18", None),
        ({"WALLAROO_USER": "jane", "WALLAROO_PASSWORD": "sesame"}, "bare", "WALLAROO_USER", "login"),
        ({}, "bare", "default", None),
    ],
)
def test_who_signs_in(
    config: Path, environ: dict[str, str], profile: str, source: str, way: str | None
) -> None:
    with config.open("a") as file:
        file.write(f'[profiles.bare]\nendpoint = "{OTHER}"\n')
    found = chosen(environ=environ, profile=profile)
    assert found.origins["credentials"] == source
    assert (found.settings.token is not None, found.settings.login is not None) == (
        way == "token", way == "login",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "environ"),
    [
        ({}, {"WALLAROO_URL": OTHER}),
        ({"endpoint": OTHER}, {}),
        ({"endpoint": OTHER}, {"WLTUI_PROFILE": "prod"}),
    ],
)
def test_a_profile_that_was_not_asked_for_by_flag_lends_nothing_to_another_instance(
    config: Path, flags: dict[str, str], environ: dict[str, str]
) -> None:
    settings = chosen(environ=environ, **flags).settings
    assert (settings.sign_in, settings.network) == (SignIn(), Network())


def test_a_profile_without_an_endpoint_takes_that_of_the_environment(config: Path) -> None:
    config.write_text('default = "x"\n[profiles.x]\nrefresh = 20')
    assert chosen(environ={"WALLAROO_URL": OTHER}).settings.refresh == 20
    with pytest.raises(UsageError, match=r"Profile x of .* has no endpoint"):
        chosen()


def test_without_an_instance_the_error_names_the_profiles(config: Path) -> None:
    config.write_text(config.read_text().replace("default =", "#"))
    with pytest.raises(NoInstance, match=r"--profile prod\|staging") as nothing:
        chosen()
    assert nothing.value.profiles.names == ("prod", "staging")


def test_a_file_that_a_profile_names_has_to_be_there(config: Path) -> None:
    (config.parent / "ca.pem").unlink()
    with pytest.raises(UsageError, match=r"line 10: ca_bundle names .*ca\.pem, which is no file"):
        chosen(profile="prod")
    assert chosen(profile="staging")


@pytest.mark.parametrize(
    ("flags", "environ", "command"),
    [
        ({"profile": "prod"}, {}, "wltui login --profile prod"),
        ({}, {"WLTUI_PROFILE": "prod"}, "wltui login --profile prod"),
        ({"endpoint": OTHER}, {}, f"wltui login --endpoint {OTHER}"),
        ({"profile": "prod", "endpoint": OTHER}, {}, f"wltui login --profile prod --endpoint {OTHER}"),
        ({}, {"WALLAROO_URL": OTHER}, f"wltui login --endpoint {OTHER}"),
    ],
)
def test_the_command_to_sign_in_is_that_of_the_instance(
    config: Path, flags: dict[str, str], environ: dict[str, str], command: str
) -> None:
    assert chosen(environ=environ, **flags).settings.sign_in_command == command


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings("https://a.example"), ""),
        (Settings("http://localhost:8080"), ""),
        (Settings("http://127.0.0.1", sign_in=SignIn(auth_url="http://[::1]/auth")), ""),
        (Settings("http://a.example"), "The connection to a.example is NOT ENCRYPTED"),
        (
            Settings("https://a.example", sign_in=SignIn(auth_url="http://k.example/auth")),
            "to k.example is NOT",
        ),
        (Settings("https://a.example", network=Network(verify=False)), "TLS is NOT VERIFIED"),
        (Settings("http://localhost:8080", network=Network(verify=False)), ""),
    ],
)
def test_what_others_can_read_is_reported(settings: Settings, expected: str) -> None:
    assert expected in settings.exposure
    assert bool(expected) is bool(settings.exposure)
