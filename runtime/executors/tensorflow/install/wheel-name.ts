/** What the file name of a wheel says (PEP 427): distribution, version, and the systems it is for. */

export interface WheelName {
  readonly distribution: string;
  readonly version: string;
  readonly platforms: readonly string[];
}

/** Undefined when it is no wheel's name. */
export function readWheelName(file: string): WheelName | undefined {
  const [, distribution, version, platforms] =
    /^([A-Za-z0-9_.]+)-(\d[A-Za-z0-9_.+!]*)(?:-\d[^-]*)?-[^-]+-[^-]+-([^-]+)\.whl$/.exec(file) ?? [];
  if (distribution === undefined || version === undefined || platforms === undefined) return undefined;
  return { distribution, version, platforms: platforms.split(".") };
}
