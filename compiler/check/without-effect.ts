/** What a spec asks of its search that changes nothing there: warned of, since the run would not tell. */
import type { Item, Option } from "../../grammar/index.js";
import type { CompilerHost } from "../host.js";
import type { ObjectiveIR, SearchIR } from "../ir/types.js";
import type { Context } from "./context.js";

type SearchItem = Extract<Item, { kind: "search" }>;

/** Warns of options of a sound search that its controller has no use for, of a single candidate scored again, and of a price that it does not look at. */
export function warnOfNoEffect(
  context: Context,
  { controller, block }: SearchItem,
  search: SearchIR,
  { reward }: ObjectiveIR,
  controllers: CompilerHost["controllers"],
): void {
  const { ignores } = controllers[search.controller]!;
  const because = (why: string) => `${search.controller} ${why}`;
  const warn = (name: string, why: string) => {
    const option: Option = block!.options.find((each) => each.name.text === name)!;
    context.at(option).report("LNAS1207", option.span, { option: `\`${name}\``, why });
  };
  if (search.earlyStopping === true && ignores.early_stopping !== undefined)
    warn("early_stopping", because(ignores.early_stopping));
  if (search.rescore !== undefined && ignores.rescore !== undefined) warn("rescore", because(ignores.rescore));
  else if (search.rescore === 1) warn("rescore", "one candidate is in order already");
  if (reward.parameterWeight !== undefined && ignores.price !== undefined)
    context.at(controller).report("LNAS1208", controller.span, { why: because(ignores.price) });
}
