import { join } from "node:path";
import { parseSigningKey } from "../../../services/platform/auth/key-schemas";
import { TokenSigner } from "../../../services/platform/auth/token-signer";
import { SERVICES, type ServiceName } from "../stack/components";
import { admitApiKey, readOrCreateApiKey } from "./api-key-files";
import { ADMITTED, isGate, isSigner, SIGNERS, type Signer } from "./callers";
import { admitKeys, createKey, type PrivateKey, readPrivateKeys, storePrivateKeys } from "./key-files";

/** Life of a token, in seconds: what the services give theirs by default. */
const TTL_SECONDS = 300;

/** The keys of one stack, and what can be done with them. */
export interface AuthFiles {
  /** The API key of the application `local`, as plain text. */
  readonly apiKey: string;
  /** The variables that tell a service where its keys are. */
  env(service: ServiceName): Record<string, string>;
  /** A fresh token with which a service calls another one; valid for five minutes. */
  serviceToken(caller: Signer, audience: ServiceName): Promise<string>;
  /** A fresh token of a user, as UserService.CreateAccessToken gives one; valid for five minutes. */
  userToken(userId: string): Promise<string>;
}

/**
 * Makes the keys of a stack below a directory, all of them random and readable by this user only:
 *
 *     api-key                       the API key of the application `local`: for the command line, and for people
 *     api-keys.json                 its hash: all that the user and the job service see of it
 *     <service>/private-keys.json   what a service that calls others signs its tokens with
 *     <service>/public-keys.json    what a service checks the tokens of its callers with
 *
 * What is there already stays as it is, and what is missing is added: a second run changes nothing.
 */
export async function createAuthFiles(directory: string): Promise<AuthFiles> {
  const privateKeysFile = (service: ServiceName) => join(directory, service, "private-keys.json");
  const publicKeysFile = (service: ServiceName) => join(directory, service, "public-keys.json");
  const apiKeysFile = join(directory, "api-keys.json");

  const signers = new Map<Signer, readonly PrivateKey[]>();
  const admit = () => {
    for (const service of SERVICES) {
      const admitted = ADMITTED[service];
      admitKeys(publicKeysFile(service), new Map([...signers].filter(([signer]) => admitted.includes(signer))));
    }
  };
  for (const signer of SIGNERS) {
    signers.set(signer, readPrivateKeys(privateKeysFile(signer)) ?? [await createKey()]);
  }
  // Services may be running: a new key signs only when all who check it know it.
  admit();
  for (const [signer, keys] of signers) signers.set(signer, storePrivateKeys(privateKeysFile(signer), keys));
  admit();
  const apiKey = readOrCreateApiKey(join(directory, "api-key"));
  admitApiKey(apiKeysFile, apiKey);

  const signer = (issuer: Signer) => {
    const key = parseSigningKey({ keys: signers.get(issuer) });
    return new TokenSigner({ issuer, key: { current: () => Promise.resolve(key) }, ttlSeconds: TTL_SECONDS });
  };
  return {
    apiKey,
    env: (service) => ({
      ...(isSigner(service) && { AUTH_PRIVATE_KEYS_FILE: privateKeysFile(service) }),
      AUTH_PUBLIC_KEYS_FILE: publicKeysFile(service),
      ...(isGate(service) && { AUTH_API_KEYS_FILE: apiKeysFile }),
    }),
    serviceToken: async (caller, audience) => (await signer(caller).serviceToken(audience)).token,
    userToken: async (userId) => (await signer("user").userToken(userId)).token,
  };
}
