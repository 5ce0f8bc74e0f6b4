/** Whether a native library is all there: loading one that was cut short can kill the process instead of failing. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const ELF = 0x464c457f;
const SECTIONS_AT = 40;
const SECTION_BYTES = 58;
const HEADER = 64;

/**
 * An ELF file (Linux) ends with its table of sections: whether that lies within the file. Other formats count as whole. Throws what
 * opening the file does.
 */
export function isWholeLibrary(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER);
    const { size } = fstatSync(file);
    const read = readSync(file, header, 0, HEADER, 0);
    if (read < HEADER) return false;
    if (header.readUInt32LE(0) !== ELF) return process.platform !== "linux";
    const sections = Number(header.readBigUInt64LE(SECTIONS_AT));
    return sections + header.readUInt16LE(SECTION_BYTES) * header.readUInt16LE(SECTION_BYTES + 2) <= size;
  } finally {
    closeSync(file);
  }
}
