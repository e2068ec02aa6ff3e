import { describe, expect, it } from "vitest";
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
    ["a callback that was taken twice as new", ({ taken }) => ({ taken: new Map([...taken, ["ada", 2]]) })],
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
    const twice = ({ mails }: Evidence) => [...mails, ...mails.slice(0, 1)];

    it("counts a mail as repeated that the SMTP server kept and did not say so", () => {
      const unanswered = { keptUnanswered: ["ada@example.com"], refused: new Set<string>() };
      expect(found((spotless) => ({ mails: twice(spotless), smtp: unanswered }))).toEqual({ ...NOTHING, repeats: 1 });
    });

    it("counts a mail as repeated whose sender was killed right after it was accepted, and not long after", () => {
      const killedAt = (at: number) => (spotless: Evidence) => ({
        mails: twice(spotless),
        kills: [{ component: "email", at }],
      });
      expect(found(killedAt(200))).toEqual({ ...NOTHING, repeats: 1 });
      expect(found(killedAt(5_000))).toEqual({ ...NOTHING, doubled: 1 });
      expect(found(killedAt(5))).toEqual({ ...NOTHING, doubled: 1 });
    });

    it("excuses one copy for each answer that was lost, and none of another Message-ID", () => {
      const smtp = { keptUnanswered: ["ada@example.com"], refused: new Set<string>() };
      const third = (spotless: Evidence) => [...twice(spotless), ...spotless.mails.slice(0, 1)];
      expect(found((spotless) => ({ mails: third(spotless), smtp })).doubled).toBe(1);
      const other = mailTo(userOrder("ada"), WELCOME, { messageId: "other" });
      expect(found(({ mails }) => ({ mails: [...mails, other], smtp })).doubled).toBe(1);
    });

    it("counts a callback as repeated whose answer did not arrive, or whose sender was killed upon it", () => {
      const taken = (spotless: Evidence) => new Map([...spotless.taken, ["ada", 2]]);
      const unanswered = callbackOf("ada", { isAnswered: false });
      expect(found((spotless) => ({ taken: taken(spotless), callbacks: [unanswered, ...spotless.callbacks] }))).toEqual(
        { ...NOTHING, repeats: 1 },
      );
      expect(
        found((spotless) => ({
          taken: taken(spotless),
          callbacks: [callbackOf("ada"), ...spotless.callbacks],
          kills: [{ component: "user", at: 20 }],
        })),
      ).toEqual({ ...NOTHING, repeats: 1 });
    });

    it("counts a callback as repeated that the client service recognised", () => {
      expect(found(({ callbacks }) => ({ callbacks: [callbackOf("ada"), ...callbacks] }))).toEqual({
        ...NOTHING,
        repeats: 1,
      });
    });
  });

  describe("when the SMTP server has refused a recipient for good", () => {
    const smtp = { keptUnanswered: [], refused: new Set(["ada@example.com"]) };
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
