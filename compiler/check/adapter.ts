/** `adapter lora on <backbone> { … }`: targets, rank choices, ties. */
import type { Item, Target, Value } from "../../grammar/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import { suggestion } from "../diagnostics/nearest.js";
import type { AdapterIR, TargetIR } from "../ir/types.js";
import { shareOf } from "../numbers.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { matchModules, missHint } from "./pattern.js";

type AdapterItem = Extract<Item, { kind: "adapter" }>;

/** PEFT's customary alpha = 2 r. */
const DEFAULT_SCALE = 2;

/** A target that was understood, and the item it came from. */
export interface CheckedTarget {
  readonly ir: TargetIR;
  readonly source: Target;
}
export interface CheckedAdapter {
  readonly ir: AdapterIR;
  /** In the order of `ir.targets`. */
  readonly targets: readonly CheckedTarget[];
}

/** Checks an adapter against the backbone; undefined after a report. */
export function checkAdapter(
  context: Context,
  item: AdapterItem,
  backboneName: string,
  description: BackboneDescription,
): CheckedAdapter | undefined {
  let sound = true;
  const fail = (): undefined => {
    sound = false;
    return undefined;
  };
  if (item.method.text !== "lora") {
    context.report("LNAS1108", item.method.span, { name: item.method.text, what: "an adapter", hint: "Use `lora`." });
    fail();
  }
  if (item.backbone.text !== backboneName) {
    context.report("LNAS1108", item.backbone.span, {
      name: item.backbone.text,
      what: "a backbone of this experiment",
      hint: suggestion(item.backbone.text, [backboneName]),
    });
    fail();
  }
  const scale =
    numberOf(
      context,
      settingOf(context, item, "scale"),
      "scale",
      DEFAULT_SCALE,
      (value) => value > 0,
      "a number above 0",
    ) ?? fail();
  const dropout =
    numberOf(
      context,
      settingOf(context, item, "dropout"),
      "dropout",
      0,
      (value) => value >= 0 && value < 1,
      "a number from 0 up to, not including, 1",
    ) ?? fail();
  const written = item.entries.flatMap((entry) => (entry.kind === "target" ? [entry.target] : []));
  if (written.length === 0) {
    context.report("LNAS1405", item.method.span, {});
    fail();
  }
  const targets = written.map((target) => checkTarget(context, target, description) ?? fail());
  const whole = targets.filter((target) => target !== undefined);
  if (!disjoint(context, whole)) fail();
  if (!sound || scale === undefined || dropout === undefined) return undefined;
  const order = new Map(description.modules.map(({ path }, index) => [path, index]));
  const first = ({ ir }: CheckedTarget) => order.get(ir.modules[0]!.path)!;
  // Targets share no module, so their order says nothing; the forward pass gives one.
  const sorted = [...whole].sort((a, b) => first(a) - first(b));
  return { ir: { kind: "lora", scale, dropout, targets: sorted.map(({ ir }) => ir) }, targets: sorted };
}

/** The value of a setting; a second one is reported. */
function settingOf(context: Context, { entries }: AdapterItem, kind: "scale" | "dropout"): Value | null {
  const [first, ...more] = entries.flatMap((entry) => (entry.kind === kind ? [entry] : []));
  for (const { name } of more)
    context.report("LNAS1107", name.span, { name: kind }, [context.label("first declared here", first!.name.span)]);
  return first?.value ?? null;
}

function numberOf(
  context: Context,
  written: Value | null,
  option: string,
  preset: number,
  allowed: (value: number) => boolean,
  expected: string,
): number | undefined {
  if (written === null) return preset;
  const value = context.resolve(written);
  const number =
    value.kind === "number" && (value.unit === null || value.unit.text === "%")
      ? value.unit === null
        ? value.value
        : shareOf(value.value)
      : Number.NaN;
  if (Number.isFinite(number) && allowed(number)) return number;
  context.reportValue(option, written, expected);
  return undefined;
}

function checkTarget(context: Context, target: Target, description: BackboneDescription): CheckedTarget | undefined {
  const ranks = ranksOf(context, target.ranks);
  const modules = matchModules(target.pattern, description);
  if (modules.length === 0) {
    context.report("LNAS1401", target.pattern.span, {
      pattern: target.pattern.text,
      hint: missHint(target.pattern, description),
    });
    return undefined;
  }
  if (ranks === undefined) return undefined;
  const largest = ranks.at(-1)!;
  const limit = ({ inFeatures, outFeatures }: LinearModule) => Math.min(inFeatures, outFeatures);
  const tight = modules.find((module) => limit(module) < largest);
  if (tight !== undefined) {
    context.report("LNAS1403", target.ranks.span, { rank: largest, module: tight.path, limit: limit(tight) });
    return undefined;
  }
  const ties = tiesOf(context, target, modules);
  if (ties === undefined) return undefined;
  return {
    source: target,
    ir: {
      pattern: target.pattern.text,
      ranks,
      modules: modules.map(({ path, inFeatures, outFeatures }) => ({ path, inFeatures, outFeatures })),
      ties,
    },
  };
}

/** `[0, 4, 8]`, a constant that is such a list, or `ladder(4..64)`: 4, 8, 16, 32, 64. */
function ranksOf(context: Context, written: Value): readonly number[] | undefined {
  const value = context.resolve(written);
  if (context.isUnavailable(written)) return undefined;
  const bad = (problem: string): undefined => {
    context.report("LNAS1404", written.span, { problem });
    return undefined;
  };
  if (value.kind === "name") {
    context.reportValue("rank", written, "a list of ranks");
    return undefined;
  }
  if (value.kind === "call" && value.name.text === "ladder") {
    const [range] = argumentsOf(context, value, "ladder", [null]) ?? [];
    const bound = (end: Value | undefined) => (end?.kind === "number" && end.unit === null ? end.value : Number.NaN);
    const [from, to] = range?.kind === "range" ? [bound(range.from), bound(range.to)] : [Number.NaN, Number.NaN];
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || to < from || to > 65_536)
      return bad("a ladder goes from one rank to a larger one, such as ladder(4..64)");
    const ranks = [0];
    for (let rank = from; rank <= to; rank *= 2) ranks.push(rank);
    return ranks;
  }
  if (value.kind !== "list") return bad("rank choices are a list such as [0, 4, 8], or ladder(4..64)");
  const ranks: number[] = [];
  for (const item of value.items) {
    const rank = item;
    if (rank.kind !== "number" || rank.unit !== null || !Number.isSafeInteger(rank.value) || rank.value < 0)
      return bad("a rank is a whole number from 0 up");
    if (ranks.length > 0 && rank.value <= ranks.at(-1)!)
      return bad(`rank ${rank.value} does not follow ${ranks.at(-1)} in ascending order`);
    ranks.push(rank.value);
  }
  return ranks.length === 0 ? bad("a list of ranks cannot be empty") : ranks;
}

/** Groups of modules that share a rank, as `tie` says. */
function tiesOf(context: Context, { tie }: Target, modules: readonly LinearModule[]): string[][] | undefined {
  if (tie === null) return [];
  const unit = tie.unit.text;
  const layers = unit === "layer" || unit === "layers";
  if (
    (!layers && (unit !== "kind" || tie.count !== null)) ||
    (tie.count !== null && (!Number.isSafeInteger(tie.count) || tie.count < 1))
  ) {
    context.report("LNAS1204", tie.span, { option: "tie", expected: "`per layer`, `per 4 layers` or `per kind`" });
    return undefined;
  }
  // A stack is what precedes the layer's number; layers are counted among those matched.
  const stackOf = ({ path, layer }: LinearModule) => path.slice(0, path.indexOf(`.${layer}.`));
  const matched = new Map<string, number[]>();
  for (const module of modules)
    if (module.layer !== null) {
      const known = matched.get(stackOf(module)) ?? [];
      if (!known.includes(module.layer)) known.push(module.layer);
      matched.set(stackOf(module), known);
    }
  const groups = new Map<string, string[]>();
  for (const module of modules) {
    const key =
      module.layer === null
        ? module.path
        : layers
          ? `${stackOf(module)} ${Math.floor(matched.get(stackOf(module))!.indexOf(module.layer) / (tie.count ?? 1))}`
          : `${stackOf(module)} ${module.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), module.path]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** No module may be targeted twice. */
function disjoint(context: Context, targets: readonly CheckedTarget[]): boolean {
  let sound = true;
  const taken = new Map<string, Target>();
  for (const { ir, source } of targets) {
    const shared = ir.modules.filter(({ path }) => taken.has(path));
    if (shared.length > 0) {
      sound = false;
      const earlier = new Set(shared.map(({ path }) => taken.get(path)!));
      context.report(
        "LNAS1402",
        source.pattern.span,
        { count: shared.length, example: shared[0]!.path },
        [...earlier].map((first) => context.label("targeted here first", first.pattern.span)),
      );
    }
    for (const { path } of ir.modules) if (!taken.has(path)) taken.set(path, source);
  }
  return sound;
}
