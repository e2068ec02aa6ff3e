import type { TwirpError } from "twirp-ts";
import { blame, unavailable } from "../platform/twirp/errors";

/** The disk for temporary files is full: the next attempt may find some room. */
export function noRoom(cause: unknown): TwirpError {
  const error = unavailable("the image service has no room for temporary files; try again later", cause);
  return blame(error, "magick_disk_full");
}

/** Whether an error of the file system says that the disk is full. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}
