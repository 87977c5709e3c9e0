"""Tables of signon: clients, what people agreed to, grants with their codes and tokens, keys, sign-out notices."""

from goldentax.signon.models.clients import Client, ClientSecret, UsedAssertion
from goldentax.signon.models.grants import AccessToken, Code, Consent, Grant, RefreshToken
from goldentax.signon.models.keys import TokenKey
from goldentax.signon.models.notices import LogoutNotice

__all__ = [
    "AccessToken",
    "Client",
    "ClientSecret",
    "Code",
    "Consent",
    "Grant",
    "LogoutNotice",
    "RefreshToken",
    "TokenKey",
    "UsedAssertion",
]
