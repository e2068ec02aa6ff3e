import { runner } from "node-pg-migrate";
import { Client } from "pg";
import type { Logger } from "../logging/create-logger";

/** What to migrate, and from where. */
export interface MigrateOptions {
  /** A role that may create tables in the database. */
  connectionString: string;
  /** Folder of `000001_name.sql`, ...: plain SQL, applied once each, in the order of their numbers. */
  directory: string;
  /** Told of every migration that is applied. */
  logger: Logger;
}

const MIGRATIONS_TABLE = "schema_migrations";
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * Brings the database up to the newest migration. All that are missing run in one transaction: all or none.
 * Any number of processes may call it at once: an advisory lock lets one work while the others wait and then find
 * nothing to do.
 *
 * @throws when the server cannot be reached, a statement fails, or an applied migration is missing or out of order
 */
export async function migrate({ connectionString, directory, logger }: MigrateOptions): Promise<void> {
  const client = new Client({
    connectionString,
    application_name: "mcsv-migrate",
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    keepAlive: true,
  });
  // Without a listener, a connection lost between two statements would end the process.
  client.on("error", (error) => logger.debug("migration connection reported an error", { error }));
  await client.connect();
  try {
    const applied = await runner({
      dbClient: client,
      dir: directory,
      direction: "up",
      migrationsTable: MIGRATIONS_TABLE,
      // Only .sql counts: a build may lay other files beside them.
      ignorePattern: "(?!.*\\.sql$).*",
      singleTransaction: true,
      advisoryLockMode: "wait",
      logger: {
        info: (message) => logger.debug(message),
        warn: (message) => logger.warn(message),
        error: (message) => logger.error(message),
      },
    });
    if (applied.length > 0) {
      logger.info("database migrated", { migrations: applied.map(({ name }) => name) });
    }
  } finally {
    await client.end();
  }
}
