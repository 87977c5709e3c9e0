"""What the rooms above tell oversight, and what it answers."""

from dataclasses import dataclass
from datetime import datetime

from goldentax.kernel.text import Text
from goldentax.oversight.rules.scoring import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFacts:
    """One attempt to sign in, as identity sees it."""

    person_id: str  # public id; "" where nobody has the login name
    login_digest: str  # a keyed hash of the login name
    network: str  # an address or network, as identity counts attempts by
    device_id: str  # the secret of the device's cookie; only its hash is kept
    user_agent: str
    at: datetime
    method: str  # password, passkey, certificate, sms, scan …
    is_officer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """Somebody is about to see personal data unmasked."""

    person_id: str  # who looks
    subject: str  # whose data, as the audit names them: ``person:…``, ``taxpayer:…``
    fields: tuple[str, ...]
    purpose: str
    at: datetime
    actor: str = ""  # the label of the actor; made from the person where it is left out
    function: str = ""  # the function of the catalogue by which they look
    subjects: int = 1  # how many people's data the page shows
    assurance: int = 0  # how surely the looker is known; at 2 and above no step-up is asked
    is_officer: bool = True
    network: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseFacts:
    """Somebody is about to use a privileged function."""

    person_id: str
    function: str
    at: datetime
    assurance: int = 0
    is_officer: bool = True
    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFacts:
    """Something that only an attack or a broken program does, and that was stopped."""

    person_id: str  # in whose name it was tried
    sign: str  # a code of ``lawbook/oversight/rules.yaml``
    client: Text  # the connected system it came through, as it is called
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The answer: a score of 0 to 100, ``allow``, ``warn``, ``step_up`` or ``block``, and why."""

    score: int
    verdict: str
    reasons: tuple[Reason, ...]
    public_id: str = ""

    def said(self, language: str = "zh") -> str:
        """The reasons in one line."""
        return ("；" if language == "zh" else "; ").join(
            one.text.in_language(language) for one in self.reasons
        )
