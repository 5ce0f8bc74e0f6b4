/** Part of `npm run build`: writes the validator of the IR schema beside the compiled code. See compiler/ir/validator.ts. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { irSchema } from "../compiler/ir/schema.js";
import { AJV_OPTIONS, PRECOMPILED } from "../compiler/ir/validator.js";

const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
const code = standalone.default(ajv, ajv.compile(irSchema));
if (code.includes("require(")) throw new Error("the validator needs a helper of ajv's, which a module cannot require");
writeFileSync(
  fileURLToPath(PRECOMPILED),
  `export const madeFrom = ${JSON.stringify(JSON.stringify(irSchema))};\n${code}`,
);
