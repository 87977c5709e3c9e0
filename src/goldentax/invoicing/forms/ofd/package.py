"""
The zip of an OFD file, opened with suspicion.

Sizes, counts and ratios are looked at before anything is unpacked, unpacking stops at a limit whatever the
directory says, and no name may lead out of the package. Nothing is ever written to disk.
"""

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from goldentax.invoicing.forms.refusals import BrokenOfd, NotOfd, OversizedOfd, UnsafeOfd
from goldentax.invoicing.forms.xml.guard import read_tree

SIZE_MAX = 20 * 1024 * 1024
PARTS_MAX = 2000
UNPACKED_MAX = 100 * 1024 * 1024
"""Bytes of all parts together; an invoice of 2,000 lines unpacks to about 10 MB."""
RATIO_MAX = 250
RATIO_FROM = 1024 * 1024
"""Parts smaller than this may shrink as well as they like."""


class Package:
    """
    The parts of one OFD file by name.

    :raises NotOfd: if it is no zip or has no ``OFD.xml``.
    :raises OversizedOfd: if it is too large, packed or unpacked.
    :raises UnsafeOfd: if a name leads outside.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > SIZE_MAX:
            raise OversizedOfd(what_zh="大小", what_en="bytes", size=len(data), limit=SIZE_MAX)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError):
            raise NotOfd(reason_zh="不是 ZIP 压缩包", reason_en="it is not a zip file") from None
        infos = [one for one in self._zip.infolist() if not one.is_dir()]
        _check_sizes(infos)
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = _safe(info.filename)
            if name.casefold() in self._parts:
                raise BrokenOfd(name, part=name, reason="the name appears twice")
            self._parts[name.casefold()] = info
        if "ofd.xml" not in self._parts:
            raise NotOfd(reason_zh="包内没有 OFD.xml", reason_en="there is no OFD.xml in it")

    def tree(self, name: str) -> etree._Element:
        """
        Read one part as XML.

        :raises BrokenOfd: if it is missing or cannot be unpacked.
        :raises BrokenXml: and its neighbours, if it is not sound XML.
        """
        return read_tree(self.bytes(name))

    def bytes(self, name: str) -> bytes:
        """Unpack one part; see :meth:`tree` for what is refused."""
        info = self._parts.get(name.casefold())
        if info is None:
            raise BrokenOfd(name, part=name, reason="it is missing")
        try:
            with self._zip.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
            EOFError,
            OSError,
        ) as error:
            # RuntimeError: the part is encrypted; NotImplementedError: packed by an unknown method.
            raise BrokenOfd(name, part=name, reason=str(error)[:120]) from None
        if len(data) > info.file_size:
            raise BrokenOfd(name, part=name, reason="it unpacks to more than it says")
        return data

    def resolve(self, location: str, *, base: str) -> str | None:
        """
        Find the part a location in ``base`` means: from its folder, else from the root, in any case.

        :raises UnsafeOfd: if it leads outside.
        """
        location = location.strip().replace("\\", "/")
        if not location:
            return None
        folder = "" if location.startswith("/") else posixpath.dirname(base)
        for candidate in (posixpath.join(folder, location.lstrip("/")), location):
            name = _safe(posixpath.normpath(candidate))
            if name.casefold() in self._parts:
                return name
        return None


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > PARTS_MAX:
        raise OversizedOfd(what_zh="文件数", what_en="parts", size=len(infos), limit=PARTS_MAX)
    unpacked = sum(one.file_size for one in infos)
    if unpacked > UNPACKED_MAX:
        raise OversizedOfd(what_zh="解压后大小", what_en="unpacked bytes", size=unpacked, limit=UNPACKED_MAX)
    for one in infos:
        ratio = one.file_size // max(one.compress_size, 1)
        if one.file_size > RATIO_FROM and ratio > RATIO_MAX:
            raise OversizedOfd(what_zh="压缩比", what_en="as compression ratio", size=ratio, limit=RATIO_MAX)


def _safe(name: str) -> str:
    plain = name.replace("\\", "/").lstrip("/")
    if ".." in plain.split("/") or ":" in plain.split("/")[0]:
        raise UnsafeOfd(path=name[:200])
    return posixpath.normpath(plain)
