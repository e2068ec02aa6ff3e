import type { Scene, SceneEnv } from "./scene";

/** One way to hurt a stack. */
export interface Drill {
  /** Lower case words with hyphens: `make chaos DRILL=name`. */
  readonly name: string;
  /** More environment variables for the stack. */
  readonly env?: SceneEnv;
  /** How often it is done, on one stack; once unless given. Each time has to be passed by itself. */
  readonly rounds?: number;
  /**
   * Injects faults while the load goes on, and takes back those that last.
   *
   * @throws when the stack does not come through, beyond what the judge sees
   */
  readonly inject: (scene: Scene) => Promise<void>;
  /**
   * Prepares what the stack is to stand on, before it starts.
   *
   * @returns more environment variables, and what takes the preparation back; a text says why it cannot be done here
   */
  readonly prepare?: () => Promise<Preparation | string>;
}

/** See {@link Drill.prepare}. */
export interface Preparation {
  readonly env: SceneEnv;
  readonly undo: () => Promise<void>;
}
