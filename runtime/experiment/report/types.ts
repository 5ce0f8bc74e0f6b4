/** What a run found, as one value: the content of report.json, from which every page is made. */
import type { SplitOverlap } from "../../data/split-overlap.js";
import type { Architecture, Estimate } from "../../search/index.js";
import type { ArmCost, RankingResult } from "../api.js";
import type { Manifest } from "../run-folder.js";
import type { Chooser } from "../stage/chooser.js";
import type { Rescoring } from "../stage/rescoring-record.js";
import type { RoundSummary } from "../stage/round-summary.js";
import type { TakenFrom } from "../stages.js";
import type { VerdictKind } from "./verdict.js";

/** One row of the comparison. Lists have one value per retraining seed; arms share seeds, so differences are paired. */
export interface Arm {
  readonly name: string;
  readonly parameters: number;
  /** Peak learning rate that it was trained at; null, or absent, where nothing was trained. */
  readonly learningRate?: number | null;
  readonly validationLoss: readonly number[];
  readonly testLoss: readonly number[];
  /** Share of test examples answered right to the last token. */
  readonly testExactMatch: readonly number[];
  /** Share of answer tokens right, end tokens apart (for digit strings: of the digits). */
  readonly testTokenAccuracy: readonly number[];
}

/** One arm minus another, with what may be said of it; below zero the first is better. */
export interface Difference extends Estimate {
  readonly arm: string;
  readonly against: string;
  /** 95 % interval of Student's t; null with one seed or one test example. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided p value, corrected for what the arm was chosen from; null where the interval is. */
  readonly p: number | null;
  /** The same after Holm's correction for the rows of its table. */
  readonly adjustedP: number | null;
  /** Whether it is told from zero: p (or its corrected value, in a table) at most 5 %, and three pairs at least. */
  readonly told: boolean;
}

/** One finalist as retraining saw it. */
export interface FinalistLine {
  readonly name: string;
  readonly parameters: number;
  /** As an arm's; absent in older reports. */
  readonly learningRate?: number | null;
  readonly superNetworkLoss: number | null;
  readonly validationLoss: readonly number[];
  readonly testLoss: readonly number[];
  readonly ranks: Architecture;
}

/** How validation chose. */
export interface Selection {
  /** Examples of the validation split. */
  readonly examples: number;
  /** Finalists that differ in their ranks. */
  readonly choices: number;
  /** What it chose by, where that is not the loss alone; the loss decided between equals. */
  readonly by?: string;
  /** The chosen finalist minus the next best on validation, in loss; null where there is no other. */
  readonly difference: Difference | null;
}

/** What the controller did. */
export interface SearchAccount {
  readonly controller: string;
  /** What its losses are: "loss", or another number to be minimised, such as "1 - exact match". Absent in older reports: the loss. */
  readonly told?: string;
  /** What a parameter counted beside it, where sizes had a price. */
  readonly parameterWeight?: number;
  /** Losses that the controller was told. */
  readonly evaluations: number;
  /** How many of these were known, and not scored again. Absent in older reports: none. */
  readonly cached?: number;
  /** What was stopped early, and the scored pairs that this saved. */
  readonly stopped?: { readonly architectures: number; readonly pairs: number };
  /** Where the best were scored once more on all reward examples. */
  readonly rescoring?: Rescoring;
  readonly rounds: readonly RoundSummary[];
  /** Losses that were not finite numbers, which it went on without. */
  readonly skipped: number;
  /** Its own choice, before retraining and validation; the prior's allocation, where the controller has one. */
  readonly own: Architecture | null;
  /** Modules that share one choice, in groups. Absent: none do, or an older report. */
  readonly ties?: readonly (readonly string[])[];
  readonly prior: Architecture | null;
  /** Best loss at each number of parameters, where the search kept it. */
  readonly front: readonly { readonly parameters: number; readonly loss: number }[];
}

/** Adapter parameters. */
export interface BudgetAccount {
  /** Null: none. */
  readonly limit: number | null;
  readonly used: number;
  /** Counted again from the shapes in the header of the exported file; null where nothing was exported. */
  readonly recounted: number | null;
}

/**
 * Where the time went, in milliseconds. A training or a choice that serves two arms counts for each, once in the total. What was taken over from another run
 * counts with what it took there: nobody's search is cheaper because another paid for it.
 */
export interface TimeAccount {
  readonly total: number;
  /** Super-network, search, and what stands beside it. */
  readonly search: number;
  /** Retraining of the finalists. */
  readonly finalists: number;
  /** Rivals: what each took to choose and to retrain. */
  readonly rivals: readonly {
    readonly arm: string;
    readonly choosing: number;
    readonly retraining: number;
    /** Whether it scored in the super-network, whose training counts under `search` alone. Absent: no, or an older report. */
    readonly sharesSuperNetwork?: boolean;
  }[];
  /** Trainings at equal total cost. Absent: there were none, or, in older reports, they are in `other`. */
  readonly equalCost?: number;
  /** Data, backbone, export, trainings that serve no arm. */
  readonly other: number;
  /** How much of the total other runs spent. Absent: none of it. */
  readonly taken?: number;
}

/** One arm at the total cost of the most expensive one. */
export interface EqualCostLine {
  readonly arm: Arm;
  /** What it took to choose, in forward passes of an example. */
  readonly choosing: number;
  /** Training steps, of which `extraSteps` were bought by choosing for less. */
  readonly steps: number;
  readonly extraSteps: number;
}

/** All arms at equal total cost. */
export interface EqualCostTable {
  readonly lines: readonly EqualCostLine[];
  /** Searched minus each rival, test loss; corrected for their number. */
  readonly differences: readonly Difference[];
}

/** One split: how many examples, and a digest of their content hashes in order. */
export interface SplitLine {
  readonly examples: number;
  readonly digest: string;
}

/** The content of report.json. Absent parts: the program had no such stage. */
export interface Report {
  /** Of this format. */
  readonly version: 1;
  readonly name: string;
  readonly summary: string;
  /** SHA-256 of what the spec says but for its seed: runs that have it in common are repetitions. Absent for programs without a spec. */
  readonly specHash?: string;
  readonly verdict: VerdictKind;
  readonly headline: string;
  readonly remarks: readonly string[];
  /** Backbone as it is, rivals, searched; in the order of the table. */
  readonly arms: readonly Arm[];
  /** Peak learning rates that the spec states for every arm to be tuned over. Absent: none, or an older report. */
  readonly learningRates?: readonly number[];
  /** What chose the ranks of each arm. Absent in older reports. */
  readonly choosers?: readonly Chooser[];
  /** Every other trained arm minus uniform, test loss. */
  readonly differences: readonly Difference[];
  /** Searched minus each rival but uniform, test loss; corrected for their number. Absent in older reports. */
  readonly overRivals?: readonly Difference[];
  /** The search's own choice minus its prior's, test loss, where both were retrained: what searching added. Absent: they were not, or are one. */
  readonly overPrior?: Difference;
  /** Searched minus each rival, test loss, without what validation's choice adds by luck; see `selectionFree`. None where it cannot be had. */
  readonly selectionFree: Readonly<Record<string, number>>;
  readonly ranks: Architecture;
  readonly parameters: number;
  readonly maxParameters: number | null;
  readonly movedFromPrior: number;
  readonly chosenOrigin: string;
  readonly finalists: readonly FinalistLine[];
  readonly selection: Selection;
  readonly search: SearchAccount | null;
  readonly budget: BudgetAccount;
  readonly time: TimeAccount;
  /** Folder relative to the run folder, and what vLLM needs to serve it. */
  readonly adapter: { readonly folder: string; readonly vllmFlags: readonly string[] } | null;
  readonly stages: readonly StageLine[];
  readonly splits: Readonly<Record<string, SplitLine>>;
  /** What every two splits have in common. Absent in older reports, whose splits were compared by whole examples alone. */
  readonly overlaps?: readonly SplitOverlap[];
  /** Whether the super-network orders architectures as training does; null where it was not tested. */
  readonly ranking: RankingResult | null;
  /** The arms at equal total cost, the search included; null, or absent in older reports, where it was not asked. */
  readonly equalCost?: EqualCostTable | null;
  /** What the arms cost to use; absent where nothing was timed. */
  readonly costs?: readonly ArmCost[];
  /** What to type to have it again. */
  readonly command: string | null;
  readonly manifest: Manifest;
}

/** A finished stage. */
export interface StageLine {
  readonly stage: string;
  /** Of this run: for what it took over from another one that is the time of copying. */
  readonly wallClockMs: number;
  readonly summary: string;
  readonly taken?: TakenFrom;
  /** Stages that it used; their time is not in its own. */
  readonly parts?: readonly string[];
}
