import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ImageFormat } from "../../../gen/twirp/mcsv/v1/image";
import { CreateUploadRequest, UserServiceConvertImageRequest } from "../../../gen/twirp/mcsv/v1/user";
import { isTwirpError } from "../../../services/platform/twirp/errors";
import type { Callers } from "./callers";
import { PICTURE_OPTIONS, type Picture } from "./pictures";

/** Something that the load has asked for, and goes on asking for with one idempotency key until it is promised. */
interface Order {
  /** Epoch milliseconds of the first request. */
  readonly begunAt: number;
  readonly email: string;
  /** Epoch milliseconds of the answer; undefined while there is none. */
  acknowledgedAt: number | undefined;
  /** Job that does the work. */
  jobId: string;
  /** Why it will never be promised. */
  refusal: string | undefined;
}

/** A user, who is to get one welcome mail. */
export interface UserOrder extends Order {
  userId: string;
}

/** A conversion of a user who has no other, who is to get one PDF and one mail that says so. */
export interface ConversionOrder extends Order {
  readonly picture: Picture;
  readonly owner: UserOrder;
  conversionId: string;
}

/** A steady stream of orders. */
export interface SteadyLoad {
  readonly users: readonly UserOrder[];
  readonly conversions: readonly ConversionOrder[];
  /** Answers that were no success, by Twirp code. */
  readonly errors: ReadonlyMap<string, number>;
  /** Resolves when so many more orders have been acknowledged; rejects after the time. */
  acknowledged(more: number, limitMs: number): Promise<void>;
  /** Begins no more, and waits until all that was begun is acknowledged or refused, or the time is over. */
  stop(limitMs: number): Promise<void>;
}

/** How much. */
export interface SteadyLoadOptions {
  readonly callers: Callers;
  readonly pictures: readonly Picture[];
  readonly usersPerSecond: number;
  /** Every which user converts an image. */
  readonly usersPerConversion: number;
  /** Users after which no more are begun, however long the drill takes. */
  readonly maxUsers: number;
}

/** Pause before a request is made again. */
const AGAIN_MS = 250;
const LOOK_EVERY_MS = 50;

/** Twirp codes that say "not now". Any other refuses the order. */
const NOT_NOW: ReadonlySet<string> = new Set([
  "unavailable",
  "deadline_exceeded",
  "resource_exhausted",
  "aborted",
  "internal",
  "unknown",
]);

/** Starts creating users, some of whom convert an image: half of those inline, the others by an upload. */
export function startSteadyLoad(options: SteadyLoadOptions): SteadyLoad {
  const { callers, pictures, usersPerSecond, usersPerConversion, maxUsers } = options;
  const users: UserOrder[] = [];
  const conversions: ConversionOrder[] = [];
  const errors = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  const givingUp = new AbortController();

  const track = (work: Promise<void>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  /** Asks until there is an answer that counts. */
  const ask = async (order: Order, request: () => Promise<void>): Promise<void> => {
    while (!givingUp.signal.aborted) {
      try {
        await request();
        order.acknowledgedAt = Date.now();
        return;
      } catch (error) {
        // Anything else is the object store's.
        const code: string = isTwirpError(error) ? error.code : "unavailable";
        errors.set(code, (errors.get(code) ?? 0) + 1);
        if (!NOT_NOW.has(code)) {
          order.refusal = `${code}: ${isTwirpError(error) ? error.msg : ""}`;
          return;
        }
        await delay(AGAIN_MS);
      }
    }
  };

  const createUser = async (converts: boolean): Promise<void> => {
    const user: UserOrder = { ...newOrder(`${randomUUID()}@example.com`), userId: "" };
    users.push(user);
    const idempotencyKey = randomUUID();
    await ask(user, async () => {
      const answer = await callers.application.CreateUser({ idempotencyKey, email: user.email, name: "Ada" });
      user.userId = answer.user?.id ?? "";
      user.jobId = answer.user?.welcomeJobId ?? "";
    });
    if (converts && user.acknowledgedAt !== undefined) track(convert(user));
  };

  const convert = async (owner: UserOrder): Promise<void> => {
    const number = conversions.length;
    const picture = pictures[number % pictures.length];
    if (picture === undefined) throw new RangeError("a load needs pictures");
    const order: ConversionOrder = { ...newOrder(owner.email), owner, picture, conversionId: "" };
    conversions.push(order);
    const key = randomUUID();
    await ask(order, async () => {
      const user = callers.user(owner.userId);
      const source: UserServiceConvertImageRequest["source"] =
        number % 2 === 0
          ? { oneofKind: "image", image: picture.png }
          : { oneofKind: "uploadId", uploadId: await upload(user, key, picture.png) };
      const { conversion } = await user.ConvertImage(
        UserServiceConvertImageRequest.create({
          idempotencyKey: key,
          fileName: `picture-${number}.png`,
          options: PICTURE_OPTIONS,
          source,
        }),
      );
      order.conversionId = conversion?.id ?? "";
      order.jobId = conversion?.jobId ?? "";
    });
  };

  const timer = setInterval(() => {
    if (users.length >= maxUsers) clearInterval(timer);
    else track(createUser(users.length % usersPerConversion === 0));
  }, 1000 / usersPerSecond);

  const count = () => [...users, ...conversions].filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length;

  return {
    users,
    conversions,
    errors,
    acknowledged: async (more, limitMs) => {
      const wanted = count() + more;
      const deadline = Date.now() + limitMs;
      while (count() < wanted) {
        if (Date.now() > deadline) throw new Error(`no ${more} orders were acknowledged within ${limitMs} ms`);
        await delay(LOOK_EVERY_MS);
      }
    },
    stop: async (limitMs) => {
      clearInterval(timer);
      const deadline = setTimeout(() => givingUp.abort(), limitMs);
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
      clearTimeout(deadline);
    },
  };
}

function newOrder(email: string): Order {
  return { begunAt: Date.now(), email, acknowledgedAt: undefined, jobId: "", refusal: undefined };
}

/** Creates an upload and sends the image. */
async function upload(user: ReturnType<Callers["user"]>, key: string, png: Buffer): Promise<string> {
  const { upload: created } = await user.CreateUpload(
    CreateUploadRequest.create({ idempotencyKey: key, format: ImageFormat.PNG, sizeBytes: BigInt(png.length) }),
  );
  const signal = AbortSignal.timeout(5_000);
  const answer = await fetch(created?.url ?? "", {
    method: "PUT",
    headers: created?.headers ?? {},
    body: new Uint8Array(png),
    signal,
  });
  if (!answer.ok) throw new Error(`the object store answers an upload with ${answer.status}`);
  return created?.id ?? "";
}
