import type { Drill } from "../drill";
import { diskFullForMagick, diskFullForObjectStore } from "./disk-full";
import { freezeEach, freezeReplica } from "./freezes";
import { crashRecovery, killAll, killEach, killUnrecorded, repeatedKills } from "./kills";
import { clientDown, networkCorruption, networkCuts, networkDelays } from "./network";
import { objectStoreBusy, objectStoreDown, objectStoreResets, objectStoreSlow } from "./object-store";
import {
  backendKill,
  connectionsRefused,
  poolExhaustion,
  postgresDownAtStart,
  postgresKill,
  postgresRestart,
} from "./postgres";
import { smtpDropsAnswer, smtpDropsMail, smtpPermanent, smtpRefusing, smtpTransient } from "./smtp";

/** Every drill, in the order in which they are run: first the five that queues are compared by. */
export const DRILLS: readonly Drill[] = [
  postgresRestart,
  backendKill,
  poolExhaustion,
  crashRecovery,
  repeatedKills,
  killEach,
  killUnrecorded,
  killAll,
  freezeEach,
  freezeReplica,
  postgresKill,
  connectionsRefused,
  postgresDownAtStart,
  objectStoreDown,
  objectStoreSlow,
  objectStoreBusy,
  objectStoreResets,
  smtpRefusing,
  smtpTransient,
  smtpPermanent,
  smtpDropsMail,
  smtpDropsAnswer,
  clientDown,
  networkDelays,
  networkCuts,
  networkCorruption,
  diskFullForMagick,
  diskFullForObjectStore,
];
