/** Writes a request of the panel as a `curl` command, with the keys as shell variables. */
import type { Exchange } from './exchanges.ts';

const credentialOptions = {
  Basic: '-u "$ACCESS_KEY:$SECRET_ACCESS_KEY"',
  Bearer: '-H "Authorization: Bearer $ACCESS_TOKEN"',
} as const;

export function toCurl(exchange: Exchange): string {
  const { method, url, credentials, requestHeaders, requestBody } = exchange;
  const implied = requestBody === null ? 'GET' : 'POST';
  const isRemark = requestBody?.startsWith('[') && requestBody.endsWith(']');
  const options = [
    method === 'HEAD' ? '-I' : method === implied ? null : `-X ${method}`,
    credentials && credentialOptions[credentials],
    ...requestHeaders.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    isRemark ? `--data-binary ${quote(`@${requestBody?.slice(1, -1)}`)}` : null,
    requestBody !== null && !isRemark ? `--data-raw ${quote(requestBody)}` : null,
    toOutput(exchange),
    // The log omits the token of an audio link.
    quote(url).replace('token=…', 'token=\'"$LINK_TOKEN"\''),
  ];
  return `curl ${options.filter((option) => option !== null).join(' \\\n  ')}`;
}

/** Writes audio to a file, since curl refuses to print binary data to a terminal. */
function toOutput({ url, answer }: Exchange): string | null {
  if (!answer?.body?.startsWith('[audio/')) return null;
  const sid = new URL(url).pathname.split('/').at(-2) ?? '';
  return `-o ${quote(`${sid}.${answer.body === '[audio/mpeg]' ? 'mp3' : 'wav'}`)}`;
}

/** Quotes one word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
