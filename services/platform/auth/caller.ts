/** Who makes a call, as its credential proves. */
export type Caller =
  | { readonly role: "service"; readonly name: string }
  | { readonly role: "application"; readonly name: string }
  | { readonly role: "user"; readonly userId: string };

/** The caller in a few words, for logs and traces: "job service", "application local", "user 6f1c…". */
export function describeCaller(caller: Caller): string {
  switch (caller.role) {
    case "service":
      return `${caller.name} service`;
    case "application":
      return `application ${caller.name}`;
    case "user":
      return `user ${caller.userId}`;
    default:
      return caller satisfies never;
  }
}
