import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { UserServiceClientProtobuf } from "../../../gen/client/mcsv/v1/user.twirp-client";
import { CommandError } from "./errors";

/** A user's access token. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Who gives tokens: the user service, called as an application. */
export type TokenIssuer = Pick<UserServiceClientProtobuf, "CreateAccessToken">;

/** Asks for an access token of one of the application's users. */
export async function createAccessToken(users: TokenIssuer, userId: string): Promise<AccessToken> {
  const { token, expiresAt } = await users.CreateAccessToken({ userId });
  if (expiresAt === undefined) throw new CommandError("the user service answered without a token");
  return { token, expiresAt };
}

/** Gives values of the header `authorization` for calls in the name of users. */
export interface UserAuthorizations {
  of(userId: string): Promise<string>;
}

interface UsedToken {
  readonly header: Promise<string>;
  replacedAtMs: number;
}

/** Part of its life for which a token is used: the rest is for calls under way, and for clocks that differ. */
const USED_SHARE = 0.8;

/** Asks for each user's token when it is needed first, and again before it expires. */
export function createUserAuthorizations(users: TokenIssuer): UserAuthorizations {
  const tokens = new Map<string, UsedToken>();

  const ask = (userId: string): UsedToken => {
    const asked: UsedToken = {
      // Outside of the trace of the call that needs it first: it serves them all.
      header: context
        .with(ROOT_CONTEXT, () => createAccessToken(users, userId))
        .then(({ token, expiresAt }) => {
          asked.replacedAtMs = Date.now() + (expiresAt.getTime() - Date.now()) * USED_SHARE;
          return `Bearer ${token}`;
        }),
      // Until the answer is there, whoever else needs the token waits for the same one.
      replacedAtMs: Number.POSITIVE_INFINITY,
    };
    tokens.set(userId, asked);
    // What was not given is asked for anew the next time.
    asked.header.catch(() => tokens.delete(userId));
    return asked;
  };

  return {
    of(userId) {
      const known = tokens.get(userId);
      return (known !== undefined && Date.now() < known.replacedAtMs ? known : ask(userId)).header;
    },
  };
}
