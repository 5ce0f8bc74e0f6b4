/** What text and Markdown say alike. */
import { amountText, counted, groupedDigits } from "../numbers.js";
import type { ExampleSize } from "./example-size.js";
import type { Plan } from "./types.js";

/** More digits than these are not read. */
const READABLE_DIGITS = 24;

/** The number of architectures, and how many keep the budget. */
export function sizeText({ space }: Plan): string {
  const { size, log10Size, withinBudget } = space;
  const all = numberText(size, log10Size, true);
  if (withinBudget === null) return all;
  const { size: exact, log10Size: power } = withinBudget;
  if (exact === size) return `${all}, all within the budget`;
  if (exact === null && power === null) return `${all}; those within the budget take too long to count`;
  return `${all}, ${numberText(exact, power, false)} of them within the budget`;
}

/** Exact while it can be read, and as a power of ten where it is not small. */
function numberText(exact: string | null, log10: number | null, isNamed: boolean): string {
  const power = log10 === null ? "" : `10^${log10.toFixed(1)}`;
  if (exact === null || exact.length > READABLE_DIGITS) return `about ${power}${isNamed ? " architectures" : ""}`;
  const digits = isNamed ? counted(BigInt(exact), "architecture") : groupedDigits(BigInt(exact));
  return exact.length > 6 ? `${digits} (${power})` : digits;
}

const FROM: Readonly<Record<ExampleSize["from"], string>> = {
  data: "the longest of the training examples looked at",
  given: "as given",
  assumed: "assumed: data or tokenizer cannot be read; --tokens and --images say otherwise",
};

/** The example that FLOPs and memory are for. */
export function exampleText({ example }: Plan): string {
  const { tokens, images, from, positions } = example;
  const parts = Object.entries(positions).map(([part, count]) => `${part} ${groupedDigits(count)}`);
  return `an example: ${counted(tokens, "token")}, ${counted(images, "image")} (${FROM[from]}); positions: ${parts.join(", ")}`;
}

/** What memory is made of: name, bytes (null where not known), explanation. */
export function memoryNotes({ memory, examples }: Plan): (readonly [string, number | null, string])[] {
  const unknown = examples === null ? "not in the sum: the data cannot be read" : undefined;
  return [
    ["process", memory.processBytes, "Node, runtime, engine, and the nodes of the graphs"],
    ["weights", memory.weightsBytes, "frozen, in f32, as the engine packs them for training and scoring"],
    ["state", memory.stateBytes, "largest adapter: values, gradients, AdamW moments, old and new"],
    ["activations", memory.activationsBytes, "kept for the backward pass of one step, and worked on"],
    ["scoring", memory.scoringBytes, "worked on in a forward pass of a scoring batch"],
    ["caches", memory.cachesBytes, unknown ?? "what no adapter changes, of each example"],
    ["data", memory.dataBytes, unknown ?? "images of all examples"],
  ];
}

/** How the figures of the work are to be read. */
export function workNotes({ rate, examples }: Plan): string[] {
  return [
    ...(examples === null
      ? ["Not counted: measuring trained adapters on validation and test, whose examples cannot be counted."]
      : []),
    rate === null
      ? "For times: lnasc plan --measure measures this machine once; --rate 900TFLOP/s plans for another."
      : `Times are matrix products at ${amountText(rate.flopsPerSecond, "FLOP/s")} (${rate.of}); a step also does other things, and small models leave much of that rate unused.`,
  ];
}
