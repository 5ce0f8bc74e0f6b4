/** `adapter lora on <backbone> { … }`: targets, rank choices, ties. */
import type { AdapterEntry, Item, Target } from "../../grammar/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import { suggestion } from "../diagnostics/nearest.js";
import type { AdapterIR, TargetIR } from "../ir/types.js";
import { shareOf } from "../numbers.js";
import type { WrittenTarget } from "../written.js";
import type { Context } from "./context.js";
import { modulesOf } from "./module-set.js";
import { moduleTable } from "./module-table.js";
import { ranksOf } from "./ranks.js";

type AdapterItem = Extract<Item, { kind: "adapter" }>;

type TargetEntry = Extract<AdapterEntry, { kind: "target" }>;
type Setting = Exclude<AdapterEntry, { kind: "target" }>;

/** PEFT's customary alpha = 2 r. */
const DEFAULT_SCALE = 2;

/** A target that was understood, and the item it came from. */
interface CheckedTarget extends TargetIR {
  readonly source: TargetEntry;
}
export interface CheckedAdapter {
  readonly ir: AdapterIR;
  /** In the order of the text. */
  readonly written: readonly WrittenTarget[];
  /** The items that each of `ir.targets` came from. */
  readonly sources: readonly (readonly TargetEntry[])[];
}

/** Checks an adapter against the backbone; undefined after a report. `mostChoices`: ranks that a module may choose from. */
export function checkAdapter(
  context: Context,
  item: AdapterItem,
  backboneName: string,
  description: BackboneDescription,
  mostChoices: number,
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
    context.report(
      "LNAS1108",
      item.backbone.span,
      {
        name: item.backbone.text,
        what: "a backbone of this experiment",
        hint: suggestion(item.backbone.text, [backboneName]),
      },
      [],
      [context.replacement(`Write \`${backboneName}\``, item.backbone.span, backboneName)],
    );
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
  const written = item.entries.filter((entry) => entry.kind === "target");
  if (written.length === 0) {
    context.report("LNAS1405", item.method.span, {});
    fail();
  }
  const targets = written.map((entry) => checkTarget(context.at(entry), entry, description, mostChoices) ?? fail());
  const whole = targets.filter((target) => target !== undefined);
  // All targets of an adapter are of one file: those of an experiment replace those it would inherit.
  const [first] = written;
  if (!disjoint(first === undefined ? context : context.at(first), whole)) fail();
  if (!sound || scale === undefined || dropout === undefined) return undefined;
  const lists = byRanks(whole, description);
  return {
    ir: { kind: "lora", scale, dropout, targets: lists.map(({ target }) => target) },
    written: whole.map(({ source, ranks, modules, ties }) => ({
      text: source.target.modules.text,
      ranks,
      modules: modules.map(({ path }) => path),
      ties,
    })),
    sources: lists.map(({ sources }) => sources),
  };
}

/**
 * Targets joined by their list of ranks, in the order of the forward pass: how a spec divides modules among targets, and in what order, means
 * nothing. Targets share no module.
 */
function byRanks(
  targets: readonly CheckedTarget[],
  description: BackboneDescription,
): { readonly target: TargetIR; readonly sources: readonly TargetEntry[] }[] {
  const { places } = moduleTable(description);
  const place = (path: string) => places.get(path)!;
  const lists = new Map<string, CheckedTarget[]>();
  for (const target of targets) {
    const key = target.ranks.join();
    lists.set(key, [...(lists.get(key) ?? []), target]);
  }
  return [...lists.values()]
    .map((alike) => ({
      target: {
        ranks: alike[0]!.ranks,
        modules: alike.flatMap(({ modules }) => modules).sort((a, b) => place(a.path) - place(b.path)),
        ties: alike.flatMap(({ ties }) => ties).sort((a, b) => place(a[0]!) - place(b[0]!)),
      },
      sources: alike.map(({ source }) => source),
    }))
    .sort((a, b) => place(a.target.modules[0]!.path) - place(b.target.modules[0]!.path));
}

/** The value of a setting; a second one is reported. */
function settingOf(context: Context, { entries }: AdapterItem, kind: Setting["kind"]): Setting | undefined {
  const [first, ...more] = entries.flatMap((entry) => (entry.kind === kind ? [entry as Setting] : []));
  for (const { name } of more)
    context.report("LNAS1107", name.span, { name: kind }, [context.label("first declared here", first!.name.span)]);
  return first;
}

function numberOf(
  context: Context,
  setting: Setting | undefined,
  option: string,
  preset: number,
  allowed: (value: number) => boolean,
  expected: string,
): number | undefined {
  if (setting === undefined) return preset;
  const there = context.at(setting);
  const value = there.resolve(setting.value);
  const number =
    value.kind === "number" && (value.unit === null || value.unit.text === "%")
      ? value.unit === null
        ? value.value
        : shareOf(value.value)
      : Number.NaN;
  if (Number.isFinite(number) && allowed(number)) return number;
  there.reportValue(option, setting.value, expected);
  return undefined;
}

function checkTarget(
  context: Context,
  source: TargetEntry,
  description: BackboneDescription,
  mostChoices: number,
): CheckedTarget | undefined {
  const { target } = source;
  const ranks = ranksOf(context, target, mostChoices);
  const modules = modulesOf(context, target.modules, description);
  if (modules === undefined || ranks === undefined) return undefined;
  if (modules.length === 0) {
    // Only a set of the standard library may match nothing; a target may not.
    context.report("LNAS1407", target.modules.span, { modules: target.modules.text });
    return undefined;
  }
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
    source,
    ranks,
    modules: modules.map((module) => moduleTable(description).ir.get(module)!),
    ties,
  };
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
  const stacks = modules.map((module) => (module.layer === null ? "" : stackOf(module)));
  const matched = new Map<string, number[]>();
  for (const [at, { layer }] of modules.entries()) {
    if (layer === null) continue;
    const known = matched.get(stacks[at]!);
    if (known === undefined) matched.set(stacks[at]!, [layer]);
    else if (!known.includes(layer)) known.push(layer);
  }
  const groups = new Map<string, string[]>();
  for (const [at, { layer, path, kind }] of modules.entries()) {
    const stack = stacks[at]!;
    const key =
      layer === null
        ? path
        : layers
          ? `${stack} ${Math.floor(matched.get(stack)!.indexOf(layer) / (tie.count ?? 1))}`
          : `${stack} ${kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [path]);
    else group.push(path);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** No module may be targeted twice. */
function disjoint(there: Context, targets: readonly CheckedTarget[]): boolean {
  let sound = true;
  const taken = new Map<string, Target>();
  for (const {
    modules,
    source: { target: source },
  } of targets) {
    const shared = modules.filter(({ path }) => taken.has(path));
    if (shared.length > 0) {
      sound = false;
      const earlier = new Set(shared.map(({ path }) => taken.get(path)!));
      there.report(
        "LNAS1402",
        source.modules.span,
        { count: shared.length, example: shared[0]!.path },
        [...earlier].map((first) => there.label("targeted here first", first.modules.span)),
      );
    }
    for (const { path } of modules) if (!taken.has(path)) taken.set(path, source);
  }
  return sound;
}
