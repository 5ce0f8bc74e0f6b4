/** The colours of pages, light and dark. A test computes the contrast of every text with what lies behind it. */

/** Shades of a rank: 0 is none. */
export const LEVELS = 6;

const light: Readonly<Record<string, string>> = {
  paper: "#ffffff",
  panel: "#f4f6f9",
  ink: "#1b2330",
  quiet: "#535d6b",
  line: "#cfd6df",
  accent: "#0b57a4",
  good: "#116329",
  "on-accent": "#ffffff",
  mark: "#667487",
  band: "#cfe0f3",
  "level-0": "#f4f6f9",
  "level-1": "#dbe8f6",
  "level-2": "#b4d0ee",
  "level-3": "#86b4e2",
  "level-4": "#2769ad",
  "level-5": "#0b3f78",
  "on-level-0": "#535d6b",
  "on-level-1": "#1b2330",
  "on-level-2": "#1b2330",
  "on-level-3": "#0f1722",
  "on-level-4": "#ffffff",
  "on-level-5": "#ffffff",
};

const dark: Readonly<Record<string, string>> = {
  paper: "#11161d",
  panel: "#1a212b",
  ink: "#e4e9f0",
  quiet: "#a3afbf",
  line: "#384454",
  accent: "#79b4f2",
  good: "#6fcf8b",
  "on-accent": "#0b1118",
  mark: "#8f9db0",
  band: "#203750",
  "level-0": "#1a212b",
  "level-1": "#1d3550",
  "level-2": "#20507f",
  "level-3": "#286ba9",
  "level-4": "#6caeea",
  "level-5": "#b9dafb",
  "on-level-0": "#a3afbf",
  "on-level-1": "#e4e9f0",
  "on-level-2": "#f2f6fb",
  "on-level-3": "#ffffff",
  "on-level-4": "#0b1118",
  "on-level-5": "#0b1118",
};

/** Colours by name; a page's style sheet names no other. */
export const PALETTE: Readonly<Record<"light" | "dark", Readonly<Record<string, string>>>> = { light, dark };
