"""What an audit of the logs can find, in words; each finding names the log, and the invoice where there is one."""

from dataclasses import dataclass, field

from goldentax.kernel.text import Text

FINDINGS_MAX = 1000
"""A store with more wrong places than this is not mended by a longer list."""

MEANINGS = {
    "invoice_changed": Text("发票 {number} 的内容被改动", "Invoice {number} was changed"),
    "columns_changed": Text(
        "发票 {number} 的登记列与发票文件不符：{columns}",
        "The columns of invoice {number} differ from its document: {columns}",
    ),
    "invoice_missing": Text(
        "第 {leaf} 号发票缺失 {number}", "The invoice of leaf {leaf} is missing {number}"
    ),
    "invoice_extra": Text("发票 {number} 不在日志之内", "Invoice {number} stands in no log"),
    "invoice_swapped": Text(
        "发票 {number} 不在它原来的位置", "Invoice {number} is not at the place where it was issued"
    ),
    "batch_differs": Text(
        "第 {first} 至 {last} 号发票中有改动，树根不符",
        "Of the invoices at leaves {first} to {last} some were changed: they do not lead to the root",
    ),
    "frontier_changed": Text(
        "大小 {size} 的树头所带的前沿被改动", "The frontier beside the head of size {size} was changed"
    ),
    "head_missing": Text("大小 {size} 之前缺少树头", "A head is missing before the one of size {size}"),
    "signature_wrong": Text(
        "大小 {size} 的树头签名不符", "The signature of the head of size {size} is wrong"
    ),
    "key_unknown": Text(
        "大小 {size} 的树头由未知密钥 {key} 签名",
        "The head of size {size} is signed by an unknown key, {key}",
    ),
    "link_broken": Text(
        "大小 {size} 的树头所称的上一树头不符", "The head of size {size} names another one before it"
    ),
    "time_back": Text("大小 {size} 的树头时间倒退", "The head of size {size} goes back in time"),
    "desk_differs": Text("开票台记录与最新树头不符", "What the desk holds is not what the newest head says"),
    "head_cut_off": Text(
        "曾经公布的大小 {size} 的树头已不存在", "The head of size {size} was published once and is gone"
    ),
    "head_rewritten": Text(
        "曾经公布的大小 {size} 的树头已被改写", "The head of size {size} was published with other words"
    ),
    "answer_differs": Text(
        "发票 {number} 的首次受理记录缺失或不符", "The first answer of invoice {number} is missing or another"
    ),
    "answer_extra": Text(
        "受理记录 {request} 指向的发票 {number} 不存在",
        "The first answer of {request} names invoice {number}, which is not there",
    ),
    "block_differs": Text(
        "号段 {first}–{last} 已用 {used} 个，发票却有 {found} 张",
        "Of the numbers {first}–{last}, {used} are used, but {found} invoices are there",
    ),
    "number_astray": Text(
        "发票 {number} 的号码不在其开票台的号段内",
        "The number of invoice {number} is in no block of its desk",
    ),
    "entry_differs": Text(
        "额度记录 {entry} 与其发票不符：应为 {expected} 分，记 {found} 分",
        "Limit entry {entry} differs from its invoices: {expected} fen, it says {found}",
    ),
    "entry_missing": Text("发票 {number} 没有占用额度的记录", "No limit entry covers invoice {number}"),
    "sums_differ": Text(
        "{day} {invoice_kind} 类的合计与发票文件不符",
        "The sums of kind {invoice_kind} on {day} differ from the documents",
    ),
    "receipt_wrong": Text("发票 {number} 的回执不成立", "The receipt of invoice {number} does not hold"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One thing that is not as it was issued."""

    kind: str
    log: str
    facts: dict[str, object] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """One sentence."""
        return MEANINGS[self.kind].format(**self.facts).in_language(language)


class Findings:
    """A list that ends somewhere."""

    def __init__(self) -> None:
        self.listed: list[AuditFinding] = []

    def add(self, kind: str, *, log: str, **facts: object) -> None:
        """Note a finding; beyond :data:`FINDINGS_MAX` nothing is noted any more."""
        if len(self.listed) < FINDINGS_MAX:
            self.listed.append(AuditFinding(kind=kind, log=log, facts=facts))
