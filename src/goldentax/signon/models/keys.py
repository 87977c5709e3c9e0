"""Keys that sign tokens."""

from django.db import models
from django.db.models import F, Q

from goldentax.signon.rules import jose


class TokenKey(models.Model):
    """A key that signs tokens (令牌签名密钥): sealed at rest, published ahead, kept published after its use."""

    kid = models.CharField(max_length=40, unique=True)
    algorithm = models.CharField(max_length=8)
    material = models.BinaryField()  # the public key
    sealed_secret = models.BinaryField()
    created_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    signs_until = models.DateTimeField()
    published_until = models.DateTimeField()

    class Meta:
        db_table = "signon_token_key"
        constraints = [
            models.CheckConstraint(
                condition=Q(algorithm__in=jose.ALGORITHMS), name="signon_token_key_algorithm"
            ),
            models.CheckConstraint(
                condition=Q(signs_until__gte=F("signs_from")),
                name="signon_token_key_term",
            ),
        ]
