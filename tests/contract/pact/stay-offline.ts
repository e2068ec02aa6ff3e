/** Keeps Pact's library from telling its makers that it is used. Before anything of it is called. */
export function stayOffline(): void {
  process.env["PACT_DO_NOT_TRACK"] = "true";
}
