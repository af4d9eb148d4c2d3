/** Classifies errors of Node and undici: the call was not sent, the HTTP cannot be parsed, or the connection broke. */
import { NotSentError, ProtocolError } from '../legacy/transport.ts';

/** They occur before the connection exists, so the legacy service cannot have received the call. */
const connectErrors = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** TLS errors: without a trusted certificate, nothing of the call is sent. */
const tlsErrors = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Codes of the parsers of undici (`UND_ERR_`) and Node (`HPE_`), of zlib (`Z_`) and of brotli (`ERR__ERROR_`). */
const protocolErrors =
  /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_|Z_(?:DATA|BUF)_ERROR$|ERR_(?:_ERROR|BROTLI|PADDING)|ERR__ERROR)/;

/** undici reports these with the code of a broken connection. */
const protocolMessages = new Set(['bad response', 'bad upgrade']);

export function toTransportError(cause: Error): Error {
  if (!(cause instanceof Error) || cause instanceof ProtocolError) return cause;
  const code = 'code' in cause ? String(cause.code) : '';
  if (connectErrors.has(code) || tlsErrors.test(code)) {
    return new NotSentError(code === 'UND_ERR_CONNECT_TIMEOUT', { cause });
  }
  const isProtocol =
    cause.name === 'HTTPParserError' || protocolErrors.test(code) || protocolMessages.has(cause.message);
  return isProtocol ? new ProtocolError({ cause }) : cause;
}
