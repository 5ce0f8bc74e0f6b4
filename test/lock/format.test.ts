import fc from "fast-check";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { compareWithLock, differenceText, type Inputs } from "../../compiler/lock/compare.js";
import { type Lock, lockText, parseLock } from "../../compiler/lock/lock.js";

const suite = makeSuite("lnas.lock");
const everything = () => true;

const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
/** Names as file systems have them; `__proto__` is one. */
const path = fc.oneof(fc.constantFrom("__proto__", "a b/ü.png", 'quo"te.jsonl', "back\\slash", "../x"), fc.string());
const entries = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(path, value), { maxLength: 8 }).map((list) => Object.fromEntries(list));
const locks: fc.Arbitrary<Lock> = fc.record({
  lockVersion: fc.constant(1 as const),
  lnas: fc.constant("0.1.0"),
  files: entries(fc.record({ bytes: fc.nat(), sha256: digest })),
  hub: fc.uniqueArray(fc.string({ minLength: 1 })),
  std: entries(digest),
});

suite("what is written is read back, and the order in which inputs were found does not show", () => {
  fc.assert(
    fc.property(locks, (lock) => {
      const text = lockText(lock);
      const parsed = parseLock(text);
      assert.ok("lock" in parsed, text);
      const turned = {
        ...lock,
        files: Object.fromEntries(Object.entries(lock.files).reverse()),
        hub: [...lock.hub].reverse(),
        std: Object.fromEntries(Object.entries(lock.std).reverse()),
      };
      assert.is(lockText(turned), text);
      assert.is(lockText((parsed as { lock: Lock }).lock), text);
      assert.equal(compareWithLock(lock, lock, everything), []);
      // One entry a line: what is added to a project adds lines and changes at most the comma before.
      assert.is(text.split("\n").length - 1, lockText({ ...lock, files: {} }).split("\n").length - 1 + linesOf(lock));
    }),
    { numRuns: 300, seed: 5 },
  );
});

/** Lines that the files of a lock take, beyond the empty `{}`. */
const linesOf = ({ files }: Lock) => (Object.keys(files).length === 0 ? 0 : Object.keys(files).length + 1);

suite("every change of an input is one difference, of the right kind", () => {
  const a = { bytes: 1, sha256: "a".repeat(64) };
  const b = { bytes: 1, sha256: "b".repeat(64) };
  const lock: Lock = {
    lockVersion: 1,
    lnas: "0.1.0",
    files: { same: a, changed: a, missing: a, unused: a, other: a },
    hub: ["o/n@1", "o/n@2"],
    std: { "std:backbones.lnas": a.sha256 },
  };
  const inputs: Inputs = {
    files: { same: a, changed: b, missing: null, new: b, absent: null },
    hub: ["o/n@2", "o/n@3"],
    std: { "std:backbones.lnas": b.sha256 },
  };
  const found = compareWithLock(lock, inputs, (input) => input !== "other");
  assert.equal(
    found.map(({ kind, input }) => `${kind} ${input}`),
    [
      "missing absent",
      "changed changed",
      "missing missing",
      "new new",
      "unused unused",
      "unused o/n@1",
      "new o/n@3",
      "changed std:backbones.lnas",
    ],
  );
  assert.is(
    differenceText(found[1]!),
    "changed  changed: locked 1 bytes, sha256 aaaaaaaaaaaa…; now 1 bytes, sha256 bbbbbbbbbbbb…",
  );
  assert.ok(compareWithLock(lock, inputs, everything).some(({ input }) => input === "other"));
});

suite("what is no lock is told from what a newer lnas wrote", () => {
  const text = lockText({ lockVersion: 1, lnas: "0.1.0", files: {}, hub: [], std: {} });
  const problemOf = (damaged: string) => {
    const parsed = parseLock(damaged);
    assert.ok("problem" in parsed, damaged);
    return parsed as { problem: string; isNewer: boolean };
  };
  assert.ok(problemOf(text.replace('"lockVersion": 1', '"lockVersion": 2')).isNewer);
  assert.match(problemOf(`<<<<<<< ours\n${text}`).problem, "merge");
  for (const damaged of [
    "",
    "null",
    "[]",
    text.slice(0, -10),
    text.replace('"files": {}', '"files": { "a": { "bytes": -1, "sha256": "x" } }'),
    text.replace('"hub": []', '"hub": [], "more": 1'),
  ])
    assert.not(problemOf(damaged).isNewer);
});

suite.run();
