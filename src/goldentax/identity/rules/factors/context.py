"""Where an attempt to prove something comes from, and what it is for."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

SIGN_IN, SECOND, STEP_UP, ENROL, RESET = "sign-in", "second", "step-up", "enrol", "reset"
PURPOSES = (SIGN_IN, SECOND, STEP_UP, ENROL, RESET)
"""What a code or challenge was made for; one made for one purpose opens nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One browser at one moment. ``binding`` is a secret of its session: what was asked of it, it must answer."""

    now: datetime
    network: str
    binding: str
    purpose: str = SIGN_IN
    origin: str = ""  # such as https://etax.example.cn
    user_agent: str = ""
    language: str = "zh"

    @property
    def binding_digest(self) -> str:
        """What is kept of the binding."""
        return hashlib.sha256(self.binding.encode()).hexdigest()
