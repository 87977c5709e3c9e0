/* Draws the first rows of the table below it as bars; the table is what is read, the chart what is looked at. */
(function () {
  "use strict";

  function draw() {
    var place = document.getElementById("report-chart");
    if (!place || !window.echarts) return;
    var rows = Array.from(document.querySelectorAll("#report-table tbody tr[data-bar]"));
    var style = getComputedStyle(document.body);
    var soft = getComputedStyle(document.querySelector("#report-table thead th")).color;
    var line = getComputedStyle(place.parentElement).borderTopColor;
    var short = function (text) { return text.length > 30 ? text.slice(0, 14) + "…" + text.slice(-14) : text; };
    var chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: style.fontFamily, color: style.color },
      color: ["#0d5fbf"],
      grid: { left: 8, right: 24, top: 12, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      xAxis: { type: "value", minInterval: 1, axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } },
      yAxis: {
        type: "category", inverse: true, axisTick: { show: false }, axisLabel: { color: soft },
        data: rows.map(function (row) { return short(row.dataset.bar); }),
      },
      series: [{ name: place.dataset.name, type: "bar", barMaxWidth: 22, data: rows.map(function (row) { return Number(row.dataset.value); }) }],
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }

  document.addEventListener("DOMContentLoaded", draw);
})();
