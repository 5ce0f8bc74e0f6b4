/** 5,000 generated and damaged specs, always the same; `npm run fuzz:language` runs as many as one likes. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { campaign, caseOf, judge } from "./campaign.js";
import { LAWS, subjectOf } from "./laws.js";
import { shrink } from "./shrink.js";

const suite = makeSuite("fuzzing");

suite("5,000 cases break no law, and every law has been put to the test", () => {
  const { cases, parsed, compiled, applied, failures } = campaign(20, 0, 5000);
  assert.equal(
    failures.map(({ number, verdict }) => `case ${number}: ${verdict.law}: ${verdict.problem}`),
    [],
  );
  assert.is(cases, 5000);
  assert.ok(parsed > 1500, `${parsed} parsed`);
  assert.ok(compiled > 900, `${compiled} compiled`);
  for (const [name, count] of applied) assert.ok(count > 500, `${name}: ${count}`);
});

suite("a case is made from its seed and number alone", () => {
  assert.is(caseOf(3, 77).text, caseOf(3, 77).text);
  assert.is.not(caseOf(3, 77).text, caseOf(4, 77).text);
});

suite("the laws can be broken", () => {
  const subject = subjectOf("edition 1\n\nconst a = 1 // why\n", []);
  const { clean } = subject as Required<typeof subject>;
  const broken = (law: string, change: object) =>
    assert.throws(() => LAWS[law]!({ ...subject, ...change }), undefined, law);
  broken("formatting twice is formatting once", { clean: { ...clean, text: "edition   1" } });
  broken("formatting keeps the tree and every comment", { parsed: { ...subject.parsed, comments: [] } });
  broken("formatting keeps the tree and every comment", { parsed: { ...subject.parsed, declarations: [] } });
  broken("only a text that parses is formatted", { formatted: { problems: [] } });
  broken("checking is deterministic", { text: "edition 2" });
  const { compilation } = subjectOf("edition 2", []);
  const texts = new Map([["spec.lnas", ""]]);
  broken("diagnostics point into the text", { compilation: { ...compilation, texts } });
  broken("formatting keeps the meaning", { compilation });
});

suite("what throws is a failure", () => {
  const text = "edition 1";
  const others = new Proxy([], { get: () => assert.unreachable() });
  assert.is(judge({ text, others }).verdict, undefined);
  assert.is(judge({ text: undefined as unknown as string, others }).verdict?.law, "nothing throws");
});

suite("a failing text is made as small as it can be", () => {
  const text = Array.from({ length: 50 }, (_, line) => `line ${line} of many\n`).join("");
  assert.is(
    shrink(text, (candidate) => candidate.includes("31") && candidate.includes("7")),
    "731",
  );
});

suite.run();
