/** Every message the compiler can give, once. `docs/diagnostics.md` has a line for each, and a test for each asserts its place. */
export type Severity = "error" | "warning";

interface Row<P extends readonly string[]> {
  readonly severity: Severity;
  /** Names of the parameters, in braces in the texts. */
  readonly parameters: P;
  readonly message: string;
  readonly help: string;
}
const row = <const P extends readonly string[]>(
  severity: Severity,
  parameters: P,
  message: string,
  help: string,
): Row<P> => ({ severity, parameters, message, help });

export const diagnosticTable = {
  // Syntax
  LNAS1001: row("error", ["found", "expected", "hint"], "found {found} where {expected} is expected", "{hint}"),
  LNAS1002: row("error", ["found"], "`{found}` is no part of the language", "Remove it."),
  LNAS1003: row("error", ["expected"], "{expected} is missing", "Close the bracket that is opened here."),
  LNAS1004: row("error", ["found"], "{found}: no spec needs that", "Go at most 64 deep."),
  LNAS1005: row(
    "error",
    ["found"],
    "invisible character {found}: a reader would see another text than the compiler",
    "Remove it.",
  ),
  LNAS1006: row("error", ["found"], "{found} is in the wrong quotes", "Texts stand in double quotes."),
  LNAS1007: row("error", [], "this text does not end on its line", 'Close it with `"`.'),
  LNAS1008: row("error", [], "this comment does not end", "Close it with `*/`."),
  LNAS1009: row(
    "error",
    ["found"],
    "{found} has an escape that does not exist",
    'Escapes are `\\\\`, `\\"`, `\\n`, `\\t` and `\\u` with four digits; paths are written with `/`.',
  ),
  LNAS1010: row(
    "error",
    ["found"],
    "`{found}` stands between a name and its value",
    "Remove it: a value stands right after its name.",
  ),
  LNAS1011: row("error", [], "`;` has no meaning", "Remove it: white space or a comma ends an option."),
  LNAS1012: row("error", [], "`#` does not begin a comment", "Comments begin with `//`."),
  LNAS1013: row("error", ["found"], "{found} is larger than any number can be", "Write a smaller number."),
  // Files and names
  LNAS1101: row("error", [], "the first line names no language edition", "Begin the file with `edition 1`."),
  LNAS1102: row("error", ["found"], "edition {found} is unknown", "This lnas knows `edition 1`."),
  LNAS1103: row("error", ["module", "hint"], "there is no module {module}", "{hint}"),
  LNAS1104: row(
    "error",
    ["cycle"],
    "these files import one another: {cycle}",
    "Move what they share to a file of its own.",
  ),
  LNAS1105: row(
    "error",
    ["module"],
    "{module} is neither in the standard library nor a file beside this one",
    'Import from "std:<module>" or from a relative path such as "./ranks.lnas".',
  ),
  LNAS1106: row("error", ["name", "module", "hint"], "{module} has no {name}", "{hint}"),
  LNAS1107: row("error", ["name"], "{name} is declared twice", "Keep one of the two, or rename one."),
  LNAS1108: row("error", ["name", "what", "hint"], "{name} is not {what}", "{hint}"),
  LNAS1109: row("error", ["path"], "{path} cannot be read", "Check the name of the file."),
  LNAS1110: row("error", [], "the file declares nothing", "Add `experiment <name> { … }`."),
  LNAS1111: row(
    "error",
    ["cycle"],
    "these start from one another: {cycle}",
    "Let one of them start from something else.",
  ),
  // Items and options
  LNAS1201: row("error", ["item", "example"], "the experiment has no {item}", "Add `{example}`."),
  LNAS1202: row("error", ["item"], "a second {item}", "An experiment has one; remove the other."),
  LNAS1203: row("error", ["option", "where", "hint"], "{where} has no option {option}", "{hint}"),
  LNAS1204: row("error", ["option", "expected"], "{option} must be {expected}", "Give {expected}."),
  LNAS1205: row("error", ["where", "option"], "{where} lacks {option}", "Add `{option}`."),
  LNAS1206: row("error", ["construct", "remedy"], "{construct} is not supported yet", "{remedy}"),
  LNAS1207: row("warning", ["option", "why"], "{option} changes nothing: {why}", "Remove it."),
  LNAS1208: row(
    "warning",
    ["why"],
    "{why}: only validation's choice between the finalists goes by it",
    "Search with a controller that looks at it, such as `reinforce`, or remove `minimize parameters`.",
  ),
  // Backbone
  LNAS1301: row(
    "error",
    ["path"],
    "the backbone's {path} cannot be read",
    "Point `weights folder(…)` at a Hugging Face folder with config.json, relative to this file.",
  ),
  LNAS1302: row(
    "error",
    ["path", "problem"],
    "the backbone's {path} cannot be used: {problem}",
    "Use the folder of a supported model.",
  ),
  LNAS1303: row(
    "error",
    ["name"],
    "backbone {name} names neither a weights folder nor a config",
    'Add `weights folder("…")`, a Hugging Face folder.',
  ),
  LNAS1304: row(
    "warning",
    ["family", "runnable"],
    "models of the family {family} can be checked and planned, but not run yet",
    "`lnasc check`, `plan`, `compile` and `diff` work; to run, use a model of a family that runs: {runnable}.",
  ),
  LNAS1305: row(
    "error",
    ["path", "found", "family"],
    "the backbone's {path} is of the family {found}, not {family}",
    "Name a model of the family {family}, or a backbone of the family {found}.",
  ),
  LNAS1306: row(
    "error",
    ["path", "config"],
    "{path} has other modules than {config}: the weights are of another model than the spec names",
    "Start from the record of the model whose weights these are, such as `mllama`, or name another folder.",
  ),
  // Targets
  LNAS1401: row("error", ["pattern", "hint"], "{pattern} matches no module", "{hint}"),
  LNAS1402: row(
    "error",
    ["count", "example"],
    "{count} modules are targeted twice, such as {example}",
    "Narrow one of the two patterns.",
  ),
  LNAS1403: row(
    "error",
    ["rank", "module", "limit"],
    "rank {rank} is more than {module} can have",
    "A rank is at most the smaller of its two sizes, here {limit}.",
  ),
  LNAS1404: row(
    "error",
    ["problem"],
    "{problem}",
    "List whole ranks in ascending order, each once, such as [0, 4, 8, 16].",
  ),
  LNAS1405: row("error", [], "the adapter has no target", "Add `target <module pattern> rank in [0, 4, 8]`."),
  LNAS1406: row(
    "error",
    ["pattern"],
    "`except {pattern}` leaves out nothing: no module that is included matches it",
    "Remove it, or mend the pattern.",
  ),
  LNAS1407: row(
    "error",
    ["modules"],
    "{modules} includes no module: all are left out again",
    "Leave out less after `except`.",
  ),
  LNAS1408: row(
    "error",
    [],
    "no module can carry an adapter: 0 is the only rank of each",
    "Allow ranks above 0, such as `rank in [0, 4, 8]`.",
  ),
  LNAS1409: row(
    "warning",
    [],
    "there is nothing to search: no module has a choice of ranks",
    "Give several, such as `rank in [0, 4, 8]`; for a plain LoRA write `search uniform { super_network { steps 1 } }`.",
  ),
  // Objective
  LNAS1501: row(
    "error",
    ["limit", "smallest"],
    "no choice of ranks has at most {limit} parameters",
    "The smallest has {smallest}; raise the limit or allow smaller ranks.",
  ),
  LNAS1502: row(
    "warning",
    ["limit", "largest"],
    "the limit of {limit} parameters binds nothing",
    "Even the largest choice has {largest}; lower the limit, or allow larger ranks.",
  ),
  LNAS1503: row(
    "error",
    ["limit", "cost", "rank", "module"],
    "a limit of {limit} parameters leaves room for no adapter: the cheapest has {cost}",
    "It is rank {rank} on {module}; raise the limit, or allow smaller ranks or modules.",
  ),
  LNAS1504: row(
    "warning",
    ["limit", "next"],
    "there is nothing to search: one choice of ranks has at most {limit} parameters",
    "The next has {next}; raise the limit, or allow smaller ranks.",
  ),
  // Allowances
  LNAS1601: row("error", ["code"], "{code} is allowed without a reason", "Say why: `// allow {code}: …`."),
  LNAS1602: row("error", ["code", "hint"], "there is no diagnostic {code}", "{hint}"),
  LNAS1603: row("error", ["code"], "{code} is an error: only warnings can be allowed", "Mend what it reports."),
  LNAS1604: row("warning", ["code"], "{code} is allowed here but not reported", "Remove the comment."),
  // Files of ranks
  LNAS1701: row(
    "error",
    ["path", "problem"],
    "{path} gives no ranks: {problem}",
    "Name `ranks.json` of a run, or the `adapter_config.json` of a PEFT adapter, within the project.",
  ),
  LNAS1702: row(
    "error",
    ["path", "modules"],
    "{path} has ranks for what carries no adapter here: {modules}",
    "Add the modules to the adapter's targets, or take them out of the file.",
  ),
  LNAS1703: row(
    "error",
    ["path", "modules"],
    "{path} has no rank for {modules}",
    "Give every module a rank; 0 is none.",
  ),
  LNAS1704: row(
    "error",
    ["path", "module", "rank", "problem"],
    "{path} gives {module} the rank {rank}, {problem}",
    "Give the module one of its ranks, or allow this one in the adapter's targets.",
  ),
  LNAS1705: row(
    "error",
    ["path", "parameters", "limit"],
    "the ranks of {path} have {parameters} parameters, the limit is {limit}",
    "Raise the limit, or name a file with smaller ranks.",
  ),
  LNAS1706: row(
    "error",
    ["path", "problem"],
    "{path} cannot be a prior: {problem}",
    "Name the folder of a finished run over this backbone, within the project and relative to this file.",
  ),
  LNAS1707: row(
    "error",
    ["path", "problem"],
    "{path} has no policy to go on from: {problem}",
    "Name a run whose search has ended and keeps a policy, as natural_policy_gradient does, or start from its ranks: `prior run(…)`.",
  ),
  LNAS1708: row(
    "error",
    ["path", "problem"],
    "the policy of {path} is of another search space: {problem}",
    "Search the modules, ranks and ties that the run searched, or start from its ranks: `prior run(…)`.",
  ),
  LNAS1709: row(
    "error",
    ["path", "problem"],
    "{path} has no super-network to start from: {problem}",
    "Name the folder of a run over this backbone whose super-network is trained, within the project and relative to this file.",
  ),
  // Sweeps
  LNAS1801: row("error", ["sweep", "experiment"], "{sweep} names {experiment} twice", "Name each experiment once."),
  LNAS1802: row(
    "error",
    ["sweep", "experiment"],
    "{sweep} has one experiment: there is nothing to compare",
    "Name two or more; one alone runs with `--experiment {experiment}`.",
  ),
  LNAS1803: row(
    "warning",
    ["experiment", "other"],
    "{experiment} means the same as {other}, but for name and summary: both would show the same figures",
    "Change one of them, or leave one out.",
  ),
  // IR files
  LNAS1901: row("error", ["problem"], "this is no IR of this version: {problem}", "Compile the spec again."),
} as const;

export type DiagnosticCode = keyof typeof diagnosticTable;
/** What a code's texts need; a missing parameter is a type error at the place of use. */
export type ParametersOf<C extends DiagnosticCode> = {
  readonly [P in (typeof diagnosticTable)[C]["parameters"][number]]: string | number;
};
