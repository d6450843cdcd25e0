"""Settings: the shipped file shows them all, and what is wrong is told with file, line, key and remedy."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.config import Config, DialPlan
from ivr.config_file import config_path, load_config
from ivr.environment import NAMES, Environment, read_environment
from ivr.model.errors import ConfigError

SHIPPED = Path(__file__).parents[1] / "config.yaml"
DEPLOYMENT = {"numbers", "directory", "rescue", "facts", "dial_plan", "queues", "agents"}
"""Settings whose default is empty, and which the shipped file fills with an example."""


def load(folder: Path, text: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def settings(model: BaseModel) -> dict[str, Any]:
    """Every setting by its dotted name."""
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        inner = settings(value) if isinstance(value, BaseModel) else {"": value}
        found |= {f"{name}.{rest}".rstrip("."): one for rest, one in inner.items()}
    return found


def test_the_shipped_file_says_every_setting_and_changes_only_what_a_deployment_must() -> None:
    shipped = load_config(SHIPPED)
    beside = Config.model_validate({}, context={"folder": SHIPPED.parent})
    changed = {
        name for name, value in settings(shipped).items()
        if value != settings(beside)[name] and name.split(".")[0] not in DEPLOYMENT
    }  # fmt: skip
    assert changed == {"server.examples", "phone.public"}
    text = SHIPPED.read_text(encoding="utf-8")
    missing = [name for name in settings(shipped) if f"{name.split('.')[-1]}:" not in text]
    assert missing == []


def test_an_empty_file_gives_the_defaults_with_paths_beside_it(tmp_path: Path) -> None:
    config = load(tmp_path, "# nothing yet\n")
    assert config.store.path == tmp_path / "var/ivr.db"
    assert config.server == Config().server
    assert load(tmp_path, "store: {path: /srv/ivr.db}").store.path == Path("/srv/ivr.db")


def test_yes_and_off_are_understood(tmp_path: Path) -> None:
    assert not load(tmp_path, "recording: {enabled: off}").recording.enabled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server:\n  prot: 1\n", "config.yaml:2: server.prot: there is no such setting; did you mean 'port'?"),
        ("sever: {}\n", "config.yaml:1: sever: there is no such setting; did you mean 'server'?"),
        (
            "survey:\n  xyz: 1\n",
            "config.yaml:2: survey.xyz: there is no such setting; there are: enabled, flow, sample_rate, "
            "rotation, min_days_between, nps_days_between, min_talk_seconds, most_per_campaign_a_day, "
            "most_per_campaign, follow_up, follow_up_campaign, follow_up_after_minutes",
        ),
        (
            "numbers:\n- number: '*'\n  flow: a\n- number: '+15555550100'\n  folw: b\n  flow: c\n",
            "config.yaml:5: numbers[2].folw: there is no such setting; did you mean 'flow'?",
        ),
        ("numbers:\n- number: '*'\n", "config.yaml:2: numbers[1].flow: it is missing; add it"),
        (
            "server:\n  port: many\n",
            "config.yaml:2: server.port: write a whole number",
        ),
        ("server:\n\n  max_calls: 0\n", "config.yaml:3: server.max_calls: input should be greater than or equal to 1"),
        (
            "directory:\n  desk: +15555550123\n",
            "config.yaml:2: directory.desk: YAML takes this for a number; put it in quotes, with its '+'",
        ),
        (
            "directory:\n  desk: '5550123'\n",
            "config.yaml:2: directory.desk: write a telephone number as '+15555550123' (in quotes)"
            " or a SIP address as 'sip:a@b'",
        ),
        (
            "directory:\n  desk: '+15555550123,ext 204'\n",
            "config.yaml:2: directory.desk: write an extension as '+15555550120,,204': after the number commas"
            " (2 s each) and keys",
        ),
        (
            "dial_plan:\n  allow:\n  - '+1'\n  - '44'\n",
            "config.yaml:4: dial_plan.allow[2]: write the beginning of a number as '+1555' (in quotes)",
        ),
        (
            "hearing:\n  recognizers:\n    en: [moonshin]\n",
            "config.yaml:3: hearing.recognizers.en[1]: 'moonshin' is not known; did you mean 'moonshine'?",
        ),
        (
            "logging:\n  level: loud\n",
            "config.yaml:2: logging.level: 'loud' is not known; there are: debug, info, warning, error",
        ),
        (
            "hearing:\n  end_of_turn_seconds: {yesno: 0.4}\n",
            "config.yaml:2: hearing.end_of_turn_seconds.yesno: 'yesno' is not known; did you mean 'yes_no'?",
        ),
        (
            "server:\nstore: {}\n",
            "config.yaml:1: server: the section is empty; write its settings below it, indented, or remove the line",
        ),
        (
            "numbers: [{number: '*', flow: a}, {number: '*', flow: b}]",
            "config.yaml:1: numbers: * is there twice; keep one",
        ),
        ("\nrescue: desk\n", "config.yaml:2: rescue: 'desk' is not in the directory; add it there"),
        (
            "dial_plan: {allow: ['+44']}\ndirectory:\n  desk: '+15555550123'\n",
            "config.yaml:3: directory.desk: the dial plan does not allow it; add its prefix to dial_plan.allow",
        ),
        ("- a\n", "config.yaml:1: a list of settings was expected, 'server:' and so on; see the shipped config.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_key_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert str(error.value) == f"{tmp_path}/{told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server:\n  port: [1\n", "2: a bracket [ opens here and is not closed. "
         "Close it with ]; a text with , [ ] { or } in it needs quotes."),
        ("a: 1\na: 2\n", "2: 'a' stands here twice. Keep one of them."),
        ("server: {port: 1}\n  host: x\n", "2: the line is not indented as the lines it belongs to. "
         "It has 2 spaces before it, line 1 has 0."),
        ("x: 'a\n", "1: a quote opens here and is never closed. Close it at the end of the text."),
        ("server:\n\tport: 1\n", "2: the line is indented with a tab. Indent with spaces."),
    ],
)  # fmt: skip
def test_what_is_not_yaml_is_told_with_its_line_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert str(error.value) == f"{tmp_path}/config.yaml:{told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server: yes\n", "1: server: write its settings below it, indented"),
        ("server: {examples: maybe}\n", "1: server.examples: write true or false"),
        ("dial_plan: {allow: '+1555'}\n", "1: dial_plan.allow: write a list: [one, another], also of one"),
        ("facts: [a]\n", "1: facts: write `name: value` lines below it"),
        ("recovery: {opens: 9 am}\n", "1: recovery.opens: write a time of the day as '09:00', in quotes"),
        ("recovery: {webhook: crm}\n", "1: recovery.webhook: write an address as 'https://crm.example.com/path'"),
        ("hearing: {recognizers: {english: [vosk]}}\n",
         "1: hearing.recognizers.english: write a language as flows do: en, zh"),
        ("sip: {trunks: [{name: My Line}]}\n", "1: sip.trunks[1].name: use small letters, digits and _ only"),
        ("sip: {rtp_ports: [20000, 10000]}\n", "1: sip.rtp_ports: the lower port comes first: [10000, 20000]"),
        ("sip: {trunks: [{name: x, country: de}]}\n", "1: sip.trunks[1].country: use digits only, in quotes"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told_with_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert str(error.value) == f"{tmp_path}/config.yaml:{told}"


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, "server:\n  prot: 1\n  port: x\nsurvey: {sample_rate: 2}\n")
    assert [line.split(": ")[1] for line in str(error.value).splitlines()] == [
        "server.port", "server.prot", "survey.sample_rate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("server:\n  api_key: abc\n", "server.api_key"),
        ("\ntwilio: {auth_token: abc}\n", "twilio.auth_token"),
        ("\nfacts: {bank_password: abc}\n", "facts.bank_password"),
        ("facts:\n  account: AC0123456789abcdef0123456789abcdef\n", "facts.account"),
        ("numbers:\n- number: 'https://me:pass@host/'\n", "numbers[1].number"),
    ],
)
def test_secrets_in_the_file_are_refused_without_showing_them(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError, match="set them in the environment") as error:
        load(tmp_path, text)
    assert f"config.yaml:2: {key}: " in str(error.value)
    assert not any(secret in str(error.value) for secret in ("abc", "0123", "pass@"))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)
    (tmp_path / "config.yaml").write_bytes(b"server: \xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "config.yaml")


def test_the_file_is_the_one_the_environment_names_else_the_one_here_else_none(tmp_path: Path) -> None:
    assert config_path("", tmp_path) is None
    here = tmp_path / "config.yaml"
    here.touch()
    assert config_path("", tmp_path) == here
    other = tmp_path / "other.yaml"
    with pytest.raises(ConfigError, match="IVR_CONFIG: there is no file"):
        config_path(str(other), tmp_path)
    other.touch()
    assert config_path(str(other), tmp_path) == other


def test_a_number_has_its_own_entry_or_the_one_for_any(tmp_path: Path) -> None:
    config = load(tmp_path, "numbers: [{number: '*', flow: any}, {number: '+15555550100', flow: own}]")
    assert [found.flow for found in (config.number_for("+15555550100"), config.number_for("")) if found] == [
        "own",
        "any",
    ]
    assert Config().number_for("+15555550100") is None


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("+15555550123", True), ("+19005550123", False), ("+19015550123", True), ("+442071838750", False),
        ("+8613800000001", False), ("sip:desk@10.0.0.1", True),
    ],
)  # fmt: skip
def test_the_longest_prefix_decides_what_may_be_dialled(address: str, allowed: bool) -> None:
    plan = DialPlan(allow=["+1", "+86"], deny=["+1900", "+86"])
    assert plan.allows(address) == allowed


def test_the_environment_is_read_by_its_contracted_names() -> None:
    sid = "AC" + "0" * 32
    variables = {
        "TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": " t ", "IVR_PUBLIC_URL": "https://ivr.example/",
        "IVR_API_KEY": "k", "IVR_DATABASE_URL": "postgresql://h/d", "IVR_CONFIG": "/etc/ivr.yaml",
        "IVR_TURN_SECRET": "s", "IVR_EVENTS_SECRET": "e" * 16, "IVR_WEBHOOK_SECRET": "w", "OTHER": "x",
        "IVR_ASTERISK_TOKEN": "a", "IVR_SIP_CARRIER_USER": "u", "IVR_SIP_CARRIER_PASSWORD": "p",
    }  # fmt: skip
    found = read_environment(variables)
    assert found == Environment(
        sid, "t", "https://ivr.example", "k", "postgresql://h/d", "/etc/ivr.yaml", "s", "a",
        {"CARRIER": "u"}, {"CARRIER": "p"}, "e" * 16, "w",
    )  # fmt: skip
    assert set(NAMES) < set(variables)
    assert found.has_twilio
    assert "'t'" not in repr(found)
    assert "'k'" not in repr(found)
    assert "'p'" not in repr(found)
    assert read_environment({}) == Environment()
    assert not Environment().has_twilio


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TWILIO_ACCOUNT_SID": "me", "TWILIO_AUTH_TOKEN": "t"}, "TWILIO_ACCOUNT_SID: not an account SID"),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}, "TWILIO_AUTH_TOKEN is not set"),
        ({"TWILIO_AUTH_TOKEN": "t"}, "TWILIO_ACCOUNT_SID is not set"),
        ({"IVR_PUBLIC_URL": "ivr.example"}, "IVR_PUBLIC_URL: not a URL"),
        ({"IVR_PUBLIC_URL": "http://ivr.example"}, "use https"),
        ({"IVR_PUBLIC_URL": "https://ivr.example/?a"}, "scheme, host and path only"),
        ({"IVR_API_KEY": "two words"}, "visible ASCII"),
    ],
)
def test_a_wrong_environment_says_which_variable_and_what_to_write(variables: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_environment(variables)


def test_a_server_on_loopback_may_be_public_without_tls() -> None:
    assert read_environment({"IVR_PUBLIC_URL": "http://127.0.0.1:8000"}).public_url == "http://127.0.0.1:8000"
