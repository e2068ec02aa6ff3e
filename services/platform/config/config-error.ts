/** One variable that keeps a service from starting. */
export interface ConfigProblem {
  readonly env: string;
  /** Names the variable, its value (masked if secret) and what is allowed. */
  readonly message: string;
}

/** The environment does not make a valid config. The message lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    service: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    const lines = problems.map((problem) => `  ${problem.message}`);
    super(`the configuration of ${service} is wrong:\n${lines.join("\n")}`);
  }
}
