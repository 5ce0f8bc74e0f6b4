/** Which engine `auto` opens: the fastest that `lnasc doctor` measured on this machine, else the first of a fixed order that loads. */
import { type MeasuredEngine, readMeasurements } from "./measurements.js";

/** An engine that is tried; `version`: what it was when it was measured. */
export interface Candidate {
  readonly engine: string;
  readonly device?: string;
  readonly version?: string;
}

/** What the choice asks of the engines. */
export interface Choices<Opened> {
  /** Names in the order without measurements. */
  readonly order: readonly string[];
  /** Whether there is such a device. */
  readonly has: (engine: string, device: string) => boolean;
  readonly version: (engine: string) => Promise<string>;
  readonly open: (candidate: Candidate) => Promise<Opened>;
  readonly notice: (message: string) => void;
}

/**
 * Opens the first that can be, of the ranking and then of the fixed order. A ranking that names a device that lnas does not have, or another version
 * of the engine to be opened, is not used. Says through `notice` when what is opened is not the first choice. Rejects with an `AggregateError`
 * of all reasons when nothing opens.
 */
export async function openFirst<Opened>(
  choices: Choices<Opened>,
  ranking: readonly MeasuredEngine[] = readMeasurements().ranking,
): Promise<Opened> {
  const { order, has, version, open, notice } = choices;
  const reasons: Error[] = [];
  const attempt = async (candidate: Candidate): Promise<Opened | undefined> => {
    try {
      return await open(candidate);
    } catch (cause) {
      reasons.push(cause as Error);
      return undefined;
    }
  };
  const said = (): string => reasons.map(({ message }) => message).join("; ");

  const known = ranking.every(({ engine, device }) => has(engine, device)) ? ranking : [];
  for (const candidate of known) {
    const now = await version(candidate.engine).catch(() => undefined);
    if (now !== undefined && now !== candidate.version) {
      notice(
        `lnasc doctor measured ${candidate.engine} ${candidate.version}, now it is ${now}: its ranking is not used; run lnasc doctor again`,
      );
      break;
    }
    const opened = await attempt(candidate);
    if (opened === undefined) continue;
    if (reasons.length > 0) notice(`${said()}; using the ${candidate.engine} engine on ${candidate.device}`);
    return opened;
  }
  const before = reasons.length;
  for (const engine of order) {
    const opened = await attempt({ engine });
    if (opened === undefined) continue;
    if (reasons.length > before) notice(`${said()}; using the ${engine} engine, which is slow`);
    return opened;
  }
  throw new AggregateError(reasons, said());
}
