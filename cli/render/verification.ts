/** What `lnasc verify` prints. */
import { columns } from "../../compiler/columns.js";
import type { EngineVerification } from "../../runtime/training/verify.js";
import type { Colors } from "../terminal.js";

/** For each engine the worst difference of each kind, beside the limit within which it is rounding. */
export function verificationText(results: readonly EngineVerification[], color: Colors): string {
  return results
    .map(({ engine, differences, agrees }) =>
      [
        `${engine}: ${agrees ? color.green("agrees") : color.red("differs")}`,
        ...columns(
          differences.map(({ what, worst, limit, where }) => [
            `  ${worst <= limit ? color.green("ok") : color.red("--")}`,
            what,
            worst.toExponential(1),
            `limit ${limit.toExponential(0)}`,
            `worst at ${where}`,
          ]),
        ),
      ].join("\n"),
    )
    .join("\n")
    .concat("\n");
}
