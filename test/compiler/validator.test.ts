/** The validator of the IR schema that the build writes: it is the one in use, and it says what ajv says. */
import { Ajv } from "ajv";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { irSchema } from "../../compiler/ir/schema.js";
import { AJV_OPTIONS, PRECOMPILED, validateIR } from "../../compiler/ir/validator.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("the precompiled validator");

suite("is of this very schema, and in use", async () => {
  const { madeFrom, validate } = (await import(PRECOMPILED)) as { madeFrom: string; validate: unknown };
  assert.is(madeFrom, JSON.stringify(irSchema));
  assert.is(validateIR, validate);
});

suite("the schema is a schema", () => assert.ok(new Ajv({ strict: false }).validateSchema(irSchema)));

suite("says what ajv says, of every part left out and of every part replaced", () => {
  const inMemory = new Ajv(AJV_OPTIONS).compile(irSchema);
  const { ir } = compileText(BASE).experiments[0]!;
  assert.ok(validateIR(ir));
  let wrong = 0;
  const compare = () => {
    assert.is(validateIR(ir), inMemory(ir));
    const plain = (errors: unknown) => JSON.stringify(errors ?? null);
    assert.is(plain(validateIR.errors), plain(inMemory.errors));
    if ((validateIR.errors ?? []).length > 0) wrong++;
  };
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const parts = value as Record<string, unknown>;
    // Of a long list its ends tell all.
    for (const key of Object.keys(parts).filter((name) => !(Number(name) > 1))) {
      const part = parts[key];
      visit(part);
      for (const other of [-1, "", [], {}, "loss"]) {
        parts[key] = other;
        compare();
      }
      if (!Array.isArray(parts)) {
        delete parts[key];
        compare();
      }
      parts[key] = part;
    }
  };
  visit(ir);
  assert.ok(wrong > 300, `${wrong} wrong IRs`);
  assert.ok(validateIR(ir));
});

suite.run();
