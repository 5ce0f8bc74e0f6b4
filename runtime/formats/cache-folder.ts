/** Where lnas keeps what it can make again: rates of machines, native libraries of engines. */
import { homedir } from "node:os";
import { join } from "node:path";

/** LNAS_CACHE, else `lnas` in XDG_CACHE_HOME, else `.cache/lnas` in the home folder. Not made here. */
export const cacheFolder = ({ LNAS_CACHE, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): string =>
  LNAS_CACHE || (XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "lnas") : join(homedir(), ".cache", "lnas"));
