/** Specs made to break the compiler: each is answered, in time and memory that grow no faster than the text. Times are not asserted; work is. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { longSpec } from "../../bench/language-text.js";
import { format } from "../../compiler/format/index.js";
import { type Compilation, compile, type Diagnostic, renderText } from "../../compiler/index.js";
import { parse } from "../../grammar/index.js";
import { BASE, compileText, memoryHost } from "./host.js";

const suite = makeSuite("monsters");

const lines = (count: number, line: (number: number) => string) => Array.from({ length: count }, (_, at) => line(at));
const codes = ({ diagnostics }: Compilation) => diagnostics.map(({ code }) => code);
const errors = ({ diagnostics }: Compilation) => diagnostics.filter(({ severity }) => severity === "error");
/** What of a compilation's diagnostics people see. */
const shown = ({ diagnostics, texts }: Compilation) => renderText(diagnostics, (file) => texts.get(file));

/** Chains of declarations, each of which starts from the next, and something that uses the first. */
const CHAINS: Readonly<Record<string, (length: number) => { readonly chain: string[]; readonly use: string }>> = {
  experiments: (length) => ({
    chain: lines(length, (at) => `experiment e${at} extends ${at + 1 < length ? `e${at + 1}` : "base"} { seed ${at} }`),
    use: "",
  }),
  records: (length) => ({
    chain: lines(length, (at) => `train t${at} = t${at + 1} { steps ${at + 1} }`).concat(
      `train t${length} { batch 3 }`,
    ),
    use: "",
  }),
  "sets of modules": (length) => ({
    chain: lines(length, (at) => `modules m${at} = m${at + 1}`).concat(`modules m${length} = vision.**`),
    use: "m0",
  }),
  "sets of modules, each named twice": (length) => ({
    chain: lines(length, (at) => `modules m${at} = m${at + 1}, m${at + 1}`).concat(`modules m${length} = vision.**`),
    use: "m0",
  }),
};

for (const [name, make] of Object.entries(CHAINS))
  suite(`chains of ${name}: up to 64, in any order; a longer one is told`, () => {
    const compiled = (length: number, turned: boolean) => {
      const { chain, use } = make(length);
      const base = use === "" ? BASE : BASE.replace("target vision.**", `target ${use}`);
      return compileText(`${base}\n${(turned ? chain.toReversed() : chain).join("\n")}\n`);
    };
    for (const turned of [false, true]) {
      assert.equal(errors(compiled(60, turned)), [], "60");
      assert.ok(codes(compiled(70, turned)).includes("LNAS1004"), "70");
      const many = compiled(3000, turned);
      assert.ok(codes(many).includes("LNAS1004"), "3,000");
    }
  });

suite("constants of constants stand for what they stand for, however many there are", () => {
  const chain = [...lines(5000, (at) => `const c${at} = c${at + 1}`), "const c5000 = 7"];
  const { diagnostics } = compileText(`edition 1\n${chain.join("\n")}\ntrain t { steps c4990 }\n`);
  assert.equal(diagnostics, []);
  compileText(`edition 1\n${chain.join("\n")}\ntrain t { steps c0 }\n`);
  const wide = [...lines(60, (at) => `const c${at} = [c${at + 1}, c${at + 1}]`), "const c60 = 1"];
  assert.equal(codes(compileText(`edition 1\n${wide.join("\n")}\ntrain t { steps c0 }\n`)), ["LNAS1204"]);
});

suite("files that import one another in a long line, and in a circle", () => {
  const chain = Object.fromEntries(
    lines(500, (at) => `edition 1\nimport { x } from "./f${at + 1}.lnas"\n`).map((text, at) => [`f${at}.lnas`, text]),
  );
  const files = { ...chain, "f500.lnas": "edition 1\nconst x = 1\n" };
  assert.equal(codes(compile("f0.lnas", memoryHost(files))), ["LNAS1110"]);
  const circle = compile(
    "f0.lnas",
    memoryHost({ ...files, "f500.lnas": 'edition 1\nimport { x } from "./f0.lnas"\n' }),
  );
  assert.ok(codes(circle).includes("LNAS1104"));
});

suite("patterns made to backtrack", () => {
  const target = (pattern: string) => compileText(BASE.replace("target vision.**", () => `target ${pattern}`));
  for (const pattern of [
    `${"*a".repeat(40)}b.**`,
    `vision.${"*".repeat(2000)}x`,
    `${"**.".repeat(3000)}nothing`,
    `vision.**.{${"*_*_*,".repeat(500)}*z}`,
    `vision.transformer.layers[${"9,".repeat(2000)}9].**`,
  ]) {
    const compilation = target(pattern);
    assert.ok(compilation.diagnostics.length > 0, pattern.slice(0, 40));
    assert.ok(shown(compilation).length < 100_000, pattern.slice(0, 40));
  }
  assert.equal(
    target(`${"**.".repeat(3000)}q_proj, projector`).diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
});

suite("long words, numbers beyond all bounds, texts of megabytes", () => {
  const long = "x".repeat(200);
  assert.equal(compileText(BASE.replace("experiment base", `experiment ${long}`)).experiments[0]!.ir.name, long);
  assert.equal(codes(compileText(BASE.replace("vision.**", long))), ["LNAS1401"]);
  for (const number of ["9".repeat(400), "1e999", "-1e999", "1e-999", "9007199254740993", "0.1", "1e308"])
    assert.ok(
      codes(compileText(BASE.replace("seed 7", `seed ${number}`))).every((code) => /^LNAS1(013|204|001)$/.test(code)),
      number,
    );
  assert.equal(codes(compileText(BASE.replace("finalists 2", "finalists 1e999"))), ["LNAS1013"]);
  const text = `${"a".repeat(4_000_000)}${"\\n".repeat(100_000)}`;
  const { experiments, diagnostics } = compileText(BASE.replace("the base of the cases", () => text));
  assert.equal(diagnostics, []);
  assert.is(experiments[0]!.ir.summary.length, 4_100_000);
  for (const open of [
    `"${"a".repeat(4_000_000)}`,
    `/*${"*".repeat(4_000_000)}`,
    `'${"'".repeat(4_000_000)}`,
    "#".repeat(4_000_000),
  ])
    assert.ok(compileText(`edition 1\n${open}`).diagnostics.length > 0);
});

suite("any bytes at all", () => {
  for (const text of [
    "{".repeat(1_000_000),
    "[({".repeat(10_000),
    "}".repeat(100_000),
    `edition 1\nconst x = ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    `edition 1\nconst x = ${"f(".repeat(10_000)}1${")".repeat(10_000)}`,
    `edition 1\ntrain t ${"{ a ".repeat(10_000)}${"}".repeat(10_000)}`,
    Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 256)).toString(),
    Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 256)).toString("latin1"),
    "\uD800".repeat(50_000),
    "edition 1\r".repeat(20_000),
    "experiment a { ".repeat(20_000),
    "experiment a {}".repeat(20_000),
    `experiment ${"experiment a {}".repeat(20_000)} {`,
  ]) {
    const compilation = compileText(text);
    assert.ok(errors(compilation).length > 0, text.slice(0, 40));
    assert.ok(parse(text).problems.length <= 100);
    shown({ ...compilation, diagnostics: compilation.diagnostics.slice(0, 200) });
    format(text);
  }
});

suite("byte order mark and Windows line ends mean nothing; other invisible characters are told wherever they stand", () => {
  const { irHash } = compileText(BASE).experiments[0]!;
  assert.is(compileText(`\uFEFF${BASE.replaceAll("\n", "\r\n")}`).experiments[0]!.irHash, irHash);
  for (const character of ["\0", "\x1B", "\x7F", "\x9B", "\u202E", "\u2066", "\uD800", "\uDFFF"])
    for (const [from, to] of [
      ["experiment base", `experiment ba${character}se`],
      ["the base of", `the ba${character}se of`],
      ["seed 7", `seed 7 // why ${character} 7`],
      ["seed 7", `seed 7 /* why ${character} 7 */`],
      ['"train.jsonl"', `"tr${character}ain.jsonl"`],
      ["target vision.**", `target vision${character}.**`],
    ] as const) {
      const compilation = compileText(BASE.replace(from, () => to));
      assert.ok(codes(compilation).includes("LNAS1005"), JSON.stringify([character, to]));
      assert.is(compilation.experiments.length, 0);
      assert.not.match(shown(compilation), character);
    }
});

suite("names that objects have are names like others", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
    assert.is(compileText(BASE.replace("experiment base", `experiment ${name}`)).experiments[0]!.ir.name, name);
    for (const [from, to] of [
      ["search natural_policy_gradient", `search ${name}`],
      ["prior gradient_probe", `prior ${name}`],
      ["prior gradient_probe", `${name} 1`],
      ["train final {", `train final { ${name} 1,`],
      ["rank in ranks", `rank in ${name}`],
      ["rank in ranks", `rank in ${name}(1..2)`],
      ["compare with uniform", `compare with ${name}`],
      ["wall_clock 6h", `${name} 6h`],
      ["steps 300, batch 16", `steps 300, optimizer ${name}`],
      ["= mllama", `= ${name}`],
      ["minimize loss", `minimize ${name}`],
      ["std:backbones", `std:${name}`],
    ] as const)
      assert.is(errors(compileText(BASE.replace(from, () => to))).length, 1, to);
  }
});

suite("100,000 lines: twice the text is twice the work, for a valid file and for one that is all mistakes", () => {
  const valid = (count: number) => compileText(longSpec(count));
  const short = valid(1000);
  assert.equal(errors(short), []);
  const long = valid(10_000);
  assert.equal(errors(long), []);
  assert.ok(Math.abs(long.experiments.length / short.experiments.length - 10) < 1);
  const wrong = (count: number): readonly Diagnostic[] =>
    compileText(`edition 1\n${lines(count, (at) => `train t${at} = nobody${at}`).join("\n")}\n`).diagnostics;
  assert.is(wrong(20_000).length, 20_000);
  // Near names are searched for at the first hundred only: to search all names for each would be quadratic.
  const hints = wrong(1000).filter(({ help }) => /^Did you mean|^Known are/.test(help));
  assert.ok(hints.length <= 101, `${hints.length} suggestions`);
});

suite.run();
