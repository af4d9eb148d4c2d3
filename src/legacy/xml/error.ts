/** A fault in a document, without the HTTP response that it came in. */

/** The message is our own text and never quotes the document; clients may read it. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}
