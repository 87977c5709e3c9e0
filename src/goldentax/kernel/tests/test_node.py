"""Node descriptions: what may be written, and what contradicts itself."""

from pathlib import Path

import pytest
import yaml

from goldentax.kernel import node
from goldentax.kernel.settings import source_root

SHIPPED = source_root() / "lawbook" / "nodes.yaml"


def test_the_shipped_nodes_are_one_headquarters_and_provinces_that_know_each_other():
    found = node.load_nodes(SHIPPED)
    assert [one.code for one in found if one.is_headquarters] == ["00"]
    guangxi = next(one for one in found if one.code == "45")
    assert guangxi.bureau_code == "14500000000"
    assert guangxi.bureau_name.zh == "国家税务总局广西壮族自治区税务局"
    assert guangxi.has_duty("issuing") and not found[0].has_duty("issuing")


def test_a_node_that_is_not_described_is_refused():
    with pytest.raises(node.UnknownNode) as refused:
        node.get_node("99")
    assert "45" in refused.value.way_out_text("en")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "00"},
        {"port_offset": 0},
        {"level": "county"},
        {"bureau_code": "145"},
        {"peers": ["31"]},
        {"time_zone": "Asia/Nanning"},
        {"name": {"zh": "广西"}},
    ],
)
def test_a_description_that_contradicts_itself_is_refused(tmp_path: Path, change: dict[str, object]):
    rows = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["nodes"]
    rows[1].update(change)
    file = tmp_path / "nodes.yaml"
    file.write_text(yaml.safe_dump({"nodes": rows}), encoding="utf-8")
    with pytest.raises(node.BadNodeDescription):
        node.load_nodes(file)
    del rows[1]
    rows[0]["peers"] = []
    file.write_text(yaml.safe_dump({"nodes": rows}), encoding="utf-8")
    assert len(node.load_nodes(file)) == 1
