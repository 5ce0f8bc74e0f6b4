/** Rules for module patterns and ties. */
import type * as ast from "./ast.js";
import * as t from "./tokens.js";
import { nameOf, numberOf, ValueRules } from "./values.js";

const { Keyword } = t;

/** The part of the parser that reads module patterns. */
export abstract class PatternRules extends ValueRules {
  private readonly segmentText = this.RULE("segmentText", (): ast.Name => {
    const token = this.OR([
      { ALT: () => this.CONSUME(t.Glob) },
      { ALT: () => this.CONSUME(t.Identifier) },
      { ALT: () => this.CONSUME(t.NumberLiteral) },
    ]);
    return this.ACTION(() => nameOf(token));
  });

  private readonly layers = this.RULE("layers", (): ast.LayerRange => {
    const from = this.CONSUME(t.NumberLiteral);
    const to = this.OPTION(() => {
      this.CONSUME(t.Range);
      return this.CONSUME1(t.NumberLiteral);
    });
    return this.ACTION(() => {
      for (const bound of [from, to ?? from])
        if (!Number.isSafeInteger(numberOf(bound.image))) this.slip("unexpected", bound, ["a whole number"]);
      return { from: numberOf(from.image), to: numberOf((to ?? from).image) };
    });
  });

  private readonly segment = this.RULE("segment", (): ast.PatternSegment => {
    const first = this.LA(1);
    const alternatives: ast.Name[] = [];
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftBrace);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => alternatives.push(this.SUBRULE(this.segmentText)) });
          this.CONSUME(t.RightBrace);
          this.ACTION(() => {
            for (const { text, span } of alternatives)
              if (text === "**") this.slips.push({ kind: "unexpected", found: text, expected: ["one segment"], span });
          });
        },
      },
      { ALT: () => alternatives.push(this.SUBRULE1(this.segmentText)) },
    ]);
    let index: ast.PatternSegment["index"] = null;
    this.OPTION(() => {
      this.CONSUME(t.LeftBracket);
      index = this.OR1([
        {
          ALT: (): ast.PatternSegment["index"] => {
            const star = this.CONSUME(t.Glob);
            if (star.image !== "*") this.slip("unexpected", star, ['"*"', "a layer's number"]);
            return "any";
          },
        },
        {
          ALT: (): ast.PatternSegment["index"] => {
            const layers: ast.LayerRange[] = [];
            this.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => layers.push(this.SUBRULE(this.layers)) });
            return layers;
          },
        },
      ]);
      this.CONSUME(t.RightBracket);
    });
    return this.ACTION(() => ({ alternatives, index, span: this.since(first) }));
  });

  protected readonly pattern = this.RULE("pattern", (): ast.Pattern => {
    const first = this.LA(1);
    const segments: ast.PatternSegment[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Dot, DEF: () => segments.push(this.SUBRULE(this.segment)) });
    return this.ACTION(() => ({ segments, text: patternText(segments), span: this.since(first) }));
  });

  /** `a, b except c, d`. */
  protected readonly moduleSet = this.RULE("moduleSet", (): ast.ModuleSet => {
    const first = this.LA(1);
    const include: ast.Pattern[] = [];
    const exclude: ast.Pattern[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => include.push(this.SUBRULE(this.pattern)) });
    this.OPTION(() => {
      this.CONSUME(Keyword.except);
      this.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => exclude.push(this.SUBRULE1(this.pattern)) });
    });
    return this.ACTION(() => {
      const texts = (patterns: readonly ast.Pattern[]) => patterns.map(({ text }) => text).join(", ");
      const text = exclude.length === 0 ? texts(include) : `${texts(include)} except ${texts(exclude)}`;
      return { include, exclude, text, span: this.since(first) };
    });
  });

  protected readonly tie = this.RULE("tie", (): ast.Tie => {
    const first = this.CONSUME(Keyword.tie);
    this.CONSUME(Keyword.per);
    const count = this.OPTION(() => this.CONSUME(t.NumberLiteral));
    const by = this.CONSUME(t.Identifier);
    return this.ACTION(() => ({
      unit: nameOf(by),
      count: count === undefined ? null : numberOf(count.image),
      span: this.since(first),
    }));
  });
}

/** A pattern in its canonical spelling. */
export function patternText(segments: readonly ast.PatternSegment[]): string {
  return segments
    .map(({ alternatives, index }) => {
      const names = alternatives.map(({ text }) => text);
      const head = names.length === 1 ? names[0] : `{${names.join(", ")}}`;
      if (index === null) return head;
      if (index === "any") return `${head}[*]`;
      return `${head}[${index.map(({ from, to }) => (from === to ? from : `${from}..${to}`)).join(", ")}]`;
    })
    .join(".");
}
