import { headerOf, type S3Context } from "./context";
import { parseXml, type XmlElement } from "./parse-xml";
import { receiveBody } from "./receive-body";

/**
 * Reads and checks a body that is a small XML document.
 *
 * @throws S3Error EntityTooLarge, MalformedXML and what receiveBody throws
 */
export async function readXmlBody(context: S3Context): Promise<XmlElement> {
  const body = receiveBody(context.request, context.response, {
    payload: context.authentication.payload,
    maxBytes: context.limits.maxXmlBytes,
    header: (name) => headerOf(context, name),
  });
  const chunks: Buffer[] = [];
  for await (const chunk of body.data) {
    chunks.push(chunk);
  }
  return parseXml(Buffer.concat(chunks).toString("utf8"));
}
