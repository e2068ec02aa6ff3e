import { SERVICES } from "../../local/stack/components";
import type { Credentials } from "../../local/stack/credentials";

/** The secrets of the containers that are not files of keys. */
export interface ContainerCredentials extends Credentials {
  readonly postgresPassword: string;
  readonly grafanaPassword: string;
  /** Secrets of the access keys with which Tempo and Loki write to buckets of their own. */
  readonly tempoSecret: string;
  readonly lokiSecret: string;
}

/** Id of the services' access key to the object store. deploy/compose.yaml names it. */
const OBJECT_STORE_KEY = "mcsv";

/** The content of every secret file that is made of passwords, by the name of the file. */
export function secretTexts(credentials: ContainerCredentials): ReadonlyMap<string, string> {
  const { databasePasswords, dashboardPassword, objectStore } = credentials;
  const owners = {
    user: databasePasswords.mcsv_user,
    job: databasePasswords.mcsv_job,
    email: databasePasswords.mcsv_email,
  };
  return new Map([
    ["postgres-password", credentials.postgresPassword],
    ...Object.entries(owners).flatMap(([service, password]): [string, string][] => [
      [`${service}-database-password`, password],
      [`${service}-database-url`, `postgres://mcsv_${service}:${password}@postgres:5432/mcsv_${service}`],
    ]),
    ["dashboard-database-password", dashboardPassword],
    ["dashboard-database-url", `postgres://mcsv_job_dashboard:${dashboardPassword}@postgres:5432/mcsv_job`],
    ["object-store-secret", objectStore.secretAccessKey],
    ["object-store-identities.json", identities(credentials)],
    ["tempo-object-store", awsCredentials("tempo", credentials.tempoSecret)],
    ["loki-object-store", awsCredentials("loki", credentials.lokiSecret)],
    ["minio-object-store", awsCredentials(OBJECT_STORE_KEY, objectStore.secretAccessKey)],
    ["grafana-admin-password", credentials.grafanaPassword],
    ["alerts-token", credentials.alertsToken],
  ]);
}

/** Secrets that only people know: empty files until somebody fills them in, and never changed by us. */
export const SECRETS_OF_PEOPLE: readonly string[] = ["slack-webhook-url", "pagerduty-routing-key", "alert-webhook-url"];

/** The files of keys below the directory of {@link createAuthFiles}, by the name that each has as a secret. */
export function keyFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["user-private-keys.json", "user/private-keys.json"],
    ["job-private-keys.json", "job/private-keys.json"],
    ...SERVICES.map((service): [string, string] => [`${service}-public-keys.json`, `${service}/public-keys.json`]),
    ["api-keys.json", "api-keys.json"],
  ]);
}

/** SeaweedFS' access keys: each may read and write one bucket, and nobody may create or delete one. */
function identities({ objectStore, tempoSecret, lokiSecret }: ContainerCredentials): string {
  const identity = (name: string, secretKey: string) => ({
    name,
    credentials: [{ accessKey: name, secretKey }],
    actions: ["Read", "Write", "List", "Tagging"].map((action) => `${action}:${name}`),
  });
  return JSON.stringify({
    identities: [
      identity(OBJECT_STORE_KEY, objectStore.secretAccessKey),
      identity("tempo", tempoSecret),
      identity("loki", lokiSecret),
    ],
  });
}

/** A shared credentials file, as Amazon's tools and those that follow them read it. */
function awsCredentials(id: string, secret: string): string {
  return `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
}
