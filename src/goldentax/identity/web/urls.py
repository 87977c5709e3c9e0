"""Addresses of identity's pages."""

from django.urls import path

from goldentax.identity.web import account, forgotten, people, preferences, security, sign_in
from goldentax.identity.web.factors.urls import factor_patterns

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/second-factor", sign_in.second_factor, name="second-factor"),
    path("sign-in/new-password", sign_in.new_password, name="new-password"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("step-up", sign_in.step_up, name="step-up"),
    path("act-for", sign_in.switch, name="switch"),
    path("forgot", forgotten.forgot, name="forgot"),
    path("forgot/mobile", forgotten.by_mobile, name="forgot-mobile"),
    path("forgot/authenticator", forgotten.by_authenticator, name="forgot-authenticator"),
    path("activate", forgotten.activate, name="activate"),
    path("account", account.show, name="account"),
    path("account/password", account.change_password, name="password"),
    path("account/tokens", account.create_token, name="create-token"),
    path("account/tokens/<uuid:token_id>/revoke", account.revoke_token, name="revoke-token"),
    path("account/security", security.centre, name="security"),
    path("account/security/second-factor", security.choose_second_factor, name="choose-second-factor"),
    path("account/security/devices/forget", security.forget_device, name="forget-device"),
    path("account/sessions", security.list_sessions, name="sessions"),
    path("account/sessions/others/end", security.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<uuid:session_id>/end", security.end_session, name="end-session"),
    path("people", people.search, name="people"),
    path("people/<uuid:person_id>", people.show, name="person"),
    path("people/<uuid:person_id>/unmask", people.unmask, name="unmask-person"),
    path("people/<uuid:person_id>/sessions/end", people.end_sessions, name="end-persons-sessions"),
    path("people/<uuid:person_id>/reset", people.reset, name="reset-person"),
    path("people/<uuid:person_id>/close", people.close, name="close-person"),
    path("preferences", preferences.choose, name="preferences"),
    *factor_patterns,
]
