/** Where `lnasc` is: in the setting, among the packages of the workspace, or on the path. */
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Where to look. */
export interface Places {
  /** The setting `lnas.serverPath`; empty where it is not set. */
  readonly setting: string;
  /** The folders of the workspace. */
  readonly folders: readonly string[];
  /** The environment's `PATH`. */
  readonly path: string;
  readonly platform: NodeJS.Platform;
}

/**
 * The file of the first `lnasc` there is. A path that was set is the only place then: another compiler in its stead would be one that
 * nobody asked for.
 */
export function findServer(places: Places): string | undefined {
  return candidates(places).find((file) => existsSync(file));
}

function candidates({ setting, folders, path, platform }: Places): string[] {
  if (setting !== "") return isAbsolute(setting) ? [setting] : folders.map((folder) => resolve(folder, setting));
  const name = platform === "win32" ? "lnasc.cmd" : "lnasc";
  return [
    ...folders.map((folder) => join(folder, "node_modules", ".bin", name)),
    ...path
      .split(delimiter)
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, name)),
  ];
}
