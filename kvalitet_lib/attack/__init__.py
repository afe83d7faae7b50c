"""The attacker: reads a release back with all that is published, and knows nothing of how it was protected."""

from kvalitet_lib.attack.attempt import Attempt, attack, attempt
from kvalitet_lib.attack.weakness import Weakness

__all__ = ["Attempt", "Weakness", "attack", "attempt"]
