import type { Logger } from "../logging/create-logger";
import { type Authenticator, createAuthenticator } from "./authenticator";
import { KeyFile } from "./key-file";
import { parseApiKeys, parsePublicKeys } from "./key-schemas";
import { TokenVerifier } from "./token-verifier";

/** What the config of a service says of its callers. */
export interface AuthenticatorConfig {
  readonly authPublicKeysFile: string;
  readonly authClockToleranceSeconds: number;
  /** Only where applications call. */
  readonly authApiKeysFile?: string;
}

/**
 * Makes what finds out who calls a service.
 *
 * @param service that is called; tokens for others are refused
 * @throws StartError when a file of keys cannot be read
 */
export async function openAuthenticator(
  service: string,
  config: AuthenticatorConfig,
  logger: Logger,
): Promise<Authenticator> {
  const { authPublicKeysFile, authApiKeysFile, authClockToleranceSeconds } = config;
  const keys = await KeyFile.open({
    path: authPublicKeysFile,
    env: "AUTH_PUBLIC_KEYS_FILE",
    parse: parsePublicKeys,
    logger,
  });
  const apiKeys =
    authApiKeysFile === undefined
      ? undefined
      : await KeyFile.open({ path: authApiKeysFile, env: "AUTH_API_KEYS_FILE", parse: parseApiKeys, logger });
  const verifier = new TokenVerifier({ audience: service, keys, clockToleranceSeconds: authClockToleranceSeconds });
  return createAuthenticator(verifier, apiKeys);
}
