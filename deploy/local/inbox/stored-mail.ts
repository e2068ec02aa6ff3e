/** A mail as it was received. */
export interface StoredMail {
  /** Letters and digits. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Address of MAIL FROM, empty for bounces. */
  readonly sender: string;
  /** Addresses of RCPT TO. */
  readonly recipients: readonly string[];
  /** The mail in RFC 5322 form, unchanged. */
  readonly source: Buffer;
}

/** The form of a mail on disk: one line of JSON with the envelope, then the source. */
export function encodeStoredMail(mail: StoredMail): Buffer {
  const { source, ...envelope } = mail;
  return Buffer.concat([Buffer.from(`${JSON.stringify(envelope)}\n`), source]);
}

/** Reads that form; undefined when it is none. */
export function decodeStoredMail(file: Buffer): StoredMail | undefined {
  const end = file.indexOf("\n");
  try {
    const envelope: unknown = JSON.parse(file.toString("utf8", 0, Math.max(end, 0)));
    return isEnvelope(envelope) ? { ...envelope, source: file.subarray(end + 1) } : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      return undefined;
    }
    throw cause;
  }
}

function isEnvelope(value: unknown): value is Omit<StoredMail, "source"> {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "receivedAt" in value &&
    typeof value.receivedAt === "number" &&
    "sender" in value &&
    typeof value.sender === "string" &&
    "recipients" in value &&
    Array.isArray(value.recipients) &&
    value.recipients.every((recipient) => typeof recipient === "string")
  );
}
