/** The version of onnxruntime-node that lnas is tested with; package.json asks npm for it, but a project may install another. */

/** Major and minor version. */
export const TESTED_ORT = "1.30";

/** What a user should know of an installed version, such as "1.27.0"; undefined when it is the tested one. */
export function untestedVersion(installed: string | undefined): string | undefined {
  if (installed === undefined || installed === TESTED_ORT || installed.startsWith(`${TESTED_ORT}.`)) return undefined;
  return (
    `onnxruntime-node ${installed} is installed, lnas is tested with ${TESTED_ORT}: results may differ and steps may fail; ` +
    `npm install onnxruntime-node@${TESTED_ORT} --ignore-scripts brings the tested version`
  );
}
