import pytest
from twilio.twiml.voice_response import Connect as SdkConnect
from twilio.twiml.voice_response import Dial as SdkDial
from twilio.twiml.voice_response import VoiceResponse

from telephony.standin.twiml import (
    Announce,
    Connect,
    Dial,
    HangUp,
    Pause,
    Redirect,
    Reject,
    TwimlError,
    Verb,
    parse,
)


def test_what_twilios_own_sdk_writes_is_read_back() -> None:
    response, connect = VoiceResponse(), SdkConnect(action="https://h.test/next")
    stream = connect.stream(url="wss://h.test/twilio/media", status_callback="https://h.test/stream-status")
    stream.parameter(name="t", value="12.ab&<c")
    response.append(connect)
    response.redirect("https://h.test/twilio/after-stream")
    dial = SdkDial(action="https://h.test/after", timeout=20)
    dial.number("+15550100")
    dial.sip("sip:desk@h.test")
    response.append(dial)
    response.say("Sorry.", language="en-US")
    response.pause(length=2)
    response.hangup()
    assert parse(str(response)) == (
        Connect("wss://h.test/twilio/media", {"t": "12.ab&<c"}, "https://h.test/stream-status", "https://h.test/next"),
        Redirect("https://h.test/twilio/after-stream"),
        Dial(("+15550100", "sip:desk@h.test"), "https://h.test/after", 20.0),
        Announce("Sorry."),
        Pause(2.0),
        HangUp(),
    )


@pytest.mark.parametrize(
    ("document", "verbs"),
    [
        ("<Response/>", ()),
        ("<Response><Reject reason='busy'/></Response>", (Reject("busy"),)),
        ("<Response><Dial>+15550100</Dial></Response>", (Dial(("+15550100",)),)),
        ("<Response><Pause/></Response>", (Pause(1.0),)),
        (
            "<Response><Connect><Stream url='ws://127.0.0.1:8/m'/></Connect></Response>",
            (Connect("ws://127.0.0.1:8/m"),),
        ),
    ],
)
def test_short_forms_have_twilios_defaults(document: str, verbs: tuple[Verb, ...]) -> None:
    assert parse(document) == verbs


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("no xml", "not XML"),
        ("<Answer/>", "begins with <Response>"),
        ("<Response><Gather/></Response>", "<Gather> is not a verb"),
        ("<Response><Connect/></Response>", "no <Stream"),
        ("<Response><Connect><Stream url='ws://h/m'/></Connect></Response>", "wss://"),
        ("<Response><Connect><Stream url='wss://h/m?a=1'/></Connect></Response>", "query"),
        ("<Response><Redirect> </Redirect></Response>", "no address"),
        ("<Response><Dial/></Response>", "names nobody"),
        ("<Response><Dial timeout='soon'>1</Dial></Response>", "timeout of <Dial>"),
    ],
)
def test_what_twilio_would_refuse_is_refused_by_name(document: str, says: str) -> None:
    with pytest.raises(TwimlError, match=says):
        parse(document)
