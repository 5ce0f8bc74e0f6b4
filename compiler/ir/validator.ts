/**
 * The function that checks an IR against the schema. `npm run build` has ajv write it (tools/precompile.ts), because to make it takes ajv longer
 * than all else in the check of a spec; where none was written for this very schema, ajv makes it here.
 */
import type { ErrorObject, Options } from "ajv";
import { irSchema } from "./schema.js";

export interface Validator {
  (value: unknown): boolean;
  /** What is wrong with the value checked last. */
  errors?: readonly ErrorObject[] | null;
}

/** How ajv is to make it. Whether a text is empty can be told in UTF-16 units, without the helper that counts code points. */
export const AJV_OPTIONS: Options = {
  allErrors: true,
  strict: false,
  strictNumbers: true,
  unicode: false,
  // Ajv prints a note on `unicode`, which its next major version will not know.
  logger: false,
};
/** The file that the build writes. */
export const PRECOMPILED = new URL("./precompiled-validator.js", import.meta.url).href;

export const validateIR: Validator = (await precompiled()) ?? (await compiled());

async function precompiled(): Promise<Validator | undefined> {
  try {
    const { madeFrom, validate } = (await import(PRECOMPILED)) as { madeFrom: string; validate: Validator };
    return madeFrom === JSON.stringify(irSchema) ? validate : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

async function compiled(): Promise<Validator> {
  const { Ajv } = await import("ajv");
  return new Ajv(AJV_OPTIONS).compile(irSchema);
}
