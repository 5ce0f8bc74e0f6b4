/** The options of controllers as fields that the checker reads. */
import type { CompilerHost } from "../host.js";
import type { Field } from "./fields.js";

type ControllerOptions = CompilerHost["controllers"][string]["options"];
/** Fields made before: a file may have thousands of searches. */
const fieldsOf = new WeakMap<ControllerOptions, Readonly<Record<string, Field>>>();

/** What a prior may be beside a name; the caller reads it. */
const EARLIER_RUN_FORMS = ['run("…")', 'policy("…")'];

/** The fields of a controller's options. */
export function controllerFields(options: ControllerOptions): Readonly<Record<string, Field>> {
  const known =
    fieldsOf.get(options) ??
    Object.fromEntries(
      Object.entries(options).flatMap(([name, row]): [string, Field][] =>
        // Written as `prior run("…")` and `prior policy("…")`.
        row.kind === "prior ranks" || row.kind === "prior policy"
          ? []
          : row.kind === "ranks"
            ? [[name, { kind: "file", doc: row.doc }]]
            : row.kind === "choice"
              ? [
                  [
                    name,
                    {
                      ...{ kind: "choice", choices: row.choices, default: row.default, doc: row.doc },
                      ...(name === "prior" && Object.hasOwn(options, "prior_ranks") && { forms: EARLIER_RUN_FORMS }),
                    },
                  ],
                ]
              : [[name, { kind: row.kind, min: row.min, max: row.max, default: row.default, doc: row.doc }]],
      ),
    );
  fieldsOf.set(options, known);
  return known;
}
