/** A Vulkan driver that needs no GPU, for tests of WebGPU: SwiftShader, which Chromium brings along. */
import { existsSync } from "node:fs";

/** Where distributions put Chromium's or Chrome's. */
const DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** Sets VK_ICD_FILENAMES for this process and its children, unless it is set; before the first device is opened. */
export function useSoftwareGpu(): void {
  const driver = DRIVERS.find((path) => existsSync(path));
  if (process.env.VK_ICD_FILENAMES === undefined && driver !== undefined) process.env.VK_ICD_FILENAMES = driver;
}
