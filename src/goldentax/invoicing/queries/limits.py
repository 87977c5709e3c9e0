"""Read the limit of a taxpayer (授信额度查询)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from goldentax.invoicing.models import LimitAccount, LimitGrant
from goldentax.kernel.values.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitState:
    """The limit of one month; all zero where nothing is granted."""

    period: str
    total_fen: int
    used_fen: int
    reserved_fen: int
    valid_from: date | None
    valid_to: date | None

    @property
    def available_fen(self) -> int:
        return self.total_fen - self.used_fen - self.reserved_fen

    @property
    def used_percent(self) -> int:
        """Of the total, what is used or set aside."""
        taken_fen = self.used_fen + self.reserved_fen
        return min(100, taken_fen * 100 // self.total_fen) if self.total_fen else 100


def find_grant(*, tax_id: str, on: date) -> LimitGrant | None:
    """The grant in force on a day: the one that began last."""
    return grants_in_force(on=on).filter(tax_id=tax_id).order_by("-valid_from", "-id").first()


def grants_in_force(*, on: date) -> QuerySet[LimitGrant]:
    """Every grant that is in force on a day."""
    return LimitGrant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def get_limit(*, tax_id: str, on: date) -> LimitState:
    """Tell the month's limit, whether or not its account is open yet."""
    period = str(Period.of(on))
    grant = find_grant(tax_id=tax_id, on=on)
    account = LimitAccount.objects.filter(tax_id=tax_id, period=period).first()
    total = account.total_fen if account else grant.monthly_fen if grant else 0
    return LimitState(
        period=period,
        total_fen=total,
        used_fen=account.used_fen if account else 0,
        reserved_fen=account.reserved_fen if account else 0,
        valid_from=grant.valid_from if grant else None,
        valid_to=grant.valid_to if grant else None,
    )
