"""Addresses of signon."""

from django.urls import path

from goldentax.signon.web import authorize, clients, connected, discovery, end_session, token, userinfo

urlpatterns = [
    path(".well-known/openid-configuration", discovery.configuration, name="configuration"),
    path("oidc/jwks", discovery.jwks, name="jwks"),
    path("oidc/jwks/sm2", discovery.jwks_sm2, name="jwks-sm2"),
    path("oidc/authorize", authorize.authorize, name="authorize"),
    path("oidc/return", authorize.come_back, name="return"),
    path("oidc/consent", authorize.consent, name="consent"),
    path("oidc/again", authorize.again, name="again"),
    path("oidc/token", token.token, name="token"),
    path("oidc/introspect", token.introspect, name="introspect"),
    path("oidc/revoke", token.revoke, name="revoke"),
    path("oidc/userinfo", userinfo.userinfo, name="userinfo"),
    path("oidc/end-session", end_session.end_session, name="end-session"),
    path("oidc/end-session/confirm", end_session.confirm, name="end-session-confirm"),
    path("account/apps", connected.apps, name="apps"),
    path("account/apps/<uuid:consent_id>/disconnect", connected.disconnect, name="disconnect"),
    path("signon/clients", clients.index, name="clients"),
    path("signon/clients/new", clients.add, name="client-add"),
    path("signon/clients/<slug:client_id>", clients.show, name="client"),
    path("signon/clients/<slug:client_id>/change", clients.change, name="client-change"),
    path("signon/clients/<slug:client_id>/secret", clients.renew_secret, name="client-secret"),
    path("signon/clients/<slug:client_id>/old-secrets", clients.end_old_secrets, name="client-old-secrets"),
    path("signon/clients/<slug:client_id>/stop", clients.stop, name="client-stop"),
    path("signon/clients/<slug:client_id>/start", clients.start, name="client-start"),
]
