/** Why a process cannot start, in words for whoever starts it; the stack says nothing more. */
export class StartError extends Error {
  override readonly name = "StartError";
}
