"""How a case ends."""

from goldentax.kernel.text import Text

OUTCOMES = {
    "harmless": Text("无害", "Harmless"),
    "misuse": Text("滥用", "Misuse"),
    "attack": Text("攻击", "Attack"),
}
NOTE_LENGTH_MIN, NOTE_LENGTH_MAX = 2, 1000
