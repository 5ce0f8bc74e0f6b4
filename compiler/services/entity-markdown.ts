/** What a name stands for, as Markdown. */
import type { OptionBlock, RecordDeclaration } from "../../grammar/index.js";
import { type Binding, Context, type Scope } from "../check/context.js";
import { modulesOf } from "../check/module-set.js";
import { resolved } from "../check/records.js";
import { counted } from "../numbers.js";
import type { Analysis } from "./analysis.js";
import type { WithBackbone } from "./backbone-of.js";
import { modulesMarkdown } from "./markdown.js";
import type { Entity } from "./names.js";
import { brief, valueText } from "./value-text.js";

/** A name with what it stands for and where it comes from; undefined where there is no more to say than its letters. */
export function entityMarkdown(
  { name, place, binding }: Entity,
  { entry }: Analysis,
  found: WithBackbone | undefined,
): string | undefined {
  if (binding === undefined) return found?.backbone.ir.name === name ? backboneMarkdown(found) : undefined;
  const { text, more } = DESCRIPTIONS[binding.kind](binding as never, name, found);
  const from = place.file === entry ? "" : `From \`${place.file.replace(/^(std:.*)\.lnas$/, "$1")}\`.`;
  return [`\`\`\`lnas\n${text}\n\`\`\``, more, from].filter((part) => part !== "").join("\n\n");
}

interface Description {
  /** As a spec would say it. */
  readonly text: string;
  readonly more: string;
}
type Describe<K extends Binding["kind"]> = (
  binding: Extract<Binding, { kind: K }>,
  name: string,
  found: WithBackbone | undefined,
) => Description;

const DESCRIPTIONS: { readonly [K in Binding["kind"]]: Describe<K> } = {
  unavailable: (_, name) => ({ text: name, more: "Its import failed." }),
  const: ({ value, scope }, name) => ({
    text: `const ${name} = ${brief(valueText(new Context(scope, []).resolve(value)))}`,
    more: "",
  }),
  modules: ({ modules: set, scope }, name, found) => {
    const modules = found && modulesOf(new Context(scope, []), set, found.backbone.description);
    return {
      text: `modules ${name} = ${set.text}`,
      more: modules === undefined ? "" : `On \`${found!.backbone.ir.name}\`: ${modulesMarkdown(modules)}`,
    };
  },
  record: ({ record, scope }) => ({ text: recordText(record, scope), more: "" }),
  sweep: ({ sweep }, name) => ({
    text: `sweep ${name} = ${sweep.experiments.map(({ text }) => text).join(", ")}`,
    more: `\`lnasc run <this file> --sweep ${name}\` runs them one after the other and compares them.`,
  }),
  experiment: ({ experiment, scope }, name) => {
    const summary = experiment.items.find((item) => item.kind === "summary");
    const text = summary?.kind === "summary" ? new Context(scope, []).resolve(summary.value) : undefined;
    return {
      text: experiment.base === null ? `experiment ${name}` : `experiment ${name} extends ${experiment.base.text}`,
      more: text?.kind === "string" ? text.value : "",
    };
  },
};

/** A record with all it starts from in place. */
function recordText(record: RecordDeclaration, scope: Scope): string {
  const whole = resolved(new Context(scope, []), record);
  const head = `${record.of} ${record.name.text}`;
  if (whole === undefined) return head;
  const root = record.of === "search" && whole.root !== null ? ` = ${whole.root.text}` : "";
  return `${head}${root}${blockText(whole.block, whole.context, "")}`;
}

function blockText(block: OptionBlock | null, context: Context, indent: string): string {
  if (block === null || block.options.length === 0) return "";
  const within = `${indent}  `;
  const lines = block.options.map((option) => {
    const there = context.at(option);
    const value = option.value === null ? "" : ` ${brief(valueText(there.resolve(option.value)))}`;
    return `${within}${option.name.text}${value}${blockText(option.block, there, within)}`;
  });
  return [" {", ...lines, `${indent}}`].join("\n");
}

function backboneMarkdown({ backbone: { ir, description } }: WithBackbone): string {
  const parts = description.parts.map(({ name, prefix, parameters }) => {
    return `| \`${name}\` | \`${prefix}\` | ${counted(parameters, "parameter")} |`;
  });
  const head = `**\`${ir.name}\`**: ${ir.family}, ${counted(ir.parameters, "parameter")}, ${counted(description.modules.length, "module")}.`;
  return [head, ["| part | stands for | |", "|---|---|---|", ...parts].join("\n")].join("\n\n");
}
