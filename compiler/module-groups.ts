/** Many module paths in few words: modules of one block of a stack of layers belong together, and a pattern names them. */

/** Modules that differ in their layer and leaf alone. */
export interface ModuleGroup<M extends { readonly path: string }> {
  /** A pattern that matches these modules and no others of the group's stack: `model.vision_model.transformer.layers[0..3].mlp.{fc1, fc2}`. */
  readonly pattern: string;
  readonly modules: readonly M[];
}

/** The place of a module: `model.layers` 3 `mlp` `fc1`; without a layer all but the leaf is the stack. */
interface Place {
  readonly stack: string;
  readonly layer: number | undefined;
  readonly block: string;
  readonly leaf: string;
}

function placeOf(path: string): Place {
  const segments = path.split(".");
  const leaf = segments.pop()!;
  const at = segments.findIndex((segment) => /^\d+$/.test(segment));
  if (at < 0) return { stack: segments.join("."), layer: undefined, block: "", leaf };
  return {
    stack: segments.slice(0, at).join("."),
    layer: Number(segments[at]),
    block: segments.slice(at + 1).join("."),
    leaf,
  };
}

/** Groups modules by stack and block, in the order of their first modules. A group whose layers differ in their leaves is divided by leaves. */
export function groupModules<M extends { readonly path: string }>(modules: readonly M[]): ModuleGroup<M>[] {
  const blocks = new Map<string, { readonly place: Place; readonly module: M }[]>();
  for (const module of modules) {
    const place = placeOf(module.path);
    const key = JSON.stringify([place.stack, place.layer === undefined, place.block]);
    const known = blocks.get(key);
    if (known === undefined) blocks.set(key, [{ place, module }]);
    else known.push({ place, module });
  }
  return [...blocks.values()].flatMap((members) => {
    // Leaves by layer: only layers with the same leaves can share a pattern.
    const leaves = new Map<number | undefined, string[]>();
    for (const { place } of members) leaves.set(place.layer, [...(leaves.get(place.layer) ?? []), place.leaf]);
    const alike = new Map<string, typeof members>();
    for (const member of members) {
      const key = leaves.get(member.place.layer)!.join();
      const known = alike.get(key);
      if (known === undefined) alike.set(key, [member]);
      else known.push(member);
    }
    return [...alike.values()].map((group) => ({
      pattern: patternOf(group.map(({ place }) => place)),
      modules: group.map(({ module }) => module),
    }));
  });
}

function patternOf(places: readonly Place[]): string {
  const [{ stack, layer, block }] = places as readonly [Place];
  const leaves = [...new Set(places.map(({ leaf }) => leaf))];
  const index = layer === undefined ? "" : `[${ranges(places.map((place) => place.layer!))}]`;
  const leaf = leaves.length === 1 ? leaves[0]! : `{${leaves.join(", ")}}`;
  return [`${stack}${index}`, block, leaf].filter((part) => part !== "").join(".");
}

/** `0..3, 7`: numbers as ranges. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const found: { from: number; to: number }[] = [];
  for (const number of sorted) {
    const last = found.at(-1);
    if (last !== undefined && number === last.to + 1) last.to = number;
    else found.push({ from: number, to: number });
  }
  return found.map(({ from, to }) => (from === to ? String(from) : `${from}..${to}`)).join(", ");
}
