/** Tables of report.html, by the label of the region that holds them. */
import { JSDOM } from "jsdom";

/** The texts of one table. */
export interface PageTable {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Cells under a header; throws a `RangeError` where there is no such header. */
  column(header: string): readonly string[];
}

/** Throws a `RangeError` where the page has no such table. */
export function tableOf(page: string, label: string): PageTable {
  const regions = [...new JSDOM(page).window.document.querySelectorAll("[role=region]")];
  const region = regions.find((each) => each.getAttribute("aria-label") === label);
  if (region === undefined) throw new RangeError(`no table "${label}"`);
  const texts = (from: Element, what: string) => [...from.querySelectorAll(what)].map((cell) => cell.textContent!);
  const headers = texts(region, "thead th");
  const rows = [...region.querySelectorAll("tbody tr")].map((row) => texts(row, "th, td"));
  return {
    headers,
    rows,
    column: (header) => {
      const at = headers.indexOf(header);
      if (at < 0) throw new RangeError(`no column "${header}" among ${headers.join(", ")}`);
      return rows.map((row) => row[at]!);
    },
  };
}
