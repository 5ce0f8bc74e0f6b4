/** The rules (Chevrotain, actions embedded): each reads one declaration or one item of an experiment to its node. */
import { EmbeddedActionsParser, type IToken, tokenMatcher } from "chevrotain";
import type * as ast from "./ast.js";
import * as t from "./tokens.js";

const { Keyword } = t;

/** From the first character of one thing to the last of another. */
const spanOf = (first: { startOffset: number }, last: { startOffset: number; image: string }): ast.Span => ({
  start: first.startOffset,
  end: last.startOffset + last.image.length,
});
const tokenSpan = (token: IToken): ast.Span => spanOf(token, token);
const nameOf = (token: IToken): ast.Name => ({ text: token.image, span: tokenSpan(token) });
const number = (image: string): number => Number(image.replaceAll("_", ""));

/** What a string literal stands for; the escapes are JSON's. */
function unquote(image: string): string {
  try {
    return JSON.parse(image) as string;
  } catch {
    return image.slice(1, -1);
  }
}

/**
 * The parser. Set `input` to the tokens of one declaration or item, call its rule, and look at `errors`. One instance
 * serves all files.
 */
export class LnasParser extends EmbeddedActionsParser {
  constructor() {
    super(t.allTokens, { recoveryEnabled: false, maxLookahead: 2, nodeLocationTracking: "none" });
    this.performSelfAnalysis();
  }

  /** Span from a token to the last one read. */
  private since(first: IToken): ast.Span {
    return this.ACTION(() => spanOf(first, this.LA(0)));
  }

  private readonly name = this.RULE("name", (): ast.Name => nameOf(this.CONSUME(t.Identifier)));

  private readonly numberWithUnit = this.RULE("numberWithUnit", (): ast.Value => {
    const first = this.LA(1);
    const negative = this.OPTION(() => this.CONSUME(t.Minus)) !== undefined;
    const literal = this.CONSUME(t.NumberLiteral);
    let unit: ast.Name | null = null;
    this.OPTION1({
      GATE: () => {
        const next = this.LA(1);
        const before = this.LA(0);
        return (
          tokenMatcher(next, t.Percent) || (UNITS.has(next.image) && next.startOffset - spanOf(before, before).end <= 1)
        );
      },
      DEF: () => {
        const token = this.OR([{ ALT: () => this.CONSUME(t.Percent) }, { ALT: () => this.CONSUME(t.Identifier) }]);
        unit = this.ACTION(() => nameOf(token));
      },
    });
    return this.ACTION(() => ({
      kind: "number",
      value: number(literal.image) * (negative ? -1 : 1),
      unit,
      span: this.since(first),
    }));
  });

  private readonly atom = this.RULE("atom", (): ast.Value => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.numberWithUnit) },
      {
        ALT: () => {
          const token = this.CONSUME(t.StringLiteral);
          return this.ACTION(
            (): ast.Value => ({ kind: "string", value: unquote(token.image), span: tokenSpan(token) }),
          );
        },
      },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.nameOrCall) },
    ]);
  });

  private readonly value = this.RULE("value", (): ast.Value => {
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

  private readonly list = this.RULE("list", (): ast.Value => {
    const first = this.CONSUME(t.LeftBracket);
    const items: ast.Value[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.value)) });
    this.CONSUME(t.RightBracket);
    return this.ACTION((): ast.Value => ({ kind: "list", items, span: this.since(first) }));
  });

  private readonly nameOrCall = this.RULE("nameOrCall", (): ast.Value => {
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

  private readonly argument = this.RULE("argument", (): ast.Argument => {
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

  private readonly setting = this.RULE("setting", (): ast.Option => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.name);
    const value = this.OPTION(() => this.SUBRULE(this.value)) ?? null;
    const block = this.OPTION1(() => this.SUBRULE(this.block)) ?? null;
    return this.ACTION(() => ({ name, value, block, span: this.since(first) }));
  });

  private readonly block = this.RULE("block", (): ast.OptionBlock => {
    const first = this.CONSUME(t.LeftBrace);
    const options: ast.Option[] = [];
    this.MANY(() => {
      options.push(this.SUBRULE(this.setting));
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return this.ACTION(() => ({ options, span: this.since(first) }));
  });

  private readonly segmentText = this.RULE("segmentText", (): ast.Name => {
    const token = this.OR([
      { ALT: () => this.CONSUME(t.Glob) },
      { ALT: () => this.CONSUME(t.Identifier) },
      { ALT: () => this.CONSUME(t.NumberLiteral) },
    ]);
    return this.ACTION(() => nameOf(token));
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
            this.CONSUME(t.Glob);
            return "any";
          },
        },
        {
          ALT: (): ast.PatternSegment["index"] => {
            const from = this.CONSUME(t.NumberLiteral);
            const to = this.OPTION1(() => {
              this.CONSUME(t.Range);
              return this.CONSUME1(t.NumberLiteral);
            });
            return this.ACTION(() => ({ from: number(from.image), to: number((to ?? from).image) }));
          },
        },
      ]);
      this.CONSUME(t.RightBracket);
    });
    return this.ACTION(() => ({ alternatives, index, span: this.since(first) }));
  });

  private readonly pattern = this.RULE("pattern", (): ast.Pattern => {
    const first = this.LA(1);
    const segments: ast.PatternSegment[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Dot, DEF: () => segments.push(this.SUBRULE(this.segment)) });
    return this.ACTION(() => ({ segments, text: patternText(segments), span: this.since(first) }));
  });

  private readonly tie = this.RULE("tie", (): ast.Tie => {
    const first = this.CONSUME(Keyword.tie);
    this.CONSUME(Keyword.per);
    const count = this.OPTION(() => this.CONSUME(t.NumberLiteral));
    const by = this.CONSUME(t.Identifier);
    return this.ACTION(() => ({
      unit: nameOf(by),
      count: count === undefined ? null : number(count.image),
      span: this.since(first),
    }));
  });

  private readonly target = this.RULE("target", (): ast.Target => {
    const first = this.CONSUME(Keyword.target);
    const pattern = this.SUBRULE(this.pattern);
    this.CONSUME(Keyword.rank);
    this.CONSUME(Keyword.in);
    const ranks = this.SUBRULE(this.value);
    const tie = this.OPTION(() => this.SUBRULE(this.tie)) ?? null;
    return this.ACTION(() => ({ pattern, ranks, tie, span: this.since(first) }));
  });

  private readonly adapter = this.RULE("adapter", (): ast.Item => {
    const first = this.CONSUME(Keyword.adapter);
    const method = this.SUBRULE(this.name);
    this.CONSUME(Keyword.on);
    const backbone = this.SUBRULE1(this.name);
    this.CONSUME(t.LeftBrace);
    const entries: ast.AdapterEntry[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const name = this.CONSUME(Keyword.scale);
            this.CONSUME(Keyword.alpha);
            this.CONSUME(t.Slash);
            this.CONSUME(Keyword.rank);
            this.CONSUME(t.Equals);
            const value = this.SUBRULE(this.value);
            this.ACTION(() => entries.push({ kind: "scale", name: nameOf(name), value }));
          },
        },
        {
          ALT: () => {
            const name = this.CONSUME(Keyword.dropout);
            const value = this.SUBRULE1(this.value);
            this.ACTION(() => entries.push({ kind: "dropout", name: nameOf(name), value }));
          },
        },
        {
          ALT: () => {
            const target = this.SUBRULE(this.target);
            this.ACTION(() => entries.push({ kind: "target", target }));
          },
        },
      ]);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return this.ACTION((): ast.Item => ({ kind: "adapter", method, backbone, entries, span: this.since(first) }));
  });

  private readonly goal = this.RULE("goal", (): ast.Goal => {
    const first = this.LA(1);
    const direction = this.OR([
      { ALT: () => this.CONSUME(Keyword.minimize) },
      { ALT: () => this.CONSUME(Keyword.maximize) },
    ]);
    const metric = this.SUBRULE(this.name);
    const split = this.OPTION(() => {
      this.CONSUME(Keyword.on);
      return this.SUBRULE1(this.name);
    });
    const weight = this.OPTION1(() => {
      this.CONSUME(Keyword.weight);
      return this.SUBRULE(this.value);
    });
    return this.ACTION(() => ({
      direction: direction.image as ast.Goal["direction"],
      metric,
      split: split ?? null,
      weight: weight ?? null,
      span: this.since(first),
    }));
  });

  private readonly constraint = this.RULE("constraint", (): ast.Constraint => {
    const first = this.CONSUME(Keyword.subject);
    this.CONSUME(Keyword.to);
    const quantity = this.SUBRULE(this.name);
    this.CONSUME(t.AtMost);
    const limit = this.OR([
      {
        GATE: () => this.LA(1).image === "uniform",
        ALT: (): ast.Constraint["limit"] => {
          this.CONSUME(t.Identifier);
          this.CONSUME(Keyword.rank);
          return { kind: "uniform", rank: this.SUBRULE(this.value) };
        },
      },
      {
        ALT: (): ast.Constraint["limit"] => {
          const value = this.SUBRULE1(this.value);
          const of = this.OPTION(() => {
            this.CONSUME(Keyword.of);
            return this.SUBRULE1(this.name);
          });
          return of === undefined ? { kind: "value", value } : { kind: "share", percent: value, of };
        },
      },
    ]);
    return this.ACTION(() => ({ quantity, limit, span: this.since(first) }));
  });

  private readonly objective = this.RULE("objective", (): ast.Item => {
    const first = this.CONSUME(Keyword.objective);
    this.CONSUME(t.LeftBrace);
    const goals: ast.Goal[] = [];
    const constraints: ast.Constraint[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => goals.push(this.SUBRULE(this.goal)) },
        { ALT: () => constraints.push(this.SUBRULE(this.constraint)) },
      ]);
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return this.ACTION((): ast.Item => ({ kind: "objective", goals, constraints, span: this.since(first) }));
  });

  private readonly compare = this.RULE("compare", (): ast.Item => {
    const first = this.CONSUME(Keyword.compare);
    this.CONSUME(Keyword.with);
    const entries: ast.Option[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => entries.push(this.SUBRULE(this.setting)) });
    return this.ACTION((): ast.Item => ({ kind: "compare", entries, span: this.since(first) }));
  });

  /** One item of an experiment. */
  readonly item = this.RULE("item", (): ast.Item => {
    const first = this.LA(1);
    const since = () => this.since(first);
    return this.OR<ast.Item>([
      {
        ALT: () => {
          this.CONSUME(Keyword.summary);
          const value = this.SUBRULE(this.value);
          return this.ACTION(() => ({ kind: "summary", value, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.seed);
          const value = this.SUBRULE1(this.value);
          return this.ACTION(() => ({ kind: "seed", value, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.backbone);
          const name = this.SUBRULE(this.name);
          this.CONSUME(t.Equals);
          const base = this.SUBRULE1(this.name);
          const block = this.OPTION(() => this.SUBRULE(this.block)) ?? null;
          return this.ACTION(() => ({ kind: "backbone", name, base, block, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.dataset);
          const name = this.SUBRULE2(this.name);
          const block = this.SUBRULE1(this.block);
          return this.ACTION(() => ({ kind: "dataset", name, block, span: since() }));
        },
      },
      { ALT: () => this.SUBRULE(this.adapter) },
      { ALT: () => this.SUBRULE(this.objective) },
      {
        ALT: () => {
          this.CONSUME(Keyword.search);
          const controller = this.SUBRULE3(this.name);
          const block = this.OPTION1(() => this.SUBRULE2(this.block)) ?? null;
          return this.ACTION(() => ({ kind: "search", controller, block, span: since() }));
        },
      },
      { ALT: () => this.SUBRULE(this.compare) },
      {
        ALT: () => {
          this.CONSUME(Keyword.train);
          const name = this.SUBRULE4(this.name);
          const block = this.SUBRULE3(this.block);
          return this.ACTION(() => ({ kind: "train", name, block, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.budget);
          const block = this.SUBRULE4(this.block);
          return this.ACTION(() => ({ kind: "budget", block, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.export);
          const format = this.SUBRULE5(this.name);
          const path = this.SUBRULE2(this.value);
          return this.ACTION(() => ({ kind: "export", format, path, span: since() }));
        },
      },
    ]);
  });

  /** A declaration other than an experiment. */
  readonly declaration = this.RULE("declaration", (): ast.Declaration => {
    const first = this.LA(1);
    const since = () => this.since(first);
    return this.OR<ast.Declaration>([
      {
        ALT: () => {
          this.CONSUME(Keyword.edition);
          const value = this.SUBRULE(this.value);
          return this.ACTION(() => ({ kind: "edition", value, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.import);
          this.CONSUME(t.LeftBrace);
          const names: ast.Name[] = [];
          this.MANY_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.name)) });
          this.CONSUME(t.RightBrace);
          this.CONSUME(Keyword.from);
          const from = this.SUBRULE1(this.value);
          return this.ACTION(() => ({ kind: "import", names, from, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.const);
          const name = this.SUBRULE1(this.name);
          this.CONSUME(t.Equals);
          const value = this.SUBRULE2(this.value);
          return this.ACTION(() => ({ kind: "const", name, value, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.backbone);
          const name = this.SUBRULE2(this.name);
          const block = this.SUBRULE(this.block);
          return this.ACTION(() => ({ kind: "backboneRecord", name, block, span: since() }));
        },
      },
    ]);
  });

  /** `experiment name {`: the head alone; its items are read one by one. */
  readonly experimentHead = this.RULE("experimentHead", (): ast.Name => {
    this.CONSUME(Keyword.experiment);
    const name = this.SUBRULE(this.name);
    this.CONSUME(t.LeftBrace);
    return name;
  });
}

/** Words that may follow a number. Which of them fits where is checked later. */
const UNITS = new Set([
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

/** A pattern in its canonical spelling. */
function patternText(segments: readonly ast.PatternSegment[]): string {
  return segments
    .map(({ alternatives, index }) => {
      const names = alternatives.map(({ text }) => text);
      const head = names.length === 1 ? names[0] : `{${names.join(", ")}}`;
      if (index === null) return head;
      if (index === "any") return `${head}[*]`;
      return `${head}[${index.from === index.to ? index.from : `${index.from}..${index.to}`}]`;
    })
    .join(".");
}
