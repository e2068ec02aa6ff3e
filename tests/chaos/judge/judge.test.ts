import { describe, expect, it } from "vitest";
import type { SeenCallback } from "../witness/callback-witness";
import type { Evidence } from "./evidence";
import { judge } from "./judge";
import { callbackOf, mailTo, spotlessEvidence, userOrder } from "./testing/evidence";

const WELCOME = "Welcome to mcsv";

/** What is found in evidence that differs from the spotless in some ways. */
function found(differ: (spotless: Evidence) => Partial<Evidence>) {
  const spotless = spotlessEvidence();
  const { lost, doubled, problems, repeats, explained } = judge({ ...spotless, ...differ(spotless) });
  return { lost: lost.length, doubled: doubled.length, problems: problems.length, repeats, explained };
}

const NOTHING = { lost: 0, doubled: 0, problems: 0, repeats: 0, explained: 0 };

describe("judge", () => {
  it("finds nothing where every promise was kept once", () => {
    expect(found(() => ({}))).toEqual(NOTHING);
  });

  it.each<[string, (spotless: Evidence) => Partial<Evidence>]>([
    ["a welcome mail that is missing", ({ mails }) => ({ mails: mails.slice(1) })],
    ["a mail of a conversion that is missing", ({ mails }) => ({ mails: mails.slice(0, 1) })],
    ["a callback that is missing", ({ callbacks }) => ({ callbacks: callbacks.slice(1) })],
    [
      "a callback that tells of a failure that was none",
      ({ callbacks }) => ({ callbacks: [callbackOf("ada", { outcome: "failure" }), ...callbacks.slice(1)] }),
    ],
    ["a PDF of other bytes", () => ({ seenConversions: seen({ status: "completed", pdfHash: "wrong" }) })],
    ["a conversion that is not done", () => ({ seenConversions: seen({ status: "pending" }) })],
    ["a conversion that failed", () => ({ seenConversions: seen({ status: "failed", failure: "internal: why" }) })],
    ["a conversion that nobody knows", () => ({ seenConversions: new Map() })],
  ])("finds lost: %s", (_, differ) => {
    expect(found(differ)).toEqual({ ...NOTHING, lost: 1 });
  });

  it.each<[string, (spotless: Evidence) => Partial<Evidence>]>([
    ["a mail that came twice", ({ mails }) => ({ mails: [...mails, ...mails.slice(0, 1)] })],
    ["a mail to somebody who is no user", ({ mails }) => ({ mails: [...mails, mailTo(userOrder("eve"), WELCOME)] })],
    ["a callback that was taken twice as new", ({ takenAt }) => ({ takenAt: new Map([...takenAt, ["ada", [8, 9]]]) })],
    ["a PDF that belongs to nothing", ({ pdfKeys }) => ({ pdfKeys: [...pdfKeys, "pdf/other.pdf"] })],
  ])("finds doubled: %s", (_, differ) => {
    expect(found(differ)).toEqual({ ...NOTHING, doubled: 1 });
  });

  it("finds jobs that are stuck, histories that differ, and orders that were refused or never acknowledged", () => {
    expect(found(() => ({ stuck: ["3 jobs"], history: ["a job"] })).problems).toBe(2);
    const refused = userOrder("bob", { acknowledgedAt: undefined, refusal: "invalid_argument: no" });
    const silent = userOrder("eve", { acknowledgedAt: undefined });
    expect(found(({ users }) => ({ users: [...users, refused, silent] }))).toEqual({ ...NOTHING, problems: 2 });
  });

  describe("when the answer to a delivery could not be known", () => {
    /** Copies of the first mail, each begun at its time and kept 5 ms later; the ledger has the last one's yes unless told otherwise. */
    const mailsBegun =
      (begun: readonly number[], { recordedAt, ...more }: Partial<Evidence> & { recordedAt?: number } = {}) =>
      ({ mails, mailsRecordedAt }: Evidence): Partial<Evidence> => {
        const [mail, ...others] = mails;
        if (mail === undefined) return {};
        const copies = begun.map((begunAt) => ({ ...mail, begunAt, at: begunAt + 5 }));
        const yes = recordedAt ?? (begun.at(-1) ?? 0) + 7;
        return {
          mails: [...copies, ...others],
          mailsRecordedAt: new Map([...mailsRecordedAt, [mail.messageId, yes]]),
          ...more,
        };
      };
    const killed = (...times: number[]) => ({ kills: times.map((at) => ({ component: "email", at })) });
    const repeated = (repeats: number) => ({ ...NOTHING, repeats });
    const doubled = { ...NOTHING, doubled: 1 };

    it("counts a mail as repeated whose sender was killed before its yes was written down, however late that was", () => {
      expect(found(mailsBegun([5, 9_000], killed(8_000)))).toEqual(repeated(1));
    });

    it("counts a mail as repeated that was kept after its sender was killed", () => {
      expect(found(mailsBegun([5, 9_000], killed(7)))).toEqual(repeated(1));
    });

    it("finds a mail doubled whose sender was killed before it, after its repetition, or not at all", () => {
      expect(found(mailsBegun([5, 9_000], killed(4)))).toEqual(doubled);
      expect(found(mailsBegun([5, 9_000], killed(9_000)))).toEqual(doubled);
      expect(found(mailsBegun([5, 9_000], { kills: [{ component: "job", at: 7 }] }))).toEqual(doubled);
    });

    it("finds a mail doubled whose yes was written down before its sender was killed, or never", () => {
      expect(found(mailsBegun([5, 9_000], { ...killed(8_000), recordedAt: 12 }))).toEqual(doubled);
      expect(found(mailsBegun([5, 9_000], { ...killed(8_000), mailsRecordedAt: new Map() }))).toEqual(doubled);
    });

    it("excuses one copy for each kill, and none of another Message-ID", () => {
      expect(found(mailsBegun([5, 2_000, 9_000], killed(8, 2_003)))).toEqual(repeated(2));
      expect(found(mailsBegun([5, 2_000, 9_000], killed(8)))).toEqual(doubled);
      const other = mailTo(userOrder("ada"), WELCOME, { messageId: "other", begunAt: 20 });
      expect(found(({ mails }) => ({ mails: [...mails, other], ...killed(7) }))).toEqual(doubled);
    });

    it("counts a mail as repeated that the SMTP server kept and did not say so", () => {
      const first = (isAnswered: boolean) => (spotless: Evidence) => {
        const { mails = [], ...more } = mailsBegun([5, 30])(spotless);
        return { ...more, mails: mails.map((mail) => (mail.begunAt === 5 ? { ...mail, isAnswered } : mail)) };
      };
      expect(found(first(false))).toEqual(repeated(1));
      expect(found(first(true))).toEqual(doubled);
    });

    /** The callback of the first user, delivered at 5 and at 20 and taken as new both times. */
    const takenTwice = (first: Partial<SeenCallback>, more: Partial<Evidence> = {}) =>
      found((spotless) => ({
        callbacks: [
          callbackOf("ada", first),
          callbackOf("ada", { begunAt: 20, at: 25 }),
          ...spotless.callbacks.slice(1),
        ],
        takenAt: new Map([...spotless.takenAt, ["ada", [8, 23]]]),
        callbacksRecordedAt: new Map([...spotless.callbacksRecordedAt, ["ada", 27]]),
        ...more,
      }));

    it("counts a callback as repeated whose answer did not arrive, or was never given", () => {
      expect(takenTwice({ isAnswered: false })).toEqual(repeated(1));
      expect(takenTwice({ at: undefined, isAnswered: false })).toEqual(repeated(0));
      expect(takenTwice({})).toEqual(doubled);
    });

    it("counts a callback as repeated whose sender was killed before its yes was written down, and not after", () => {
      const kills = [{ component: "user", at: 15 }];
      expect(takenTwice({}, { kills })).toEqual(repeated(1));
      expect(takenTwice({}, { kills, callbacksRecordedAt: new Map([["ada", 12]]) })).toEqual(doubled);
      expect(takenTwice({}, { kills: [{ component: "user", at: 4 }] })).toEqual(doubled);
    });

    it("counts a callback as repeated that the client service recognised", () => {
      expect(found(({ callbacks }) => ({ callbacks: [callbackOf("ada"), ...callbacks] }))).toEqual(repeated(1));
    });
  });

  describe("when the SMTP server has refused a recipient for good", () => {
    const smtp = { refused: new Set(["ada@example.com"]) };
    const unmailed = { smtp, mails: [] };

    it("takes the failure that the client service was told for an answer", () => {
      const told = [callbackOf("ada", { outcome: "failure" }), callbackOf("conversion-ada")];
      expect(found(() => ({ ...unmailed, callbacks: told }))).toEqual({ ...NOTHING, explained: 1 });
    });

    it("finds a mail lost whose failure nobody was told", () => {
      expect(found(() => unmailed)).toEqual({ ...NOTHING, lost: 1 });
    });
  });
});

function seen(differences: { status: "pending" | "completed" | "failed"; pdfHash?: string; failure?: string }) {
  return new Map([["conversion-ada", { pdfHash: undefined, failure: undefined, ...differences }]]);
}
