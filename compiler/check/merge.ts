/** Blocks that override blocks: what an option says replaces what the option of that name said before; blocks within are merged in turn. */
import type { Option, OptionBlock } from "../../grammar/index.js";
import type { Context } from "./context.js";
import { optionsByName } from "./fields.js";

/** Notes for every option of a block, and of the blocks within, which file it belongs to. */
function own(context: Context, block: OptionBlock): void {
  for (const option of block.options) {
    context.own(option);
    if (option.block !== null) own(context, option.block);
  }
}

/** `over` on top of `base`. `baseContext` and `overContext` are those of the files they were written in. */
export function mergeBlocks(
  baseContext: Context,
  base: OptionBlock | null,
  overContext: Context,
  over: OptionBlock | null,
): OptionBlock | null {
  if (base !== null) own(baseContext, base);
  if (over !== null) own(overContext, over);
  if (base === null || over === null) return over ?? base;
  const merged = optionsByName(baseContext, base.options);
  for (const [name, option] of optionsByName(overContext, over.options)) {
    const before = merged.get(name);
    merged.set(name, before === undefined ? option : mergeOption(overContext, before, option));
  }
  return { options: [...merged.values()], span: over.span };
}

/** `optimizer adamw { … }` over another `optimizer adamw`, or `optimizer { … }` over whatever it was, changes the block alone. */
function mergeOption(context: Context, before: Option, option: Option): Option {
  const isSame =
    before.value?.kind === "name" && option.value?.kind === "name" && before.value.name === option.value.name;
  const extendsBlock = option.value === null ? option.block !== null : isSame;
  if (!extendsBlock || (before.block === null && before.value === null)) return option;
  const merged: Option = {
    ...option,
    value: option.value ?? before.value,
    block: mergeBlocks(context.at(before), before.block, context.at(option), option.block),
  };
  context.at(option).own(merged);
  return merged;
}
