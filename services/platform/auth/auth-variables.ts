import { integer, text } from "../config/variables";
import { MAX_TOKEN_TTL_SECONDS } from "./token-claims";

/** The variables of every service: what it checks tokens with. */
export const verifierVariables = {
  authPublicKeysFile: text({
    env: "AUTH_PUBLIC_KEYS_FILE",
    description:
      'File with the public keys of the services that may call: {"issuers": {"<service>": {"keys": [<JWK>, …]}}}. It is read ' +
      "again while the service runs.",
  }),
  authClockToleranceSeconds: integer({
    env: "AUTH_CLOCK_TOLERANCE_SECONDS",
    description: "How far the clocks of a token's issuer and of this service may be apart, in seconds.",
    min: 0,
    max: 300,
    default: 30,
  }),
};

/** The variables of a service that calls others: what it signs its tokens with. */
export const signerVariables = {
  authPrivateKeysFile: text({
    env: "AUTH_PRIVATE_KEYS_FILE",
    description:
      'File with this service\'s private keys, of which the first signs: {"keys": [<JWK>, …]}. It is read again while the ' +
      "service runs.",
  }),
  authTokenTtlSeconds: integer({
    env: "AUTH_TOKEN_TTL_SECONDS",
    description: "Life of the tokens that this service signs, in seconds.",
    min: 60,
    max: MAX_TOKEN_TTL_SECONDS,
    default: 300,
  }),
};

/** The variables of a service that applications call. */
export const apiKeyVariables = {
  authApiKeysFile: text({
    env: "AUTH_API_KEYS_FILE",
    description:
      'File with the SHA-256 of the applications\' API keys: {"applications": [{"name": "<name>", "sha256": "<hex>"}, …]}. It is ' +
      "read again while the service runs.",
  }),
};

const MAX_CALLS = 1_000_000;

/** The variables of a service that limits how fast outside callers call. */
export const rateLimitVariables = {
  rateLimitApplicationPerSecond: integer({
    env: "RATE_LIMIT_APPLICATION_PER_SECOND",
    description: "Calls that one application may make in a second, in each process of the service.",
    min: 1,
    max: MAX_CALLS,
    default: 1_000,
  }),
  rateLimitApplicationBurst: integer({
    env: "RATE_LIMIT_APPLICATION_BURST",
    description: "Calls beyond that which one application may make in ten seconds.",
    min: 0,
    max: MAX_CALLS,
    default: 2_000,
  }),
  rateLimitUserPerSecond: integer({
    env: "RATE_LIMIT_USER_PER_SECOND",
    description: "Calls that one user may make in a second, in each process of the service.",
    min: 1,
    max: MAX_CALLS,
    default: 50,
  }),
  rateLimitUserBurst: integer({
    env: "RATE_LIMIT_USER_BURST",
    description: "Calls beyond that which one user may make in ten seconds.",
    min: 0,
    max: MAX_CALLS,
    default: 100,
  }),
};
