import type { TwirpContext } from "twirp-ts";
import type { UserServiceTwirp } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { answer } from "./message";

/** A user service that answers {@link answer} to CreateUser and nothing to anything else. */
export function userServiceOf<T extends TwirpContext>(): UserServiceTwirp<T> {
  const refuse = () => Promise.reject(new Error("only CreateUser is measured"));
  return {
    CreateUser: (_context, request) => Promise.resolve(answer(request)),
    CreateAccessToken: refuse,
    GetUser: refuse,
    CreateUpload: refuse,
    ConvertImage: refuse,
    GetConversion: refuse,
    ListConversions: refuse,
    NotifyEmailDelivered: refuse,
    NotifyImageConverted: refuse,
  };
}
