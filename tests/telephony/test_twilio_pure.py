"""Tokens, signatures, TwiML, dial plan, decisions and tones."""

from urllib.parse import urlencode

import numpy as np
import pytest
from twilio.request_validator import RequestValidator

from ivr.model.errors import ConfigError, NotAllowed
from telephony.decisions import KEPT_SECONDS, CallBook, TwilioCall
from telephony.dial_plan import DialPlan
from telephony.dtmf_tones import digit_tones
from telephony.outgoing import OutgoingCalls
from telephony.stream_tokens import StreamTokens
from telephony.twilio_security import TwilioSignature
from telephony.twilio_settings import TwilioSettings
from telephony.twiml import Twiml

SETTINGS = TwilioSettings("AC1", "secret", "https://ivr.example.test/base", shared_keys={"wk1": "shared"})
FACTS = {"from": "+15005550001", "to": "+15005550006"}


def test_a_token_opens_one_stream_once() -> None:
    tokens = StreamTokens("secret")
    token = tokens.issue("CA1", FACTS, 1000.0, "n1")
    assert tokens.refusal(token, "CA1", FACTS, 1030.0) == ""
    assert tokens.refusal(token, "CA1", FACTS, 1030.0) == "reused"


def test_two_tokens_of_one_call_are_two() -> None:
    tokens = StreamTokens("secret")
    first, second = tokens.issue("CA1", FACTS, 1000.0, "n1"), tokens.issue("CA1", FACTS, 1000.0, "n2")
    assert [tokens.refusal(each, "CA1", FACTS, 1001.0) for each in (first, second)] == ["", ""]


def test_a_token_of_another_node_with_the_same_secret_is_good() -> None:
    token = StreamTokens("secret").issue("CA1", FACTS, 1000.0, "n1")
    assert StreamTokens("secret").refusal(token, "CA1", FACTS, 1001.0) == ""


@pytest.mark.parametrize(
    ("token", "call_sid", "facts", "now", "why"),
    [
        (None, "CA2", FACTS, 1000.0, "foreign"),
        (None, "CA1", {**FACTS, "from": "+15005550009"}, 1000.0, "foreign"),
        (None, "CA1", FACTS, 1061.0, "expired"),
        ("", "CA1", FACTS, 1000.0, "malformed"),
        ("1060.n1", "CA1", FACTS, 1000.0, "foreign"),
        ("soon.n1.mac", "CA1", FACTS, 1000.0, "malformed"),
        ("1060.n1.ümlaut", "CA1", FACTS, 1000.0, "malformed"),
        ("9999999999.n1.0000", "CA1", FACTS, 1000.0, "foreign"),
    ],
)
def test_any_other_token_is_refused(
    token: str | None, call_sid: str, facts: dict[str, str], now: float, why: str
) -> None:
    tokens = StreamTokens("secret", seconds=999.0)
    good = tokens.issue("CA1", FACTS, 1000.0, "n1")
    assert tokens.refusal(good if token is None else token, call_sid, facts, now) == why


def sign(url: str, form: dict[str, str], secret: str = "secret", algorithm: str = "HMAC_SHA1") -> dict[str, str]:
    return {"x-twilio-signature": RequestValidator(secret).compute_signature(url, form, algorithm)}


FORM = {"CallSid": "CA1", "Empty": "", "From": "+15005550001"}
URL = "https://ivr.example.test/base/twilio/voice"


def test_a_signed_form_is_read_with_its_blank_fields() -> None:
    form = TwilioSignature(SETTINGS).form("/twilio/voice", "", urlencode(FORM).encode(), sign(URL, FORM))
    assert dict(form) == FORM
    assert len(form) == 3


def test_the_query_is_part_of_what_is_signed() -> None:
    signature, body = TwilioSignature(SETTINGS), urlencode(FORM).encode()
    headers = sign(URL + "?flow=bank", FORM)
    assert dict(signature.form("/twilio/voice", "flow=bank", body, headers)) == FORM
    with pytest.raises(NotAllowed):
        signature.form("/twilio/voice", "flow=other", body, headers)


def test_a_shared_key_signs_with_its_own_algorithm() -> None:
    key = {"x-twilio-webhooks-signature-settings": "key=wk1,algorithm=HMAC_SHA256"}
    headers = sign(URL, FORM, "shared", "HMAC_SHA256") | key
    assert dict(TwilioSignature(SETTINGS).form("/twilio/voice", "", urlencode(FORM).encode(), headers)) == FORM


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "nonsense"},
        sign(URL.replace("https", "http"), FORM),
        sign(URL, FORM, "wrong"),
        sign(URL, FORM) | {"x-twilio-webhooks-signature-settings": "key=unknown,algorithm=HMAC_SHA1"},
        sign(URL, FORM, "shared") | {"x-twilio-webhooks-signature-settings": "key=wk1,algorithm=MD5"},
    ],
)
def test_a_forged_or_missing_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        TwilioSignature(SETTINGS).form("/twilio/voice", "", urlencode(FORM).encode(), headers)


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=1&" * 300])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(NotAllowed):
        TwilioSignature(SETTINGS).form("/twilio/voice", "", body, {})


def test_the_socket_is_checked_when_it_is_signed_or_must_be() -> None:
    good = sign("wss://ivr.example.test/base/twilio/media", {})
    strict = TwilioSettings("AC1", "secret", "https://ivr.example.test/base", require_socket_signature=True)
    TwilioSignature(SETTINGS).check_socket("/twilio/media", {})
    TwilioSignature(SETTINGS).check_socket("/twilio/media", good)
    TwilioSignature(strict).check_socket("/twilio/media", good)
    for settings, headers in (
        (SETTINGS, sign("https://ivr.example.test/base/twilio/media", {})),
        (strict, {}),
    ):
        with pytest.raises(NotAllowed):
            TwilioSignature(settings).check_socket("/twilio/media", headers)


@pytest.mark.parametrize(
    ("sid", "token", "url"),
    [
        ("", "secret", "https://x.test"),
        ("AC1", "", "https://x.test"),
        ("AC1", "secret", ""),
        ("AC1", "secret", "http://x.test"),
        ("AC1", "secret", "https://x.test/?a=1"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(sid: str, token: str, url: str) -> None:
    with pytest.raises(ConfigError):
        TwilioSettings(sid, token, url)


def test_a_stream_is_opened_with_parameters_and_without_a_query() -> None:
    assert Twiml(SETTINGS).connect({"t": "1.2.3", "long": "x" * 500}) == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Connect>'
        '<Stream statusCallback="https://ivr.example.test/base/twilio/stream-status"'
        ' url="wss://ivr.example.test/base/twilio/media"><Parameter name="t" value="1.2.3" /></Stream></Connect>'
        '<Redirect method="POST">https://ivr.example.test/base/twilio/after-stream</Redirect></Response>'
    )


def test_a_transfer_rings_for_its_time_and_tells_us_how_it_went() -> None:
    assert Twiml(SETTINGS).dial("+15005550100", 20.4) == (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        '<Dial action="https://ivr.example.test/base/twilio/after-dial" answerOnBridge="true" method="POST"'
        ' timeLimit="3600" timeout="20"><Number>+15005550100</Number></Dial></Response>'
    )
    assert "<Sip>sip:desk@pbx.test</Sip>" in Twiml(SETTINGS).dial("sip:desk@pbx.test", 20)
    assert '<Number sendDigits="wwwwwwww204">+15005550100</Number>' in Twiml(SETTINGS).dial("+15005550100,,204", 20)


def test_a_broken_call_gets_an_apology_and_a_person_where_there_is_one() -> None:
    alone = Twiml(SETTINGS).rescue()
    staffed = Twiml(TwilioSettings("AC1", "s", "https://x.test", human_number="+15005550100")).rescue()
    assert '<Say language="en-US">We are sorry' in alone
    assert "<Dial" not in alone
    assert "<Number>+15005550100</Number></Dial><Hangup />" in staffed
    assert "after-dial" not in staffed


@pytest.mark.parametrize(
    ("target", "dialled"),
    [
        ("+1 415 555 2671", "+14155552671"),
        ("+4930901820", "+4930901820"),
        ("sip:desk@pbx.test;transport=tcp", "sip:desk@pbx.test;transport=tcp"),
        ("sips:pbx.test:5061", "sips:pbx.test:5061"),
    ],
)
def test_the_dial_plan_lets_through_what_it_names(target: str, dialled: str) -> None:
    assert DialPlan(("+1", "+49"), sip_hosts=("pbx.test",)).check(target) == dialled


@pytest.mark.parametrize(
    "target",
    [
        "",
        "4155552671",
        "+1911",
        "+19005551234",
        "+881612345678",
        "+442079460000",
        "+499001234567",
        "sip:desk@evil.test",
        "sip:desk@evil.test;x@pbx.test",
        "sip:desk@pbx.test><x>",
        "client:alice",
    ],
)
def test_the_dial_plan_forbids_everything_else(target: str) -> None:
    with pytest.raises(NotAllowed):
        DialPlan(("+1", "+49"), sip_hosts=("pbx.test",)).check(target)


def test_the_longest_prefix_that_fits_decides() -> None:
    plan = DialPlan(("+1", "+14155"), ("+1415",))
    assert plan.check("+14155552671") == "+14155552671"
    with pytest.raises(NotAllowed):
        plan.check("+14152345678")
    with pytest.raises(NotAllowed):
        DialPlan(("+1",), ("+1",)).check("+14155552671")


def test_an_empty_dial_plan_lets_nobody_be_called() -> None:
    with pytest.raises(NotAllowed):
        DialPlan().check("+14155552671")


def test_calls_on_their_way_out_are_counted_until_they_end_or_must_have_ended() -> None:
    outgoing = OutgoingCalls(2, 60.0)
    for key in ("a", "a", "b"):
        outgoing.begin(key, 0.0)
    with pytest.raises(NotAllowed):
        outgoing.begin("c", 59.0)
    outgoing.end("a")
    outgoing.end("never begun")
    outgoing.begin("c", 59.0)
    outgoing.begin("d", 60.0)


def test_the_first_final_status_of_a_call_wins() -> None:
    call = TwilioCall("CA1", "", "", "outbound")
    assert [call.end(status) for status in ("ringing", "no-answer", "completed")] == [False, True, False]
    assert call.status == "no_answer"


def test_the_call_book_forgets_calls_nobody_asks_about() -> None:
    book = CallBook()
    first = book.open(TwilioCall("CA1", "a", "b", "inbound"), 0.0)
    assert book.open(TwilioCall("CA1", "x", "y", "inbound"), 10.0) is first
    assert book.find("CA1", 20.0) is first
    book.open(TwilioCall("CA2", "", "", "inbound"), 21.0 + KEPT_SECONDS)
    assert book.find("CA1", 0.0) is None


def test_keys_become_two_tones_and_a_pause() -> None:
    pcm = np.frombuffer(digit_tones("5x", 8000), "<i2")
    assert pcm.size == 3200
    strongest = np.argsort(np.abs(np.fft.rfft(pcm[:800])))[-2:] * 10
    assert sorted(strongest) == [770, 1340]
    assert not pcm[800:].any()
