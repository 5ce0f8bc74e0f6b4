/** Files of a project by path with `/`; the order is that in which they are written. */
export type ProjectFiles = ReadonlyMap<string, string | Uint8Array>;
