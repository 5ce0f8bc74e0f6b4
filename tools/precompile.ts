/** Part of `npm run build`: writes the validator of the IR schema beside the compiled code. See compiler/ir/validator.ts. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { irSchema } from "../compiler/ir/schema.js";
import { AJV_OPTIONS, PRECOMPILED } from "../compiler/ir/validator.js";

const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
writeFileSync(
  fileURLToPath(PRECOMPILED),
  [
    // Ajv's module asks for the helpers it needs by `require`.
    'import { createRequire } from "node:module";',
    "const require = createRequire(import.meta.url);",
    `export const madeFrom = ${JSON.stringify(JSON.stringify(irSchema))};`,
    standalone.default(ajv, ajv.compile(irSchema)),
  ].join("\n"),
);
