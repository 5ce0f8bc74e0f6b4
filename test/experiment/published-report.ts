/** A report as other programs find it: the file, which must be what its published schema says. */
import { parseReport } from "../../cli/run-folders.js";
import type { Report } from "../../runtime/experiment/report/index.js";

/** Reads `report.json` of a run folder against schemas/report.schema.json; throws where it is not that. */
export const publishedReport = (runFolder: string): Report => parseReport(runFolder);
