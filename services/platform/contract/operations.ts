import { child, childrenOf, type SpecNode } from "./spec-node";

/** Who a caller can be: the operations of the specs name the roles that they admit. */
export type CallerRole = "application" | "user" | "user-service" | "job-service";

const ROLES: ReadonlySet<string> = new Set<CallerRole>(["application", "user", "user-service", "job-service"]);
const TWIRP_PATH = /^\/twirp\/([\w.]+\/\w+)$/;

/** What the spec says of a method. */
export interface Operation {
  /** The roles that may call it, as `security` names them; none where it says nothing. */
  readonly callers: readonly CallerRole[];
}

/**
 * The methods of a spec, by their full names: `mcsv.v1.UserService/CreateUser`.
 *
 * @throws Error for a role that does not exist
 */
export function operationsOf(document: SpecNode): ReadonlyMap<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const [path, item] of childrenOf(child(document, "paths"))) {
    const fullName = TWIRP_PATH.exec(path)?.[1];
    if (fullName !== undefined) {
      operations.set(fullName, { callers: callersOf(fullName, child(item, "post")) });
    }
  }
  return operations;
}

function callersOf(fullName: string, operation: SpecNode): readonly CallerRole[] {
  const alternatives = childrenOf({ ...[operation["security"] ?? []].flat() }).map(([, alternative]) => alternative);
  const roles = alternatives.flatMap((alternative) => Object.values(alternative).flat());
  return roles.map((role) => {
    if (!isRole(role)) {
      throw new Error(`${fullName} admits ${String(role)}, which is no role: ${[...ROLES].join(", ")}`);
    }
    return role;
  });
}

function isRole(role: unknown): role is CallerRole {
  return typeof role === "string" && ROLES.has(role);
}
