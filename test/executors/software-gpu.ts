/** A Vulkan driver that needs no GPU, for tests of WebGPU: SwiftShader, which Chromium brings along. */
import { existsSync } from "node:fs";

/** Where distributions put Chromium's or Chrome's. */
const DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** Names the driver to Vulkan loaders, old and new, for this process and its children, unless one is named; before the first device is opened. */
export function useSoftwareGpu(): void {
  const driver = DRIVERS.find((path) => existsSync(path));
  if (driver === undefined) return;
  for (const name of ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"]) process.env[name] ??= driver;
}
