/* Draws the months of the table below it; the table is what is read, the chart what is looked at. */
(function () {
  "use strict";

  function draw() {
    var place = document.getElementById("month-chart");
    if (!place || !window.echarts) return;
    var rows = Array.from(document.querySelectorAll("#" + place.dataset.table + " tbody tr"));
    var style = getComputedStyle(document.body);
    var ink = style.color;
    var soft = getComputedStyle(place.parentElement.querySelector("thead th")).color;
    var line = getComputedStyle(place.parentElement).borderTopColor;
    var yuan = function (name) { return rows.map(function (row) { return Number(row.dataset[name]) / 100; }); };
    var chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: style.fontFamily, color: ink },
      color: ["#0d5fbf", "#8bbcf0"],
      grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
      legend: { top: 4, right: 8, textStyle: { color: ink } },
      tooltip: {
        trigger: "axis", renderMode: "richText",
        valueFormatter: function (value) { return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }); },
      },
      xAxis: { type: "category", data: rows.map(function (row) { return row.dataset.month; }), axisLabel: { color: soft }, axisTick: { show: false } },
      yAxis: { type: "value", axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } },
      series: [
        { name: place.dataset.amount, type: "bar", stack: "gross", barMaxWidth: 36, data: yuan("amount") },
        { name: place.dataset.tax, type: "bar", stack: "gross", barMaxWidth: 36, data: yuan("tax") },
      ],
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }

  document.addEventListener("DOMContentLoaded", draw);
})();
