/** `lnasc inspect graph`: the tensor graph of an experiment, before and after the passes. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Act } from "../command-line.js";
import { GRAPH_PARTS, type GraphPart } from "../inspect/experiment-graph.js";
import type { GraphInspection } from "../inspect/inspection.js";
import type { Terminal } from "../terminal.js";

interface InspectOptions {
  readonly part: GraphPart;
  readonly format: "text" | "json" | "dot" | "svg";
  readonly tokens?: number;
  readonly images?: number;
  readonly batch?: number;
  readonly memory?: number;
  readonly experiment?: string;
}

/** The command `inspect`; reads no weights and writes nothing. */
export function inspectCommand(act: Act): Command {
  const graph = new Command("graph")
    .description(
      "show the graph that a spec's super-network compiles: ops, FLOPs, bytes, peak memory, and what each pass does",
    )
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .addOption(
      new Option("--part <part>", "the training step, the scoring of candidates, or what is computed once an example")
        .choices(GRAPH_PARTS)
        .default("step"),
    )
    .addOption(
      new Option("--format <format>", "tables, or a picture of the layers")
        .choices(["text", "json", "dot", "svg"])
        .default("text"),
    )
    .option("--tokens <n>", "tokens of an example (default: the data's longest)", count(1))
    .option("--images <n>", "images of an example (default: the data's most)", count(0))
    .option(
      "--batch <n>",
      "examples of a run (default: the spec's, four times as many where nothing is trained)",
      count(1),
    )
    .option("--memory <size>", "compute values again until a run takes no more than this: 16GiB", memorySize)
    .option("--experiment <name>", "which one, where the spec holds several")
    .action(
      act(async (terminal, named: string | undefined, options: InspectOptions) => {
        const { oneSpec } = await import("../spec-files.js");
        const { compileSpec, oneExperiment } = await import("../spec.js");
        const { ASSUMED_SIZE } = await import("../../compiler/plan/index.js");
        const { surveyData } = await import("../plan/survey.js");
        const { requireGraph } = await import("../run/require-graph.js");
        const { experimentGraph } = await import("../inspect/experiment-graph.js");
        const { inspectGraph } = await import("../inspect/inspection.js");
        const experiment = oneExperiment(compileSpec(oneSpec(named), terminal).experiments, options.experiment);
        requireGraph(experiment);
        const { size = ASSUMED_SIZE, problems } = surveyData(experiment);
        for (const problem of problems) terminal.note(`the sizes of the data are not known: ${problem}`);
        const { tokens = size.tokens, images = size.images } = options;
        const built = experimentGraph(experiment, options.part, { tokens, images, batch: options.batch });
        const inspection = inspectGraph(built, options.part, options.memory);
        await print(experiment.ir.name, inspection, terminal.json ? "json" : options.format, terminal);
      }),
    );
  return new Command("inspect").description("show what lies beneath an experiment").addCommand(graph);
}

const count = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`Give a whole number, ${least} at least.`);
  return value;
};

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

function memorySize(text: string): number {
  const [, digits = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)\s*([KMGT]iB)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit] ?? 0);
  if (!(bytes > 0)) throw new InvalidArgumentError("Give a number with a unit: 512MiB, 16GiB.");
  return bytes;
}

async function print(
  name: string,
  inspection: GraphInspection,
  format: InspectOptions["format"],
  terminal: Terminal,
): Promise<void> {
  const { part, shape, effects, graph } = inspection;
  if (format === "json")
    return terminal.resultJson({ experiment: name, part, shape, effects: effects.map(withoutNode) });
  if (format === "text") {
    const { graphText } = await import("../render/graph-text.js");
    return terminal.show(graphText(name, inspection));
  }
  const { graphDot, graphSvg } = await import("../render/graph-picture.js");
  const dot = graphDot(`${name}: ${part}`, graph);
  terminal.result(format === "dot" ? dot : await graphSvg(dot));
}

/** The node of the peak is named by its op: a node holds all that it is computed from. */
function withoutNode({ pass, totals }: GraphInspection["effects"][number]) {
  const { peakBytes, at, leafBytes } = totals.memory;
  return { pass, ...totals, memory: { peakBytes, at: at?.op ?? null, leafBytes } };
}
