"""Reading JSON from outside: exactly, with unknown fields refused, and a refusal that names the place."""

from typing import Any

import msgspec

from goldentax.invoicing import errors


def read_json(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """
    Read a JSON body.

    :raises goldentax.invoicing.errors.BadUtf8: if the bytes are no UTF-8.
    :raises goldentax.invoicing.errors.Unreadable: if they are no JSON or not of the documented form.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            raise errors.BadUtf8("body") from None
        reason = str(error)
        place = reason.rpartition("at `$")[2].strip("`. ") if "at `$" in reason else "body"
        raise errors.Unreadable(place or "body", reason=reason[:200]) from None
