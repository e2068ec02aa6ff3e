import { createHash } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { isUuid } from "../ids/deterministic-id";
import type { Caller } from "./caller";
import { CredentialError } from "./credential-error";
import type { KeyFile } from "./key-file";
import type { TrustedKeys } from "./key-schemas";
import { MAX_TOKEN_TTL_SECONDS, USER_ISSUER } from "./token-claims";

/** What a verifier needs to know. */
export interface TokenVerifierOptions {
  /** Service that is called: tokens for others are refused. */
  readonly audience: string;
  readonly keys: KeyFile<TrustedKeys>;
  /** How far the clocks of issuer and service may be apart. */
  readonly clockToleranceSeconds: number;
  /** Default: the clock of the machine. */
  readonly now?: () => Date;
}

/** Most tokens that are remembered. */
const MAX_REMEMBERED = 10_000;
/** Tokens of ours have some 300 characters. */
const MAX_TOKEN_CHARACTERS = 4_096;

interface Verified {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

/**
 * Verifies tokens: JSON Web Tokens (RFC 7519) signed by EdDSA with a key of their issuer. The algorithm is fixed here, and
 * never taken from the token.
 *
 * A token that was found good is remembered until it expires, by its SHA-256, since checking a signature costs more than all
 * else that happens to a small call.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #now: () => Date;
  readonly #remembered = new Map<string, Verified>();
  #rememberedFor: TrustedKeys | undefined;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** @throws CredentialError when the token does not prove who the caller is */
  async verify(token: string): Promise<Caller> {
    if (token.length > MAX_TOKEN_CHARACTERS) {
      throw new CredentialError("the credential is too long");
    }
    const keys = await this.#options.keys.current();
    if (keys !== this.#rememberedFor) {
      // A key may have been withdrawn, and what it signed with it.
      this.#remembered.clear();
      this.#rememberedFor = keys;
    }
    const id = createHash("sha256").update(token).digest("base64");
    const known = this.#remembered.get(id);
    if (known !== undefined && known.expiresAtMs > this.#now().getTime()) {
      return known.caller;
    }
    const verified = await this.#check(token);
    if (keys === this.#rememberedFor) {
      this.#remember(id, verified);
    }
    return verified.caller;
  }

  async #check(token: string): Promise<Verified> {
    const { audience, clockToleranceSeconds } = this.#options;
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(token, kid), {
        algorithms: ["EdDSA"],
        audience,
        clockTolerance: clockToleranceSeconds,
        currentDate: this.#now(),
        requiredClaims: ["iss", "aud", "sub", "iat", "exp", "role"],
        // Also refuses tokens whose iat is in the future.
        maxTokenAge: MAX_TOKEN_TTL_SECONDS,
      });
      return readClaims(payload);
    } catch (error) {
      if (error instanceof CredentialError) {
        throw error;
      }
      if (error instanceof errors.JOSEError) {
        throw new CredentialError(`the token is not valid: ${error.code}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  /** The key that a token says it is signed with: one of the issuer that it names, so that no issuer can speak for another. */
  async #keyOf(token: string, kid: string | undefined) {
    const { iss } = decodeJwt(token);
    if (kid === undefined || typeof iss !== "string") {
      throw new CredentialError("the token names no key or no issuer");
    }
    const { keys } = this.#options;
    const key = (await keys.current()).get(iss)?.get(kid) ?? (await keys.search()).get(iss)?.get(kid);
    if (key === undefined) {
      throw new CredentialError(`the key ${JSON.stringify(kid)} of the issuer ${JSON.stringify(iss)} is unknown`);
    }
    return key;
  }

  #remember(id: string, verified: Verified): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      // The oldest goes: tokens live for minutes, so it is among the first to expire.
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest ?? id);
    }
    this.#remembered.set(id, verified);
  }
}

function readClaims(claims: JWTPayload): Verified {
  const { iss, sub, iat = 0, exp = 0, role } = claims;
  if (exp - iat > MAX_TOKEN_TTL_SECONDS) {
    throw new CredentialError(`the token lives for ${exp - iat} s, which is too long`);
  }
  return { caller: callerOf(iss, sub, role), expiresAtMs: exp * 1000 };
}

function callerOf(iss: string | undefined, sub: string | undefined, role: unknown): Caller {
  if (role === "service" && iss !== undefined && sub === iss) {
    return { role, name: iss };
  }
  if (role === "user" && iss === USER_ISSUER && sub !== undefined && isUuid(sub)) {
    return { role, userId: sub.toLowerCase() };
  }
  throw new CredentialError(`the issuer ${iss} may not say that it is ${String(role)} ${sub}`);
}
