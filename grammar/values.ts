/** Rules for values, options and blocks of options. */
import type { IToken } from "chevrotain";
import type * as ast from "./ast.js";
import { EmbeddedActionsParser, tokenMatcher } from "./chevrotain.js";
import { expectations } from "./expectations.js";
import * as t from "./tokens.js";

const span = (start: number, end: number): ast.Span => ({ start, end });
/** Where a token stands. */
export const tokenSpan = (token: IToken): ast.Span => span(token.startOffset, token.startOffset + token.image.length);
/** A token as a name. */
export const nameOf = (token: IToken): ast.Name => ({ text: token.image, span: tokenSpan(token) });
/** What the digits of a number stand for. */
export const numberOf = (image: string): number => Number(image.replaceAll("_", ""));

/** What may follow a backslash in a text, besides `u` and four digits, and what it stands for. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["t", "\t"],
]);

/**
 * What a text literal stands for, whatever quotes it has. `sound` is false where it has an escape that is none; then the backslash is read as `/`,
 * which is what was meant in a path.
 */
export function textOf(image: string): { readonly text: string; readonly sound: boolean } {
  const closed = image.length > 1 && image.endsWith(image[0]!);
  let sound = true;
  const text = image.slice(1, closed ? -1 : undefined).replace(/\\(u[0-9A-Fa-f]{4}|.|$)/g, (_, written: string) => {
    if (written.length === 5) return String.fromCharCode(Number.parseInt(written.slice(1), 16));
    const character = ESCAPES.get(written);
    sound &&= character !== undefined;
    return character ?? `/${written}`;
  });
  return { text, sound };
}

/** The part of the parser that reads values. A rule that reads on after a slip notes it in `slips`. */
export abstract class ValueRules extends EmbeddedActionsParser {
  /** Small mistakes that were read over, of the input at hand. */
  slips: ast.SyntaxProblem[] = [];

  /** `validates` lets Chevrotain look for ambiguities and other faults of the rules, which takes as long as all the rest of a start; a test does. */
  constructor(validates: boolean) {
    super(t.allTokens, {
      // Recovery goes on at the next item or declaration (cut.ts); inventing tokens within one only makes noise.
      recoveryEnabled: false,
      maxLookahead: 2,
      errorMessageProvider: expectations,
      skipValidations: !validates,
    });
  }

  protected since(first: IToken): ast.Span {
    return this.ACTION(() => span(first.startOffset, tokenSpan(this.LA(0)).end));
  }

  protected slip(kind: ast.SyntaxProblem["kind"], token: IToken, expected: readonly string[] = []): void {
    this.ACTION(() => this.slips.push({ kind, found: token.image, expected, span: tokenSpan(token) }));
  }

  protected readonly name = this.RULE("name", (): ast.Name => nameOf(this.CONSUME(t.Identifier)));

  protected readonly numberWithUnit = this.RULE("numberWithUnit", (): ast.Value => {
    const first = this.LA(1);
    const negative = this.OPTION(() => this.CONSUME(t.Minus)) !== undefined;
    const literal = this.CONSUME(t.NumberLiteral);
    let unit: ast.Name | null = null;
    this.OPTION1({
      GATE: () => {
        const next = this.LA(1);
        return tokenMatcher(next, t.Percent) || UNITS.has(next.image);
      },
      DEF: () => {
        const token = this.OR([{ ALT: () => this.CONSUME(t.Percent) }, { ALT: () => this.CONSUME(t.Identifier) }]);
        unit = this.ACTION(() => nameOf(token));
      },
    });
    return this.ACTION(() => ({
      kind: "number",
      value: numberOf(literal.image) * (negative ? -1 : 1),
      unit,
      span: this.since(first),
    }));
  });

  protected readonly atom = this.RULE("atom", (): ast.Value => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.numberWithUnit) },
      {
        ALT: () => {
          const token = this.CONSUME(t.StringLiteral);
          return this.ACTION(
            (): ast.Value => ({ kind: "string", value: textOf(token.image).text, span: tokenSpan(token) }),
          );
        },
      },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.nameOrCall) },
    ]);
  });

  protected readonly value = this.RULE("value", (): ast.Value => {
    const first = this.LA(1);
    const from = this.SUBRULE(this.atom);
    let to: ast.Value | undefined;
    this.OPTION(() => {
      this.CONSUME(t.Range);
      to = this.SUBRULE1(this.atom);
    });
    return this.ACTION(
      (): ast.Value => (to === undefined ? from : { kind: "range", from, to, span: this.since(first) }),
    );
  });

  protected readonly list = this.RULE("list", (): ast.Value => {
    const first = this.CONSUME(t.LeftBracket);
    const items: ast.Value[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.value)) });
    this.CONSUME(t.RightBracket);
    return this.ACTION((): ast.Value => ({ kind: "list", items, span: this.since(first) }));
  });

  protected readonly nameOrCall = this.RULE("nameOrCall", (): ast.Value => {
    const first = this.CONSUME(t.Identifier);
    let call: ast.Argument[] | undefined;
    this.OPTION(() => {
      this.CONSUME(t.LeftParen);
      const found: ast.Argument[] = [];
      this.MANY_SEP({ SEP: t.Comma, DEF: () => found.push(this.SUBRULE(this.argument)) });
      this.CONSUME(t.RightParen);
      call = found;
    });
    return this.ACTION(
      (): ast.Value =>
        call === undefined
          ? { kind: "name", name: first.image, span: tokenSpan(first) }
          : { kind: "call", name: nameOf(first), arguments: call, span: this.since(first) },
    );
  });

  protected readonly argument = this.RULE("argument", (): ast.Argument => {
    let label: ast.Name | null = null;
    this.OPTION({
      GATE: () => tokenMatcher(this.LA(2), t.Colon),
      DEF: () => {
        label = this.SUBRULE(this.name);
        this.CONSUME(t.Colon);
      },
    });
    return { label, value: this.SUBRULE(this.value) };
  });

  /** `=` or `:` between a name and its value: read over, and told. */
  protected readonly assignment = this.RULE("assignment", () => {
    const token = this.OR([{ ALT: () => this.CONSUME(t.Equals) }, { ALT: () => this.CONSUME(t.Colon) }]);
    this.slip("assignment", token);
  });

  protected readonly share = this.RULE("share", (): ast.Option => {
    const name = this.SUBRULE(this.name);
    const value = this.SUBRULE(this.numberWithUnit);
    return this.ACTION(() => ({ name, value, block: null, span: span(name.span.start, value.span.end) }));
  });

  protected readonly shares = this.RULE("shares", (): ast.Option[] => {
    const options: ast.Option[] = [];
    const more = () => tokenMatcher(this.LA(1), t.Comma) && tokenMatcher(this.LA(3), t.NumberLiteral);
    options.push(this.SUBRULE(this.share));
    this.MANY({
      GATE: more,
      DEF: () => {
        this.CONSUME(t.Comma);
        options.push(this.SUBRULE1(this.share));
      },
    });
    return options;
  });

  protected readonly setting = this.RULE("setting", (): ast.Option => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.name);
    return this.OR([
      {
        // `split train 90%, test 10%`: shares by name, as far as names and numbers follow one another.
        GATE: () => this.LA(0).image === "split" && tokenMatcher(this.LA(2), t.NumberLiteral),
        ALT: () => {
          const options = this.SUBRULE(this.shares);
          return this.ACTION((): ast.Option => {
            const span = this.since(first);
            return { name, value: null, block: { options, span: { ...span, start: options[0]!.span.start } }, span };
          });
        },
      },
      {
        ALT: (): ast.Option => {
          this.OPTION(() => this.SUBRULE(this.assignment));
          const value = this.OPTION1(() => this.SUBRULE(this.value)) ?? null;
          const block = this.OPTION2(() => this.SUBRULE(this.block)) ?? null;
          return this.ACTION(() => ({ name, value, block, span: this.since(first) }));
        },
      },
    ]);
  });

  protected readonly block = this.RULE("block", (): ast.OptionBlock => {
    const first = this.CONSUME(t.LeftBrace);
    const options: ast.Option[] = [];
    this.MANY(() => {
      options.push(this.SUBRULE(this.setting));
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return this.ACTION(() => ({ options, span: this.since(first) }));
  });
}

/** Words that may follow a number. Which of them fits where is checked later. */
export const UNITS: ReadonlySet<string> = new Set([
  "h",
  "min",
  "s",
  "ms",
  "d",
  "B",
  "KiB",
  "MiB",
  "GiB",
  "TiB",
  "KB",
  "MB",
  "GB",
  "TB",
  "k",
  "M",
  "G",
]);
