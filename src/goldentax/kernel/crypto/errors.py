"""How the vault and the ciphers say no."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BrokenSeal(Refusal):
    """Sealed data was altered, cut, or moved from another place: it is not what was sealed here."""

    code = "KRN-CRY-01"
    status = 500
    title = Text(
        "“{purpose}”的加密数据校验失败", "The sealed data of “{purpose}” is not what was sealed there"
    )
    way_out = Text(
        "数据可能被改动或移位：请保留现场，通知运维从备份核对",
        "It was altered or moved: leave it as it is and let operations compare it with a backup",
    )


class UnknownDataKey(Refusal):
    """The key that sealed this is not in the vault."""

    code = "KRN-CRY-02"
    status = 500
    title = Text(
        "密钥库中没有封装“{purpose}”的密钥 {key_id}", "The vault has no key {key_id} for “{purpose}”"
    )
    way_out = Text(
        "请恢复与数据同一时点的 kernel_data_key 表",
        "Restore the table kernel_data_key of the same moment as the data",
    )


class MasterKeyUnavailable(Refusal):
    """The master key, or the device that holds it, does not answer, or is another one."""

    code = "KRN-CRY-03"
    status = 503
    title = Text("密钥库主密钥不可用：{reason}", "The vault's master key cannot be used: {reason}")
    way_out = Text(
        "请检查设置 vault_key_file 与 vault_command，以及密码机或密钥管理服务",
        "Check the settings vault_key_file and vault_command, and the device or service behind them",
    )


class TextTooLong(Refusal):
    """SM2 encrypts a key, not a document."""

    code = "KRN-CRY-04"
    title = Text("SM2 一次最多加密 {limit} 字节", "SM2 encrypts at most {limit} bytes at once")
    way_out = Text("较长的内容请用信封加密", "Put longer content into an envelope")
