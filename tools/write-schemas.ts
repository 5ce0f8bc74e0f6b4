/** Writes the JSON Schemas that the package publishes and the compiler enforces: `npm run schemas`. A test compares them. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { irSchema } from "../compiler/ir/schema.js";
import { lockSchema } from "../compiler/lock/lock.js";

/** The schemas by file in `schemas/`. Those of what commands print are written by hand, beside the types that they describe. */
export const PUBLISHED_SCHEMAS: Readonly<Record<string, object>> = {
  "experiment.schema.json": irSchema,
  "lock.schema.json": lockSchema,
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [file, schema] of Object.entries(PUBLISHED_SCHEMAS))
    writeFileSync(new URL(`../../schemas/${file}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
