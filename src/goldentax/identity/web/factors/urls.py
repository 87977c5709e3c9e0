"""Addresses of the pages of factors."""

from django.urls import path

from goldentax.identity.web.factors import (
    certificates,
    demo,
    enrolling,
    offers,
    passkeys,
    scanning,
    sms,
    typed,
)

assert offers, "imported so that the worker finds its work"

factor_patterns = [
    path("sign-in/sms", sms.prove, name="sign-in-sms"),
    path("sign-in/sms/send", sms.send, name="send-sms"),
    path("sign-in/passkey", passkeys.prove, name="sign-in-passkey"),
    path("sign-in/passkey/options", passkeys.options, name="passkey-options"),
    path("sign-in/scan", scanning.desk, name="sign-in-scan"),
    path("sign-in/scan/state", scanning.state, name="scan-state"),
    path("sign-in/scan/take", scanning.take, name="scan-take"),
    path("sign-in/certificate", certificates.prove, name="sign-in-certificate"),
    path("sign-in/authenticator", typed.authenticator, name="sign-in-totp"),
    path("sign-in/password-too", typed.password, name="sign-in-password"),
    path("sign-in/recovery", typed.recovery, name="sign-in-recovery"),
    path("sign-in/face", typed.face, name="sign-in-face"),
    path("sign-in/face/begin", typed.begin_face, name="begin-face"),
    path("scan/<str:ticket>", scanning.phone, name="scan"),
    path("account/security/factors", enrolling.show, name="factors"),
    path("account/security/factors/remove", enrolling.remove, name="remove-factor"),
    path("account/security/factors/authenticator", enrolling.authenticator, name="factor-authenticator"),
    path("account/security/factors/recovery", enrolling.recovery, name="factor-recovery"),
    path("account/security/factors/passkey", enrolling.passkey, name="factor-passkey"),
    path(
        "account/security/factors/passkey/options", enrolling.passkey_options, name="factor-passkey-options"
    ),
    path("account/security/factors/mobile", enrolling.mobile, name="factor-mobile"),
    path("demo/sms-outbox", demo.sms_outbox, name="sms-outbox"),
]
