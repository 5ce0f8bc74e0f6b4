/** A compiler host over files in memory, with the real standard library, models and controllers. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Compilation, type CompilerHost, compile } from "../../compiler/index.js";
import { readRankFile } from "../../runtime/adapters/rank-file.js";
import { describeConfig } from "../../runtime/models/index.js";
import { controllerTable } from "../../runtime/search/controllers/table.js";
import { readPolicyFile } from "../../runtime/search/policy-file.js";
import { MOST_CHOICES } from "../../runtime/search/rank-space.js";
import { REPOSITORY } from "../golden.js";

const CONFIG = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"), "utf8");
const STANDARD = join(REPOSITORY, "stdlib");

/** Files by path; `backbone/config.json` is the handwriting example's unless given. */
export function memoryHost(files: Readonly<Record<string, string>>): CompilerHost {
  const all: Readonly<Record<string, string>> = { "backbone/config.json": CONFIG, ...files };
  return {
    readText: (path) => all[path],
    readStandard: (path) => {
      try {
        return readFileSync(join(STANDARD, path), "utf8");
      } catch {
        return undefined;
      }
    },
    standardModules: readdirSync(STANDARD, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".lnas"))
      .map((file) => file.slice(0, -".lnas".length)),
    describeBackbone: describeConfig,
    readRanks: readRankFile,
    readPolicy: readPolicyFile,
    mostRankChoices: MOST_CHOICES,
    controllers: controllerTable,
  };
}

/** A whole, correct spec with one of everything. */
export const BASE = `edition 1

import { mllama } from "std:backbones"

const ranks = [0, 1, 2]

experiment base {
  summary "the base of the cases"
  seed 7

  backbone vlm = mllama { weights folder("backbone") }

  dataset digits {
    train messages("train.jsonl")
    reward messages("reward.jsonl")
    validation messages("validation.jsonl")
    test messages("test.jsonl")
  }

  adapter lora on vlm {
    scale alpha / rank = 2
    dropout 0
    target vision.** rank in ranks
  }

  objective {
    minimize loss on reward
    subject to parameters <= uniform rank 1
  }

  search natural_policy_gradient {
    controller { prior gradient_probe }
    super_network { steps 200, batch 16 }
    finalists 2
  }

  compare with uniform, random, seeds 3

  train final { steps 300, batch 16 }

  budget { wall_clock 6h }

  export peft "adapter"
}
`;

export const compileText = (text: string, files: Readonly<Record<string, string>> = {}): Compilation =>
  compile("spec.lnas", memoryHost({ "spec.lnas": text, ...files }));
