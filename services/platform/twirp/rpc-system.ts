/** `rpc.system.name` of all our spans. */
export const RPC_SYSTEM = "twirp";
