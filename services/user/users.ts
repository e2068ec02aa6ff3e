import type { Pool } from "pg";
import type { Caller } from "../platform/auth/caller";
import { ownerOf } from "../platform/auth/owner";
import type { SignedToken, TokenSigner } from "../platform/auth/token-signer";
import { deterministicId, jobId } from "../platform/ids/deterministic-id";
import { withTransaction } from "../platform/postgres/with-transaction";
import { alreadyExists, internal, notFound } from "../platform/twirp/errors";
import { assertSameContent, contentHash } from "./idempotency";
import { welcomeKey, welcomeMail } from "./mails";
import type { Outbox } from "./outbox";
import type { NewUser, UserKey } from "./requests";

/** A person with an email address. */
export interface User {
  id: string;
  email: string;
  name: string;
  createdAt: Date;
  welcomeJobId: string;
  welcomeDeliveredAt: Date | null;
}

/** What creating a user takes. */
export interface CreateUserDependencies {
  pool: Pool;
  outbox: Outbox;
}

interface UserRow {
  id: string;
  email: string;
  name: string;
  created_at: Date;
  welcome_job_id: string;
  welcome_delivered_at: Date | null;
}

const COLUMNS = "id, email, name, created_at, welcome_job_id, welcome_delivered_at";

/** Both unique indexes arbitrate: a rival with the same key or address is waited for, and whoever commits first wins. */
const INSERT = `
  INSERT INTO users (id, content_hash, email, name, welcome_job_id) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING
  RETURNING ${COLUMNS}`;
const SELECT_RIVALS = `SELECT content_hash, ${COLUMNS} FROM users WHERE id = $1 OR lower(email) = lower($2)`;
const SELECT_BY_ID = `SELECT ${COLUMNS} FROM users WHERE id = $1`;
const SELECT_ITSELF = `${SELECT_BY_ID} AND ($2::uuid IS NULL OR id = $2) AND ($3::text IS NULL OR lower(email) = lower($3))`;
const SELECT_BY_EMAIL = `SELECT ${COLUMNS} FROM users WHERE lower(email) = lower($1)`;

/**
 * Stores a user and orders the welcome mail, in one transaction. A repetition answers what the first call answered.
 *
 * @throws TwirpError already_exists with meta.argument "idempotency_key" or "email"
 */
export async function createUser({ pool, outbox }: CreateUserDependencies, newUser: NewUser): Promise<User> {
  const { idempotencyKey, email, name } = newUser;
  const id = deterministicId("user", idempotencyKey);
  const hash = contentHash([email, name]);
  const created = await withTransaction(pool, async (client) => {
    const welcomeJobId = jobId("email", welcomeKey(id));
    // Named, so that each connection parses and plans it once.
    const values = [id, hash, email, name, welcomeJobId];
    const { rows } = await client.query<UserRow>({ name: "insert-user", text: INSERT, values });
    if (rows[0] !== undefined) {
      await outbox.orderEmail(client, welcomeMail({ id, email, name }));
    }
    return rows[0];
  });
  return created === undefined ? repeatedUser(pool, { id, hash, email }) : fromRow(created);
}

async function repeatedUser(pool: Pool, asked: { id: string; hash: Buffer; email: string }): Promise<User> {
  const { rows } = await pool.query<UserRow & { content_hash: Buffer }>(SELECT_RIVALS, [asked.id, asked.email]);
  const sameKey = rows.find((row) => row.id === asked.id);
  if (sameKey !== undefined) {
    assertSameContent(sameKey.content_hash, asked.hash);
    return { ...fromRow(sameKey), welcomeDeliveredAt: null };
  }
  if (rows.length > 0) {
    throw alreadyExists("email", "belongs to another user");
  }
  throw internal(new Error(`user ${asked.id} conflicted with a row that is gone`));
}

/**
 * Returns a user by id or by address in any case.
 *
 * @throws TwirpError not_found
 */
export async function getUser(pool: Pool, key: UserKey): Promise<User> {
  const { rows } =
    "id" in key
      ? await pool.query<UserRow>(SELECT_BY_ID, [key.id])
      : await pool.query<UserRow>(SELECT_BY_EMAIL, [key.email]);
  return found(rows);
}

/**
 * Returns a user to a caller: anybody to an application, itself to a user. The rows of others are not even looked at, so that
 * the time of the answer does not tell whether there are any.
 *
 * @throws TwirpError not_found
 */
export async function getUserFor(caller: Caller, pool: Pool, key: UserKey): Promise<User> {
  if (caller.role === "application") {
    return getUser(pool, key);
  }
  const [id, email] = "id" in key ? [key.id, null] : [null, key.email];
  const { rows } = await pool.query<UserRow>(SELECT_ITSELF, [ownerOf(caller), id, email]);
  return found(rows);
}

/** What an access token takes. */
export interface CreateAccessTokenDependencies {
  pool: Pool;
  tokens: Pick<TokenSigner, "userToken">;
}

/**
 * Signs a token of a user.
 *
 * @throws TwirpError not_found
 */
export async function createAccessToken(
  { pool, tokens }: CreateAccessTokenDependencies,
  userId: string,
): Promise<SignedToken> {
  const { id } = await getUser(pool, { id: userId });
  return tokens.userToken(id);
}

/** What every call answers that names a user who does not exist. */
export function userNotFound() {
  return notFound("no such user");
}

function found([row]: readonly UserRow[]): User {
  if (row === undefined) {
    throw userNotFound();
  }
  return fromRow(row);
}

function fromRow(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    createdAt: row.created_at,
    welcomeJobId: row.welcome_job_id,
    welcomeDeliveredAt: row.welcome_delivered_at,
  };
}
