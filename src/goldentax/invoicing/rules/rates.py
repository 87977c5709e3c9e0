"""Which rate (税率、征收率) a line may be at: held against the lawbook, one condition after the other."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.drafts import LineDraft
from goldentax.invoicing.rules.examining import ORDINARY, SPECIAL, Examination
from goldentax.invoicing.rules.law import TAXPAYER_KINDS
from goldentax.kernel.refusals import Refusal

_RATIO = re.compile(r"[01](\.\d{1,6})?")
_RATIO_LENGTH_MAX = 8
_USUAL_MAX = 20_000


def check_rate(work: Examination, line: LineDraft, index: int) -> Decimal | None:
    """The rate of a line, if it is one that this seller may use with this preference."""
    usual = work.law.usual
    key = (work.seller.kind, line.rate, line.preference, line.tax_code, work.draft.kind)
    rate = usual.get(key)
    if rate is not None:
        return rate
    rate = ratio_of(line.rate)
    if rate is None:
        work.refuse(errors.BadRate(f"lines[{index}].rate", line=index + 1, rate=line.rate[:20]))
        return None
    refusal = _refusal_of_rate(work, line, index, rate)
    if refusal is not None:
        work.refuse(refusal)
    elif len(usual) < _USUAL_MAX:
        usual[key] = rate  # the law of a day does not change: what it allows once it always allows
    return rate


def _refusal_of_rate(work: Examination, line: LineDraft, index: int, rate: Decimal) -> Refusal | None:
    """
    Hold the rate against the lawbook, one condition after the other: seller, mark, code, invoice kind.

    The first condition that leaves no row of the lawbook is the one that is told.
    """
    at = f"lines[{index}]"
    rows = [one for one in work.law.rates.get(work.seller.kind, ()) if one.rate == rate]
    if not rows:
        return _rate_not_allowed(work, index, _percent(rate))
    marked = [one for one in rows if line.preference in one.preferences]
    if not marked:
        if line.preference or any("" in one.preferences for one in rows):
            return errors.UnknownPreference(
                f"{at}.preference", line=index + 1, preference=line.preference[:10], rate=_percent(rate)
            )
        marks = sorted({mark for one in rows for mark in one.preferences})
        needed = "/".join(f"{mark} {work.law.preferences.get(mark, '')}".strip() for mark in marks)
        return errors.RateNeedsPreference(
            f"{at}.preference", line=index + 1, rate=_percent(rate), needed=needed
        )
    fitting = [one for one in marked if one.fits_code(line.tax_code)]
    if not fitting:
        tax_code = line.tax_code[:30]
        return errors.RateNotForCode(f"{at}.rate", line=index + 1, rate=_percent(rate), tax_code=tax_code)
    if work.draft.kind in (SPECIAL, ORDINARY) and not any(
        work.draft.kind in one.invoice_kinds for one in fitting
    ):
        return errors.NotOnSpecial(f"{at}.rate", line=index + 1, rate=_percent(rate))
    return None


def _percent(rate: Decimal) -> str:
    return amounts.plain(rate * 100) + "%"


def _rate_not_allowed(work: Examination, index: int, shown: str) -> Refusal:
    rates = sorted({one.rate for one in work.law.rates.get(work.seller.kind, ())}, reverse=True)
    kind = TAXPAYER_KINDS[work.seller.kind]
    return errors.RateNotAllowed(
        f"lines[{index}].rate",
        line=index + 1,
        rate=shown,
        kind_zh=kind.zh,
        kind_en=kind.en,
        allowed="、".join(amounts.plain(rate * 100) + "%" for rate in rates) or "—",
    )


def ratio_of(text: str) -> Decimal | None:
    """A rate as it is written in a draft, or None if it is none below one."""
    return _ratio_of(text) if len(text) <= _RATIO_LENGTH_MAX else None


@lru_cache(maxsize=1024)
def _ratio_of(text: str) -> Decimal | None:
    if not _RATIO.fullmatch(text):
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate if rate < 1 else None
