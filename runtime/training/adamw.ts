/**
 * AdamW with clipping of the global gradient norm, as nodes of the step graph over one packed vector. The arithmetic is PyTorch's:
 * `torch.nn.utils.clip_grad_norm_` (coefficient min(1, limit / (norm + 1e-6))), then `torch.optim.AdamW` (decoupled weight decay,
 * Loshchilov & Hutter 2019, arXiv 1711.05101; epsilon outside the bias-corrected root).
 */
import type { Feeds } from "../executors/executor.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { PackedLayout } from "../graph/packed.js";
import type { HostTensor, Tensor } from "../graph/types.js";

export interface AdamW {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Limit of the global gradient norm; 0 = no limit. */
  readonly clipNorm: number;
}

/** Names of the state a training keeps, each a vector `[layout.size]`. */
export const TRAINING_STATE = { parameters: "parameters", firstMoment: "adam.m", secondMoment: "adam.v" } as const;

/** Scalars fed with every step; see `adamWFeeds`. The betas only where an update may be withheld. */
const SCALARS = {
  stepSize: "adam.step_size",
  secondMomentScale: "adam.second_moment_scale",
  decay: "adam.decay",
  beta1: "adam.beta1",
  fresh1: "adam.one_minus_beta1",
  beta2: "adam.beta2",
  fresh2: "adam.one_minus_beta2",
} as const;

/** The nodes of one update: what to write back into state, and the gradient's norm before clipping (a scalar). */
export interface AdamWNodes {
  readonly updates: Readonly<Record<string, Tensor>>;
  readonly gradientNorm: Tensor;
}

/**
 * Adds the update to a graph. `parameters` and `gradient` are f32 vectors `[layout.size]`; the moments are state of the same size. The
 * step-dependent factors are fed (`adamWFeeds`), computed in float64 by the host. `withholdable`: the update takes place only in runs that are
 * fed so; `withheldFeeds` leaves parameters and moments as they are to the last bit.
 */
export function adamWNodes(
  builder: GraphBuilder,
  layout: PackedLayout,
  parameters: Tensor,
  gradient: Tensor,
  options: AdamW,
  withholdable = false,
): AdamWNodes {
  const b = builder;
  const factor = (name: string, value: number) => (withholdable ? b.input(name, []) : b.scalar(value));
  const [beta1, fresh1] = [factor(SCALARS.beta1, options.beta1), factor(SCALARS.fresh1, 1 - options.beta1)];
  const [beta2, fresh2] = [factor(SCALARS.beta2, options.beta2), factor(SCALARS.fresh2, 1 - options.beta2)];
  const gradientNorm = b.sqrt(b.sum(b.mul(gradient, gradient), [0]));
  const clipped =
    options.clipNorm > 0
      ? b.mul(gradient, b.minimum(b.scalar(1), b.div(b.scalar(options.clipNorm), b.add(gradientNorm, b.scalar(1e-6)))))
      : gradient;
  const moment = (state: Tensor, beta: Tensor, fresh: Tensor, share: Tensor) =>
    b.add(b.mul(state, beta), b.mul(fresh, share));
  const m = moment(b.state(TRAINING_STATE.firstMoment, [layout.size]), beta1, clipped, fresh1);
  const v = moment(b.state(TRAINING_STATE.secondMoment, [layout.size]), beta2, b.mul(clipped, clipped), fresh2);
  const denominator = b.add(b.mul(b.sqrt(v), b.input(SCALARS.secondMomentScale, [])), b.scalar(options.epsilon));
  const step = b.mul(b.div(m, denominator), b.input(SCALARS.stepSize, []));
  return {
    gradientNorm,
    updates: {
      [TRAINING_STATE.parameters]: b.sub(decayed(builder, layout, parameters, options), step),
      [TRAINING_STATE.firstMoment]: m,
      [TRAINING_STATE.secondMoment]: v,
    },
  };
}

/** parameters x (1 - learning rate x weight decay) on the segments that decay. */
function decayed(b: GraphBuilder, layout: PackedLayout, parameters: Tensor, { weightDecay }: AdamW): Tensor {
  const decaying = layout.segments.filter((segment) => segment.weightDecay);
  if (weightDecay === 0 || decaying.length === 0) return parameters;
  const decay = b.input(SCALARS.decay, []);
  if (decaying.length === layout.segments.length) return b.mul(parameters, b.sub(b.scalar(1), decay));
  const mask = new Float32Array(layout.size);
  for (const { offset, size } of decaying) mask.fill(1, offset, offset + size);
  return b.mul(parameters, b.sub(b.scalar(1), b.mul(b.constant(mask, [layout.size]), decay)));
}

const scalar = (value: number): HostTensor => ({ shape: [], dtype: "f32", data: Float64Array.of(value) });

/** The scalars of one step. `step` counts from 0; `learningRate` is the rate of this very step. */
export function adamWFeeds(options: AdamW, layout: PackedLayout, step: number, learningRate: number): Feeds {
  const bias1 = 1 - options.beta1 ** (step + 1);
  const bias2 = 1 - options.beta2 ** (step + 1);
  const decays = options.weightDecay !== 0 && layout.segments.some((segment) => segment.weightDecay);
  return {
    [SCALARS.stepSize]: scalar(learningRate / bias1),
    [SCALARS.secondMomentScale]: scalar(1 / Math.sqrt(bias2)),
    ...(decays ? { [SCALARS.decay]: scalar(learningRate * options.weightDecay) } : {}),
  };
}

/** What a withholdable update is fed beside `adamWFeeds` in a run in which it takes place. */
export function appliedFeeds({ beta1, beta2 }: AdamW): Feeds {
  return {
    [SCALARS.beta1]: scalar(beta1),
    [SCALARS.fresh1]: scalar(1 - beta1),
    [SCALARS.beta2]: scalar(beta2),
    [SCALARS.fresh2]: scalar(1 - beta2),
  };
}

/** All scalars of a run in which a withholdable update does not take place: moments times one, a step of zero. */
export function withheldFeeds(applied: Feeds): Feeds {
  const held = { ...applied, [SCALARS.stepSize]: scalar(0), ...appliedFeeds({ beta1: 1, beta2: 1 } as AdamW) };
  return SCALARS.decay in applied ? { ...held, [SCALARS.decay]: scalar(0) } : held;
}
