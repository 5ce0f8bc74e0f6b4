/** The JSON Schema (draft 7) of the IR. */
import { FAMILY_NAMES } from "../families.js";
import { REWARD_GOALS } from "../reward-metrics.js";
import { SAMPLING_RULES } from "../sampling-rules.js";
import { IR_VERSION } from "./types.js";

const text = { type: "string", minLength: 1 } as const;
const count = { type: "integer", minimum: 1 } as const;
const share = { type: "number", minimum: 0, maximum: 1 } as const;
const decay = { type: "number", minimum: 0, exclusiveMaximum: 1 } as const;
const positive = { type: "number", exclusiveMinimum: 0 } as const;

/** An object with exactly these properties; those in `optional` may be absent. */
const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const list = (items: object, minItems = 0) => ({ type: "array", items, minItems });

const messages = object({ kind: { const: "messages" }, path: text });
const optimizer = object({
  kind: { const: "adamw" },
  learningRate: positive,
  beta1: decay,
  beta2: decay,
  epsilon: positive,
  weightDecay: { type: "number", minimum: 0 },
  clipNorm: { type: "number", minimum: 0 },
});
const schedule = object({ kind: { enum: ["cosine", "constant"] }, warmup: share, floor: share });
const training = { steps: count, batch: count, microBatch: count, memoryBytes: positive, optimizer, schedule };
/** Of `training`. */
const OPTIONAL = ["microBatch", "memoryBytes"];
const options = {
  type: "object",
  additionalProperties: {
    type: ["number", "string", "boolean", "object"],
    // A rank for every module, or for every module a number by rank.
    additionalProperties: {
      type: ["integer", "object"],
      minimum: 0,
      propertyNames: { pattern: "^[0-9]+$" },
      additionalProperties: { type: "number" },
    },
  },
};
const controller = { controller: text, options };

export const irSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "lnas experiment IR",
  ...object({
    irVersion: { const: IR_VERSION },
    edition: { const: 1 },
    name: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
    summary: { type: "string" },
    seed: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    backbone: object({
      name: text,
      family: { enum: FAMILY_NAMES },
      weights: {
        oneOf: [
          object({ kind: { const: "folder" }, path: text }),
          object({ kind: { const: "hub" }, repository: text, revision: text }),
        ],
      },
      parameters: count,
    }),
    dataset: object({
      name: text,
      splits: object({ train: messages, reward: messages, validation: messages, test: messages }),
    }),
    adapter: object({
      kind: { const: "lora" },
      scale: positive,
      dropout: { type: "number", minimum: 0, exclusiveMaximum: 1 },
      targets: list(
        object({
          ranks: { ...list({ type: "integer", minimum: 0 }, 1), uniqueItems: true },
          modules: list(object({ path: text, inFeatures: count, outFeatures: count }), 1),
          ties: list(list(text, 2)),
        }),
        1,
      ),
    }),
    objective: object({
      reward: {
        oneOf: REWARD_GOALS.map(({ metric, direction }) =>
          object({ metric: { const: metric }, direction: { const: direction }, parameterWeight: positive }, [
            "parameterWeight",
          ]),
        ),
      },
      maxParameters: { type: "integer", minimum: 0 },
    }),
    search: object(
      {
        ...controller,
        superNetwork: object({ ...training, sampling: { enum: SAMPLING_RULES }, distillation: share, start: text }, [
          ...OPTIONAL,
          "start",
        ]),
        beside: list(object(controller)),
        finalists: count,
        rescore: count,
        earlyStopping: { const: true },
      },
      ["rescore", "earlyStopping"],
    ),
    compare: object(
      {
        arms: list(object(controller)),
        seeds: count,
        learningRates: { ...list(positive), uniqueItems: true },
        ranking: { type: "integer", minimum: 0 },
        latency: count,
        equalCost: { type: "boolean" },
      },
      ["latency"],
    ),
    train: object(training, OPTIONAL),
    budget: object({ wallClockMs: positive, deviceMemoryBytes: positive }, ["wallClockMs", "deviceMemoryBytes"]),
    export: object({ format: { const: "peft" }, path: text }),
  }),
} as const;
