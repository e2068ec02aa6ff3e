/** The only issuer that speaks for users. */
export const USER_ISSUER = "user";

/** Services that a user's token is for. */
export const USER_TOKEN_AUDIENCE: readonly string[] = ["user", "job"];

/** Longest life of a token, in seconds: longer ones are neither made nor taken. */
export const MAX_TOKEN_TTL_SECONDS = 3_600;
