import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UserServiceClientProtobuf } from "../../../../gen/client/mcsv/v1/user.twirp-client";
import { parseSigningKey } from "../../../platform/auth/key-schemas";
import { TokenSigner } from "../../../platform/auth/token-signer";
import { type AccessToken, createAccessToken } from "../access-tokens";
import { CommandError, UsageError } from "../errors";
import type { Output } from "../output";

/** Services that call others, and therefore sign tokens. */
export const CALLING_SERVICES = ["user", "job"] as const;

/** Services that take the tokens of others. */
export const CALLED_SERVICES = ["client", "user", "job", "email", "image"] as const;

/** Life of a token that is signed here, in seconds. */
const SERVICE_TOKEN_TTL_SECONDS = 300;

/** Whose credential is asked for; of nobody in particular, it is the API key. */
export interface TokenOptions {
  /** Id or address of a user. */
  readonly user?: string;
  /** Service that calls; with `for`. */
  readonly from?: string;
  /** Service that is called; with `from`. */
  readonly for?: string;
}

/** What the command works with. */
export interface TokenContext {
  readonly users: UserServiceClientProtobuf;
  readonly apiKey: string | undefined;
  /** Where `.local` of the stack is. */
  readonly projectDirectory: string;
}

/**
 * Prints a credential and nothing else, for the header `authorization: Bearer …` of other programs: the API key, the access
 * token of a user, or a token with which one service calls another, signed by the local stack's key of the calling one.
 *
 * @throws UsageError when the options do not belong together
 */
export async function printToken(context: TokenContext, options: TokenOptions, output: Output): Promise<void> {
  const { token, expiresAt } = await credential(context, options);
  output.line(token);
  output.document({ token, ...(expiresAt !== undefined && { expires_at: expiresAt.toISOString() }) });
}

async function credential(
  { users, apiKey, projectDirectory }: TokenContext,
  { user, from, for: audience }: TokenOptions,
): Promise<{ token: string; expiresAt?: Date }> {
  if ((from === undefined) !== (audience === undefined)) throw new UsageError("--from and --for belong together");
  if (from !== undefined && audience !== undefined) {
    if (user !== undefined) throw new UsageError("a token is of a user or of a service: --user, or --from and --for");
    return await signServiceToken(projectDirectory, from, audience);
  }
  if (user !== undefined) return await tokenOfUser(users, user);
  if (apiKey === undefined)
    throw new CommandError("there is no API key: set MCSV_API_KEY, or start the stack: make up");
  return { token: apiKey };
}

async function tokenOfUser(users: UserServiceClientProtobuf, user: string): Promise<AccessToken> {
  if (!user.includes("@")) return await createAccessToken(users, user);
  const found = await users.GetUser({ key: { $case: "email", email: user } });
  return await createAccessToken(users, found.user?.id ?? "");
}

async function signServiceToken(projectDirectory: string, issuer: string, audience: string): Promise<AccessToken> {
  const file = join(".local", "auth", issuer, "private-keys.json");
  const text = await readFile(join(projectDirectory, file), "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file} cannot be read (${error.code}): it is there where a stack was started by make up`);
  });
  const key = parseSigningKey(JSON.parse(text));
  const ttlSeconds = SERVICE_TOKEN_TTL_SECONDS;
  const signer = new TokenSigner({ issuer, key: { current: () => Promise.resolve(key) }, ttlSeconds });
  return await signer.serviceToken(audience);
}
