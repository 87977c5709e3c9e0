"""Addresses of identity's pages."""

from django.urls import path

from goldentax.identity.web import account, preferences, sign_in

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("act-for", sign_in.switch, name="switch"),
    path("account", account.show, name="account"),
    path("account/password", account.change_password, name="password"),
    path("account/tokens", account.create_token, name="create-token"),
    path("account/tokens/<uuid:token_id>/revoke", account.revoke_token, name="revoke-token"),
    path("preferences", preferences.choose, name="preferences"),
]
