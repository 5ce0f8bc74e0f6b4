/** Values of options that several commands read alike. */
import { InvalidArgumentError } from "commander";

/** A reader of whole numbers from `least` up. */
export const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`Give a whole number from ${least} up.`);
  return value;
};
