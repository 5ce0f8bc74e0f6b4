/** Paths as text, with `/`. */

/** Joins a folder and a relative path and resolves `.` and `..`; a path that climbs above the folder keeps its `..`. */
export function joinPath(folder: string, path: string): string {
  if (path.startsWith("/")) return path;
  const absolute = folder.startsWith("/");
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return `${absolute ? "/" : ""}${parts.join("/")}` || ".";
}

/** The folder of a file. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash);
}

/** How a path is called from a folder. */
export function relativePath(folder: string, path: string): string {
  const from = joinPath(folder, ".")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  const to = joinPath(path, ".")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  if (folder.startsWith("/") !== path.startsWith("/")) return path;
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/") || ".";
}
