/** The contrast of every text of a page with what lies behind it, by its own style sheet. */
import type { DOMWindow } from "jsdom";

type Scheme = "light" | "dark";

interface Rule {
  readonly selector: string;
  readonly style: CSSStyleDeclaration;
}

/** A text that was looked at. */
export interface TextContrast {
  readonly text: string;
  readonly element: string;
  readonly color: string;
  readonly background: string;
  readonly ratio: number;
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(color: string): number {
  if (!/^#[0-9a-f]{6}$/i.test(color)) throw new Error(`not a colour: ${color}`);
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Contrast ratio of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Rules that hold under a colour scheme (and at any width), in their order. The style sheet is written so that a later rule wins. */
function rulesOf(window: DOMWindow, scheme: Scheme): Rule[] {
  const rules: Rule[] = [];
  for (const rule of Array.from(window.document.styleSheets[0]!.cssRules)) {
    if (rule instanceof window.CSSStyleRule) rules.push({ selector: rule.selectorText, style: rule.style });
    if (
      rule instanceof window.CSSMediaRule &&
      rule.media.mediaText.replaceAll(" ", "").includes(`prefers-color-scheme:${scheme}`)
    )
      for (const inner of Array.from(rule.cssRules))
        if (inner instanceof window.CSSStyleRule) rules.push({ selector: inner.selectorText, style: inner.style });
  }
  return rules;
}

/** Every element with a text of its own, with its colours. */
export function textContrasts(window: DOMWindow, scheme: Scheme): TextContrast[] {
  const rules = rulesOf(window, scheme);
  const variables = new Map<string, string>();
  for (const { selector, style } of rules)
    if (selector === ":root")
      for (const name of Array.from(style))
        if (name.startsWith("--")) variables.set(name, style.getPropertyValue(name).trim());
  const resolved = (value: string) =>
    value.replace(/var\((--[\w-]+)\)/g, (_, name: string) => variables.get(name) ?? `no ${name}`);
  const declared = (element: Element, ...properties: readonly string[]) => {
    let found = "";
    for (const { selector, style } of rules)
      if (selector !== ":root" && element.matches(selector))
        for (const property of properties) found = style.getPropertyValue(property) || found;
    return resolved(found);
  };
  const inherited = (element: Element, ...properties: readonly string[]): string => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const value = declared(at, ...properties);
      if (value !== "") return value;
    }
    return "";
  };
  const behind = (element: Element) => {
    const cell = element.localName === "text" ? element.parentElement?.querySelector(":scope > rect") : null;
    return cell != null && element.closest(".cell") !== null
      ? declared(cell, "fill")
      : inherited(element, "background", "background-color");
  };
  return Array.from(window.document.body.querySelectorAll("*"))
    .filter((element) =>
      Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent!.trim() !== ""),
    )
    .filter((element) => !["title", "desc"].includes(element.localName))
    .map((element) => {
      const color = element.namespaceURI!.endsWith("svg") ? inherited(element, "fill") : inherited(element, "color");
      const background = behind(element);
      return {
        text: element.textContent!.trim(),
        element: element.localName,
        color,
        background,
        ratio: contrast(color, background),
      };
    });
}
