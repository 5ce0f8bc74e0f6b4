/** What a spec or a file name may hold and a terminal would obey. */

/** Characters that would move a terminal's cursor, turn its text around or change its colours, made visible. */
export function tamed(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  return text.replace(/[\0-\x08\x0A-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069\uD800-\uDFFF]/gu, "\uFFFD");
}
