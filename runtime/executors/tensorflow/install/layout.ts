/** Where libraries and headers lie in what was unpacked: a wheel of TensorFlow, or the archive of its C library. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InstallError } from "./install-error.js";

export interface Layout {
  /** Holds the libraries. */
  readonly libraryFolder: string;
  /** Names to link and to load: the interface in C, then what it is built on. */
  readonly libraries: readonly [string, string];
  /** Holds `tensorflow/c/c_api.h`. */
  readonly include: string;
}

const FRAMEWORK = "libtensorflow_framework.so.2";

/** Wheels since 2.12 carry the interface in C in their C++ library. */
const LAYOUTS: readonly {
  readonly libraries: string;
  readonly include: string;
  readonly names: Layout["libraries"];
}[] = [
  { libraries: "tensorflow", include: "tensorflow/include", names: ["libtensorflow_cc.so.2", FRAMEWORK] },
  { libraries: ".", include: "include", names: ["libtensorflow_cc.so.2", FRAMEWORK] },
  { libraries: "lib", include: "include", names: ["libtensorflow.so.2", FRAMEWORK] },
];

/** Finds them. Throws an `InstallError` that says what was looked for. */
export function findLayout(root: string, place = root): Layout {
  for (const { libraries, include, names } of LAYOUTS) {
    const layout: Layout = { libraryFolder: join(root, libraries), libraries: names, include: join(root, include) };
    const needed = [
      ...names.map((name) => join(layout.libraryFolder, name)),
      join(layout.include, "tensorflow/c/c_api.h"),
    ];
    if (needed.every((file) => existsSync(file))) return layout;
  }
  throw new InstallError("there is no TensorFlow library with headers in it", {
    place,
    remedy:
      "Give a wheel of tensorflow or tensorflow-cpu from 2.12 on, a libtensorflow archive, or a folder with the content of either (site-packages is one).",
  });
}
