/** `lnasc run` on a project with one thing broken: a message with place and remedy, the documented status, no stack trace, nothing written elsewhere. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { REPOSITORY } from "../golden.js";

const EXAMPLE = join(REPOSITORY, "examples", "handwriting");
const SPEC = `edition 1
import { mllama } from "std:backbones"
experiment tiny {
  backbone vlm = mllama { weights folder("backbone") }
  dataset digits {
    train messages("data/train.jsonl")
    reward messages("data/reward.jsonl")
    validation messages("data/validation.jsonl")
    test messages("data/test.jsonl")
  }
  adapter lora on vlm { target projector rank in [0, 1, 2] }
  objective { minimize loss on reward subject to parameters <= uniform rank 1 }
  search gradient_probe { super_network { steps 2, batch 4 } finalists 1 }
  train final { steps 6, batch 4, optimizer adamw { learning_rate 1e-3 } }
  export peft "adapter"
}
`;

/** A project of its own: the example's backbone and 8 examples of each split. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bad-"));
  writeFileSync(join(folder, "package.json"), "{}");
  cpSync(join(EXAMPLE, "backbone"), join(folder, "backbone"), { recursive: true });
  mkdirSync(join(folder, "data"));
  for (const split of ["train", "reward", "validation", "test"]) {
    const lines = readFileSync(join(EXAMPLE, "data", `${split}.jsonl`), "utf8")
      .split("\n")
      .slice(0, 8);
    writeFileSync(join(folder, "data", `${split}.jsonl`), `${lines.join("\n")}\n`);
    cpSync(join(EXAMPLE, "data", `${split}.png`), join(folder, "data", `${split}.png`));
  }
  writeFileSync(join(folder, "spec.lnas"), SPEC);
  return folder;
}

const run = (folder: string) =>
  spawnSync(process.execPath, [join(REPOSITORY, "dist", "cli", "main.js"), "run", "spec.lnas"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });

/** Rewrites the header of the weights. */
function editHeader(
  folder: string,
  edit: (header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>) => void,
): void {
  const file = join(folder, "backbone", "model.safetensors");
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Parameters<typeof edit>[0];
  edit(header);
  const text = Buffer.from(JSON.stringify(header).padEnd(length, " "));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}
const edit = (file: string, from: string | RegExp, to: string) => (folder: string) =>
  writeFileSync(
    join(folder, file),
    readFileSync(join(folder, file), "utf8").replace(from, () => to),
  );
const weights = (folder: string) => join(folder, "backbone", "model.safetensors");

const BROKEN: readonly { name: string; breaks: (folder: string) => void; status: number; says: RegExp }[] = [
  { name: "weights missing", breaks: (folder) => rmSync(weights(folder)), status: 4, says: /model\.safetensors/ },
  {
    name: "weights truncated",
    breaks: (folder) => truncateSync(weights(folder), 600_000),
    status: 4,
    says: /truncated[\s\S]*model\.safetensors/,
  },
  {
    name: "tensor of another shape",
    breaks: (folder) =>
      editHeader(folder, (header) => {
        header["model.multi_modal_projector.bias"]!.shape = [8, 8];
      }),
    status: 4,
    says: /model\.multi_modal_projector\.bias/,
  },
  {
    name: "a tensor of whole numbers",
    breaks: (folder) =>
      editHeader(folder, (header) => {
        // Of as many bytes.
        Object.assign(header["model.multi_modal_projector.bias"]!, { dtype: "I32", shape: [32] });
      }),
    status: 4,
    says: /1 tensors not of floating-point numbers \(model\.multi_modal_projector\.bias is I32\)/,
  },
  {
    name: "overlapping offsets",
    breaks: (folder) =>
      editHeader(folder, (header) => {
        const { data_offsets } = header["model.multi_modal_projector.bias"]!;
        header["model.language_model.norm.weight"]!.data_offsets = data_offsets;
      }),
    status: 4,
    says: /overlap|belong to no tensor/,
  },
  {
    name: "config missing",
    breaks: (folder) => rmSync(join(folder, "backbone", "config.json")),
    status: 2,
    says: /LNAS1301[\s\S]*config\.json/,
  },
  {
    name: "tokenizer missing",
    breaks: (folder) => rmSync(join(folder, "backbone", "tokenizer.json")),
    status: 4,
    says: /tokenizer\.json/,
  },
  {
    name: "data missing",
    breaks: (folder) => rmSync(join(folder, "data", "test.jsonl")),
    status: 4,
    says: /test\.jsonl/,
  },
  {
    name: "image missing",
    breaks: (folder) => rmSync(join(folder, "data", "reward.png")),
    status: 4,
    says: /reward\.png/,
  },
  {
    name: "an example in two splits",
    breaks: (folder) => {
      const [line] = readFileSync(join(folder, "data", "train.jsonl"), "utf8").split("\n");
      appendFileSync(join(folder, "data", "test.jsonl"), `${line}\n`);
    },
    status: 4,
    says: /test\.jsonl:9/,
  },
  {
    name: "a budget that nothing meets",
    breaks: edit(
      "spec.lnas",
      "[0, 1, 2] }\n  objective { minimize loss on reward subject to parameters <= uniform rank 1",
      "[1, 2] }\n  objective { minimize loss on reward subject to parameters <= 10",
    ),
    status: 2,
    says: /LNAS1501/,
  },
  {
    name: "a loss that is no number",
    breaks: edit("spec.lnas", "learning_rate 1e-3", "learning_rate 1e38"),
    status: 4,
    says: /(loss|gradient norm) is (NaN|Infinity|-Infinity) at step \d of 6; batch: \S*train\.jsonl:\d[\s\S]*; .*the first value that is not finite: the (op|input) [\w.]+ f32\[[\s\S]*learning rate/,
  },
  {
    name: "hub weights",
    breaks: edit(
      "spec.lnas",
      'weights folder("backbone")',
      'config "backbone/config.json", weights hub("some/model", revision: "main")',
    ),
    status: 4,
    says: /some\/model/,
  },
  {
    name: "a backbone that can only be planned",
    breaks: (folder) => {
      mkdirSync(join(folder, "llava"));
      writeFileSync(join(folder, "llava", "config.json"), '{ "model_type": "llava" }');
      edit("spec.lnas", "target projector", "target projector.**")(folder);
      edit("spec.lnas", '= mllama { weights folder("backbone") }', '{ family llava, weights folder("llava") }')(folder);
    },
    status: 4,
    says: /LNAS1304[\s\S]*family llava \(LLaVA 1\.5\) cannot be run yet\n {2}at backbone vlm of experiment tiny/,
  },
];

const suite = makeSuite("bad input of a run");

for (const { name, breaks, status, says } of BROKEN)
  suite(name, () => {
    const folder = project();
    try {
      breaks(folder);
      const before = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
      const result = run(folder);
      assert.is(result.status, status, result.stderr);
      assert.match(result.stderr, says);
      assert.match(result.stderr, /remedy:|help:/);
      assert.not.match(result.stderr, /\n\s+at .*\.js:\d+/);
      const after = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
        (file) => !/^runs(\/|$)/.test(file),
      );
      assert.equal(after.sort(), before);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

suite("a backbone that can only be planned is refused before a run folder is made", () => {
  const folder = project();
  try {
    BROKEN.find(({ name }) => name === "a backbone that can only be planned")!.breaks(folder);
    assert.is(run(folder).status, 4);
    assert.not(existsSync(join(folder, "runs")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

suite("the same project unbroken runs to its adapter; its folder refuses another spec", () => {
  const folder = project();
  try {
    const first = run(folder);
    assert.is(first.status, 0, first.stderr);
    const [name] = readdirSync(join(folder, "runs"));
    assert.ok(existsSync(join(folder, "runs", name!, "adapter", "adapter_model.safetensors")));
    const manifest = join(folder, "runs", name!, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"irHash": "\w{8}/, '"irHash": "00000000'));
    const second = run(folder);
    assert.is(second.status, 4, second.stderr);
    assert.match(second.stderr, name!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

suite.run();
