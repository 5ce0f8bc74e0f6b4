/** The outline of a file. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import type { OutlineEntry } from "../../compiler/services/analysis.js";
import { outline } from "../../compiler/services/outline.js";
import { BASE } from "../compiler/host.js";
import { edit } from "./editor.js";

const suite = makeSuite("services: outline");

/** Names and details, indented. */
const lines = (entries: readonly OutlineEntry[], depth = 0): string[] =>
  entries.flatMap(({ kind, name, detail, children }) => [
    `${" ".repeat(depth)}${kind} ${name}: ${detail}`,
    ...lines(children, depth + 1),
  ]);
const outlined = (text: string) => outline(edit(`|${text}`).analysis);

suite("everything that is declared, and what experiments have", () => {
  const text = `${BASE}modules eyes = vision.** except vision.**.fc1\ntrain longer = recipe { steps 3 }\nexperiment b extends base {}\nsweep all = base, b`;
  assert.equal(lines(outlined(text)), [
    'import "std:backbones": mllama',
    "const ranks: [0, 1, 2]",
    "experiment base: ",
    ' item summary: "the base of the cases"',
    " item seed: 7",
    " item backbone: vlm = mllama",
    '  item weights: folder("backbone")',
    " item dataset: digits",
    '  item train: messages("train.jsonl")',
    '  item reward: messages("reward.jsonl")',
    '  item validation: messages("validation.jsonl")',
    '  item test: messages("test.jsonl")',
    " item adapter: lora on vlm",
    "  item scale: 2",
    "  item dropout: 0",
    "  item vision.**: rank in ranks",
    " item objective: minimize loss on reward",
    "  item parameters: <= uniform rank 1",
    " item search: natural_policy_gradient",
    "  item controller: 1 option",
    "  item super_network: 2 options",
    "  item finalists: 2",
    " item compare: uniform, random, seeds 3",
    " item train: final",
    "  item steps: 300",
    "  item batch: 16",
    " item budget: wall_clock 6h",
    "  item wall_clock: 6h",
    " item export: peft",
    "modules eyes: vision.** except vision.**.fc1",
    "record longer: train = recipe",
    "experiment b: extends base",
    "sweep all: base, b",
  ]);
});

suite("names lie within what they name, parts within the whole", () => {
  const inside = ({ span, nameSpan, children }: OutlineEntry): boolean =>
    span.start <= nameSpan.start &&
    nameSpan.end <= span.end &&
    children.every((child) => span.start <= child.span.start && child.span.end <= span.end && inside(child));
  assert.ok(outlined(BASE).every(inside));
});

suite("what can be read of a file with mistakes", () => {
  const names = outlined(BASE.replace("seed 7", "seed = = 7")).flatMap(({ children }) =>
    children.map(({ name }) => name),
  );
  assert.is(names.length, 10);
  assert.not.ok(names.includes("seed"));
  assert.equal(outlined("{{{"), []);
});

suite.run();
