/** Measurements that know nothing of any model. */
import type { RandomStream } from "../../runtime/random/random.js";
import type { Measurements, SearchSpace } from "../../runtime/search/index.js";

const fail = () => Promise.reject(new Error("not asked for"));

/** For controllers that ask for none. */
export const NO_MEASUREMENTS: Measurements = {
  gradientNorms: fail,
  architectureLosses: fail,
  trainComponents: fail,
  trainTriplets: fail,
  trainRelaxed: fail,
  inputSpectra: fail,
};

/** Random numbers, whatever is measured. */
export function randomMeasurements(space: SearchSpace, random: RandomStream): Measurements {
  return {
    gradientNorms: async () => Float64Array.from(space.modules, () => 0.5 + random.uniform()),
    architectureLosses: async (architectures) => Float64Array.from(architectures, () => random.uniform()),
    trainComponents: async ({ steps, live, observe }) => {
      for (let step = 0; step < steps; step++)
        observe(
          step,
          Float64Array.from(live(), (alive) => alive * random.uniform()),
        );
    },
    inputSpectra: async () =>
      space.modules.map(({ gene }) =>
        Float64Array.from({ length: space.genes[gene]!.choices.at(-1)! }, () => random.uniform())
          .sort()
          .reverse(),
      ),
    trainRelaxed: async ({ steps, mask, observe }) => {
      for (let step = 0; step < steps; step++) observe(Float64Array.from(mask(), () => random.normal()));
    },
    trainTriplets: async ({ steps, keep, observe }) => {
      for (let step = 0; step < steps; step++)
        observe(
          step,
          Float64Array.from(keep(), (kept) => kept * random.uniform()),
        );
    },
  };
}
