/** What the installation of a library throws. */
import { UserError } from "../../../formats/errors.js";

/** A library that could not be fetched, unpacked, built or loaded; what was there before is unharmed. */
export class InstallError extends UserError {
  override readonly name = "InstallError";
}
