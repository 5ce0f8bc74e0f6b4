/**
 * Controllers and export targets as typed calls, for generated programs and for TypeScript of users. There is one constructor for
 * each row of the controller table, named after it; its options are the row's, checked by the compiler and again when the search starts.
 */
import type { ControllerName, EarlierPrior, OptionsOf } from "../search/controllers/table.js";
import type { ControllerSpec, ExportSpec } from "./api.js";

/** `learning_rate` -> `learningRate`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** A controller's options as TypeScript writes them; what is left out has the table's default. */
export type ControllerOptions<N extends ControllerName> = {
  readonly [O in keyof OptionsOf<N> & string as CamelCase<Defaulted<N, O>>]?:
    | OptionsOf<N>[O]
    // With `priorRanks`, or `priorPolicy`.
    | (O extends "prior" ? EarlierPrior : never);
} & {
  readonly [O in keyof OptionsOf<N> & string as CamelCase<Exclude<O, Defaulted<N, O>>>]: OptionsOf<N>[O];
};
/** The option's name when it has a default; never when it must be given. */
type Defaulted<N extends ControllerName, O extends keyof OptionsOf<N> & string> = OptionsOf<N>[O] extends
  | number
  | string
  ? O
  : undefined extends OptionsOf<N>[O]
    ? O
    : never;

type Constructor<N extends ControllerName> = keyof OptionsOf<N> extends never
  ? () => ControllerSpec
  : Record<never, never> extends ControllerOptions<N>
    ? (options?: ControllerOptions<N>) => ControllerSpec
    : (options: ControllerOptions<N>) => ControllerSpec;

function constructorOf<N extends ControllerName>(controller: N): Constructor<N> {
  return ((options: ControllerSpec["options"] = {}): ControllerSpec => ({
    controller,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value])),
  })) as Constructor<N>;
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Natural policy gradient of a factored policy: regresses each example's losses on the ranks; starts from a prior. */
export const naturalPolicyGradient = constructorOf("natural_policy_gradient");
/** REINFORCE with a factored categorical policy and a leave-one-out baseline. */
export const reinforce = constructorOf("reinforce");
/** Proximal policy optimisation of the policy of `reinforce`. */
export const ppo = constructorOf("ppo");
/** Regularised evolution within the budget. */
export const evolution = constructorOf("evolution");
/** NSGA-II over loss and parameters; the lowest loss within the budget is chosen. */
export const nsga2 = constructorOf("nsga2");
/** Random architectures within the budget; the best by super-network loss is kept. */
export const random = constructorOf("random");
/** One shot: the best allocation under the gradient probe's scores. */
export const gradientProbe = constructorOf("gradient_probe");
/** One shot: ranks that stay important while an adapter of the largest ranks shrinks to the budget. */
export const annealedImportance = constructorOf("annealed_importance");
/** One shot: the ranks that AdaLoRA keeps. */
export const adalora = constructorOf("adalora");
/** One shot: ranks by what the leading components of a module's inputs explain. */
export const eva = constructorOf("eva");
/** DARTS: logits of ranks and weights of the adapter, trained in turn. */
export const darts = constructorOf("darts");
/** Successive halving over stand-alone trainings. */
export const successiveHalving = constructorOf("successive_halving");
/** No search: what a prior allocates. */
export const noSearch = constructorOf("no_search");
/** No search: these ranks. */
export const fixed = constructorOf("fixed");
/** One rank for all modules, the largest that the budget allows; what is left of the budget raises evenly spread modules by one step. */
export const uniform = constructorOf("uniform");

/** A Hugging Face PEFT adapter folder (`adapter_config.json`, `adapter_model.safetensors`). `path`: relative to the run folder. */
export function peft(path: string): ExportSpec {
  return { format: "peft", path };
}
