/** The plot of bench/growth.ts: time and memory against each factor, both relative to the smallest size, on logarithmic axes. */

import { LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

export interface Series {
  readonly factor: string;
  /** What the time is of. */
  readonly of: string;
  readonly points: readonly { readonly size: number; readonly milliseconds: number; readonly mebibytes: number }[];
}

const [WIDTH, HEIGHT] = [960, 560];
const COLUMNS = 3;

/** An SVG with a small plot a factor: time solid, memory dashed. */
export function growthPicture(series: readonly Series[]): string {
  use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
  const rows = Math.ceil(series.length / COLUMNS);
  const place = (at: number) => ({
    left: `${5 + (at % COLUMNS) * 32}%`,
    top: `${14 + Math.floor(at / COLUMNS) * (86 / rows)}%`,
    width: "25%",
    height: `${86 / rows - 18}%`,
  });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: series.map(({ factor, of }, at) => ({
      text: `${factor} (${of})`,
      textStyle: { fontSize: 13 },
      left: place(at).left,
      top: `${8 + Math.floor(at / COLUMNS) * (86 / rows)}%`,
    })),
    legend: { data: ["time", "peak memory"], top: 4 },
    grid: series.map((_, at) => place(at)),
    xAxis: series.map(({ points }, at) => ({
      type: "category",
      gridIndex: at,
      data: points.map(({ size }) => String(size)),
    })),
    yAxis: series.map((_, at) => ({ type: "log", logBase: 2, gridIndex: at, axisLabel: { formatter: "×{value}" } })),
    series: series.flatMap(({ points }, at) => [
      {
        ...line(at, "time", "#1f5fa8", "solid"),
        data: points.map((each) => each.milliseconds / points[0]!.milliseconds),
      },
      {
        ...line(at, "peak memory", "#b4521a", "dashed"),
        data: points.map((each) => each.mebibytes / points[0]!.mebibytes),
      },
    ]),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

const line = (at: number, name: string, color: string, type: "solid" | "dashed") => ({
  type: "line" as const,
  name,
  xAxisIndex: at,
  yAxisIndex: at,
  color,
  symbolSize: 7,
  lineStyle: { type, width: 2 },
});
