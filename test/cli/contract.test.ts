import { createHash } from "node:crypto";
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT, EXIT_MEANING } from "../../cli/exit-status.js";
import { explainFailure } from "../../cli/failure.js";
import { Terminal } from "../../cli/terminal.js";
import { reportMarkdown } from "../../runtime/experiment/report/index.js";
import { sampleReport } from "../experiment/sample-report.js";
import { REPOSITORY } from "../golden.js";
import { inEmptyFolder, lnasc } from "./lnasc.js";

const contract = suite("command line");

const golden = join(REPOSITORY, "test", "golden", "mllama", "one-row-of-tiles");

contract("help and version are results; no command and unknown words are usage errors", () => {
  const help = lnasc(["--help"]);
  assert.is(help.status, EXIT.ok);
  assert.match(help.stdout, "Usage: lnasc");
  assert.is(help.stderr, "");
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
  assert.equal(lnasc(["--version"]), { status: EXIT.ok, stdout: `${version}\n`, stderr: "" });
  for (const words of [[], ["docto"], ["doctor", "--wrong"], ["verify"], ["doctor", "extra"]]) {
    const { status, stdout, stderr } = lnasc(words);
    assert.is(status, EXIT.usage, words.join(" "));
    assert.is(stdout, "");
    assert.ok(stderr.length > 0);
  }
});

contract("global options stand before and behind the command", () => {
  for (const words of [
    ["--json", "doctor", "--no-measure"],
    ["doctor", "--no-measure", "--json"],
  ]) {
    const { status, stdout } = lnasc(words);
    assert.is(status, EXIT.ok);
    const { engines, machine } = JSON.parse(stdout) as { engines: { name: string }[]; machine: { node: string } };
    assert.ok(engines.some(({ name }) => name === "reference"));
    assert.is(machine.node, process.version);
  }
});

contract("an error that the user can mend has message, place and remedy, and no stack", () => {
  inEmptyFolder((folder) => {
    const { status, stdout, stderr } = lnasc(["report"], folder);
    assert.is(status, EXIT.user);
    assert.is(stdout, "");
    assert.match(stderr, /^error: .+\n {2}at runs\n {2}remedy: .+\n$/);
    assert.match(lnasc(["report", "--verbose"], folder).stderr, /\n {4}at .*run-folders/);
  });
});

contract("report prints what the newest run left, as text and as JSON, and compares several", () => {
  inEmptyFolder((folder) => {
    const run = join(folder, "runs", "demo-00000000");
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, "manifest.json"), "{}");
    const unfinished = lnasc(["report", run]);
    assert.is(unfinished.status, EXIT.user);
    assert.match(unfinished.stderr, "not finished");
    writeFileSync(join(run, "report.json"), '{ "name": "demo" }\n');
    const damaged = lnasc(["report", run]);
    assert.is(damaged.status, EXIT.user);
    assert.match(damaged.stderr, /damaged or of another version of lnas: report must have required property/);
    const report = sampleReport();
    writeFileSync(join(run, "report.json"), JSON.stringify(report));
    assert.equal(lnasc(["report"], folder), { status: EXIT.ok, stdout: reportMarkdown(report), stderr: "" });
    assert.equal(JSON.parse(lnasc(["report", "--json"], folder).stdout), JSON.parse(JSON.stringify(report)));
    const other = join(folder, "runs", "demo-00000001");
    cpSync(run, other, { recursive: true });
    const again = { ...report, manifest: { ...report.manifest, seed: 8 } };
    writeFileSync(join(other, "report.json"), JSON.stringify(again));
    const { stdout } = lnasc(["report", run, other], folder);
    assert.match(stdout, /^# Runs compared\n[\s\S]*100 % of the modules have equal ranks[\s\S]*\| seed 8 \|/);
    const page = lnasc(["report", run, other, "--format", "html", "--out", "compared.html"], folder);
    assert.equal(page, { status: EXIT.ok, stdout: "", stderr: "written: compared.html\n" });
    assert.match(readFileSync(join(folder, "compared.html"), "utf8"), /^<!doctype html>/);
    assert.is(lnasc(["report", "--format", "pdf"], folder).status, EXIT.usage);
    writeFileSync(join(other, "example-differences.safetensors"), "not tensors");
    assert.is(lnasc(["report", other], folder).status, EXIT.ok);
    const refused = lnasc(["report", run, other], folder);
    assert.is(refused.status, EXIT.user);
    assert.match(
      refused.stderr,
      /found of single test examples is damaged\n {2}at .*example-differences.safetensors\n {2}remedy: Give the `lnasc run` command again/,
    );
  });
});

const spec = join(REPOSITORY, "examples", "handwriting", "handwriting.lnas");

contract("check says what is wrong on standard error, or as JSON on standard output", () => {
  const good = lnasc(["check", spec]);
  assert.equal(good, { status: EXIT.ok, stdout: "", stderr: "handwriting: no errors\n" });
  assert.equal(JSON.parse(lnasc(["check", spec, "--json"]).stdout), { version: 1, diagnostics: [] });
  inEmptyFolder((folder) => {
    writeFileSync(join(folder, "bad.lnas"), readFileSync(spec, "utf8").replace("uniform rank 1", "uniform rank one"));
    const bad = lnasc(["check", "bad.lnas"], folder);
    assert.is(bad.status, EXIT.usage);
    assert.is(bad.stdout, "");
    assert.match(bad.stderr, /^error\[LNAS\d+\]: /);
    assert.match(bad.stderr, / --> bad\.lnas:\d+:\d+/);
    const json = lnasc(["check", "bad.lnas", "--json"], folder);
    assert.is(json.status, EXIT.usage);
    const { diagnostics } = JSON.parse(json.stdout) as { diagnostics: { severity: string; file: string }[] };
    assert.ok(diagnostics.some(({ severity, file }) => severity === "error" && file === "bad.lnas"));
    assert.is(lnasc(["compile", "bad.lnas"], folder).status, EXIT.usage);
    assert.equal(readdirSync(folder), ["bad.lnas"]);
    assert.is(lnasc(["check", "none.lnas"], folder).status, EXIT.usage);
  });
});

contract("plan prints text, or JSON for programs", () => {
  assert.match(lnasc(["plan", spec]).stdout, "72 modules, 72 decisions");
  const [plan] = JSON.parse(lnasc(["plan", spec, "--json"]).stdout) as { space: { size: string } }[];
  assert.is(plan?.space.size, String(5n ** 72n));
});

contract("compile writes the program and the IR whose hash it carries", () => {
  inEmptyFolder((folder) => {
    const { status, stdout } = lnasc(["compile", spec, "--out", "new/folder", "--json"], folder);
    assert.is(status, EXIT.ok);
    const [written] = JSON.parse(stdout) as { irHash: string; program: string; ir: string }[];
    const ir = readFileSync(join(folder, "new", "folder", "handwriting.ir.json"), "utf8");
    assert.is(createHash("sha256").update(ir.trimEnd()).digest("hex"), written?.irHash);
    const program = readFileSync(join(folder, "new", "folder", "handwriting.search.ts"), "utf8");
    assert.ok(program.includes(`irHash: "${written?.irHash}"`));
  });
});

contract("run refuses what does not go together before anything is written", () => {
  inEmptyFolder((folder) => {
    const usage = [
      ["--experiment", "other"],
      ["--seeds", "1,1"],
      ["--seeds", "a"],
      ["--threads", "0"],
    ];
    for (const words of usage) assert.is(lnasc(["run", spec, ...words], folder).status, EXIT.usage, words.join(" "));
    assert.is(lnasc(["run", spec, "--engine", "abacus"], folder).status, EXIT.user);
    assert.equal(readdirSync(folder), []);
  });
});

contract("verify agrees with transformers on both engines, and exits 1 where weights differ", () => {
  const reference = ["--reference", join(golden, "images.safetensors"), "--adapter", join(golden, "adapter")];
  const good = lnasc(["verify", join(golden, "backbone"), ...reference]);
  assert.is(good.status, EXIT.ok, good.stderr);
  assert.match(good.stdout, /^onnx: agrees$/m);
  assert.match(good.stdout, /^reference: agrees$/m);
  inEmptyFolder((folder) => {
    copyFileSync(join(golden, "backbone", "config.json"), join(folder, "config.json"));
    const weights = readFileSync(join(golden, "backbone", "model.safetensors"));
    // The exponent of the last value.
    weights[weights.length - 1] = 0x41;
    writeFileSync(join(folder, "model.safetensors"), weights);
    const bad = lnasc(["verify", folder, ...reference, "--engine", "onnx", "--json"]);
    assert.is(bad.status, EXIT.findings, bad.stderr);
    const [onnx] = JSON.parse(bad.stdout) as { engine: string; agrees: boolean }[];
    assert.equal([onnx?.engine, onnx?.agrees], ["onnx", false]);
  });
  assert.is(lnasc(["verify", golden, ...reference]).status, EXIT.user);
  assert.is(lnasc(["verify", join(golden, "backbone"), ...reference, "--engine", "abacus"]).status, EXIT.user);
});

contract("what nobody foresaw is called a bug", () => {
  const shown: string[] = [];
  const terminal = new Terminal({});
  terminal.problem = (text) => {
    shown.push(text);
  };
  assert.is(explainFailure(new TypeError("x is undefined"), terminal, "9.9.9"), EXIT.bug);
  assert.match(shown.join("\n"), /bug: x is undefined[\s\S]*lnas 9\.9\.9/);
  assert.not.match(shown.join("\n"), /\n +at /);
});

contract("docs/cli.md names every command and every option", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "cli.md"), "utf8");
  const commands = [...lnasc(["--help"]).stdout.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name!);
  assert.ok(commands.includes("verify"));
  for (const command of commands) {
    assert.ok(page.includes(`lnasc ${command}`), `docs/cli.md lacks ${command}`);
    if (command === "help") continue;
    for (const [option] of lnasc([command, "--help"]).stdout.matchAll(/--[a-z-]+/g))
      assert.ok(page.includes(option), `docs/cli.md lacks ${option} of ${command}`);
  }
});

contract("docs/cli.md has the table of exit statuses", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "cli.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, status, meaning]) => [Number(status), meaning]);
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  assert.equal(
    rows,
    names.map((name) => [EXIT[name], EXIT_MEANING[name]]),
  );
});

contract.run();
