"""The state of certificates for those who ask by OCSP (在线证书状态, RFC 6960)."""

from datetime import datetime, timedelta

from goldentax.certificates.models import Authority, Certificate
from goldentax.certificates.queries import authorities, kinds
from goldentax.certificates.rules import ocsp, profiles, reading


def answer_status(request: bytes, *, now: datetime) -> bytes:
    """
    Answer an OCSP request, DER to DER.

    The answer is signed by the responder of the first known issuer that is asked about; where none is known,
    everything is answered unknown.
    """
    questions = ocsp.read_questions(request)
    if questions is None:
        return ocsp.build_error("malformed_request")
    issuers = list(Authority.objects.filter(kind=profiles.ISSUING).order_by("-id"))
    asked = [(one, _issuer(one, issuers)) for one in questions.each]
    first = next((issuer for _, issuer in asked if issuer is not None), None)
    responder = _responder(first)
    if responder is None:
        return ocsp.build_error("try_later")
    # A responder speaks for the one authority that made it (RFC 6960, 4.2.2.2).
    answers = [
        _answer(question, issuer if issuer is not None and issuer.pk == responder.parent_id else None, now)
        for question, issuer in asked
    ]
    return ocsp.build_response(
        answers,
        nonce=questions.nonce,
        responder=authorities.certificate_of(bytes(responder.der)),
        responder_key=authorities.key_of(responder),
        now=now,
        next_update=now + timedelta(minutes=kinds.parameter("ocsp_term_minutes", now=now)),
    )


def _responder(issuer: Authority | None) -> Authority | None:
    responders = Authority.objects.filter(kind=profiles.OCSP, retired_at__isnull=True).order_by("-id")
    return responders.filter(parent=issuer).first() if issuer is not None else responders.first()


def _issuer(question: ocsp.Question, issuers: list[Authority]) -> Authority | None:
    for one in issuers:
        if question.names(authorities.certificate_of(bytes(one.der))):
            return one
    return None


def _answer(question: ocsp.Question, issuer: Authority | None, now: datetime) -> ocsp.Answer:
    row = None
    if issuer is not None and 0 < question.serial.bit_length() <= 160 and question.serial > 0:
        row = Certificate.objects.filter(
            authority=issuer, serial=reading.serial_text(question.serial)
        ).first()
    if row is None:
        return ocsp.Answer(question=question, state=ocsp.UNKNOWN)
    if row.revoked_at is None or row.revoked_at > now:
        return ocsp.Answer(question=question, state=ocsp.GOOD)
    return ocsp.Answer(
        question=question, state=ocsp.REVOKED, revoked_at=row.revoked_at, reason=row.revocation_reason
    )
