/** The stack cannot do what was asked. The message is for whoever asked, and says what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
}
