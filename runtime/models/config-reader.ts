/** Reading fields of a Hugging Face `config.json`, with errors that name file and field. */
import { UserError } from "../formats/errors.js";
import { asRecord } from "../formats/json-file.js";

type Fields = Readonly<Record<string, unknown>>;

/** A section of a config. A missing field takes the default of transformers' config class; a wrong one is a `UserError`. */
export class ConfigReader {
  readonly #fields: Fields;
  readonly #place: string;
  readonly #path: string;

  constructor(fields: unknown, place: string, path = "") {
    this.#place = place;
    this.#path = path;
    this.#fields = asRecord(fields) ?? this.fail("", "is not an object");
  }

  /** Throws a `UserError` about a field. */
  fail(field: string, problem: string, remedy = "Use the config.json that belongs to the weights, unchanged."): never {
    const name = [this.#path, field].filter((part) => part !== "").join(".");
    throw new UserError(name === "" ? `the configuration ${problem}` : `${name} ${problem}`, {
      place: this.#place,
      remedy,
    });
  }

  /** Whether a field is there and not null. */
  has(field: string): boolean {
    return (this.#fields[field] ?? null) !== null;
  }

  /** A nested object; an absent one reads as empty, so that defaults apply. */
  section(field: string): ConfigReader {
    const path = this.#path === "" ? field : `${this.#path}.${field}`;
    return new ConfigReader(this.#fields[field] ?? {}, this.#place, path);
  }

  /** An integer of at least `least`. */
  count(field: string, fallback: number, least = 1): number {
    const value = this.#fields[field] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < least)
      this.fail(field, `must be an integer of at least ${least}`);
    return value as number;
  }

  /** A positive number. */
  positive(field: string, fallback?: number): number {
    const value = this.#fields[field] ?? fallback;
    if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value))
      this.fail(field, "must be a positive number");
    return value as number;
  }

  boolean(field: string, fallback: boolean): boolean {
    const value = this.#fields[field] ?? fallback;
    if (typeof value !== "boolean") this.fail(field, "must be true or false");
    return value as boolean;
  }

  /** One of the values this implementation knows. */
  choice<T extends string>(field: string, known: readonly T[], fallback: T): T {
    const value = this.#fields[field] ?? fallback;
    if (!known.includes(value as T))
      this.fail(field, `is ${JSON.stringify(value)}; supported: ${known.join(", ")}`, "Use another backbone.");
    return value as T;
  }

  /** Integers of any sign: one alone, or a list of at least one. */
  integers(field: string, fallback: number): readonly number[] {
    const value = this.#fields[field] ?? fallback;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !list.every(Number.isSafeInteger))
      this.fail(field, "must be an integer or a list of them");
    return list as readonly number[];
  }

  /** A list of integers within 0..below-1, strictly increasing. */
  indices(field: string, fallback: readonly number[], below: number): readonly number[] {
    const value = this.#fields[field] ?? fallback;
    const valid =
      Array.isArray(value) &&
      value.every((item, i) => Number.isInteger(item) && item >= 0 && item < below && (i === 0 || item > value[i - 1]));
    if (!valid) this.fail(field, `must be a list of increasing layer numbers below ${below}`);
    return value as readonly number[];
  }

  /** A list of pairs of positive integers. */
  pairs(field: string, fallback: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
    const value = this.#fields[field] ?? fallback;
    const isPair = (item: unknown) =>
      Array.isArray(item) && item.length === 2 && item.every((part) => Number.isInteger(part) && part > 0);
    if (!Array.isArray(value) || value.length === 0 || !value.every(isPair))
      this.fail(field, "must be a list of pairs of positive integers");
    return value as readonly (readonly [number, number])[];
  }
}
