import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readJson } from "../processes/run-directory";
import { writeJsonAtomically } from "../processes/write-json";

/** Databases of the stack. The role of the same name owns its database. */
export const DATABASES = ["mcsv_user", "mcsv_job", "mcsv_email"] as const;

/** Name of a database and of its role. */
export type DatabaseName = (typeof DATABASES)[number];

const credentials = z.object({
  databasePasswords: z.record(z.enum(DATABASES), z.string()),
  /** Of the queue dashboard's role. */
  dashboardPassword: z.string(),
  /** With which Alertmanager tells the client service of alerts. */
  alertsToken: z.string(),
  objectStore: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});
/** As a stack may have been made without a dashboard, or without alerts. */
const known = credentials.partial({ dashboardPassword: true, alertsToken: true });

/** Secrets of one stack. */
export type Credentials = z.infer<typeof credentials>;

/** Reads the stack's secrets; makes random ones, readable by this user only, when there are none. */
export function readOrCreateCredentials(file: string): Credentials {
  const password = () => randomBytes(18).toString("hex");
  const before = readJson(file, known);
  const created: Credentials = {
    databasePasswords: { mcsv_user: password(), mcsv_job: password(), mcsv_email: password() },
    objectStore: { accessKeyId: `mcsv${randomBytes(8).toString("hex")}`, secretAccessKey: password() },
    ...before,
    dashboardPassword: before?.dashboardPassword ?? password(),
    alertsToken: before?.alertsToken ?? password(),
  };
  if (before?.dashboardPassword === undefined || before.alertsToken === undefined) writeJsonAtomically(file, created);
  return created;
}

/** Connection URL of a role to its own database. */
export function databaseUrl(name: DatabaseName, port: number, { databasePasswords }: Credentials): string {
  return `postgres://${name}:${databasePasswords[name]}@127.0.0.1:${port}/${name}`;
}
