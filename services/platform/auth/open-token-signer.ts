import type { Logger } from "../logging/create-logger";
import { KeyFile } from "./key-file";
import { parseSigningKey } from "./key-schemas";
import { TokenSigner } from "./token-signer";

/** What the config of a service that calls others says of its tokens. */
export interface SignerConfig {
  readonly authPrivateKeysFile: string;
  readonly authTokenTtlSeconds: number;
}

/**
 * Makes the signer of a service.
 *
 * @throws StartError when its private keys cannot be read
 */
export async function openTokenSigner(service: string, config: SignerConfig, logger: Logger): Promise<TokenSigner> {
  const key = await KeyFile.open({
    path: config.authPrivateKeysFile,
    env: "AUTH_PRIVATE_KEYS_FILE",
    parse: parseSigningKey,
    logger,
  });
  return new TokenSigner({ issuer: service, key, ttlSeconds: config.authTokenTtlSeconds });
}
