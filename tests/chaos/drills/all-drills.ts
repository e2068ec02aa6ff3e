import type { Drill } from "../drill";
import { crashRecovery, killAll, killEach, repeatedKills } from "./kills";

/** Every drill, in the order in which they are run. */
export const DRILLS: readonly Drill[] = [killEach, crashRecovery, repeatedKills, killAll];
