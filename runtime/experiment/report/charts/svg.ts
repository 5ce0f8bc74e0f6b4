/** SVG as text: elements with escaped attributes and texts, and pictures with their text alternative. */

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as XML and HTML take it, in attributes too. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

type Attributes = Readonly<Record<string, string | number>>;

/** Numbers with two decimals at most: a hundredth of a pixel is not seen. */
const attribute = (value: string | number) =>
  typeof value === "number" ? String(Math.round(value * 100) / 100) : escaped(value);

/** `<name a="1">children</name>`; children are SVG already. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  return children.length === 0
    ? `<${name}${written.join("")}/>`
    : `<${name}${written.join("")}>${children.join("")}</${name}>`;
}

/** A text at a place. `attributes`: its class, anchor. */
export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
  element("text", { x, y, ...attributes }, escaped(content));

/** A drawing with its size, yet without the element around it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

/** What the picture is and what it shows, for who does not see it. `id`: unique in the page. */
export interface TextAlternative {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** An `svg` element to be put into a page: an image with title and description. */
export function picture({ width, height, body }: Drawing, { id, title, description }: TextAlternative): string {
  return element(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": `${id}-title ${id}-desc`,
    },
    element("title", { id: `${id}-title` }, escaped(title)),
    element("desc", { id: `${id}-desc` }, escaped(description)),
    body,
  );
}
