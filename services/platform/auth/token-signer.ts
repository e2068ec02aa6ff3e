import { SignJWT } from "jose";
import type { KeyFile } from "./key-file";
import type { SigningKey } from "./key-schemas";
import { USER_ISSUER, USER_TOKEN_AUDIENCE } from "./token-claims";

/** What a signer needs to know. */
export interface TokenSignerOptions {
  /** Service that signs. */
  readonly issuer: string;
  /** Gives the key that signs now. */
  readonly key: Pick<KeyFile<SigningKey>, "current">;
  /** Life of a token, in seconds. */
  readonly ttlSeconds: number;
  /** Default: the clock of the machine. */
  readonly now?: () => Date;
}

/** A token, and how long it is good for. */
export interface SignedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Part of its life for which a service's token is used; the rest is for calls under way and clocks that differ. */
const REUSED_SHARE = 0.8;

interface ReusedToken extends SignedToken {
  readonly key: SigningKey;
  readonly reusedUntilMs: number;
}

/** Signs the tokens of one service: JSON Web Tokens (RFC 7519), by EdDSA. */
export class TokenSigner {
  readonly #options: TokenSignerOptions;
  readonly #now: () => Date;
  readonly #ofAudience = new Map<string, ReusedToken>();

  constructor(options: TokenSignerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Value of the header `authorization` with which this service calls another one. The same for 80% of a token's life, unless
   * the key changes.
   */
  async authorizationFor(audience: string): Promise<string> {
    const key = await this.#options.key.current();
    const known = this.#ofAudience.get(audience);
    if (known !== undefined && known.key === key && this.#now().getTime() < known.reusedUntilMs) {
      return `Bearer ${known.token}`;
    }
    const { ttlSeconds } = this.#options;
    const signed = await this.#signFor(audience, key);
    const reusedUntilMs = signed.expiresAt.getTime() - ttlSeconds * 1000 * (1 - REUSED_SHARE);
    this.#ofAudience.set(audience, { ...signed, key, reusedUntilMs });
    return `Bearer ${signed.token}`;
  }

  /** A fresh token with which this service calls another one. */
  async serviceToken(audience: string): Promise<SignedToken> {
    return this.#signFor(audience, await this.#options.key.current());
  }

  /**
   * A fresh token of a user, for the user and the job service.
   *
   * @throws TypeError when this service is not the one that speaks for users
   */
  async userToken(userId: string): Promise<SignedToken> {
    if (this.#options.issuer !== USER_ISSUER) {
      throw new TypeError(`the ${this.#options.issuer} service does not speak for users`);
    }
    const key = await this.#options.key.current();
    return this.#sign(key, { audience: [...USER_TOKEN_AUDIENCE], subject: userId, role: "user" });
  }

  #signFor(audience: string, key: SigningKey): Promise<SignedToken> {
    return this.#sign(key, { audience, subject: this.#options.issuer, role: "service" });
  }

  async #sign(
    { kid, key }: SigningKey,
    claims: { audience: string | string[]; subject: string; role: "service" | "user" },
  ): Promise<SignedToken> {
    const issuedAt = Math.floor(this.#now().getTime() / 1000);
    const expiresAt = issuedAt + this.#options.ttlSeconds;
    const token = await new SignJWT({ role: claims.role })
      .setProtectedHeader({ alg: "EdDSA", kid })
      .setIssuer(this.#options.issuer)
      .setAudience(claims.audience)
      .setSubject(claims.subject)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }
}
