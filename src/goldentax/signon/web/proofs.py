"""How a request says which client it comes from."""

import base64
import binascii
from urllib.parse import unquote_plus

from django.http import HttpRequest

from goldentax.signon import errors
from goldentax.signon.operations import Proof
from goldentax.signon.rules import assertions, jose, kinds


def proof_of(request: HttpRequest, form: dict[str, str]) -> Proof:
    """
    Read the proof of a client from header and form.

    :raises BadTokenRequest: if there is more than one (RFC 6749 §2.3).
    :raises ClientNotProven: if there is none, or it is malformed.
    """
    header = request.headers.get("Authorization", "")
    ways = [bool(header), "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise errors.BadTokenRequest("client_id", name="client_id", reason="several proofs")
    if header:
        return _of_header(header, form)
    if "client_assertion" in form:
        return _of_assertion(form)
    client_id = form.get("client_id", "")
    if "client_secret" in form:
        return Proof(client_id=client_id, method=kinds.SECRET_POST, text=form["client_secret"])
    return Proof(client_id=client_id, method=kinds.NONE)


def _of_header(header: str, form: dict[str, str]) -> Proof:
    scheme, _, text = header.partition(" ")
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise errors.ClientNotProven("Authorization") from error
    # Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
    client_id, _, secret = (unquote_plus(part) for part in pair.partition(":"))
    if scheme.lower() != "basic" or form.get("client_id", client_id) != client_id:
        raise errors.ClientNotProven("Authorization")
    return Proof(client_id=client_id, method=kinds.SECRET_BASIC, text=secret)


def _of_assertion(form: dict[str, str]) -> Proof:
    text = form["client_assertion"]
    if form.get("client_assertion_type") != assertions.TYPE:
        raise errors.ClientNotProven("client_assertion_type")
    try:
        subject = jose.take_apart(text).claims.get("sub")
    except errors.BadSignedToken as refusal:
        raise errors.ClientNotProven("client_assertion") from refusal
    if not isinstance(subject, str) or form.get("client_id", subject) != subject:
        raise errors.ClientNotProven("client_assertion")
    return Proof(client_id=subject, method=kinds.PRIVATE_KEY, text=text)
