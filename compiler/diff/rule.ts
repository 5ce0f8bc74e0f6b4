/** Making rules: most compare one part of the IR with itself. */
import { canonicalJson } from "../ir/canonical.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import type { Category, ChangeSeverity, Finding, Rule } from "./change.js";

/** A rule that tells when a part of the IR changed, and from what to what. */
export function partRule(
  name: string,
  category: Category,
  severity: ChangeSeverity,
  part: {
    /** How the part is spoken of: `seed`. */
    readonly what: string;
    readonly covers: readonly string[];
    readonly of: (ir: ExperimentIR) => unknown;
    /** How a value reads; JSON where absent. */
    readonly say?: (value: never) => string;
    readonly consequence?: (before: ExperimentIR, after: ExperimentIR) => string;
  },
): Rule {
  const say = (value: unknown) => (part.say === undefined ? plain(value) : part.say(value as never));
  return {
    name,
    category,
    severity,
    covers: part.covers,
    compare: (before, after): Finding[] => {
      const [old, now] = [part.of(before.ir), part.of(after.ir)];
      if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
      const consequence = part.consequence?.(before.ir, after.ir) ?? "";
      return [
        {
          message: `${part.what}: ${say(old)} → ${say(now)}`,
          pointer: part.covers[0]!.split("/*")[0]!,
          ...(consequence === "" ? {} : { consequence }),
        },
      ];
    },
  };
}

/** Differences that are listed; of a policy over all modules nobody reads more. */
const LISTED = 24;

/** Options that differ between two records: `steps 300 → 600, batch 16 → 8`. */
export function differingOptions(before: unknown, after: unknown): string {
  const [a, b] = [flat(before), flat(after)];
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  const changed = names.filter((name) => a.get(name) !== b.get(name));
  const more = changed.length > LISTED ? [`and ${changed.length - LISTED} more`] : [];
  const listed = changed.slice(0, LISTED);
  return [...listed.map((name) => `${name} ${a.get(name) ?? "none"} → ${b.get(name) ?? "none"}`), ...more].join(", ");
}

/** A rule that tells which options of a record changed. */
export function optionsRule(
  name: string,
  category: Category,
  severity: ChangeSeverity,
  part: {
    readonly what: string;
    readonly covers: readonly string[];
    readonly of: (ir: ExperimentIR) => unknown;
  },
): Rule {
  return {
    name,
    category,
    severity,
    covers: part.covers,
    compare: (before, after): Finding[] => {
      const changed = differingOptions(part.of(before.ir), part.of(after.ir));
      if (changed === "") return [];
      return [{ message: `${part.what}: ${changed}`, pointer: part.covers[0]!.split("/*")[0]! }];
    },
  };
}

/** A rule for a list of controllers with their options: which came, went, changed, or changed places. */
export function choosersRule(
  name: string,
  category: Category,
  severity: ChangeSeverity,
  part: {
    /** What the list is: `compared with`. */
    readonly what: string;
    readonly pointer: string;
    readonly covers: readonly string[];
    readonly of: (ir: ExperimentIR) => readonly ControllerIR[];
  },
): Rule {
  const options = (ir: ExperimentIR) =>
    Object.fromEntries(part.of(ir).map((chooser) => [chooser.controller, { ...chooser.options, chosen: "yes" }]));
  const order = (ir: ExperimentIR) =>
    part
      .of(ir)
      .map(({ controller }) => controller)
      .join(", ");
  return {
    name,
    category,
    severity,
    covers: part.covers,
    compare: (before, after) => {
      const { pointer } = part;
      const changed = differingOptions(options(before.ir), options(after.ir));
      if (changed !== "") return [{ message: `${part.what}: ${changed}`, pointer }];
      return order(before.ir) === order(after.ir)
        ? []
        : [{ message: `order of ${part.what}: ${order(before.ir)} → ${order(after.ir)}`, pointer }];
    },
  };
}

function flat(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return new Map([[path || "value", plain(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, entry]) => [...flat(entry, path === "" ? key : `${path}.${key}`)]),
  );
}

const plain = (value: unknown): string =>
  value === undefined || value === null
    ? "none"
    : typeof value === "string"
      ? value === ""
        ? "none"
        : value
      : JSON.stringify(value);
