"""Pure: every error the server raises on purpose. Each says where and what to do.

* IvrError
    * ConfigError        config.yaml or the environment is wrong; raised at start, never during a call
    * FlowError          a flow file is wrong; raised while loading, never during a call
        * EndlessLoop    a flow ran on without ever listening; the call's error path speaks
    * LineError          the line broke; the call ends
        * CallFailed     a call we placed was not answered; `outcome` says how
    * RecognizerError    hearing broke for one turn
        * ModelMissing   a model is not on this machine; says which command installs it
    * VoiceError         a voice could not speak; the next one is tried
    * StoreError         the database refused; the call goes on
    * NotAllowed         a credential is missing or wrong
        * LoginWrong     name or password, we do not say which
        * TooOften       asked too often; `wait_seconds` says when to come back
    * NotThere           nothing by that name
    * BadQuery           a question to the API that makes no sense; says which part
    * NotNow             it makes sense, but not in the state things are in; says which
"""


class IvrError(Exception):
    """Base of every error the server raises on purpose."""

    code = "error"


class ConfigError(IvrError):
    code = "config"


class FlowError(IvrError):
    code = "flow"


class EndlessLoop(FlowError):
    code = "flow.endless_loop"


class LineError(IvrError):
    code = "line"


class CallFailed(LineError):
    """A call we placed did not come about.

    Args:
        outcome: busy, no_answer, rejected, unreachable, failed.
    """

    code = "line.call_failed"

    def __init__(self, outcome: str, message: str = "") -> None:
        super().__init__(message or outcome)
        self.outcome = outcome


class RecognizerError(IvrError):
    code = "recognizer"


class ModelMissing(RecognizerError):
    code = "recognizer.model_missing"


class VoiceError(IvrError):
    code = "voice"


class StoreError(IvrError):
    code = "store"


class NotAllowed(IvrError):
    code = "not_allowed"


class LoginWrong(NotAllowed):
    code = "not_allowed.login"


class TooOften(NotAllowed):
    code = "not_allowed.too_often"

    def __init__(self, message: str, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class NotThere(IvrError):
    code = "not_there"


class BadQuery(IvrError):
    code = "bad_query"


class NotNow(IvrError):
    code = "not_now"
