"""
What the forms refuse: files that cannot be read, and documents that cannot be drawn.

Every refusal says where in the file it broke. Nothing in a delivered file is trusted: it may be broken,
hostile or both.
"""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

_ASK_AGAIN = Text(
    "请向开票方或平台重新下载原始文件，不要编辑后再交。",
    "Download the original file again from the issuer or the platform, and hand it in unedited.",
)


class BrokenXml(Refusal):
    """The file is not well-formed XML."""

    code = "INV-XML-01"
    title = Text(
        "XML 在第 {line} 行第 {column} 列损坏，位于元素 {element}：{reason}",
        "The XML is broken at line {line}, column {column}, inside {element}: {reason}",
    )
    way_out = _ASK_AGAIN


class ForbiddenXml(Refusal):
    """The file declares a document type or entities, which no invoice needs and attacks use."""

    code = "INV-XML-02"
    title = Text(
        "XML 第 {line} 行第 {column} 列声明了文档类型或实体，不予读取",
        "The XML declares a document type or entities at line {line}, column {column}; it is not read",
    )
    way_out = Text(
        "数电票 XML 不含 DOCTYPE；请交开票方交付的原始文件。",
        "An e-invoice has no DOCTYPE; hand in the file as it was delivered.",
    )


class TooLargeXml(Refusal):
    """The file is larger than any invoice."""

    code = "INV-XML-03"
    title = Text(
        "文件有 {size} 字节，超过上限 {limit} 字节", "The file has {size} bytes, the limit is {limit}"
    )
    way_out = Text(
        "一份数电票最多 2000 行，远小于此；请确认选对了文件。",
        "An invoice has at most 2,000 lines and is far smaller; check that this is the right file.",
    )
    status = 413


class TooComplexXml(Refusal):
    """The file nests deeper, or holds more elements, than any invoice."""

    code = "INV-XML-04"
    title = Text(
        "XML 在第 {line} 行第 {column} 列（元素 {element}）超过{what_zh}的上限 {limit}",
        "The XML passes the limit of {limit} for {what_en} at line {line}, column {column} (in {element})",
    )
    way_out = _ASK_AGAIN


class NotAnInvoiceXml(Refusal):
    """The file is XML, but of something else."""

    code = "INV-XML-05"
    title = Text(
        "根元素是 {root}，不是数电票（EInvoice）", "The root element is {root}, not an e-invoice (EInvoice)"
    )
    way_out = Text(
        "可读取：税务机关交付的数电票 XML，以及电子凭证会计数据标准的接收方实例（xbrl）。",
        "What can be read: the bureau's XML, and receiver instances (xbrl) of the accounting standard.",
    )


class MissingInXml(Refusal):
    """Something no invoice can do without is absent or empty."""

    code = "INV-XML-06"
    title = Text(
        "第 {line} 行的元素 {element} 中缺少 {name}",
        "{name} is missing in the element {element} at line {line}",
    )
    way_out = _ASK_AGAIN


class TooManyLinesInXml(Refusal):
    """The file has more lines than an invoice may have."""

    code = "INV-XML-07"
    title = Text("共有 {count} 行明细，上限为 {limit} 行", "There are {count} lines, the limit is {limit}")
    way_out = _ASK_AGAIN


class BadNumberInXml(Refusal):
    """An element that holds an amount, a quantity or a rate holds something else."""

    code = "INV-XML-08"
    title = Text(
        "第 {line} 行的元素 {element} 的值“{value}”不是{what_zh}",
        "“{value}” in the element {element} at line {line} is not {what_en}",
    )
    way_out = _ASK_AGAIN


class BadEncodingXml(Refusal):
    """The bytes are not text in the encoding the file declares."""

    code = "INV-XML-09"
    title = Text(
        "文件第 {line} 行第 {column} 个字节起不是 {encoding} 编码的文字",
        "From byte {column} of line {line} on, the file is not text in {encoding}",
    )
    way_out = Text(
        "请交未经转换的原始文件；可读取 UTF-8、UTF-16 与 GB18030。",
        "Hand in the original, unconverted file; UTF-8, UTF-16 and GB18030 can be read.",
    )


class NotOfd(Refusal):
    """The file is not an OFD package."""

    code = "INV-OFD-01"
    title = Text("文件不是 OFD：{reason_zh}", "The file is not OFD: {reason_en}")
    way_out = _ASK_AGAIN


class OversizedOfd(Refusal):
    """The package holds more, or unpacks to more, than any invoice."""

    code = "INV-OFD-02"
    title = Text(
        "OFD 包的{what_zh}为 {size}，超过上限 {limit}",
        "The OFD package has {size} {what_en}, the limit is {limit}",
    )
    way_out = _ASK_AGAIN
    status = 413


class UnsafeOfd(Refusal):
    """A part of the package points outside it."""

    code = "INV-OFD-03"
    title = Text("OFD 包中的路径“{path}”指向包外", "The path “{path}” in the OFD package points outside it")
    way_out = _ASK_AGAIN


class BrokenOfd(Refusal):
    """A part of the package is missing or cannot be unpacked."""

    code = "INV-OFD-04"
    title = Text("OFD 包中的 {part} 无法读取：{reason}", "{part} in the OFD package cannot be read: {reason}")
    way_out = _ASK_AGAIN


class NoInvoiceInOfd(Refusal):
    """The package is sound but holds no invoice data: neither an attachment, nor tags, nor custom data."""

    code = "INV-OFD-05"
    title = Text("OFD 中没有发票数据", "There is no invoice data in the OFD file")
    way_out = Text(
        "只有版面的文件不能导入；请使用 XML 文件。",
        "A file that is only a picture cannot be imported; use the XML.",
    )


class FontsMissing(Refusal):
    """The Chinese fonts for PDF and OFD are not installed; a face full of boxes is worse than none."""

    code = "INV-FNT-01"
    title = Text(
        "缺少中文字体 {name}（应在 {folder}）", "The Chinese font {name} is missing (expected in {folder})"
    )
    way_out = Text(
        "请运行 make assets 安装字体后再试。", "Run `make assets` to install the fonts, then try again."
    )
    status = 503
