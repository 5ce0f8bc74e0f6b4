/** Stage `dataset`: four splits in memory, proved to share no example; what else they have in common is counted. */
import { resolve } from "node:path";
import { fittingSizes } from "../../data/batch.js";
import { type ExampleReader, openExampleReader } from "../../data/dataset.js";
import type { Example, SplitName } from "../../data/example.js";
import { splitOverlaps } from "../../data/split-overlap.js";
import { UserError } from "../../formats/errors.js";
import type { BackboneHandle, DataSource, DatasetHandle, DatasetOptions, SplitHandle } from "../api.js";
import { type LoadedSplit, lookUp, type RunContext } from "../context.js";
import { keyOf } from "../keys.js";
import { FEW_EXAMPLES } from "../report/index.js";

const SPLITS: readonly SplitName[] = ["train", "reward", "validation", "test"];

/** Reads the four splits. Throws a `UserError` when a line is wrong or an example is in two splits. */
export async function datasetStage(
  context: RunContext,
  options: DatasetOptions & { readonly backbone: BackboneHandle },
): Promise<DatasetHandle> {
  const begun = performance.now();
  const { backbone } = lookUp(context.backbones, options.backbone.key, "backbone");
  let reader: ExampleReader | undefined;
  const readFile = (path: string) => {
    reader ??= openExampleReader(backbone);
    return reader.readMessages(resolve(context.specFolder, path));
  };
  const loaded = {} as Record<SplitName, readonly Example[]>;
  for (const split of SPLITS) loaded[split] = await load(split, options.splits[split], readFile);
  requireDisjoint(loaded);
  context.findings.overlaps = splitOverlaps(Object.fromEntries(SPLITS.map((split) => [split, loaded[split]])));
  const contents = Object.fromEntries(
    SPLITS.map((split) => [split, keyOf(loaded[split].map(({ contentHash }) => contentHash))]),
  );
  context.folder.recordHashes(
    Object.fromEntries(Object.entries(contents).map(([split, hash]) => [`data/${split}`, hash])),
  );
  const counts = Object.fromEntries(SPLITS.map((split) => [split, loaded[split].length]));
  const inputs = { backbone: options.backbone.key, contents };
  const record = await context.stages.run(
    "dataset",
    inputs,
    async () => ({
      result: counts,
      summary: SPLITS.map((split) => `${split} ${counts[split]!.toLocaleString("en-US")}`).join(", "),
    }),
    { begun },
  );
  context.findings.splits = Object.fromEntries(
    SPLITS.map((split) => [split, { examples: loaded[split].length, digest: contents[split]! }]),
  );
  warnOfFew(context, loaded.validation.length, loaded.test.length);
  const sizes = fittingSizes(Object.values(loaded).flat());
  const handle = (split: SplitName): SplitHandle => {
    const key = keyOf({ dataset: record.key, split });
    context.splits.set(key, { split, examples: loaded[split], sizes } satisfies LoadedSplit);
    return { stage: "split", key, split };
  };
  return {
    stage: "dataset",
    key: record.key,
    train: handle("train"),
    reward: handle("reward"),
    validation: handle("validation"),
    test: handle("test"),
  };
}

/** What so few examples choose is close to a draw. */
function warnOfFew({ emit }: RunContext, validation: number, test: number): void {
  if (test === 1)
    emit({
      type: "warning",
      message: "the test split has one example: the report can claim nothing from it, under however many seeds",
      remedy: "Give it more; the error that other examples would change falls with the square root of their number.",
    });
  if (validation >= FEW_EXAMPLES) return;
  emit({
    type: "warning",
    message: `the validation split has ${validation === 1 ? "one example" : `${validation} examples`}: its choice between finalists is close to a draw (the report shows its standard error)`,
    remedy: `Give it ${FEW_EXAMPLES} examples or more.`,
  });
}

async function load(
  split: SplitName,
  source: DataSource,
  readFile: (path: string) => Promise<readonly Example[]>,
): Promise<readonly Example[]> {
  const examples = source.kind === "examples" ? source.examples : await readFile(source.path);
  if (examples.length === 0)
    throw new UserError(`the ${split} split has no examples`, {
      place: source.kind === "examples" ? split : source.path,
      remedy: "Give every split one example at least.",
    });
  return examples;
}

/** Throws a `UserError` that names both places when one example (messages and images, by content) is in two splits. */
export function requireDisjoint(splits: Readonly<Record<SplitName, readonly Example[]>>): void {
  const seen = new Map<string, { readonly split: SplitName; readonly id: string }>();
  for (const split of SPLITS)
    for (const { contentHash, id } of splits[split]) {
      const other = seen.get(contentHash);
      if (other !== undefined && other.split !== split)
        throw new UserError(`the same example is in two splits: ${other.split} (${other.id}) and ${split} (${id})`, {
          place: id,
          remedy: "Remove it from one of them: figures from shared examples would prove nothing.",
        });
      seen.set(contentHash, { split, id });
    }
}
