/** The handwriting example, shortened to seconds for tests of `lnasc run`: few examples, few steps, few targets. */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../golden.js";
import { type Ended, LNASC } from "./lnasc.js";

/** The spec, with one experiment `short`. */
export const SHORT_SPEC = `edition 1

import { mllama } from "std:backbones"

experiment short {
  seed 7
  backbone vlm = mllama { weights folder("backbone") }
  dataset digits {
    train      messages("data/train.jsonl")
    reward     messages("data/reward.jsonl")
    validation messages("data/validation.jsonl")
    test       messages("data/test.jsonl")
  }
  adapter lora on vlm {
    scale  alpha / rank = 2
    target language.layers[*].cross_attn.* rank in [0, 1, 2]
  }
  objective { minimize loss on reward  subject to parameters <= uniform rank 1 }
  search natural_policy_gradient {
    controller    { rounds 1, super_network_steps 4, reward_examples 16 }
    super_network { steps 8, batch 4, optimizer adamw { learning_rate 5e-3 } }
    finalists     1
  }
  compare with uniform, seeds 1
  train final { steps 8, batch 4, optimizer adamw { learning_rate 1e-2 } }
  export peft "adapter"
}
`;

/** A new folder with backbone and data; the caller writes specs into it, and removes it. */
export function shortProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "lnas-run-"));
  const example = join(REPOSITORY, "examples", "handwriting");
  cpSync(join(example, "backbone"), join(folder, "backbone"), { recursive: true });
  mkdirSync(join(folder, "data"));
  for (const split of ["train", "reward", "validation", "test"]) {
    const lines = readFileSync(join(example, "data", `${split}.jsonl`), "utf8").split("\n");
    writeFileSync(join(folder, "data", `${split}.jsonl`), lines.slice(0, 24).join("\n"));
    copyFileSync(join(example, "data", `${split}.png`), join(folder, "data", `${split}.png`));
  }
  return folder;
}

/** The bytes of the adapter in a run folder. */
export const adapterBytes = (folder: string) => readFileSync(join(folder, "adapter", "adapter_model.safetensors"));

/** Runs a command and sends SIGINT when standard error first says `when`. */
export function interrupt(words: readonly string[], cwd: string, when: string | RegExp): Promise<Ended> {
  return new Promise((done) => {
    const child: ChildProcess = spawn(process.execPath, [LNASC, ...words], {
      cwd,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let [stdout, stderr, sent] = ["", "", false];
    child.stdout!.on("data", (chunk) => (stdout += chunk));
    child.stderr!.on("data", (chunk) => {
      stderr += chunk;
      if (!sent && (typeof when === "string" ? stderr.includes(when) : when.test(stderr))) sent = child.kill("SIGINT");
    });
    child.on("close", (status) => done({ status, stdout, stderr }));
  });
}
