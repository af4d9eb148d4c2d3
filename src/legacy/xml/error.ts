/** What is wrong with a document, before anybody has put it beside the HTTP answer that it came in. */

/** The message is made of our own words, never of the document's; it ends up in what clients read. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}
