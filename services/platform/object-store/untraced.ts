import { context } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

/** Runs work that is to leave no spans: such as belong to no request, or describe none that happened. */
export function untraced<T>(work: () => Promise<T>): Promise<T> {
  return context.with(suppressTracing(context.active()), work);
}
