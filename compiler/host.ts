/** What the compiler needs of the world. Everything it reads comes through here, so that it is a function of its inputs. */
import type { RankFile } from "../runtime/adapters/rank-file.js";
import type { BackboneDescription } from "../runtime/models/backbone.js";
import type { ControllerRow } from "../runtime/search/controllers/table.js";
import type { PolicyFile } from "../runtime/search/policy-file.js";

export interface CompilerHost {
  /** Text of a file of the project; undefined when there is none, or when it lies outside of the project. Paths use `/`. */
  readText(path: string): string | undefined;
  /** Text of a file of the standard library, by its path there, such as `backbones.lnas`. */
  readStandard(path: string): string | undefined;
  /** Names of the modules of the standard library, such as `backbones`. */
  readonly standardModules: readonly string[];
  /** Describes a backbone from its parsed `config.json`; throws an Error with a message for the user. */
  describeBackbone(config: unknown, place: string): BackboneDescription;
  /** Reads the parsed content of a file of ranks for a backbone's modules (paths); throws an Error with a message for the user. */
  readRanks(content: unknown, modules: readonly string[]): RankFile;
  /** Reads the parsed content of a run's policy; throws an Error with a message for the user. */
  readPolicy(content: unknown): PolicyFile;
  /** Ranks that the runtime lets one module choose from. */
  readonly mostRankChoices: number;
  /** Rows of the runtime's controller table by name. */
  readonly controllers: Readonly<Record<string, ControllerRow>>;
}

/** The same host for one compilation, in which it reads each file once: experiments of a file name the same ones. */
export function readingOnce(host: CompilerHost): CompilerHost {
  const texts = new Map<string, string | undefined>();
  return {
    readText: (path) => {
      if (!texts.has(path)) texts.set(path, host.readText(path));
      return texts.get(path);
    },
    readStandard: (path) => host.readStandard(path),
    get standardModules() {
      return host.standardModules;
    },
    describeBackbone: host.describeBackbone,
    readRanks: host.readRanks,
    readPolicy: host.readPolicy,
    mostRankChoices: host.mostRankChoices,
    controllers: host.controllers,
  };
}
