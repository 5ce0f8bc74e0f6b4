/** The rules (Chevrotain, actions embedded) for items of experiments and for declarations: each reads one of them to its node. */
import type * as ast from "./ast.js";
import { PatternRules } from "./patterns.js";
import * as t from "./tokens.js";
import { nameOf } from "./values.js";

const { Keyword } = t;

/** Reads one declaration, or one item of an experiment, at a time. */
export class LnasParser extends PatternRules {
  constructor(validates = false) {
    super(validates);
    this.performSelfAnalysis();
  }

  private readonly target = this.RULE("target", (): ast.Target => {
    const first = this.CONSUME(Keyword.target);
    const modules = this.SUBRULE(this.moduleSet);
    this.CONSUME(Keyword.rank);
    const fixed = this.OPTION(() => this.CONSUME(Keyword.in)) === undefined;
    const ranks = this.SUBRULE(this.value);
    const tie = this.OPTION1(() => this.SUBRULE(this.tie)) ?? null;
    return this.ACTION(() => ({ modules, ranks, fixed, tie, span: this.since(first) }));
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
            this.OPTION1(() => this.SUBRULE(this.assignment));
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

  /** `final`, `final { … }`, `final = recipe`, `final = recipe { … }`: a name, what it starts from, what it overrides. */
  private readonly named = this.RULE("named", (): Pick<ast.RecordDeclaration, "name" | "base" | "block"> => {
    const name = this.SUBRULE(this.name);
    const base = this.OPTION(() => {
      this.CONSUME(t.Equals);
      return this.SUBRULE1(this.name);
    });
    const block = this.OPTION1(() => this.SUBRULE(this.block));
    return { name, base: base ?? null, block: block ?? null };
  });

  /** One item of an experiment. */
  readonly item = this.RULE("item", (): ast.Item => {
    const first = this.LA(1);
    const since = () => this.since(first);
    return this.OR<ast.Item>([
      {
        ALT: () => {
          this.CONSUME(Keyword.summary);
          this.OPTION(() => this.SUBRULE(this.assignment));
          const value = this.SUBRULE(this.value);
          return this.ACTION(() => ({ kind: "summary", value, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.seed);
          this.OPTION1(() => this.SUBRULE1(this.assignment));
          const value = this.SUBRULE1(this.value);
          return this.ACTION(() => ({ kind: "seed", value, span: since() }));
        },
      },
      {
        ALT: () => {
          const kind = this.OR1([
            { ALT: () => this.CONSUME(Keyword.backbone) },
            { ALT: () => this.CONSUME(Keyword.dataset) },
            { ALT: () => this.CONSUME(Keyword.train) },
          ]);
          const named = this.SUBRULE(this.named);
          return this.ACTION(() => ({
            kind: kind.image as "backbone" | "dataset" | "train",
            ...named,
            span: since(),
          }));
        },
      },
      { ALT: () => this.SUBRULE(this.adapter) },
      { ALT: () => this.SUBRULE(this.objective) },
      {
        ALT: () => {
          this.CONSUME(Keyword.search);
          const controller = this.SUBRULE(this.name);
          const block = this.OPTION2(() => this.SUBRULE(this.block)) ?? null;
          return this.ACTION(() => ({ kind: "search", controller, block, span: since() }));
        },
      },
      { ALT: () => this.SUBRULE(this.compare) },
      {
        ALT: () => {
          this.CONSUME(Keyword.budget);
          const block = this.SUBRULE1(this.block);
          return this.ACTION(() => ({ kind: "budget", block, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.export);
          const format = this.SUBRULE1(this.name);
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
          this.CONSUME(Keyword.modules);
          const name = this.SUBRULE2(this.name);
          this.CONSUME1(t.Equals);
          const modules = this.SUBRULE(this.moduleSet);
          return this.ACTION(() => ({ kind: "modules", name, modules, span: since() }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(Keyword.sweep);
          const name = this.SUBRULE3(this.name);
          this.CONSUME2(t.Equals);
          const experiments: ast.Name[] = [];
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => experiments.push(this.SUBRULE4(this.name)) });
          return this.ACTION(() => ({ kind: "sweep", name, experiments, span: since() }));
        },
      },
      {
        ALT: () => {
          const of = this.OR1([
            { ALT: () => this.CONSUME(Keyword.backbone) },
            { ALT: () => this.CONSUME(Keyword.dataset) },
            { ALT: () => this.CONSUME(Keyword.search) },
            { ALT: () => this.CONSUME(Keyword.train) },
          ]);
          const named = this.SUBRULE(this.named);
          return this.ACTION(() => ({ kind: "record", of: of.image as ast.RecordKind, ...named, span: since() }));
        },
      },
    ]);
  });

  /** `experiment name {` or `experiment name extends other {`: the head alone; its items are read one by one. */
  readonly experimentHead = this.RULE("experimentHead", (): Pick<ast.Experiment, "name" | "base"> => {
    this.CONSUME(Keyword.experiment);
    const name = this.SUBRULE(this.name);
    const base = this.OPTION(() => {
      this.CONSUME(Keyword.extends);
      return this.SUBRULE1(this.name);
    });
    this.CONSUME(t.LeftBrace);
    return { name, base: base ?? null };
  });
}
