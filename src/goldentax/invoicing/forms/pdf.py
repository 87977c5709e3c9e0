"""
The PDF of one invoice (版式文件), typeset by typst from the items of the face.

The information dictionary carries the keys readers look for (FACTS §1.3: number, day, totals, parties),
which typst cannot write; they are appended as an incremental update, so the pages stay the very bytes typst
made. The delivered XML travels inside as an attachment where it is given. The same document always gives
the same bytes.
"""

import json
import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from goldentax.invoicing.forms import face, fonts
from goldentax.invoicing.forms.face.drawing import Code, Item, Oval, Rule, Words
from goldentax.invoicing.forms.face.measure import one_row
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.money import yuan

CREATOR = "goldentax"
ATTACHMENT = "invoice.xml"

# Data comes in as JSON, never as source: nothing a buyer is called can become a command.
_TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#let colour(c) = rgb(c.at(0), c.at(1), c.at(2))
#set document(title: data.title, author: data.author)
#set page(width: data.width * 1mm, height: data.height * 1mm, margin: 0mm)
#set text(top-edge: "baseline", bottom-edge: "baseline", hyphenate: false, lang: "zh",
  cjk-latin-spacing: none, kerning: false, ligatures: false)
#if data.xml != "" {
  pdf.attach(data.attachment, bytes(data.xml), mime-type: "application/xml", relationship: "source",
    description: data.title)
}
#for (i, page) in data.pages.enumerate() {
  if i > 0 { pagebreak() }
  for r in page.rules {
    place(top + left, line(start: (r.x1 * 1mm, r.y1 * 1mm), end: (r.x2 * 1mm, r.y2 * 1mm),
      stroke: r.w * 1mm + colour(r.c)))
  }
  for o in page.ovals {
    place(top + left, dx: (o.x - o.rx) * 1mm, dy: (o.y - o.ry) * 1mm,
      ellipse(width: o.rx * 2mm, height: o.ry * 2mm, stroke: o.w * 1mm + colour(o.c)))
  }
  for q in page.codes {
    place(top + left, dx: q.x * 1mm, dy: q.y * 1mm, image(bytes(q.svg), format: "svg", width: q.size * 1mm))
  }
  for w in page.words {
    let body = text(font: data.fonts.at(w.f), size: w.s * 1mm, fill: colour(w.c), w.t)
    let wide(side) = box(width: 210mm, align(side, body))
    let placed = (left: (0mm, body), centre: (105mm, wide(center)), right: (210mm, wide(right)))
    let (shift, what) = placed.at(w.a)
    place(top + left, dx: w.x * 1mm - shift, dy: w.y * 1mm, what)
  }
}
"""

_lock = Lock()


def write(document: InvoiceDocument, *, xml: bytes = b"") -> bytes:
    """
    Write the PDF of one invoice, with its XML attached if given.

    :raises FontsMissing: if the Chinese fonts are not installed.
    """
    families, compiler = _compiler(*(fonts.font_file(font) for font in ("kai", "song", "mono")))
    drawn = face.pages(document)
    data = {
        "title": f"{document.title} {document.number}".strip(),
        "author": one_row(document.seller.name),
        "width": drawn[0].width,
        "height": drawn[0].height,
        "fonts": families,
        "attachment": ATTACHMENT,
        "xml": xml.decode(),
        "pages": [_described(page.items) for page in drawn],
    }
    moment = int(document.issued_at.timestamp())
    # The compiler may be used by one thread at a time.
    with _lock:
        made = compiler.compile(
            _TEMPLATE.encode(),
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=moment,
            pdf_tags=False,
        )
    assert isinstance(made, bytes)
    return _with_information(made, information(document))


def information(document: InvoiceDocument) -> dict[str, str]:
    """Gather the entries of the information dictionary, under the keys readers know."""
    day = document.issued_at.astimezone(CHINA)
    return {
        "Creator": CREATOR,
        "InvoiceNumber": document.number,
        "IssueTime": f"{day:%Y年%m月%d日}",
        "TotalAmWithoutTax": yuan(document.amount_fen),
        "TotalTaxAm": yuan(document.tax_fen),
        "TotalTax-includedAmount": yuan(document.gross_fen),
        "BuyerIdNum": one_row(document.buyer.tax_id),
        "SellerIdNum": one_row(document.seller.tax_id),
        "BuyerName": one_row(document.buyer_printed_name),
        "SellerName": one_row(document.seller.name),
    }


@cache
def _compiler(*files: Path) -> tuple[dict[str, list[str]], typst.Compiler]:
    # Only our own files: system fonts would make the bytes differ from machine to machine.
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=sorted({str(one.parent) for one in files}),
    )
    family = {str(one.path): one.family for one in found.fonts()}
    kai, song, mono = (family[str(one)] for one in files)
    families = {"kai": [kai, song], "song": [song, kai], "mono": [mono, song, kai]}
    return families, typst.Compiler(_TEMPLATE.encode(), font_paths=found)


def _described(items: tuple[Item, ...]) -> dict[str, list[dict[str, Any]]]:
    page: dict[str, list[dict[str, Any]]] = {"rules": [], "ovals": [], "codes": [], "words": []}
    for one in items:
        match one:
            case Words():
                # Figures are aligned by typst, exact in any font; labels by us, for typst trims the brackets
                # and full stops at the ends of a row.
                is_label = one.font == "kai"
                page["words"].append(
                    {
                        "x": one.left if is_label else one.x,
                        "a": "left" if is_label else one.align,
                        "y": one.y,
                        "t": fonts.drawable(one.text, font=one.font),
                        "s": one.size,
                        "f": one.font,
                        "c": one.colour,
                    }
                )
            case Rule():
                page["rules"].append(
                    {"x1": one.x1, "y1": one.y1, "x2": one.x2, "y2": one.y2, "w": one.width, "c": one.colour}
                )
            case Oval():
                page["ovals"].append(
                    {
                        "x": one.x,
                        "y": one.y,
                        "rx": one.radius_x,
                        "ry": one.radius_y,
                        "w": one.width,
                        "c": one.colour,
                    }
                )
            case Code():
                page["codes"].append({"x": one.x, "y": one.y, "size": one.size, "svg": _code_svg(one)})
    return page


def _code_svg(code: Code) -> str:
    """Draw the QR code as a picture of exactly its modules."""
    count = len(code.modules)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {count} {count}" '
        f'shape-rendering="crispEdges"><path d="{code.path()}"/></svg>'
    )


_TRAILER = re.compile(rb"trailer\s*<<(?P<entries>.*?)>>\s*startxref\s+(?P<start>\d+)\s+%%EOF\s*\Z", re.DOTALL)
_INFO = re.compile(rb"/Info (\d+) 0 R")


def _with_information(data: bytes, entries: dict[str, str]) -> bytes:
    """Append a new version of the information dictionary as an incremental update (ISO 32000-1, 7.5.6)."""
    trailer = _TRAILER.search(data)
    assert trailer is not None, "typst writes a plain trailer"
    info = _INFO.search(trailer["entries"])
    assert info is not None, "typst writes an information dictionary, for the title"
    number = int(info.group(1))
    at = data.index(b"\n%d 0 obj" % number) + 1
    old = data[data.index(b"<<", at) + 2 : data.index(b"endobj", at)].rstrip().removesuffix(b">>")
    old = re.sub(rb"/(Creator|Producer)\s*\(.*?\)", b"", old)
    added = b"".join(b"/%s %s" % (name.encode(), _pdf_text(text)) for name, text in entries.items())
    body = data if data.endswith(b"\n") else data + b"\n"
    update = b"%d 0 obj\n<<%s/Producer %s%s>>\nendobj\n" % (number, old, _pdf_text("typst"), added)
    table = b"xref\n%d 1\n%010d 00000 n\r\n" % (number, len(body))
    return (
        body
        + update
        + table
        + b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (trailer["entries"], trailer["start"], len(body) + len(update))
    )


def _pdf_text(text: str) -> bytes:
    """Write a text string: UTF-16BE with its mark, in hexadecimal, as PDF wants what is not Latin."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be").hex().upper().encode() + b">"
