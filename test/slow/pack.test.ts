/**
 * The package as users get it: packed, installed in an empty folder, and used there. Needs the npm registry (or a warm npm cache) for the
 * dependencies. Run it by name: `node dist/test/run.js slow/pack`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REPOSITORY } from "../golden.js";

interface Installed {
  folder: string;
}

const pack = suite<Installed>("package");

pack.before((context: Installed) => {
  const folder = mkdtempSync(join(tmpdir(), "lnas-pack-"));
  // The build is the one this test runs from; prepack would take it away under our feet.
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: REPOSITORY, stdio: "pipe" });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  context.folder = join(folder, "app");
  mkdirSync(context.folder);
  writeFileSync(join(context.folder, "package.json"), '{ "private": true }');
  execFileSync(
    "npm",
    ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", join("..", tarball)],
    {
      cwd: context.folder,
      stdio: "pipe",
    },
  );
});

pack.after(({ folder }: Installed) => rmSync(join(folder, ".."), { recursive: true, force: true }));

const npx = ({ folder }: Installed, ...words: string[]) =>
  spawnSync("npx", ["--no-install", "lnasc", ...words], { cwd: folder, encoding: "utf8" });

pack("holds what runs, and nothing that only we need", ({ folder }: Installed) => {
  const root = join(folder, "node_modules", "lnas");
  assert.equal(readdirSync(join(root, "dist")).sort(), ["cli", "compiler", "grammar", "runtime"]);
  assert.ok(existsSync(join(root, "tools", "reference.py")));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (name) => !name.startsWith("node_modules"),
  );
  assert.equal(
    files.filter((name) => name.endsWith(".map")),
    [],
  );
});

pack("doctor finds engines and the standard library", (context: Installed) => {
  const { status, stdout } = npx(context, "doctor", "--json");
  assert.is(status, 0);
  const { engines, problems } = JSON.parse(stdout) as {
    engines: { name: string; available: boolean }[];
    problems: string[];
  };
  assert.ok(engines.some(({ name, available }) => name === "onnx" && available));
  assert.equal(problems, []);
});

pack("check, compile and run a copy of the handwriting spec", (context: Installed) => {
  cpSync(join(REPOSITORY, "examples", "handwriting"), context.folder, { recursive: true });
  const spec = "handwriting.lnas";
  assert.is(npx(context, "check", spec).status, 0);
  assert.is(npx(context, "compile", spec, "--out", "out").status, 0);
  assert.ok(existsSync(join(context.folder, "out", "handwriting.search.ts")));
  shorten(join(context.folder, spec));
  const run = npx(context, "run", spec);
  assert.is(run.status, 0, run.stderr);
  const report = npx(context, "report", "--json");
  assert.is((JSON.parse(report.stdout) as { name: string }).name, "handwriting");
});

/** Fewer steps everywhere: the package is under test, not the search. */
function shorten(spec: string): void {
  const text = readFileSync(spec, "utf8");
  const short = text.replace(/\bsteps\s+[\d_]+/g, "steps 5");
  assert.is.not(short, text);
  writeFileSync(spec, short);
}

pack.run();
