/**
 * What a thread of the wasm backend starts from. The library would hand the thread's script, and the script that loads the wasm module in
 * it, over as object URLs, which Node's threads cannot open: here both are read from the package's files.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { wasmFolder } from "../packages.js";

const require = createRequire(import.meta.url);
const name = "tfjs-backend-wasm-threaded-simd";
const script = join(wasmFolder(), `${name}.worker.js`);
const { wasmWorkerContents } = require(script) as { readonly wasmWorkerContents: string };

URL.createObjectURL = () => join(wasmFolder(), `${name}.js`);
URL.revokeObjectURL = () => {};
// The text was quoted once too little: its line break stands within a string.
new Function("require", "__filename", wasmWorkerContents.replace(/\n/g, "\\n"))(require, script);
