/** How large an example is, and how many positions that makes in each part of a backbone. */
import type { BackboneDescription } from "../../runtime/models/backbone.js";

/** The sizes that every example of a batch is padded to. */
export interface ExampleSize {
  /** Tokens of the text; an image's mark is one of them. */
  readonly tokens: number;
  /** Each counts as one of the largest size. */
  readonly images: number;
  /** The longest of the training examples looked at; as the caller said; or neither is known. */
  readonly from: "data" | "given" | "assumed";
}

/** What is planned with where data or tokenizer cannot be read. */
export const ASSUMED_SIZE: ExampleSize = { tokens: 512, images: 1, from: "assumed" };

/** Part -> positions (tokens, patches) of one example in it. */
export type Positions = Readonly<Record<string, number>>;

/** The part whose positions are tokens: the output layer works on them. */
export function textPartOf({ work }: BackboneDescription): string | undefined {
  return work.products.at(-1)?.positionsOf;
}

/** Positions of an example in every part of the backbone. */
export function positionsOf(backbone: BackboneDescription, { tokens, images }: ExampleSize): Positions {
  const { positionsPerImage } = backbone.work;
  const textPart = textPartOf(backbone);
  return Object.fromEntries(
    backbone.parts.map(({ name }) => [
      name,
      // An image's mark is among the tokens already.
      name === textPart
        ? tokens + images * ((positionsPerImage[name] ?? 1) - 1)
        : images * (positionsPerImage[name] ?? 0),
    ]),
  );
}
