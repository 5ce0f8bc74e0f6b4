/** What chose the ranks of arms, where a name alone does not say it. */
import type { Chooser } from "../stage/chooser.js";
import type { Report } from "./types.js";

/** As a spec writes it: `random { candidates 64, draws uniform }`. */
export function chooserText({ controller, options }: Chooser): string {
  const given = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return given.length === 0 ? controller : `${controller} { ${given.join(", ")} }`;
}

/**
 * A line for every arm with other options than the defaults, or with a controller that another arm has too; the searched ranks' with them. Null where
 * names say all, and for older reports.
 */
export function choosersView({ choosers = [], arms }: Report) {
  const byArm = new Map<string, Chooser[]>();
  for (const chooser of choosers) byArm.set(chooser.arm, [...(byArm.get(chooser.arm) ?? []), chooser]);
  const needsLine = ({ controller, options }: Chooser) =>
    Object.keys(options).length > 0 || choosers.filter((other) => other.controller === controller).length > 1;
  const searched = arms.at(-1)!.name;
  const shown = [...byArm].filter(([, each]) => each.some(needsLine)).map(([arm]) => arm);
  if (shown.length === 0) return null;
  return {
    /** Whether more than one controller gave finalists. */
    several: (byArm.get(searched)?.length ?? 0) > 1,
    lines: [...byArm]
      .filter(([arm]) => arm === searched || shown.includes(arm))
      .map(([arm, each]) => ({ arm, controllers: each.map(chooserText) })),
  };
}
