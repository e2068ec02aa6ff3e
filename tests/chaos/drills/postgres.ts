import { type Client, DatabaseError } from "pg";
import type { Drill } from "../drill";
import type { Scene } from "../scene";
import { connectTo } from "./connect-to";

const DATABASES = ["mcsv_user", "mcsv_job", "mcsv_email"] as const;
type ServiceDatabase = (typeof DATABASES)[number];
const OUTAGE_MS = 3_000;

/** A restart as an operator does it. */
export const postgresRestart: Drill = {
  name: "postgres-restart",
  rounds: 5,
  inject: ({ stack, faults }) =>
    faults.during("restart of Postgres", async () => {
      await stack.hold("postgres");
      await stack.resume("postgres");
    }),
};

/** The postmaster and all its children at once: the next start has to recover from the log. */
export const postgresKill: Drill = {
  name: "postgres-kill",
  inject: async (scene) => {
    for (let time = 0; time < 3; time += 1) {
      scene.kill("postgres");
      await scene.stack.ready("postgres");
      await scene.pass(1_000);
    }
  },
};

/** Every connection of the services, ended by the server; three times in a row. */
export const backendKill: Drill = {
  name: "backend-kill",
  rounds: 5,
  inject: async (scene) => {
    for (let time = 0; time < 3; time += 1) {
      const ended = await terminateBackends(scene);
      scene.faults.note(`end of ${ended > 0 ? "all" : "no"} backends`);
      await scene.pass(400);
    }
  },
};

/**
 * Pools of three connections, all of which wait for locks for longer than a caller waits for a connection: whatever the
 * services want of their databases meanwhile times out.
 */
export const poolExhaustion: Drill = {
  name: "pool-exhaustion",
  rounds: 5,
  env: {
    user: { DATABASE_POOL_MAX: "3" },
    job: { DATABASE_POOL_MAX: "3" },
    email: { DATABASE_POOL_MAX: "3" },
  },
  inject: async (scene) => {
    const lockers = await Promise.all(DATABASES.map((database) => connectTo(scene, database)));
    try {
      await scene.faults.during("all connections of the pools blocked", async () => {
        await Promise.all(lockers.map((locker, index) => lock(locker, LOCKED[index] ?? "")));
        await scene.pass(POOL_BLOCKED_MS);
      });
    } finally {
      // The end of a connection ends its locks.
      await Promise.all(lockers.map((locker) => locker.end()));
    }
  },
};

/** Tables that every call needs, in the order of DATABASES. */
const LOCKED = ["pgboss.job", "pgboss.job", "sent_ledger"] as const;
/** Longer than the 5 s that a caller waits for a connection. */
const POOL_BLOCKED_MS = 6_500;
const DEADLOCK_DETECTED = "40P01";

/** Locks a table against everybody. Postgres may choose this transaction to end a deadlock: then it is tried again. */
async function lock(client: Client, table: string): Promise<void> {
  for (;;) {
    await client.query("BEGIN");
    try {
      await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      return;
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== DEADLOCK_DETECTED) throw error;
      await client.query("ROLLBACK");
    }
  }
}

/** The server takes no new connection, and ends those that there are. */
export const connectionsRefused: Drill = {
  name: "connections-refused",
  inject: (scene) =>
    scene.faults.during("too many connections", () =>
      withoutConnections(scene, DATABASES, () => scene.pass(OUTAGE_MS)),
    ),
};

/** Ends all connections to these databases, and takes no new one of the services until `work` is done. */
export async function withoutConnections(
  scene: Scene,
  databases: readonly ServiceDatabase[],
  work: () => Promise<void>,
): Promise<void> {
  const superuser = await connectTo(scene, "postgres");
  const limit = async (connections: number) => {
    for (const role of databases) await superuser.query(`ALTER ROLE ${role} CONNECTION LIMIT ${connections}`);
  };
  try {
    await limit(0);
    await terminateBackends(scene, databases);
    await work();
    await limit(-1);
  } finally {
    await superuser.end();
  }
}

/** The services start while Postgres is down. */
export const postgresDownAtStart: Drill = {
  name: "postgres-down-at-start",
  inject: async ({ stack, faults, pass }) => {
    const services = ["user", "job", "email"] as const;
    await stack.hold(...services);
    await stack.hold("postgres");
    let started: Promise<void> = Promise.resolve();
    await faults.during("start without Postgres", async () => {
      started = stack.resume(...services);
      await pass(OUTAGE_MS);
      await stack.resume("postgres");
    });
    await started;
  },
};

/** Ends all connections to these databases; resolves to their number. */
async function terminateBackends(scene: Scene, databases: readonly ServiceDatabase[] = DATABASES): Promise<number> {
  const superuser = await connectTo(scene, "postgres");
  const { rowCount } = await superuser.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1)",
    [databases],
  );
  await superuser.end();
  return rowCount ?? 0;
}
