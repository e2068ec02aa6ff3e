import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";

/** How a Postgres program is started by the user who runs this process. */
export interface PostgresLauncher {
  /** Words before the program, for instance `setpriv …`; empty when it is started directly. */
  readonly prefix: readonly string[];
  /** Uid and gid for `spawn`, where the system offers nothing better. */
  readonly spawnAs: { readonly uid: number; readonly gid: number } | undefined;
  /** Uid and gid that the data directory has to belong to, as this process sees them; undefined: the caller's own. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** Nobody's uid on every Unix. */
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * Chooses how to run Postgres, which refuses to be root, and whose initdb refuses to be a user without a name (as
 * containers with a uid of their own have). Where neither holds: directly. Else the first of these that can start the
 * program where it lies (a checkout below /root is out of reach for other users):
 *
 * 1. for root, `setpriv` to another uid that keeps the capability to pass directories that are closed to it.
 *    `no_setuid_fixup` makes access(2) honour that capability too, which initdb depends on.
 * 2. `unshare`: a user namespace in which the caller is called nobody; what it creates belongs to the caller outside.
 * 3. for root, another uid and nothing else.
 *
 * @param postgres path of the postgres program.
 * @throws Error with each attempt's reason when none works.
 */
export function choosePostgresLauncher(postgres: string): PostgresLauncher {
  const direct: PostgresLauncher = { prefix: [], spawnAs: undefined, owner: undefined };
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) {
    const namespace: PostgresLauncher = { prefix: unshare, spawnAs: undefined, owner: undefined };
    return hasName() || whyItFails(namespace, postgres) !== undefined ? direct : namespace;
  }
  const asRoot: PostgresLauncher[] = [
    { prefix: setpriv, spawnAs: undefined, owner: NOBODY },
    { prefix: unshare, spawnAs: undefined, owner: { uid: 0, gid: 0 } },
    { prefix: [], spawnAs: NOBODY, owner: NOBODY },
  ];
  const reasons: string[] = [];
  for (const launcher of asRoot) {
    const reason = whyItFails(launcher, postgres);
    if (reason === undefined) return launcher;
    reasons.push(`${launcher.prefix[0] ?? `uid ${NOBODY.uid}`}: ${reason}`);
  }
  throw new Error(
    `Postgres does not run as root, and no way to start it as another user works here (${reasons.join("; ")}). ` +
      "Install util-linux, or run as an ordinary user.",
  );
}

/** Whether the system knows a name for the user who runs this process. */
function hasName(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}

const setpriv = [
  "setpriv",
  `--reuid=${NOBODY.uid}`,
  `--regid=${NOBODY.gid}`,
  "--clear-groups",
  "--inh-caps=+dac_override",
  "--ambient-caps=+dac_override",
  "--securebits=+no_setuid_fixup",
];
const unshare = ["unshare", "--user", `--map-user=${NOBODY.uid}`, `--map-group=${NOBODY.gid}`];

function whyItFails(launcher: PostgresLauncher, postgres: string): string | undefined {
  const [command = postgres, ...args] = [...launcher.prefix, postgres, "--version"];
  const result = spawnSync(command, args, { ...launcher.spawnAs, encoding: "utf8", timeout: 10_000 });
  if (result.status === 0) return undefined;
  return result.error?.message ?? (result.stderr.trim() || `exit code ${result.status}`);
}
