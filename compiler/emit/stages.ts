/** The stages of a program, in the order in which they run: what each is called, what is said of it, what it is given. */
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import { groupedDigits } from "../numbers.js";
import {
  array,
  call,
  type Expression,
  field,
  given,
  identifier,
  literal,
  object,
  shorthand,
  spread,
} from "./expression.js";
import { camelCase } from "./names.js";
import { stringLiteral } from "./text.js";

/** The part of the runtime's controller table that a program quotes. */
export type ControllerNotes = Readonly<
  Record<string, { readonly summary: string; readonly options: Readonly<Record<string, { readonly doc: string }>> }>
>;

export interface StageStatement {
  /** The constant that holds what the stage returns, where a later one needs it. */
  readonly name?: string;
  readonly type?: string;
  readonly note: string;
  readonly value: Expression;
}

/** The statements of a program's body for an experiment, one entry a stage. */
export function stages(
  ir: ExperimentIR,
  { hasTies, controllers }: { readonly hasTies: boolean; readonly controllers: ControllerNotes },
): StageStatement[] {
  const { backbone, dataset, objective, search, compare } = ir;
  const comparison: StageStatement = {
    note: "What other methods choose under the same budget, trained in the same way.",
    value: call("await run.compare", [
      array(compare.arms.map((arm) => controllerCall(arm, controllers, false))),
      object([
        spread("protocol"),
        shorthand("superNetwork"),
        shorthand("objective"),
        ...(compare.equalCost
          ? [field("equalCost", literal(true), "who chose for less is also trained for the steps that this buys")]
          : []),
      ]),
    ]),
  };
  const ranking: StageStatement = {
    note: "Whether the super-network orders architectures as training them from scratch does.",
    value: call("await run.ranking", [
      object([
        spread("protocol"),
        shorthand("superNetwork"),
        shorthand("objective"),
        field("architectures", literal(compare.ranking)),
      ]),
    ]),
  };
  return [
    {
      name: "backbone",
      note: `Backbone ${stringLiteral(backbone.name)}: ${groupedDigits(backbone.parameters)} parameters, all frozen.`,
      value: call("await run.backbone", [
        object([field("family", literal(backbone.family)), field("weights", weightsOf(backbone.weights))]),
      ]),
    },
    {
      name: "data",
      note: `Data set ${stringLiteral(dataset.name)}.`,
      value: call("await run.dataset", [
        object([
          shorthand("backbone"),
          field(
            "splits",
            object(SPLITS.map(([split, note]) => field(split, given(dataset.splits[split], ["kind", "path"]), note))),
          ),
        ]),
      ]),
    },
    {
      name: "superNetwork",
      note: "Trained once; every candidate is scored as a slice of it.",
      value: call("await run.superNetwork", [
        object([
          spread("superNetworkTraining"),
          shorthand("backbone"),
          shorthand("adapter"),
          shorthand("modules"),
          hasTies ? shorthand("ties") : field("ties", literal([])),
          field("data", identifier("data.train")),
        ]),
      ]),
    },
    {
      name: "objective",
      type: "ObjectiveOptions",
      note: "What is sought, and what it may cost.",
      value: object([
        field(
          "reward",
          object([
            field("metric", literal(objective.reward.metric)),
            field("direction", literal(objective.reward.direction)),
            ...(objective.reward.parameterWeight === undefined
              ? []
              : [
                  field(
                    "parameterWeight",
                    literal(objective.reward.parameterWeight),
                    "what a parameter adds to the number that is minimised",
                  ),
                ]),
            field("on", identifier("data.reward")),
          ]),
        ),
        field("selectOn", identifier("data.validation")),
        field("maxParameters", literal(objective.maxParameters), "of an adapter; no candidate is above it"),
      ]),
    },
    {
      name: "found",
      note: controllers[search.controller]?.summary ?? "The search itself.",
      value: call("await run.search", [
        object([
          shorthand("superNetwork"),
          field("controller", controllerCall(search, controllers, true)),
          shorthand("objective"),
          ...(search.earlyStopping === undefined
            ? []
            : [field("earlyStopping", literal(true), "of what is worse than the best of its round with confidence")]),
          ...(search.rescore === undefined
            ? []
            : [
                field(
                  "rescore",
                  literal(search.rescore),
                  "of the best are scored once more, on all reward examples, before finalists are taken from them",
                ),
              ]),
        ]),
      ]),
    },
    ...search.beside.map(
      (rival, index): StageStatement => ({
        name: besideName(index),
        note: "What this would choose under the same budget; retraining decides between it and the search.",
        value: call("await run.beside", [
          object([
            shorthand("superNetwork"),
            field("controller", controllerCall(rival, controllers, true)),
            shorthand("objective"),
          ]),
        ]),
      }),
    ),
    {
      name: "protocol",
      type: "RetrainOptions",
      note: "How finalists and rivals are trained and measured.",
      value: object([
        spread("retraining"),
        shorthand("backbone"),
        shorthand("adapter"),
        field("data", identifier("data.train")),
        field("selectOn", identifier("data.validation")),
        field("test", identifier("data.test")),
        field("selectBy", identifier("objective.reward")),
        field("seeds", literal(compare.seeds), "trainings of each, the same seeds for all: differences are paired"),
        field(
          "learningRates",
          literal(compare.learningRates),
          compare.learningRates.length === 0
            ? "all arms at the rate of the optimizer"
            : "each arm at that of these with which its first seed has the lowest validation loss",
        ),
      ]),
    },
    {
      name: "finalists",
      note: "The best candidates, trained stand-alone; the best on validation wins.",
      value: call("await run.retrain", [
        search.beside.length === 0
          ? call("found.best", [literal(search.finalists)])
          : array([
              identifier(`...found.best(${search.finalists})`),
              ...search.beside.map((_, index) => identifier(`...${besideName(index)}.best(1)`)),
            ]),
        identifier("protocol"),
      ]),
    },
    ...(compare.arms.length === 0 ? [] : [comparison]),
    ...(compare.ranking === 0 ? [] : [ranking]),
    ...(compare.latency === undefined
      ? []
      : [
          {
            note: "What the ranks of each arm cost where they are not merged into the weights.",
            value: call("await run.latency", [
              object([
                shorthand("backbone"),
                shorthand("adapter"),
                field("on", identifier("data.test")),
                field("passes", literal(compare.latency), "timed forward passes of one example, twice for each arm"),
              ]),
            ]),
          },
        ]),
    {
      note: "The winner as an adapter that Hugging Face PEFT loads, and the report.",
      value: call("return run.export", [
        identifier("finalists.winner"),
        call(ir.export.format, [literal(ir.export.path)]),
      ]),
    },
  ];
}

const besideName = (index: number): string => (index === 0 ? "beside" : `beside${index + 1}`);

const weightsOf = (weights: ExperimentIR["backbone"]["weights"]): Expression =>
  weights.kind === "folder" ? given(weights, ["kind", "path"]) : given(weights, ["kind", "repository", "revision"]);

const SPLITS = [
  ["train", "adapters learn from these"],
  ["reward", "scores candidates during the search"],
  ["validation", "chooses between retrained finalists"],
  ["test", "is only reported"],
] as const;

/** `naturalPolicyGradient({ ... })`: the runtime's constructor with every option of the IR, in the order of the controller table. */
function controllerCall({ controller, options }: ControllerIR, table: ControllerNotes, withNotes: boolean): Expression {
  const rows = table[controller]?.options ?? {};
  const known = Object.keys(rows).filter((name) => options[name] !== undefined);
  const others = Object.keys(options).filter((name) => rows[name] === undefined);
  const fields = [...known, ...others.sort()].map((name) =>
    field(camelCase(name), literal(options[name]), withNotes ? rows[name]?.doc : undefined),
  );
  return call(camelCase(controller), fields.length === 0 ? [] : [object(fields)]);
}
