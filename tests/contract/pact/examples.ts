import { type EmailDelivery, EmailTemplate } from "../../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, type ConvertedPdf, ImageFormat, PageSize, Quality } from "../../../gen/twirp/mcsv/v1/image";
import { deterministicId, jobId } from "../../../services/platform/ids/deterministic-id";
import { conversionCompleteMail } from "../../../services/user/mails";

// The values that the pacts are told with.

/** Idempotency keys that Ada, her upload and her conversion come from: provider states make them by real calls. */
export const KEYS = { user: "ada", upload: "ada's upload", conversion: "ada's lake" } as const;

/** Ada, the user of every pact. */
export const ADA = {
  id: deterministicId("user", KEYS.user),
  email: "ada@example.com",
  name: "Ada Lovelace",
} as const;

/** A user or a conversion that nobody has. */
export const NOBODY = "99999999-9999-4999-8999-999999999999";
/** A conversion of Ada's. */
export const CONVERSION = deterministicId("conversion", ADA.id, KEYS.conversion);
/** An upload of Ada's. */
export const UPLOAD = deterministicId("upload", ADA.id, KEYS.upload);

/** The job of Ada's welcome mail. */
export const WELCOME_JOB = jobId("email", `welcome:${ADA.id}`);
/** The job of Ada's conversion. */
export const CONVERSION_JOB = jobId("image-conversion", `conversion:${CONVERSION}`);

/** 2026-01-02T03:04:05Z */
export const AT = { seconds: 1_767_323_045n, nanos: 0 };
/** The same, in protobuf's JSON. */
export const AT_JSON = "2026-01-02T03:04:05Z";

/** Ada's welcome mail, delivered. */
export const DELIVERY: EmailDelivery = {
  messageId: `${WELCOME_JOB}@mcsv.example`,
  template: EmailTemplate.WELCOME,
  recipientAddress: ADA.email,
  deliveredAt: AT,
};

/** Ada's image, converted. */
export const PDF: ConvertedPdf = {
  objectKey: `pdf/${CONVERSION_JOB}.pdf`,
  sourceFormat: ImageFormat.PNG,
  widthPx: 64,
  heightPx: 48,
  inputBytes: 5_120n,
  outputBytes: 4_096n,
  durationMs: 40,
};

/** How Ada wants her image converted. */
export const OPTIONS = ConversionOptions.create({
  quality: Quality.HIGH,
  pageSize: PageSize.A4,
  densityDpi: 150,
  stripMetadata: true,
});
/** The same, in protobuf's JSON. */
export const OPTIONS_JSON = {
  quality: "QUALITY_HIGH",
  page_size: "PAGE_SIZE_A4",
  density_dpi: 150,
  strip_metadata: true,
} as const;

/** The mail that tells of the PDF. */
export const PDF_MAIL = conversionCompleteMail(ADA, {
  conversionId: CONVERSION,
  fileName: "lake.png",
  url: "http://127.0.0.1:9000/mcsv/pdf/lake.pdf?X-Amz-Signature=0",
  urlExpiresAt: new Date(AT_JSON),
  bytes: 4_096n,
});
