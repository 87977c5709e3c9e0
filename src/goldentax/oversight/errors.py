"""Refusals of oversight."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class CountBehind(Refusal):
    """The database counts its transactions from a lower number than the chain has seen: it was restored elsewhere."""

    code = "OVR-CHN-01"
    status = 409
    title = Text(
        "数据库事务序号（{horizon}）落后于审计链（{last}），暂不能封存审计记录",
        "The database counts its transactions from {horizon}, behind the audit chain at {last}: nothing can be sealed",
    )
    way_out = Text(
        "数据库是从备份导入到另一实例的：请在启动前运行 goldentax audit continue",
        "The database was restored into another server: run “goldentax audit continue” before it starts",
    )


class EntryNotFound(Refusal):
    """There is no such audit record."""

    code = "OVR-TRL-01"
    status = 404
    title = Text("没有编号为 {entry_id} 的审计记录", "There is no audit record {entry_id}")
    way_out = Text("请核对编号后再查", "Check the number and ask again")


class NotSealedYet(Refusal):
    """The record stands in the trail, but in no block yet."""

    code = "OVR-CHN-02"
    status = 409
    title = Text("审计记录 {entry_id} 尚未封存", "Audit record {entry_id} is not sealed yet")
    way_out = Text(
        "封存每数秒进行一次，请稍后再试", "Records are sealed every few seconds; try again shortly"
    )


class HeadsUnreadable(Refusal):
    """A file of published heads cannot be read."""

    code = "OVR-CHN-03"
    title = Text("第 {line} 行不是审计链头", "Line {line} is no head of the audit chain")
    way_out = Text(
        "每行须为含 number、hash 的 JSON，如 goldentax audit heads 的输出",
        "Each line is JSON with number and hash, as “goldentax audit heads” writes it",
    )


class SignInBlocked(Refusal):
    """
    The sign-in is judged to be somebody else's.

    The reasons are kept for the audit and not said: they would tell a stranger where the person was last.
    """

    code = "OVR-SGN-01"
    status = 403
    title = Text("本次登录风险过高，已阻断", "This sign-in was blocked as too risky")
    way_out = Text(
        "请在常用设备和网络上登录，或到办税服务厅核验身份",
        "Sign in from a device and network you use, or prove who you are at a service hall",
    )


class LooksBlocked(Refusal):
    """So many looks at personal data are not explained by any counter's work."""

    code = "OVR-LOK-01"
    status = 403
    title = Text("查看个人信息已被阻断（{reasons}）", "Looking at personal data is blocked ({reasons})")
    way_out = Text(
        "已生成风险事项；请联系审计管理人员说明事由，或申请经审批的批量导出",
        "A case was opened: explain it to the audit, or apply for an export that is approved",
    )


class UseBlocked(Refusal):
    """The use of a privileged function is judged too risky."""

    code = "OVR-USE-01"
    status = 403
    title = Text(
        "特权功能的使用已被阻断（{reasons}）", "The use of a privileged function is blocked ({reasons})"
    )
    way_out = Text("已生成风险事项；请联系审计管理人员", "A case was opened: speak to the audit")


class CaseNotFound(Refusal):
    """There is no such case."""

    code = "OVR-CAS-01"
    status = 404
    title = Text("没有这个风险事项", "There is no such case")
    way_out = Text("请从风险事项列表进入", "Open it from the list of cases")


class CaseHandled(Refusal):
    """A case is handled once."""

    code = "OVR-CAS-02"
    status = 409
    title = Text("风险事项已由 {handled_by} 处理", "The case was handled already, by {handled_by}")
    way_out = Text(
        "处理结论不可更改；如有新情况，请另行记录", "Its outcome stays; record new facts elsewhere"
    )


class BadOutcome(Refusal):
    """The outcome is none of those there are."""

    code = "OVR-CAS-03"
    title = Text("请选择处理结论", "Choose an outcome")
    way_out = Text("可选：无害、滥用、攻击", "There are: harmless, misuse, attack")


class NoteMissing(Refusal):
    """A case is handled with a reason."""

    code = "OVR-CAS-04"
    title = Text("请写明处理说明", "Say why")
    way_out = Text(
        "写下核实了什么、为何如此结论（2 至 1000 字）",
        "Write what was checked and why (2 to 1000 characters)",
    )


class OwnCase(Refusal):
    """Nobody closes a case about themselves."""

    code = "OVR-CAS-05"
    status = 403
    title = Text("不能处理涉及本人的风险事项", "Nobody handles a case about themselves")
    way_out = Text("请由其他审计管理人员处理", "Leave it to another person of the audit")


class DeviceNotFound(Refusal):
    """There is no such device of this person."""

    code = "OVR-DEV-01"
    status = 404
    title = Text("没有这台设备", "There is no such device")
    way_out = Text("请刷新设备列表", "Load the list of devices again")


class BadPeriod(Refusal):
    """The period of a search or report is none."""

    code = "OVR-TRL-02"
    title = Text("时间范围不正确", "The period is wrong")
    way_out = Text(
        "请按 2026-11-21 或 2026-11-21T09:30 填写，且起始早于结束，报表不超过一年",
        "Write 2026-11-21 or 2026-11-21T09:30, the beginning before the end, a report over a year at most",
    )


class BadCursor(Refusal):
    """The place in the list is none that was given out."""

    code = "OVR-TRL-03"
    title = Text("翻页位置不正确", "The place in the list is wrong")
    way_out = Text("请从第一页重新查询", "Search again from the first page")


class BadCategory(Refusal):
    """The category is none of those there are."""

    code = "OVR-TRL-04"
    title = Text("没有类别“{category}”", "There is no category “{category}”")
    way_out = Text(
        "可选：change、sign_in、grant、look、privileged",
        "There are: change, sign_in, grant, look, privileged",
    )


class ReportNotFound(Refusal):
    """There is no such report."""

    code = "OVR-RPT-01"
    status = 404
    title = Text("没有报表“{key}”", "There is no report “{key}”")
    way_out = Text("请从合规报表页选择", "Choose one on the page of compliance reports")
