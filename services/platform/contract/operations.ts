import { CALLER_ROLES, type CallerRole, isCallerRole } from "../auth/caller-role";
import { child, childrenOf, isNode, type SpecNode } from "./spec-node";

const TWIRP_PATH = /^\/twirp\/([\w.]+\/\w+)$/;

/** What the spec says of a method. */
export interface Operation {
  /** The roles that may call it, as `security` names them; nobody where it says nothing. */
  readonly callers: readonly CallerRole[];
}

/**
 * The methods of a spec, by their full names: `mcsv.v1.UserService/CreateUser`.
 *
 * @throws Error for a `security` of another form than a list of `{ bearer: [role] }`
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

function callersOf(fullName: string, { security = [] }: SpecNode): readonly CallerRole[] {
  if (!Array.isArray(security)) {
    throw new Error(`${fullName}: security must be a list of alternatives`);
  }
  return security.map((alternative: unknown) => {
    // Any other form could mean more than one thing, of which none may mean "anybody".
    const [[scheme, roles] = [], ...others] = isNode(alternative) ? Object.entries(alternative) : [];
    const [role, ...more] = Array.isArray(roles) ? (roles as unknown[]) : [];
    if (
      scheme !== "bearer" ||
      others.length > 0 ||
      more.length > 0 ||
      typeof role !== "string" ||
      !isCallerRole(role)
    ) {
      throw new Error(
        `${fullName}: an alternative of security must be { bearer: [role] } with one role of ${CALLER_ROLES.join(", ")}`,
      );
    }
    return role;
  });
}
