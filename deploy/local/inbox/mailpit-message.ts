/** Shapes of Mailpit's REST API (version 1), field names as it spells them. */

/** A mailbox with its display name. */
export interface MailpitAddress {
  readonly Name: string;
  readonly Address: string;
}

/** A message in a list. */
export interface MailpitSummary {
  readonly ID: string;
  /** Without angle brackets. */
  readonly MessageID: string;
  readonly Read: boolean;
  readonly From: MailpitAddress;
  readonly To: readonly MailpitAddress[];
  readonly Cc: readonly MailpitAddress[];
  /** Also who got the mail without being named in it. */
  readonly Bcc: readonly MailpitAddress[];
  readonly ReplyTo: readonly MailpitAddress[];
  readonly Subject: string;
  /** When it was received, ISO 8601. */
  readonly Created: string;
  readonly Username: string;
  readonly Tags: readonly string[];
  /** Bytes of the source. */
  readonly Size: number;
  readonly Attachments: number;
  /** Start of the text, up to 250 characters. */
  readonly Snippet: string;
}

/** A page of messages, and counts. */
export interface MailpitMessages {
  readonly total: number;
  readonly unread: number;
  readonly count: number;
  readonly messages_count: number;
  readonly messages_unread: number;
  readonly start: number;
  readonly tags: readonly string[];
  readonly messages: readonly MailpitSummary[];
}

/** An attached or inline file. */
export interface MailpitAttachment {
  readonly PartID: string;
  readonly FileName: string;
  readonly ContentType: string;
  readonly ContentID: string;
  readonly Size: number;
  readonly Checksums: { readonly MD5: string; readonly SHA1: string; readonly SHA256: string };
}

/** A message in full, but for the files. */
export interface MailpitMessage {
  readonly ID: string;
  readonly MessageID: string;
  readonly From: MailpitAddress;
  readonly To: readonly MailpitAddress[];
  readonly Cc: readonly MailpitAddress[];
  readonly Bcc: readonly MailpitAddress[];
  readonly ReplyTo: readonly MailpitAddress[];
  readonly ReturnPath: string;
  readonly Subject: string;
  readonly ListUnsubscribe: {
    readonly Header: string;
    readonly Links: readonly string[];
    readonly Errors: string;
    readonly HeaderPost: string;
  };
  /** Date header, ISO 8601. */
  readonly Date: string;
  readonly Tags: readonly string[];
  readonly Username: string;
  readonly Text: string;
  readonly HTML: string;
  readonly Size: number;
  readonly Inline: readonly MailpitAttachment[];
  readonly Attachments: readonly MailpitAttachment[];
}
