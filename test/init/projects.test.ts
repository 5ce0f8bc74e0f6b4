/** The projects of `lnasc init`, for every template and several answers: sound, canonical, and complete. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../cli/failure.js";
import { nameProblem, type Questions, settleAnswers } from "../../cli/init/answers.js";
import { compilePlanned } from "../../cli/init/check-project.js";
import type { ProjectFiles } from "../../cli/init/project-files.js";
import { type Answers, projectFiles, specFile, TEMPLATE_NAMES, TEMPLATES } from "../../cli/init/templates.js";
import { inTheWay, writeProject } from "../../cli/init/write-project.js";
import { format } from "../../compiler/format/index.js";
import { renderText } from "../../compiler/index.js";
import { planExperiment } from "../../compiler/plan/index.js";
import { openExampleReader } from "../../runtime/data/dataset.js";
import { requireDisjoint } from "../../runtime/experiment/stage/dataset.js";
import { openBackbone } from "../../runtime/models/index.js";
import { runtimeFacts } from "../../runtime/training/facts.js";
import { REPOSITORY } from "../golden.js";

interface Folder {
  folder: string;
}
const projects = suite<Folder>("projects of init");
projects.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-init-"));
});
projects.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const BACKBONE = join(REPOSITORY, "examples", "handwriting", "backbone");
/** A person who gives these answers, and whom nobody asks for more. */
const person = (...answers: string[]): Questions & { readonly left: readonly string[] } => {
  const left = [...answers];
  return {
    left,
    choose: async <T extends string>() => left.shift() as T,
    text: async (_message, preset, validate) => {
      const answer = left.shift() ?? assert.unreachable("asked too much");
      const given = answer === "" ? preset : (answer as string);
      assert.is(validate(given), undefined);
      return given;
    },
  };
};
const at = (files: ProjectFiles, path: string) => Buffer.from(files.get(path)!).toString("utf8");

/** Answers that people may give; the backbone lies in the project already. */
const ANSWERS: readonly Answers[] = [
  ...TEMPLATE_NAMES.flatMap((template) =>
    [
      TEMPLATES[template].defaultName,
      "a",
      "A_name_of_64_characters_that_is_as_long_as_any_name_may_be_here_x",
      "experiment",
    ].map((name): Answers => ({ template, name, lnasc: "lnasc" })),
  ),
  { template: "own-data", name: "here", lnasc: "npx lnasc", backbone: "models/tiny one" },
];

for (const answers of ANSWERS)
  projects(`${answers.template} as ${answers.name}: no diagnostics, canonical, plannable`, async ({ folder }) => {
    if (answers.backbone !== undefined) {
      mkdirSync(join(folder, answers.backbone), { recursive: true });
      const config = readFileSync(join(BACKBONE, "config.json"));
      writeFileSync(join(folder, answers.backbone, "config.json"), config);
    }
    const files = await projectFiles(answers);
    const path = specFile(answers.name);
    const spec = at(files, path);
    const { diagnostics, experiments, texts } = compilePlanned(join(folder, path), files);
    assert.equal(
      diagnostics,
      [],
      renderText(diagnostics, (file) => texts.get(file)),
    );
    assert.is(format(spec).text, spec);
    assert.ok(Math.max(...spec.split("\n").map((line) => line.length)) <= 120, "lines that a screen holds");
    assert.equal(
      experiments.map(({ ir }) => ir.name),
      [answers.name],
    );
    assert.ok(planExperiment(experiments[0]!, { facts: runtimeFacts }).space.decisions > 0);
    if (answers.backbone !== undefined)
      assert.equal(experiments[0]!.ir.backbone.weights, { kind: "folder", path: answers.backbone });
    for (const page of files.keys())
      if (page.endsWith(".md") && !page.startsWith("backbone/")) {
        assert.not.match(at(files, page), /\{\{|undefined|null/, page);
        for (const [, target] of at(files, page).matchAll(/\]\((?!https?:)([^)]+)\)/g))
          assert.ok(files.has(join(dirname(page), target!)), `${page} links to ${target}`);
      }
    assert.match(at(files, "README.md"), `${answers.lnasc} check`);
    assert.match(at(files, ".gitignore"), /^runs\/$/m);
  });

projects("the data that come with a project are read, and no example is in two splits", async ({ folder }) => {
  const backbone = openBackbone(BACKBONE);
  for (const template of TEMPLATE_NAMES) {
    const project = join(folder, template);
    writeProject(project, await projectFiles({ template, name: "x", lnasc: "lnasc" }));
    const reader = openExampleReader(backbone);
    const read = (split: string) => reader.readMessages(join(project, "data", `${split}.jsonl`));
    if (template !== "first") assert.is(readdirSync(join(project, "data", "images")).length, 8);
    const [train, reward, validation, test] = [
      await read("train"),
      await read("reward"),
      await read("validation"),
      await read("test"),
    ] as const;
    requireDisjoint({ train, reward, validation, test });
    assert.is(train.length, template === "first" ? 512 : 2);
    assert.ok([...train, ...test].every(({ images }) => Object.keys(images).length > 0));
  }
});

projects("answers: options first, then questions, then defaults", async ({ folder }) => {
  const settle = (wishes: object, questions?: Questions) => settleAnswers({ folder, ...wishes }, "lnasc", questions);
  assert.equal(await settle({}), { template: "first", name: "first", lnasc: "lnasc" });
  assert.equal(await settle({ template: "11b" }), { template: "11b", name: "vision_11b", lnasc: "lnasc" });
  mkdirSync(join(folder, "model"));
  writeFileSync(join(folder, "model", "config.json"), "{}");
  const asked = person("own-data", "receipts", "model");
  assert.equal(await settle({}, asked), { template: "own-data", name: "receipts", lnasc: "lnasc", backbone: "model" });
  assert.equal(asked.left, []);
  assert.equal(await settle({ template: "own-data", name: "x" }, person("")), {
    template: "own-data",
    name: "x",
    lnasc: "lnasc",
  });
  for (const wishes of [
    { name: "1x" },
    { name: "" },
    { name: "../x" },
    { template: "first", backbone: "model" },
    { template: "own-data", backbone: "../model" },
    { template: "own-data", backbone: "none" },
    { template: "own-data", backbone: "/model" },
  ])
    await settle(wishes).then(
      () => assert.unreachable(JSON.stringify(wishes)),
      (error: unknown) => assert.instance(error, UsageError),
    );
});

projects("names that no file or experiment can have are refused", () => {
  for (const name of ["", "a b", "a-b", "ä", "1a", "a.b", "a/b", "CON", "lpt1", "x".repeat(65), "a\n"])
    assert.type(nameProblem(name), "string", JSON.stringify(name));
  for (const name of ["a", "_", "A1", "console", "x".repeat(64)]) assert.is(nameProblem(name), undefined, name);
});

projects("what is there is never written over: files, links to nothing, files where folders would be", ({ folder }) => {
  writeFileSync(join(folder, "a"), "mine");
  writeFileSync(join(folder, "data"), "a file");
  symlinkSync("nowhere", join(folder, "link"));
  mkdirSync(join(folder, "runs"));
  assert.equal(inTheWay(folder, ["a", "b", "data/c/d", "link", "runs/e"]), ["a", "data", "link"]);
  assert.equal(inTheWay(join(folder, "a"), ["b"]), ["."]);
  assert.equal(inTheWay(join(folder, "new", "one"), ["a/b"]), []);
});

projects("when one file cannot be written, nothing is left of the others", ({ folder }) => {
  const files = new Map([
    ["a/b/c", "1"],
    ["a/d", "2"],
    [`a/${"x".repeat(300)}`, "no file system has names so long"],
  ]);
  writeFileSync(join(folder, "mine"), "stays");
  assert.throws(() => writeProject(join(folder, "new"), files));
  assert.equal(readdirSync(folder), ["mine"]);
  // And a file that appeared in the meantime stays what it is.
  writeFileSync(join(folder, "second"), "theirs");
  assert.throws(() =>
    writeProject(
      folder,
      new Map([
        ["first", "1"],
        ["second", "2"],
      ]),
    ),
  );
  assert.equal(readdirSync(folder).sort(), ["mine", "second"]);
  assert.is(readFileSync(join(folder, "second"), "utf8"), "theirs");
});

projects.run();
