/** Review in a real repository: git's diff, difftool and hooks, the steps of the GitHub action. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { EXIT } from "../../cli/exit-status.js";
import { BASE } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";
import { LNASC, lnasc } from "./lnasc.js";

const suite = makeSuite("review");
const CONFIG = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"), "utf8");
const PAGE = readFileSync(join(REPOSITORY, "docs/review.md"), "utf8");

interface Project {
  readonly folder: string;
  readonly write: (text: string, name?: string) => void;
  readonly git: (...words: string[]) => string;
  readonly shell: (script: string, environment?: Record<string, string>) => ReturnType<typeof spawnSync>;
}

/** A repository with one committed spec; `npx` in its shells is this build of lnasc. */
function inRepository(body: (project: Project) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lnas-review-"));
  const bin = join(folder, ".bin");
  const environment = {
    ...process.env,
    NO_COLOR: "1",
    PATH: `${bin}:${process.env.PATH}`,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  const project: Project = {
    folder,
    write: (text, name = "spec.lnas") => writeFileSync(join(folder, name), text),
    git: (...words) => execFileSync("git", words, { cwd: folder, env: environment, encoding: "utf8", stdio: "pipe" }),
    shell: (script, extra = {}) =>
      spawnSync("bash", ["-e", "-c", script], { cwd: folder, env: { ...environment, ...extra }, encoding: "utf8" }),
  };
  try {
    mkdirSync(bin);
    mkdirSync(join(folder, "backbone"));
    writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${LNASC}" "$@"\n`);
    chmodSync(join(bin, "npx"), 0o755);
    writeFileSync(join(folder, "backbone", "config.json"), CONFIG);
    writeFileSync(join(folder, ".gitignore"), ".bin\n");
    project.write(BASE);
    project.git("init", "-q");
    project.git("add", ".");
    project.git("commit", "-qm", "one");
    body(project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

suite("two files", () => {
  inRepository(({ folder, write }) => {
    write(BASE.replace("seed 7", "seed 8"), "new.lnas");
    const { status, stdout } = lnasc(["diff", "spec.lnas", "new.lnas"], folder);
    assert.is(status, EXIT.ok);
    assert.match(stdout, "breaking  seed: 7 → 8  (seed, new.lnas:9)");
    assert.match(stdout, "results are not comparable with runs of the old spec: seed changed");
    assert.is(lnasc(["diff", "spec.lnas", "new.lnas", "--fail-on", "breaking"], folder).status, EXIT.findings);
    assert.is(lnasc(["diff", "spec.lnas", "new.lnas", "--fail-on", "data"], folder).status, EXIT.ok);
    assert.is(lnasc(["diff", "spec.lnas", "new.lnas", "--fail-on", "reproducibility"], folder).status, EXIT.findings);
    assert.is(lnasc(["diff", "spec.lnas", "new.lnas", "--fail-on", "grave"], folder).status, EXIT.usage);
    assert.is(lnasc(["diff", "spec.lnas"], folder).status, EXIT.usage);
    write("edition 1\nexperiment x {", "new.lnas");
    assert.is(lnasc(["diff", "spec.lnas", "new.lnas"], folder).status, EXIT.usage);
  });
});

suite("a change that is meant is accepted for these two versions, with a reason", () => {
  inRepository(({ folder, write }) => {
    write(BASE.replace("seed 7", "seed 8"), "new.lnas");
    const json = JSON.parse(lnasc(["diff", "spec.lnas", "new.lnas", "--json"], folder).stdout) as {
      experiments: { before: { irHash: string }; after: { irHash: string } }[];
    };
    const [{ before, after }] = json.experiments as [(typeof json.experiments)[number]];
    const entry = { rule: "seed", experiment: "base", from: before.irHash.slice(0, 8), to: after.irHash, reason: "x" };
    const accept = (value: unknown) => {
      writeFileSync(join(folder, "accepted.json"), JSON.stringify(value));
      return lnasc(["diff", "spec.lnas", "new.lnas", "--fail-on", "note", "--accept", "accepted.json"], folder).status;
    };
    assert.is(accept([entry]), EXIT.ok);
    assert.is(accept([{ ...entry, from: "00000000" }]), EXIT.findings);
    assert.is(accept([{ ...entry, reason: "" }]), EXIT.user);
  });
});

suite("--against: changed, renamed, moved, deleted, from a subfolder", () => {
  inRepository(({ folder, write, git }) => {
    const against = (...words: string[]) => lnasc(["diff", "--against", "HEAD", ...words], folder);
    assert.match(against().stdout, "no change of meaning");
    write(BASE.replace("steps 300", "steps 600"));
    assert.match(against().stdout, "final training: steps 300 → 600");
    assert.match(against("--format", "markdown").stdout, "| warning | training | final training: steps 300 → 600 |");
    renameSync(join(folder, "spec.lnas"), join(folder, "renamed.lnas"));
    assert.match(against().stdout, "final training: steps 300 → 600");
    rmSync(join(folder, "renamed.lnas"));
    assert.match(against("spec.lnas").stdout, "experiment base removed");
    write(BASE);
    mkdirSync(join(folder, "sub"));
    write(BASE.replace('"backbone"', '"../backbone"').replace("experiment base", "experiment deep"), "sub/deep.lnas");
    git("add", ".");
    git("commit", "-qm", "two");
    const deep = BASE.replace('"backbone"', '"../backbone"').replace("experiment base", "experiment deep");
    write(deep.replace("finalists 2", "finalists 3"), "sub/deep.lnas");
    const inside = lnasc(["diff", "--against", "HEAD"], join(folder, "sub"));
    assert.match(inside.stdout, "finalists: 2 → 3  (finalists, deep.lnas:");
    assert.not.match(inside.stdout, "base");
    const unknown = lnasc(["diff", "--against", "nowhere"], folder);
    assert.is(unknown.status, EXIT.user);
    assert.match(unknown.stderr, "there is no revision nowhere");
    const option = lnasc(["diff", "--against=--output=x"], folder);
    assert.is(option.status, EXIT.user);
  });
  const outside = mkdtempSync(join(tmpdir(), "lnas-outside-"));
  assert.match(lnasc(["diff", "--against", "HEAD"], outside).stderr, "in no git repository");
  rmSync(outside, { recursive: true });
});

suite("errors in one spec leave the others to be compared; those of a revision are past mending", () => {
  inRepository(({ folder, write, git }) => {
    const against = () => lnasc(["diff", "--against", "HEAD"], folder);
    const broken = BASE.replace("experiment base", "experiment broken").replace("finalists 2", "finalsts 2");
    write(broken, "broken.lnas");
    git("add", ".");
    git("commit", "-qm", "two");
    write(BASE.replace("steps 300", "steps 600"));
    const both = against();
    assert.is(both.status, EXIT.usage);
    assert.match(both.stdout, "final training: steps 300 → 600");
    assert.not.match(both.stdout, "broken");
    assert.match(both.stderr, "search has no option finalsts");
    assert.match(both.stderr, "HEAD:broken.lnas had errors");
    write(broken.replace("finalsts", "finalists"), "broken.lnas");
    const mended = against();
    assert.is(mended.status, EXIT.ok);
    assert.match(mended.stderr, "not compared: broken");
    assert.match(mended.stdout, "final training: steps 300 → 600");
  });
});

suite("git diff with textconv leaves out layout, git difftool runs the diff", () => {
  inRepository(({ git, write, shell }) => {
    const [setup, difftool] = [...PAGE.matchAll(/```\n((?:echo|git config)[\s\S]*?)```/g)].map(([, script]) => script!);
    assert.is(shell(setup!).status, 0);
    assert.is(shell(difftool!).status, 0);
    write(BASE.replace("seed 7", "seed 8").replace("uniform, random", "uniform,\n    random"));
    const shown = git("diff");
    assert.match(shown, /- {2}seed +7\n\+ {2}seed +8/);
    assert.not.match(shown, "random,");
    write(BASE.replaceAll("  ", "    "));
    assert.not.match(git("diff"), /^[+-] /m);
    write("edition 1\nconst a = 1\n", "lib.lnas");
    git("add", ".");
    git("commit", "-qm", "two");
    write("edition 1\nconst a = 2\n", "lib.lnas");
    assert.match(git("diff"), "+const a = 2");
    assert.match(git("difftool", "--tool=lnas", "HEAD", "--", "lib.lnas"), "no experiments");
  });
});

suite("the hooks stop a commit with mistakes", () => {
  inRepository(({ folder, write, git, shell }) => {
    const hook = /```\n(#!\/bin\/sh[\s\S]*?)```/.exec(PAGE)![1]!;
    const path = join(folder, ".git", "hooks", "pre-commit");
    writeFileSync(path, hook);
    chmodSync(path, 0o755);
    write(BASE.replace("seed 7", "sede 7"));
    git("add", ".");
    const refused = shell("git commit -m two");
    assert.is(refused.status, 1);
    assert.match(String(refused.stderr), "LNAS1001");
    assert.is(shell("npx --no-install lnasc check --fix && git add . && git commit -qm two").status, 0);
    const hooks = parse(readFileSync(join(REPOSITORY, ".pre-commit-hooks.yaml"), "utf8")) as {
      id: string;
      entry: string;
      files: string;
      pass_filenames?: boolean;
    }[];
    assert.equal(
      hooks.map(({ id }) => id),
      ["lnas-check", "lnas-fmt", "lnas-diff"],
    );
    // pre-commit calls the entry with the staged files that match, unless it is told not to.
    for (const { entry, files, pass_filenames: passed } of hooks) {
      assert.ok(new RegExp(files).test("spec.lnas"));
      const { status, stderr } = shell(`${entry}${passed === false ? "" : " spec.lnas"}`);
      assert.is(status, 0, `${entry}: ${stderr}`);
    }
    write(BASE.replace("seed 7", "seed 9"));
    assert.is(shell(hooks[2]!.entry).status, EXIT.findings);
  });
});

suite("the steps of the GitHub action", () => {
  inRepository(({ folder, write, shell }) => {
    const action = parse(readFileSync(join(REPOSITORY, "action.yml"), "utf8")) as {
      inputs: Record<string, unknown>;
      runs: { steps: { name: string; run?: string; env?: Record<string, string> }[] };
    };
    const summary = join(folder, ".bin", "summary.md");
    const given: Record<string, string> = { paths: "spec.lnas", against: "HEAD", "fail-on": "breaking" };
    const step = (name: string) => {
      const { run, env = {} } = action.runs.steps.find((one) => one.name === name)!;
      const values = Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, given[/inputs\.([\w-]+)/.exec(value)![1]!]!]),
      );
      return shell(run!, { ...values, GITHUB_STEP_SUMMARY: summary });
    };
    for (const { env = {} } of action.runs.steps)
      for (const value of Object.values(env)) assert.ok(/inputs\.([\w-]+)/.exec(value)![1]! in action.inputs);
    assert.is(step("Annotations").status, 0);
    assert.is(step("Code scanning").status, 0);
    assert.is(step("Changes of meaning").status, 0);
    assert.match(readFileSync(summary, "utf8"), "no change of meaning");
    write(BASE.replace("seed 7", "sede 7"));
    const annotated = step("Annotations");
    assert.is(annotated.status, EXIT.usage);
    assert.match(String(annotated.stdout), "::error file=spec.lnas,line=9,");
    assert.is(step("Code scanning").status, 0);
    const sarif = JSON.parse(readFileSync(join(folder, "lnas.sarif"), "utf8")) as { runs: { results: unknown[] }[] };
    assert.is(sarif.runs[0]!.results.length, 1);
    write(BASE.replace("seed 7", "seed 8"));
    assert.is(step("Changes of meaning").status, EXIT.findings);
    assert.match(readFileSync(summary, "utf8"), "seed: 7 → 8");
    assert.is(step("Layout").status, EXIT.findings);
  });
});

suite.run();
