import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { lnasc } from "./lnasc.js";

const inspect = suite("lnasc inspect graph");

const handwriting = join("examples", "handwriting", "handwriting.lnas");

interface Effect {
  readonly pass: string;
  readonly nodes: number;
  readonly flops: number;
  readonly bytes: number;
  readonly memory: { readonly peakBytes: number };
}

const inspected = (...words: readonly string[]) => {
  const { status, stdout, stderr } = lnasc(["inspect", "graph", handwriting, "--format", "json", ...words]);
  assert.is(status, EXIT.ok, stderr);
  const found = JSON.parse(stdout) as { shape: Record<string, number>; effects: readonly Effect[] };
  return { ...found, effect: (pass: string) => found.effects.find((effect) => effect.pass === pass)! };
};

inspect("each pass leaves no more nodes than it found, and the same work or less", () => {
  const { effects, shape } = inspected();
  assert.equal(shape, { batch: 16, sequence: 14, images: 1, tiles: 4 });
  assert.equal(
    effects.map(({ pass }) => pass),
    [
      ...["as built", "dead-code", "constant-folding", "simplify", "common-subexpressions", "split-frozen"],
      ...["attention-gradients", "flatten-rows"],
    ],
  );
  for (const [index, { pass, nodes, flops }] of effects.slice(1, 6).entries()) {
    assert.ok(nodes <= effects[index]!.nodes, pass);
    assert.ok(flops <= effects[index]!.flops, pass);
  }
});

inspect("the step and the frozen part are the whole; scoring keeps no activations", () => {
  const [step, frozen, scoring] = [inspected(), inspected("--part", "frozen"), inspected("--part", "scoring")];
  const part = frozen.effect("split-frozen");
  assert.ok(part.nodes > 0 && part.flops > 0);
  const whole = step.effect("common-subexpressions").flops;
  assert.ok(part.flops + step.effect("split-frozen").flops >= whole);
  assert.is(scoring.shape.batch, 64);
  assert.ok(scoring.effect("as built").memory.peakBytes < step.effect("as built").memory.peakBytes);
});

inspect("under a memory limit values are computed again", () => {
  const [free, limited] = [inspected(), inspected("--memory", "18MiB")];
  assert.is(free.effect("rematerialize"), undefined);
  const before = limited.effect("split-frozen");
  const after = limited.effect("rematerialize");
  assert.ok(after.memory.peakBytes < 0.9 * before.memory.peakBytes);
  assert.ok(after.flops >= before.flops && after.flops < 1.1 * before.flops);
});

inspect("sizes as given", () => {
  const { shape } = inspected("--tokens", "20", "--images", "0", "--batch", "3");
  assert.equal(shape, { batch: 3, sequence: 20, images: 0, tiles: 0 });
  for (const wrong of [
    ["--memory", "16"],
    ["--memory", "0GiB"],
    ["--batch", "0"],
    ["--part", "all"],
    ["--format", "png"],
  ])
    assert.is(lnasc(["inspect", "graph", handwriting, ...wrong]).status, EXIT.usage, wrong.join(" "));
});

inspect("text has the passes, the ops and the memory", () => {
  const { stdout } = lnasc(["inspect", "graph", handwriting]);
  assert.match(stdout, /^handwriting: step, batch 16, 14 tokens, 1 images of 4 tiles\n/);
  for (const part of ["Passes\n", "Ops\n", "  matmul ", "Memory, in f32\n", "  together "]) assert.match(stdout, part);
});

inspect("a picture has a box for every layer, forward and backward", () => {
  const { status, stdout } = lnasc(["inspect", "graph", handwriting, "--format", "dot"]);
  assert.is(status, EXIT.ok);
  assert.match(stdout, /^digraph \{\n/);
  for (let layer = 0; layer < 5; layer++)
    for (const pass of ["forward", "backward"])
      assert.match(stdout, `"${pass} language_model.layers.${layer}" [label=`);
  assert.ok(stdout.split("\n").length < 250, "a picture of layers, not of nodes");
  const drawn = lnasc(["inspect", "graph", handwriting, "--format", "svg"]);
  if (drawn.status === EXIT.ok) assert.match(drawn.stdout, /<svg [\s\S]*language_model\.layers\.4[\s\S]*<\/svg>/);
  else {
    console.log("      (no picture in SVG: the optional package that draws it is not installed)");
    assert.is(drawn.status, EXIT.user);
    assert.match(drawn.stderr, /npm install --ignore-scripts @hpcc-js\/wasm-graphviz/);
  }
});

inspect.run();
