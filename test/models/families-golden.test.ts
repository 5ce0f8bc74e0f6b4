import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import { backboneOutline } from "../../runtime/models/index.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("descriptions against transformers");

/** Made by tools/golden_families.py. Names may hold layer numbers as "[0..2, 4..7]". */
interface Golden {
  readonly total: number;
  /** Shape of every parameter. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** [inputs, outputs] of every linear module. */
  readonly linear: Readonly<Record<string, readonly number[]>>;
  /** Positions by part of an image of the largest size. */
  readonly image?: Readonly<Record<string, number>>;
  readonly small?: {
    readonly config: unknown;
    readonly tokens: number;
    readonly positions: Readonly<Record<string, number>>;
    readonly flops: number;
    /** Linear modules that get no gradient. */
    readonly useless: readonly string[];
  };
}

const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(REPOSITORY, ...path), "utf8"));

/** Entries with one layer each. */
function spread(entries: Readonly<Record<string, readonly number[]>>): Map<string, readonly number[]> {
  return new Map(
    Object.entries(entries).flatMap(([name, value]) => {
      const ranges = /\[([^\]]+)\]/.exec(name);
      if (ranges === null) return [[name, value]];
      return ranges[1]!.split(", ").flatMap((range) => {
        const [first, last] = range.split("..").map(Number) as [number, number];
        return Array.from({ length: last - first + 1 }, (_, i): [string, readonly number[]] => [
          name.replace(ranges[0], String(first + i)),
          value,
        ]);
      });
    }),
  );
}

const sorted = (entries: Iterable<readonly [string, readonly number[]]>) =>
  [...entries].map(([name, value]) => `${name} ${value.join("x")}`).sort();

/** Output layers are linear modules too, but carry no adapter. */
const HEAD = "lm_head";

const files = readdirSync(join(REPOSITORY, "test/golden/models"));

suite("every model of the standard library has a golden file", () => {
  const configs = readdirSync(join(REPOSITORY, "stdlib")).filter((file) => file.endsWith(".json"));
  assert.equal(files.sort(), configs.sort());
  assert.ok(files.length >= 6);
});

for (const file of files) {
  const golden: Golden = readJson("test/golden/models", file);
  const { description, parameterShapes } = backboneOutline(readJson("stdlib", file), file);

  suite(`${file}: name and shape of every parameter, and their total`, () => {
    assert.equal(sorted(parameterShapes), sorted(spread(golden.parameters)));
    assert.is(description.parameters, golden.total);
    const outside = [...parameterShapes].filter(
      ([name]) => !description.parts.some(({ prefix }) => name.startsWith(`${prefix}.`)),
    );
    assert.ok(outside.every(([name]) => name === `${HEAD}.weight`));
    assert.is(
      description.parts.reduce((sum, { parameters }) => sum + parameters, 0) +
        outside.reduce((sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1), 0),
      golden.total,
    );
  });

  suite(`${file}: path and sizes of every linear module but the output layer and those without a gradient`, () => {
    const useless = lastTowerLayer(golden);
    const expected = [...spread(golden.linear)].filter(([path]) => path !== HEAD && !useless.has(path));
    const found = description.modules.map(({ path, inFeatures, outFeatures }): [string, readonly number[]] => [
      path,
      [inFeatures, outFeatures],
    ]);
    assert.equal(sorted(found), sorted(expected));
    for (const { path, part, kind, layer } of description.modules) {
      assert.ok(path.startsWith(description.parts.find(({ name }) => name === part)!.prefix), path);
      assert.ok(path.endsWith(`.${kind}`), path);
      assert.is(
        layer,
        path.includes(".layers.") || path.includes(".blocks.") ? Number(/\.(\d+)\./.exec(path)![1]) : null,
      );
    }
  });

  if (golden.image !== undefined)
    suite(`${file}: positions of an image of the largest size`, () => {
      assert.equal({ ...description.work.positionsPerImage }, { ...golden.image });
    });

  if (golden.small !== undefined)
    suite(`${file}, made small: work of the forward pass, and the modules that get no gradient`, () => {
      const { config, tokens, positions, flops, useless } = golden.small!;
      const { description: small, parameterShapes: shapes } = backboneOutline(config, "small");
      assert.is(flopsOf(small, positions, tokens), flops);
      const paths = new Set(small.modules.map(({ path }) => path));
      for (const path of useless) {
        assert.not(paths.has(path), path);
        assert.ok(shapes.has(`${path}.weight`), path);
      }
    });
}

const variants: Readonly<Record<string, Golden & { readonly config: unknown }>> = readJson(
  "test/golden/model-variants.json",
);
for (const [name, { config, total, parameters, linear }] of Object.entries(variants))
  suite(`${name}: parameters, and modules unless they are useless`, () => {
    const { description, parameterShapes } = backboneOutline(config, name);
    assert.equal(sorted(parameterShapes), sorted(spread(parameters)));
    assert.is(description.parameters, total);
    const known = new Set(sorted(spread(linear)));
    for (const { path, inFeatures, outFeatures } of description.modules)
      assert.ok(known.has(`${path} ${inFeatures}x${outFeatures}`), path);
  });

/** Modules of the full model that get no gradient: those that the small one shows, at the full depth of the same stack. */
function lastTowerLayer({ linear, small }: Golden): ReadonlySet<string> {
  const all = [...spread(linear).keys()];
  const layerOf = (path: string) => Number(/\.layers\.(\d+)\./.exec(path)![1]);
  const without = (path: string) => path.replace(/\.layers\.\d+\./, ".layers.#.");
  return new Set(
    (small?.useless ?? []).map((path) => {
      const stack = all.filter((other) => without(other) === without(path));
      return stack.reduce((last, other) => (layerOf(other) > layerOf(last) ? other : last));
    }),
  );
}

/** FLOPs of the products of one example's forward pass with one image. */
function flopsOf(
  { work, parts }: BackboneDescription,
  image: Readonly<Record<string, number>>,
  tokens: number,
): number {
  const positions: Readonly<Record<string, number>> = { ...image, language: tokens };
  const hasClassToken = parts.some(({ prefix }) => prefix.includes("vision_tower"));
  return (
    work.products.reduce((sum, { path, positionsOf, inFeatures, outFeatures }) => {
      // A class token is no patch: it is counted as if it came of the patch embedding too.
      const more = hasClassToken && path.endsWith("patch_embedding") ? 1 : 0;
      return sum + 2 * inFeatures * outFeatures * (positions[positionsOf]! - more);
    }, 0) +
    work.attention.reduce(
      (sum, { part, keysOf, layers, width }) => sum + 4 * layers * width * positions[part]! * positions[keysOf]!,
      0,
    )
  );
}

suite.run();
