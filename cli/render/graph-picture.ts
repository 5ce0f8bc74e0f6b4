/** A graph summed up by layers as a picture: Graphviz's language, and SVG by Graphviz compiled to WebAssembly. */
import { amountText, bytesText, groupedDigits } from "../../compiler/numbers.js";
import { UserError } from "../../runtime/formats/errors.js";
import { type LayerGroup, layersOf } from "../../runtime/graph/layers.js";
import type { Graph } from "../../runtime/graph/types.js";

const PACKAGE = "@hpcc-js/wasm-graphviz";

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/** The graph in the DOT language: a box for each layer of the forward and of the backward pass, arrows with the bytes that go from one to another. */
export function graphDot(title: string, graph: Graph): string {
  const { groups, edges } = layersOf(graph);
  const id = ({ pass, name }: LayerGroup) => quoted(`${pass} ${name}`);
  const box = (group: LayerGroup) => {
    const label = `${group.name}\n${groupedDigits(group.nodes)} nodes, ${amountText(group.flops, "FLOP")}`;
    const color = group.pass === "forward" ? "#dbe9f6" : "#fbe3d6";
    return `  ${id(group)} [label=${quoted(label)}, fillcolor="${color}"];`;
  };
  return `${[
    "digraph {",
    `  graph [label=${quoted(title)}, labelloc=t, fontname="sans-serif"];`,
    '  node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=10, margin="0.25,0.08"];',
    '  edge [fontname="sans-serif", fontsize=8];',
    ...groups.map(box),
    ...edges.map(({ from, to, bytes }) => `  ${id(from)} -> ${id(to)} [label=${quoted(bytesText(bytes))}];`),
    "}",
  ].join("\n")}\n`;
}

/** The picture as SVG. Throws a `UserError` where the package that draws it is not installed. */
export async function graphSvg(dot: string): Promise<string> {
  let graphviz: typeof import("@hpcc-js/wasm-graphviz");
  try {
    graphviz = await import(PACKAGE);
  } catch (cause) {
    throw new UserError(`pictures in SVG are drawn by the package ${PACKAGE}, which does not load`, {
      place: "--format svg",
      remedy: `Run npm install --ignore-scripts ${PACKAGE}, or give the text of --format dot to Graphviz.`,
      cause,
    });
  }
  const { Graphviz } = graphviz;
  return (await Graphviz.load()).dot(dot);
}
