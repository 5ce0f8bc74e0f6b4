/**
 * The package as users get it: packed, installed in an empty folder, and used there. Needs the npm registry (or a warm npm cache) for the
 * dependencies. Run it by name: `node dist/test/run.js slow/pack`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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
  const { status, stdout } = npx(context, "doctor", "--no-measure", "--json");
  assert.is(status, 0);
  const { engines, problems } = JSON.parse(stdout) as {
    engines: { name: string; available: boolean }[];
    problems: string[];
  };
  assert.ok(engines.some(({ name, available }) => name === "onnx" && available));
  assert.equal(problems, []);
});

pack("a new user: init, check, plan, compile, run, lock, with nothing but the package", (context: Installed) => {
  const { folder } = context;
  const made = npx(context, "init", "--yes");
  assert.is(made.status, 0, made.stderr);
  // What it says next is what is done next.
  const next = [...made.stdout.matchAll(/^ {2}npx lnasc (\w+)$/gm)].map(([, command]) => command!);
  assert.equal(next, ["check", "plan", "compile", "run"]);
  for (const command of next) {
    const { status, stderr } = npx(context, command);
    assert.is(status, 0, `${command}: ${stderr}`);
  }
  assert.ok(existsSync(join(folder, "first.search.ts")));
  const [run, ...others] = readdirSync(join(folder, "runs"));
  assert.equal(others, []);
  for (const file of ["adapter_model.safetensors", "adapter_config.json"])
    assert.ok(existsSync(join(folder, "runs", run!, "adapter", file)), file);
  const report = npx(context, "report", "--json");
  const { name, arms } = JSON.parse(report.stdout) as { name: string; arms: { name: string }[] };
  assert.is(name, "first");
  assert.equal(
    arms.map((arm) => arm.name),
    ["backbone as it is", "uniform", "searched"],
  );
  assert.is(npx(context, "lock").status, 0);
  assert.is(npx(context, "lock", "--check").status, 0);
});

pack("the whole handwriting example is in the package, and checks there", (context: Installed) => {
  const example = join(context.folder, "node_modules", "lnas", "examples", "handwriting");
  assert.equal(readdirSync(example).sort(), ["backbone", "data", "handwriting.lnas"]);
  assert.is(npx(context, "check", join(example, "handwriting.lnas")).status, 0);
});

pack.run();
