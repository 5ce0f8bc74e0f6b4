import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { openExecutor } from "../../runtime/executors/index.js";
import { verify } from "../../runtime/training/verify.js";

/** Made by tools/golden_mllama.py with transformers and PEFT. */
const GOLDEN = join("test", "golden", "mllama");
const CASES = [
  ["several-images", "images"],
  ["several-images", "plain-text"],
  ["llama3-rope", "images"],
  ["one-row-of-tiles", "images"],
] as const;

const suite = makeSuite("Mllama beside transformers and PEFT");

for (const [folder, file] of CASES)
  suite(`${folder}, ${file}: logits, loss and adapter gradients on both engines`, async () => {
    const engines = [await openExecutor("reference"), await openExecutor("onnx", { threads: 1 })];
    const results = await verify(
      join(GOLDEN, folder, "backbone"),
      join(GOLDEN, folder, `${file}.safetensors`),
      join(GOLDEN, folder, "adapter"),
      engines,
    );
    assert.equal(
      results.map(({ engine }) => engine),
      ["reference", "onnx"],
    );
    for (const { engine, differences, agrees } of results) {
      if (!agrees) console.error(engine, differences);
      assert.ok(agrees, engine);
      assert.equal(
        differences.map(({ what }) => what),
        [
          "logits",
          "loss",
          ...["vision", "projector", "language"].flatMap((part) => [`gradients ${part} A`, `gradients ${part} B`]),
        ],
      );
    }
  });

suite.run();
