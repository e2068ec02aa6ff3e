import { createPrivateKey } from "node:crypto";
import { SignJWT } from "jose";
import type { PrivateKey } from "./key-files";

/** Life of a token, in seconds: what the services give theirs by default (AUTH_TOKEN_TTL_SECONDS). */
const TTL_SECONDS = 300;

/** What a token says. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string | string[];
  readonly subject: string;
  readonly role: "service" | "user";
}

/** Signs a token by EdDSA; it is valid from now on for five minutes. */
export function signToken(key: PrivateKey, { issuer, audience, subject, role }: TokenClaims): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(`${TTL_SECONDS}s`)
    .sign(createPrivateKey({ key: { ...key }, format: "jwk" }));
}
